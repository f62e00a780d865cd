#include "net/tls_channel.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace confab::net {
namespace {

// RFC 5929 §4.1: the hash of the certificate's signature, but SHA-256 for MD5 and SHA-1 (and where there is no hash).
std::string end_point_of(const X509* certificate) {
  if (certificate == nullptr) return {};
  int hash = NID_undef;
  OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &hash, nullptr);
  const EVP_MD* digest = hash == NID_undef || hash == NID_md5 || hash == NID_sha1 || hash == NID_md5_sha1
                             ? EVP_sha256()
                             : EVP_get_digestbynid(hash);
  if (digest == nullptr) digest = EVP_sha256();
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  if (X509_digest(certificate, digest, bytes.data(), &length) != 1) return {};
  return {reinterpret_cast<const char*>(bytes.data()), length};
}

// RFC 9266: only where no two connections can share it, so below TLS 1.3 with RFC 7627 only.
std::string exporter_of(SSL* ssl) {
  if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
  static constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  std::array<unsigned char, 32> bytes{};
  if (SSL_export_keying_material(ssl, bytes.data(), bytes.size(), kLabel.data(), kLabel.size(), bytes.data(), 0, 1) !=
      1) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TlsChannel::TlsChannel(const TlsProfile& profile, int descriptor) : ssl_(profile.context->make_connection()) {
  if (ssl_ == nullptr) return;
  SSL_set_app_data(ssl_, const_cast<TlsProfile*>(&profile));
  if (SSL_set_fd(ssl_, descriptor) != 1) {
    SSL_free(ssl_);
    ssl_ = nullptr;
    return;
  }
  SSL_set_accept_state(ssl_);
  SSL_set_read_ahead(ssl_, 1);  // one system call for a record, not one for its header and one for the rest
}

TlsChannel::~TlsChannel() {
  SSL_free(ssl_);
}

TlsChannel::Step TlsChannel::step_of(int result) const {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
      return Step::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      return Step::broken;
  }
}

TlsChannel::Step TlsChannel::handshake() {
  if (ssl_ == nullptr) return Step::broken;
  ERR_clear_error();
  return step_of(SSL_do_handshake(ssl_));
}

TlsChannel::Step TlsChannel::read(std::span<std::byte> into, std::size_t& count) {
  ERR_clear_error();
  count = 0;
  return step_of(SSL_read_ex(ssl_, into.data(), into.size(), &count));
}

TlsChannel::Step TlsChannel::write(std::string_view bytes, std::size_t& count) {
  ERR_clear_error();
  count = 0;
  return step_of(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count));
}

bool TlsChannel::has_pending() const {
  return ssl_ != nullptr && SSL_has_pending(ssl_) == 1;
}

void TlsChannel::say_goodbye() {
  if (ssl_ == nullptr || SSL_is_init_finished(ssl_) != 1) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

session::TlsInfo TlsChannel::info() const {
  session::TlsInfo info;
  const unsigned char* alpn = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_, &alpn, &length);
  if (alpn != nullptr) info.alpn.assign(reinterpret_cast<const char*>(alpn), length);
  info.version = SSL_get_version(ssl_);
  info.cipher = SSL_get_cipher_name(ssl_);
  info.exporter = exporter_of(ssl_);
  info.server_end_point = end_point_of(SSL_get_certificate(ssl_));
  return info;
}

}  // namespace confab::net
