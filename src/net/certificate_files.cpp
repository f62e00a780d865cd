#include "net/certificate_files.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace confab::net {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

Result<Bio> open_file(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return fail(Errc::not_found, file.string());
  Bio bio(BIO_new_file(file.c_str(), "r"));
  if (!bio) return fail(Errc::bad_payload, file.string() + ": cannot be read");
  return bio;
}

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, data, size);
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return ::fsync(fd) == 0;
}

Result<> write_file(const std::filesystem::path& file, BIO* content, mode_t mode) {
  const std::filesystem::path beside = file.string() + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return fail(Errc::unavailable, beside.string() + ": " + std::strerror(errno));
  char* data = nullptr;
  const long size = BIO_get_mem_data(content, &data);
  const bool written = write_all(fd, data, static_cast<std::size_t>(size));
  ::close(fd);
  if (!written || ::rename(beside.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    return fail(Errc::unavailable, file.string() + ": " + std::strerror(error));
  }
  return {};
}

}  // namespace

Result<KeyHandle> read_key(const std::filesystem::path& file) {
  auto bio = open_file(file);
  if (!bio) return fail(std::move(bio.error()));
  KeyHandle key(PEM_read_bio_PrivateKey(bio->get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key) return fail(Errc::bad_payload, file.string() + ": not a private key");
  return key;
}

Result<CertificateHandle> read_certificate(const std::filesystem::path& file) {
  auto bio = open_file(file);
  if (!bio) return fail(std::move(bio.error()));
  CertificateHandle certificate(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate) return fail(Errc::bad_payload, file.string() + ": not a certificate");
  return certificate;
}

Result<> write_key(const std::filesystem::path& file, EVP_PKEY* key) {
  const Bio memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return fail(Errc::unavailable, "key: no memory");
  }
  return write_file(file, memory.get(), 0600);
}

Result<> write_certificates(const std::filesystem::path& file, const std::vector<X509*>& chain) {
  const Bio memory(BIO_new(BIO_s_mem()));
  for (X509* certificate : chain) {
    if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) {
      return fail(Errc::unavailable, "certificate: no memory");
    }
  }
  return write_file(file, memory.get(), 0644);
}

}  // namespace confab::net
