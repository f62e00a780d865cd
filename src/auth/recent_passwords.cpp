#include "auth/recent_passwords.h"

#include "auth/hash.h"
#include "base/bytes.h"

namespace confab::auth {

RecentPasswords::RecentPasswords(std::size_t capacity, const RandomBytes& random)
    : capacity_(capacity), key_(32, '\0') {
  random(reinterpret_cast<unsigned char*>(key_.data()), key_.size());
}

RecentPasswords::~RecentPasswords() {
  wipe(key_);
}

bool RecentPasswords::matches(Uid uid, std::string_view password) {
  const auto found = by_uid_.find(uid);
  if (found == by_uid_.end() || !equal_constant_time(found->second->digest, digest_of(uid, password))) return false;
  entries_.splice(entries_.begin(), entries_, found->second);
  return true;
}

void RecentPasswords::remember(Uid uid, std::string_view password) {
  forget(uid);
  if (capacity_ == 0) return;
  if (entries_.size() == capacity_) forget(entries_.back().uid);
  entries_.push_front({uid, digest_of(uid, password)});
  by_uid_.emplace(uid, entries_.begin());
}

void RecentPasswords::forget(Uid uid) {
  const auto found = by_uid_.find(uid);
  if (found == by_uid_.end()) return;
  entries_.erase(found->second);
  by_uid_.erase(found);
}

void RecentPasswords::clear() {
  by_uid_.clear();
  entries_.clear();
}

// The number is in the digest, so that an equal password of two accounts doesn't show in a memory dump.
std::string RecentPasswords::digest_of(Uid uid, std::string_view password) const {
  std::string input = std::to_string(uid) + ":";
  input.reserve(input.size() + password.size());
  input.append(password);
  std::string digest = hmac(Hash::sha256, key_, input);
  wipe(input);
  return digest;
}

}  // namespace confab::auth
