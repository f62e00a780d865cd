#include "auth/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/log.h"

namespace confab::auth {
namespace {

struct Free {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// Nothing here fails but for a libcrypto that is broken or lacks the hash: no login could be right after that.
void require(bool fine, std::string_view what) {
  if (fine) return;
  log::error("auth", "libcrypto failed", {{"call", what}});
  std::abort();
}

// One hash, fetched once per thread: a fetch takes a lock and costs more than the hashing of a short message.
class Engine {
 public:
  explicit Engine(const char* name) : md_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
    require(md_ && context_, name);
    size_ = static_cast<std::size_t>(EVP_MD_get_size(md_.get()));
    const Owned<EVP_MAC> mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    mac_.reset(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    std::string digest_name = name;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
                                 OSSL_PARAM_construct_end()};
    require(mac_ && EVP_MAC_CTX_set_params(mac_.get(), params) == 1, "hmac");
  }

  std::string digest(std::string_view bytes) {
    std::string out(size_, '\0');
    require(EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr) == 1 &&
                EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
                EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1,
            "digest");
    return out;
  }

  std::string hmac(std::string_view key, std::string_view bytes) {
    std::string out(size_, '\0');
    // A null key would mean "the key of last time".
    const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
    std::size_t written = 0;
    require(EVP_MAC_init(mac_.get(), key_bytes, key.size(), nullptr) == 1 &&
                EVP_MAC_update(mac_.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1 &&
                EVP_MAC_final(mac_.get(), reinterpret_cast<unsigned char*>(out.data()), &written, size_) == 1,
            "hmac");
    return out;
  }

  const EVP_MD* md() const { return md_.get(); }

 private:
  Owned<EVP_MD> md_;
  Owned<EVP_MD_CTX> context_;
  Owned<EVP_MAC_CTX> mac_;
  std::size_t size_ = 0;
};

Engine& engine(Hash hash) {
  if (hash == Hash::sha256) {
    thread_local Engine sha256("SHA256");
    return sha256;
  }
  if (hash == Hash::sha512) {
    thread_local Engine sha512("SHA512");
    return sha512;
  }
  thread_local Engine sha1("SHA1");
  return sha1;
}

Engine& engine(Algorithm algorithm) {
  if (algorithm == Algorithm::sha256) return engine(Hash::sha256);
  if (algorithm == Algorithm::sha512_256) {
    thread_local Engine sha512_256("SHA512-256");
    return sha512_256;
  }
  thread_local Engine md5("MD5");
  return md5;
}

}  // namespace

std::size_t size_of(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return 20;
    case Hash::sha256:
      return 32;
    case Hash::sha512:
      return 64;
  }
  return 0;
}

std::string digest(Hash hash, std::string_view bytes) {
  return engine(hash).digest(bytes);
}

std::string hmac(Hash hash, std::string_view key, std::string_view bytes) {
  return engine(hash).hmac(key, bytes);
}

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, int iterations, std::size_t size) {
  std::string out(size, '\0');
  require(
      PKCS5_PBKDF2_HMAC(password.empty() ? "" : password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                        engine(hash).md(), static_cast<int>(size), reinterpret_cast<unsigned char*>(out.data())) == 1,
      "pbkdf2");
  return out;
}

std::string digest(Algorithm algorithm, std::string_view bytes) {
  return engine(algorithm).digest(bytes);
}

std::string digest_hex(Algorithm algorithm, std::string_view bytes) {
  return encode_hex(digest(algorithm, bytes));
}

std::string ha1(Algorithm algorithm, std::string_view user, std::string_view realm, std::string_view password) {
  std::string joined;
  joined.reserve(user.size() + realm.size() + password.size() + 2);
  joined.append(user).append(":").append(realm).append(":").append(password);
  std::string hex = digest_hex(algorithm, joined);
  wipe(joined);
  return hex;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace confab::auth
