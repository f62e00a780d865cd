// A SQLite VFS over the system's own that fails on demand and forgets what was never synced.
#pragma once

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace confab::store::testing {

// Counts writes and syncs from `arm` on; the n-th fails. Writes go to the real files at once, and what they replaced is
// kept until the file is synced: `forget_unsynced` puts it back, as the loss of power would.
// Lives on: anywhere; one in a process at a time.
class FaultVfs {
 public:
  enum class Kind : unsigned char { none, full_once, broken_once, full_until_armed, crash };

  FaultVfs() {
    current() = this;
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "confab-faults";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.iVersion = 1;
    vfs_.xOpen = &open;
    vfs_.xDelete = [](sqlite3_vfs*, const char* name, int sync) {
      return current()->crashed() ? SQLITE_IOERR_DELETE : current()->real_->xDelete(current()->real_, name, sync);
    };
    vfs_.xAccess = [](sqlite3_vfs*, const char* name, int flags, int* out) {
      return current()->real_->xAccess(current()->real_, name, flags, out);
    };
    vfs_.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) {
      return current()->real_->xFullPathname(current()->real_, name, size, out);
    };
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultVfs(const FaultVfs&) = delete;

  std::string name() const { return vfs_.zName; }

  // The `nth` write or sync from now on fails so. Kind::none: everything works again.
  void arm(Kind kind, int nth) {
    const std::lock_guard hold(mutex_);
    kind_ = kind;
    left_ = nth;
    hit_ = false;
  }
  bool hit() const {
    const std::lock_guard hold(mutex_);
    return hit_;
  }
  bool crashed() const {
    const std::lock_guard hold(mutex_);
    return hit_ && kind_ == Kind::crash;
  }

  // After a crash, when every connection is closed.
  void forget_unsynced() {
    const std::lock_guard hold(mutex_);
    for (auto& [path, undo] : unsynced_) {
      const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
      if (descriptor < 0) continue;
      for (auto at = undo.rbegin(); at != undo.rend(); ++at) {
        if (!at->bytes.empty()) put(descriptor, *at);
        if (::ftruncate(descriptor, at->file_size) != 0) break;
      }
      ::close(descriptor);
    }
    unsynced_.clear();
    kind_ = Kind::none;
    hit_ = false;
  }

 private:
  struct Undo {
    sqlite3_int64 offset;
    std::string bytes;  // that were there
    off_t file_size;    // as it was
  };
  struct File {
    sqlite3_file base;
    const char* path;  // the name that SQLite keeps alive while the file is open; null: not watched
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static FaultVfs*& current() {
    static FaultVfs* instance = nullptr;
    return instance;
  }
  static File& file(sqlite3_file* raw) { return *reinterpret_cast<File*>(raw); }
  static sqlite3_file* real(sqlite3_file* raw) { return file(raw).real(); }

  static void put(int descriptor, const Undo& undo) {
    static_cast<void>(!::pwrite(descriptor, undo.bytes.data(), undo.bytes.size(), undo.offset));
  }

  // SQLITE_OK, or the error that is due now.
  int count(int broken) {
    if (kind_ == Kind::none) return SQLITE_OK;
    if (hit_) {
      if (kind_ == Kind::crash) return broken;
      return kind_ == Kind::full_until_armed ? SQLITE_FULL : SQLITE_OK;
    }
    if (--left_ > 0) return SQLITE_OK;
    hit_ = true;
    return kind_ == Kind::broken_once || kind_ == Kind::crash ? broken : SQLITE_FULL;
  }

  void remember(const char* path, sqlite3_int64 offset, int size) {
    struct stat info{};
    if (path == nullptr || ::stat(path, &info) != 0) return;
    Undo undo{offset, {}, info.st_size};
    const sqlite3_int64 there = std::clamp<sqlite3_int64>(info.st_size - offset, 0, size);
    undo.bytes.resize(static_cast<std::size_t>(there));
    const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
    if (::pread(descriptor, undo.bytes.data(), undo.bytes.size(), offset) != there) undo.bytes.clear();
    ::close(descriptor);
    unsynced_[path].push_back(std::move(undo));
  }

  static int write(sqlite3_file* raw, const void* bytes, int size, sqlite3_int64 offset) {
    FaultVfs& self = *current();
    const std::lock_guard hold(self.mutex_);
    if (const int code = self.count(SQLITE_IOERR_WRITE); code != SQLITE_OK) return code;
    self.remember(file(raw).path, offset, size);
    return real(raw)->pMethods->xWrite(real(raw), bytes, size, offset);
  }
  static int truncate(sqlite3_file* raw, sqlite3_int64 size) {
    FaultVfs& self = *current();
    const std::lock_guard hold(self.mutex_);
    if (const int code = self.count(SQLITE_IOERR_TRUNCATE); code != SQLITE_OK) return code;
    self.remember(file(raw).path, size, 1 << 30);
    return real(raw)->pMethods->xTruncate(real(raw), size);
  }
  static int sync(sqlite3_file* raw, int flags) {
    FaultVfs& self = *current();
    const std::lock_guard hold(self.mutex_);
    if (const int code = self.count(SQLITE_IOERR_FSYNC); code != SQLITE_OK) return code;
    if (file(raw).path != nullptr) self.unsynced_.erase(file(raw).path);
    static_cast<void>(flags);  // the real sync would only cost time: the process does not die
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* raw, int flags, int* out) {
    FaultVfs& self = *current();
    File& mine = file(raw);
    mine.base.pMethods = nullptr;
    mine.path = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0 ? name : nullptr;
    if (self.crashed()) return SQLITE_CANTOPEN;
    const int code = self.real_->xOpen(self.real_, name, mine.real(), flags, out);
    if (code == SQLITE_OK) mine.base.pMethods = methods();
    return code;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
      m.xRead = [](sqlite3_file* f, void* out, int size, sqlite3_int64 at) {
        return real(f)->pMethods->xRead(real(f), out, size, at);
      };
      m.xWrite = &write;
      m.xTruncate = &truncate;
      m.xSync = &sync;
      m.xFileSize = [](sqlite3_file* f, sqlite3_int64* out) { return real(f)->pMethods->xFileSize(real(f), out); };
      m.xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); };
      m.xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); };
      m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
        return real(f)->pMethods->xCheckReservedLock(real(f), out);
      };
      m.xFileControl = [](sqlite3_file* f, int op, void* argument) {
        return real(f)->pMethods->xFileControl(real(f), op, argument);
      };
      m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
      m.xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
      m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
      };
      m.xShmLock = [](sqlite3_file* f, int at, int n, int flags) {
        return real(f)->pMethods->xShmLock(real(f), at, n, flags);
      };
      m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
      m.xShmUnmap = [](sqlite3_file* f, int drop) { return real(f)->pMethods->xShmUnmap(real(f), drop); };
      return m;
    }();
    return &all;
  }

  mutable std::mutex mutex_;
  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  Kind kind_ = Kind::none;
  int left_ = 0;
  bool hit_ = false;
  std::map<std::string, std::vector<Undo>> unsynced_;
};

}  // namespace confab::store::testing
