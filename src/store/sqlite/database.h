// SQLite's C API as values: a connection, a prepared statement, and what its errors mean to us.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::store {

// One connection. Lives on: the thread that uses it; never two at a time.
class Database {
 public:
  enum class Mode : unsigned char { create, write, read };

  // `vfs` empty: the system's own.
  static Result<Database> open(const std::string& path, Mode mode, const std::string& vfs);

  // Runs statements without results.
  Result<> run(const char* sql);
  Result<std::int64_t> number(const char* sql);  // the first column of the first row

  // What just went wrong: no_space if the disk is full, else unavailable.
  Error error(std::string_view what) const;

  bool in_transaction() const { return sqlite3_get_autocommit(raw()) == 0; }
  sqlite3* raw() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement, kept for as long as its connection. Texts and blobs bound to it are not copied: they stay until
// the next reset. Lives on: its connection's thread.
class Statement {
 public:
  Statement() = default;

  Result<> prepare(const Database& db, const char* sql);

  template <class... Values>
  Statement& bind(const Values&... values) {
    sqlite3_reset(handle_.get());
    int at = 0;
    (bind_one(++at, values), ...);
    return *this;
  }
  enum class Step : unsigned char { row, done, failed };
  Step step();
  // Runs to the end. false: failed.
  bool run();

  std::uint64_t number(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(handle_.get(), column));
  }
  std::int64_t signed_number(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  std::string_view bytes(int column) const;  // until the next step
  std::string text(int column) const { return std::string(bytes(column)); }
  void reset() { sqlite3_reset(handle_.get()); }

 private:
  struct Blob {
    std::string_view bytes;
  };

 public:
  static Blob blob(std::string_view bytes) { return {bytes}; }

 private:
  void bind_one(int at, std::uint64_t value) {
    sqlite3_bind_int64(handle_.get(), at, static_cast<sqlite3_int64>(value));
  }
  void bind_one(int at, std::int64_t value) { sqlite3_bind_int64(handle_.get(), at, value); }
  void bind_one(int at, std::uint32_t value) { sqlite3_bind_int64(handle_.get(), at, value); }
  void bind_one(int at, bool value) { sqlite3_bind_int(handle_.get(), at, value ? 1 : 0); }
  void bind_one(int at, std::string_view text);
  void bind_one(int at, Blob blob);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace confab::store
