// The credential record's stored form, all numbers big-endian:
//   version (1) · count (1) · count × [hash (1) · iterations (4) · salt size (1) · salt · stored key · server key] ·
//   sealed HA1's size (2) · sealed HA1
#include <cassert>
#include <cstdint>

#include "auth/credentials.h"

namespace confab::auth {
namespace {

constexpr unsigned char kVersion = 1;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
}

// Takes from the front; once something was missing, everything that follows is missing, too.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      fine_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view front = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return front;
  }
  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  bool fine() const { return fine_; }
  bool at_end() const { return fine_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool fine_ = true;
};

Result<ScramKeys> decode_keys(Cursor& in) {
  const std::uint32_t hash = in.number(1);
  if (!in.fine() || hash < 1 || hash > 3) return fail(Errc::bad_payload, "credentials: hash");
  ScramKeys keys;
  keys.hash = static_cast<Hash>(hash);
  const std::uint32_t iterations = in.number(4);
  keys.salt = in.take(in.number(1));
  keys.stored_key = in.take(size_of(keys.hash));
  keys.server_key = in.take(size_of(keys.hash));
  if (!in.fine()) return fail(Errc::bad_payload, "credentials: ends early");
  if (iterations < 1 || iterations > INT32_MAX) return fail(Errc::bad_payload, "credentials: iterations");
  if (keys.salt.empty()) return fail(Errc::bad_payload, "credentials: no salt");
  keys.iterations = static_cast<int>(iterations);
  return keys;
}

}  // namespace

std::string encode(const Credentials& credentials) {
  std::string out;
  put(out, kVersion, 1);
  put(out, credentials.scram.size(), 1);
  for (const ScramKeys& keys : credentials.scram) {
    assert(!keys.salt.empty() && keys.salt.size() <= 255 && keys.iterations > 0);
    assert(keys.stored_key.size() == size_of(keys.hash) && keys.server_key.size() == size_of(keys.hash));
    put(out, static_cast<std::uint64_t>(keys.hash), 1);
    put(out, static_cast<std::uint64_t>(keys.iterations), 4);
    put(out, keys.salt.size(), 1);
    out.append(keys.salt).append(keys.stored_key).append(keys.server_key);
  }
  assert(credentials.sealed_ha1.size() <= 0xffff);
  put(out, credentials.sealed_ha1.size(), 2);
  out.append(credentials.sealed_ha1);
  return out;
}

Result<Credentials> decode(std::string_view bytes) {
  Cursor in(bytes);
  const std::uint32_t version = in.number(1);
  if (!in.fine() || version == 0) return fail(Errc::bad_payload, "credentials: no version");
  if (version != kVersion) return fail(Errc::unsupported, "credentials: of a later version");
  Credentials made;
  const std::uint32_t count = in.number(1);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto keys = decode_keys(in);
    if (!keys) return fail(keys.error());
    if (!made.scram.empty() && keys->hash <= made.scram.back().hash) {
      return fail(Errc::bad_payload, "credentials: order of hashes");
    }
    made.scram.push_back(std::move(*keys));
  }
  made.sealed_ha1 = in.take(in.number(2));
  if (!in.at_end()) return fail(Errc::bad_payload, "credentials: size");
  return made;
}

}  // namespace confab::auth
