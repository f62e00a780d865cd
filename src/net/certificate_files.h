// Certificates and keys as OpenSSL's objects and as PEM files.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace confab::net {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeKey>;
using CertificateHandle = std::unique_ptr<X509, FreeCertificate>;

// not_found: no such file. bad_payload: not what it should be.
Result<KeyHandle> read_key(const std::filesystem::path& file);
Result<CertificateHandle> read_certificate(const std::filesystem::path& file);

// Whole or not at all: written beside it, synced and renamed.
Result<> write_key(const std::filesystem::path& file, EVP_PKEY* key);
Result<> write_certificates(const std::filesystem::path& file, const std::vector<X509*>& chain);

}  // namespace confab::net
