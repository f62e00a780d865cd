#include "app/export_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace confab::app {

Result<ExportFile> ExportFile::make(const std::string& path) {
  if (path.empty() || path == "-") return ExportFile({}, STDOUT_FILENO);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) return ExportFile(path, descriptor);
  if (errno == EEXIST) return fail(Errc::conflict, path + ": is there already");
  return fail(Errc::unavailable, path + ": " + std::strerror(errno));
}

ExportFile::ExportFile(ExportFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)) {}

ExportFile::~ExportFile() {
  if (path_.empty()) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

Error ExportFile::error() const {
  return {errno == ENOSPC || errno == EDQUOT ? Errc::no_space : Errc::unavailable,
          (path_.empty() ? "standard output" : path_) + ": " + std::strerror(errno)};
}

Result<> ExportFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> ExportFile::finish() {
  if (path_.empty()) return {};
  if (::fsync(descriptor_) != 0) return fail(error());
  path_.clear();
  if (::close(std::exchange(descriptor_, -1)) != 0) return fail(error());
  return {};
}

}  // namespace confab::app
