// The file that an export goes into.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::app {

// Made new, for its owner's eyes alone; taken away again unless it was finished. Lives on: one thread.
class ExportFile {
 public:
  // Empty or "-": standard output. Errors: conflict (is there already), unavailable.
  static Result<ExportFile> make(const std::string& path);
  ExportFile(ExportFile&& other) noexcept;
  ExportFile& operator=(ExportFile&&) = delete;
  ~ExportFile();

  Result<> write(std::string_view bytes);
  // On the disk.
  Result<> finish();

 private:
  ExportFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  Error error() const;

  std::string path_;  // empty: standard output, or there is nothing to take away
  int descriptor_;
};

}  // namespace confab::app
