// Where the site's key comes from: the only I/O of this folder.
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "auth/hash.h"
#include "auth/site_key.h"
#include "base/bytes.h"

namespace confab::auth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 128;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool fine() const { return fd_ >= 0; }

 private:
  int fd_;
};

tl::unexpected<Error> failed(Errc code, const fs::path& file, std::string_view why) {
  return fail(code, "key file " + file.string() + ": " + std::string(why));
}
tl::unexpected<Error> failed_call(const fs::path& file, std::string_view call) {
  const int error = errno;
  const Errc code = error == ENOENT ? Errc::not_found : error == ENOSPC ? Errc::no_space : Errc::unavailable;
  return failed(code, file, std::string(call) + ": " + std::strerror(error));
}

// systemd passes a credential as root:root 0440 with an ACL for the service's user, whose mask shows as the group's
// right to read: that is root's own group, and safe.
Result<> check_rights(const fs::path& file, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return failed(Errc::bad_payload, file, "not a regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) return failed(Errc::forbidden, file, "owned by a stranger");
  const bool roots = status.st_uid == 0 && status.st_gid == 0 && ::geteuid() != 0;
  const mode_t others = roots ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((status.st_mode & others) != 0) {
    return failed(Errc::forbidden, file, "others than its owner may read or write it: chmod 600");
  }
  return {};
}

Result<std::string> read_whole(int fd, const fs::path& file) {
  std::string text(kMaxFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed_call(file, "read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::optional<SiteKey::Bytes> parse(std::string_view text) {
  std::optional<std::string> bytes;
  if (text.size() == SiteKey::kBytes) {
    bytes = std::string(text);
  } else {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.size() == 2 * SiteKey::kBytes) bytes = decode_hex(text);
  }
  if (!bytes) return std::nullopt;
  SiteKey::Bytes key;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  wipe(*bytes);
  return key;
}

Result<> write_whole(int fd, std::string_view text, const fs::path& file) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed_call(file, "write");
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(fd) != 0) return failed_call(file, "fsync");
  return {};
}

// Without the no-replace, the later of two processes would take the key away under which the earlier has sealed.
// Some network file systems don't know it; there the last rename wins.
Result<> move_into_place(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) {
    ::unlink(from.c_str());
    return {};
  }
  if ((errno == EINVAL || errno == ENOSYS) && ::rename(from.c_str(), to.c_str()) == 0) return {};
  const auto error = failed_call(to, "rename");
  ::unlink(from.c_str());
  return error;
}

Result<> make_folder(const fs::path& folder) {
  if (folder.empty() || ::mkdir(folder.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return failed_call(folder, "mkdir");
}

Result<std::string> random_hex(std::size_t size, const fs::path& file) {
  std::string bytes(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) {
    return failed(Errc::unavailable, file, "no random bytes");
  }
  std::string hex = encode_hex(bytes);
  wipe(bytes);
  return hex;
}

Result<> create(const fs::path& file) {
  const fs::path folder = file.parent_path();
  if (auto made = make_folder(folder); !made) return made;
  auto suffix = random_hex(8, file);
  auto key = random_hex(SiteKey::kBytes, file);
  if (!suffix || !key) return fail(!suffix ? suffix.error() : key.error());

  const fs::path fresh = file.string() + "." + *suffix;
  const Descriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!out.fine()) return failed_call(fresh, "open");
  const auto written = write_whole(out.get(), *key + "\n", fresh);
  wipe(*key);
  if (!written) {
    ::unlink(fresh.c_str());
    return written;
  }
  if (auto moved = move_into_place(fresh, file); !moved) return moved;
  const Descriptor at(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!at.fine() || ::fsync(at.get()) != 0) return failed_call(folder, "fsync");
  return {};
}

}  // namespace

Result<SiteKey> SiteKey::load(const fs::path& file) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!in.fine()) return failed_call(file, "open");
  struct stat status{};
  if (::fstat(in.get(), &status) != 0) return failed_call(file, "fstat");
  if (auto safe = check_rights(file, status); !safe) return fail(safe.error());
  auto text = read_whole(in.get(), file);
  if (!text) return fail(text.error());
  auto key = parse(*text);
  wipe(*text);
  if (!key) return failed(Errc::bad_payload, file, "neither 64 hex digits nor 32 bytes");
  SiteKey loaded(*key);
  OPENSSL_cleanse(key->data(), key->size());
  return loaded;
}

Result<SiteKey> SiteKey::load_or_create(const fs::path& file) {
  auto loaded = load(file);
  if (loaded || loaded.error().code != Errc::not_found) return loaded;
  if (auto made = create(file); !made) return fail(made.error());
  return load(file);
}

}  // namespace confab::auth
