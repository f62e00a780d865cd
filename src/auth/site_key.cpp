#include "auth/site_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "auth/hash.h"
#include "base/bytes.h"
#include "base/log.h"

namespace confab::auth {
namespace {

constexpr int kNonce = 12;
constexpr int kTag = 16;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

void require(bool fine) {
  if (fine) return;
  log::error("auth", "libcrypto failed", {{"call", "aes-256-gcm"}});
  std::abort();
}

// Fetched once; used by all threads, freed by the end of the process.
const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const kFetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  require(kFetched != nullptr);
  return kFetched;
}

Context begin(const std::string& key, std::string_view nonce, std::string_view bound_to, bool encrypts) {
  Context context(EVP_CIPHER_CTX_new());
  int ignored = 0;
  require(context && EVP_CipherInit_ex2(context.get(), cipher(), raw(std::string_view(key)), raw(nonce),
                                        encrypts ? 1 : 0, nullptr) == 1);
  require(bound_to.empty() ||
          EVP_CipherUpdate(context.get(), nullptr, &ignored, raw(bound_to), static_cast<int>(bound_to.size())) == 1);
  return context;
}

}  // namespace

SiteKey::SiteKey(const Bytes& key) : key_(key) {}

SiteKey::~SiteKey() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::string SiteKey::seal(std::string_view plain, std::string_view bound_to, const RandomBytes& random) const {
  std::string nonce(kNonce, '\0');
  random(raw(nonce), nonce.size());
  std::string key = derive_key("seal");
  const Context context = begin(key, nonce, bound_to, true);
  wipe(key);

  std::string text(plain.size(), '\0');
  std::string tag(kTag, '\0');
  int written = 0;
  require(plain.empty() ||
          EVP_CipherUpdate(context.get(), raw(text), &written, raw(plain), static_cast<int>(plain.size())) == 1);
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];
  require(EVP_CipherFinal_ex(context.get(), rest, &written) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTag, tag.data()) == 1);
  return nonce + text + tag;
}

Result<std::string> SiteKey::open(std::string_view sealed, std::string_view bound_to) const {
  if (sealed.size() < kNonce + kTag) return fail(Errc::not_authorized, "sealed: too short");
  std::string key = derive_key("seal");
  const Context context = begin(key, sealed.substr(0, kNonce), bound_to, false);
  wipe(key);

  const std::string_view text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag));
  std::string plain(text.size(), '\0');
  int written = 0;
  require(text.empty() ||
          EVP_CipherUpdate(context.get(), raw(plain), &written, raw(text), static_cast<int>(text.size())) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1);
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];
  if (EVP_CipherFinal_ex(context.get(), rest, &written) != 1) {
    wipe(plain);
    return fail(Errc::not_authorized, "sealed: other key, other name or changed");
  }
  return plain;
}

std::string SiteKey::derive_key(std::string_view label) const {
  return hmac(Hash::sha256, as_text(std::as_bytes(std::span(key_))), label);
}

}  // namespace confab::auth
