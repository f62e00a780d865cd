#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

namespace confab::net {
namespace {

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown";
}

// The wire form is a list of names, each behind its length.
int select_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                unsigned in_length, void*) {
  const auto* profile = static_cast<const TlsProfile*>(SSL_get_app_data(ssl));
  if (profile == nullptr || profile->alpn.empty()) return SSL_TLSEXT_ERR_NOACK;
  for (const std::string& wanted : profile->alpn) {
    for (unsigned at = 0; at < in_length; at += 1U + in[at]) {
      const std::string_view offered(reinterpret_cast<const char*>(in + at + 1), in[at]);
      if (offered != wanted) continue;
      *out = in + at + 1;
      *out_length = in[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets need no memory here
  static constexpr unsigned char kSessions[] = "confab";
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
}

}  // namespace

void TlsContext::Free::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

Result<TlsContext::Handle> TlsContext::make(const std::filesystem::path& certificate,
                                            const std::filesystem::path& key) {
  ERR_clear_error();
  Handle handle(SSL_CTX_new(TLS_server_method()));
  if (!handle) return fail(Errc::unavailable, "TLS: no memory");
  set_rules(handle.get());
  for (const auto& file : {certificate, key}) {
    if (!std::filesystem::exists(file)) return fail(Errc::not_found, "TLS: no file " + file.string());
  }
  if (SSL_CTX_use_certificate_chain_file(handle.get(), certificate.c_str()) != 1) {
    return fail(Errc::bad_payload, certificate.string() + ": " + openssl_reason());
  }
  if (SSL_CTX_use_PrivateKey_file(handle.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(handle.get()) != 1) {
    return fail(Errc::bad_payload, key.string() + ": " + openssl_reason());
  }
  return handle;
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::filesystem::path& certificate,
                                                     const std::filesystem::path& key) {
  auto made = std::make_shared<TlsContext>();
  if (auto loaded = made->reload(certificate, key); !loaded) return fail(std::move(loaded.error()));
  return made;
}

Result<> TlsContext::reload(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  auto fresh = make(certificate, key);
  if (!fresh) return fail(std::move(fresh.error()));
  const std::lock_guard lock(mutex_);
  current_ = std::move(*fresh);
  return {};
}

SSL* TlsContext::make_connection() const {
  const std::lock_guard lock(mutex_);
  return SSL_new(current_.get());
}

}  // namespace confab::net
