// Spares PBKDF2 for those who log in again and again with a password in clear (HTTP, MQTT): the last one that was
// right.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"

namespace confab::auth {

// Per account an HMAC-SHA-256 under a key that lives and dies with the object; never a password. Bounded: who has not
// logged in for longest goes first. Whoever changes a password or removes an account calls `forget`.
// Lives on: one thread.
class RecentPasswords {
 public:
  RecentPasswords(std::size_t capacity, const RandomBytes& random);
  ~RecentPasswords();
  RecentPasswords(const RecentPasswords&) = delete;
  RecentPasswords& operator=(const RecentPasswords&) = delete;

  // true: this password was right for `uid` before. false tells nothing: verify.
  bool matches(Uid uid, std::string_view password);

  // After a successful verify against the credentials that still stand: if the password changed meanwhile, don't.
  void remember(Uid uid, std::string_view password);
  void forget(Uid uid);
  void clear();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Uid uid;
    std::string digest;
  };
  std::string digest_of(Uid uid, std::string_view password) const;

  std::size_t capacity_;
  std::string key_;
  std::list<Entry> entries_;  // latest first
  std::unordered_map<Uid, std::list<Entry>::iterator> by_uid_;
};

}  // namespace confab::auth
