#include "net/certificates.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

#include "net/certificate_files.h"

namespace confab::net {
namespace {

constexpr int kCaDays = 3652;
constexpr int kServerDays = 825;
constexpr int kRenewDays = 30;
constexpr std::time_t kDay = 24 * 3600;

std::time_t seconds_of(WallMs at) {
  return static_cast<std::time_t>(at.ms / 1000);
}

bool is_numeric(const std::string& host) {
  std::array<unsigned char, 16> ignored{};
  return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

struct Subject {
  std::vector<std::string> hosts;
  std::vector<std::string> addresses;
};

// What the certificate must name, each once.
Subject subject_of(const SiteNames& names) {
  Subject all;
  const auto add = [&](const std::string& host) {
    if (host.empty()) return;
    auto& list = is_numeric(host) ? all.addresses : all.hosts;
    if (std::find(list.begin(), list.end(), host) == list.end()) list.push_back(host);
  };
  add(names.domain);
  if (!is_numeric(names.domain)) {
    for (const char* part : {"groups.", "pubsub.", "upload."}) add(part + names.domain);
  }
  for (const std::string& host : names.hosts) add(host);
  add("localhost");
  for (const std::string& address : names.addresses) add(address);
  return all;
}

bool covers(X509* certificate, const Subject& subject) {
  const auto has_host = [&](const std::string& host) {
    return X509_check_host(certificate, host.data(), host.size(), X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1;
  };
  const auto has_address = [&](const std::string& ip) { return X509_check_ip_asc(certificate, ip.c_str(), 0) == 1; };
  return std::all_of(subject.hosts.begin(), subject.hosts.end(), has_host) &&
         std::all_of(subject.addresses.begin(), subject.addresses.end(), has_address);
}

bool lasts_until(const X509* certificate, std::time_t at) {
  return X509_cmp_time(X509_get0_notAfter(certificate), &at) > 0;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_name(X509_NAME* name, const char* field, std::string_view text) {
  return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

// Version 3, a random serial number, from an hour ago (clocks differ) for `days`.
CertificateHandle blank_certificate(EVP_PKEY* key, WallMs now, int days) {
  CertificateHandle made(X509_new());
  std::array<unsigned char, 16> serial{};
  if (!made || RAND_bytes(serial.data(), static_cast<int>(serial.size())) != 1) return nullptr;
  serial[0] &= 0x7F;
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(made.get()));
  BN_free(number);
  const std::time_t start = seconds_of(now) - 3600;
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), start);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds_of(now) + days * kDay);
  X509_set_pubkey(made.get(), key);
  return made;
}

CertificateHandle make_ca(EVP_PKEY* key, const std::string& domain, WallMs now) {
  CertificateHandle made = blank_certificate(key, now, kCaDays);
  if (!made) return nullptr;
  X509_NAME* name = X509_get_subject_name(made.get());
  // A common name holds 64 characters at most (RFC 5280, ub-common-name).
  const std::string common = ("Confab CA of " + domain).substr(0, 64);
  const bool done = add_name(name, "O", "Confab site") && add_name(name, "CN", common) &&
                    X509_set_issuer_name(made.get(), name) == 1 &&
                    add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash") &&
                    X509_sign(made.get(), key, EVP_sha256()) > 0;
  return done ? std::move(made) : nullptr;
}

// Built as values, not as OpenSSL's text syntax, where a comma in a name would begin another entry.
bool add_names(X509* certificate, const Subject& subject) {
  GENERAL_NAMES* names = GENERAL_NAMES_new();
  const auto push = [&](int type, ASN1_STRING* value) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names, name);
  };
  for (const std::string& host : subject.hosts) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, host.data(), static_cast<int>(host.size()));
    push(GEN_DNS, text);
  }
  for (const std::string& address : subject.addresses) {
    if (ASN1_OCTET_STRING* bytes = a2i_IPADDRESS(address.c_str())) push(GEN_IPADD, bytes);
  }
  const bool added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
  GENERAL_NAMES_free(names);
  return added;
}

CertificateHandle make_server(EVP_PKEY* key, X509* ca, EVP_PKEY* ca_key, const SiteNames& names, WallMs now) {
  CertificateHandle made = blank_certificate(key, now, kServerDays);
  if (!made) return nullptr;
  X509* it = made.get();
  const bool done = add_name(X509_get_subject_name(it), "CN", names.domain.substr(0, 64)) &&
                    X509_set_issuer_name(it, X509_get_subject_name(ca)) == 1 &&
                    add_extension(it, ca, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(it, ca, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(it, ca, NID_ext_key_usage, "serverAuth,clientAuth") &&
                    add_extension(it, ca, NID_subject_key_identifier, "hash") &&
                    add_extension(it, ca, NID_authority_key_identifier, "keyid") && add_names(it, subject_of(names)) &&
                    X509_sign(it, ca_key, EVP_sha256()) > 0;
  return done ? std::move(made) : nullptr;
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), bytes.data(), &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    std::array<char, 4> pair{};
    std::snprintf(pair.data(), pair.size(), i == 0 ? "%02X" : ":%02X", static_cast<unsigned>(bytes[i]));
    text += pair.data();
  }
  return text;
}

struct Authority {
  KeyHandle key;
  CertificateHandle certificate;
  bool made = false;
};

// A CA that people have installed is never replaced behind their back: half of it missing is an error.
Result<Authority> ensure_ca(const std::filesystem::path& directory, const std::string& domain, WallMs now) {
  auto key = read_key(directory / "ca.key");
  auto certificate = read_certificate(directory / "ca.crt");
  if (key && certificate) return Authority{std::move(*key), std::move(*certificate), false};
  if (!key && key.error().code != Errc::not_found) return fail(std::move(key.error()));
  if (!certificate && certificate.error().code != Errc::not_found) return fail(std::move(certificate.error()));
  if (certificate) return fail(Errc::bad_payload, (directory / "ca.key").string() + ": missing, but ca.crt is there");
  // A key without certificate is what is left of a first start that was interrupted.
  Authority made{key ? std::move(*key) : KeyHandle(EVP_EC_gen("P-256")), nullptr, true};
  if (made.key) made.certificate = make_ca(made.key.get(), domain, now);
  if (!made.certificate) return fail(Errc::unavailable, "the site CA could not be made");
  if (auto done = write_key(directory / "ca.key", made.key.get()); !done) return fail(std::move(done.error()));
  if (auto done = write_certificates(directory / "ca.crt", {made.certificate.get()}); !done) {
    return fail(std::move(done.error()));
  }
  return made;
}

// Whether the server's files can stay as they are.
bool is_good(const std::filesystem::path& directory, const Authority& ca, const SiteNames& names, WallMs now) {
  const auto key = read_key(directory / "server.key");
  const auto certificate = read_certificate(directory / "server.crt");
  return key && certificate && X509_check_private_key(certificate->get(), key->get()) == 1 &&
         X509_verify(certificate->get(), ca.key.get()) == 1 &&
         lasts_until(certificate->get(), seconds_of(now) + kRenewDays * kDay) &&
         covers(certificate->get(), subject_of(names));
}

}  // namespace

Result<SiteCertificate> ensure_site_certificate(const std::filesystem::path& directory, const SiteNames& names,
                                                WallMs now) {
  std::error_code error;
  if (std::filesystem::create_directories(directory, error)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  if (error) return fail(Errc::unavailable, directory.string() + ": " + error.message());
  auto ca = ensure_ca(directory, names.domain, now);
  if (!ca) return fail(std::move(ca.error()));
  SiteCertificate site{directory / "ca.crt",
                       directory / "server.crt",
                       directory / "server.key",
                       fingerprint_of(ca->certificate.get()),
                       ca->made,
                       false};
  if (is_good(directory, *ca, names, now)) return site;
  // The key stays when there is a good one: what is pinned to it goes on to work, and no moment has a key that does not
  // fit its certificate.
  auto old_key = read_key(site.key);
  const KeyHandle key = old_key ? std::move(*old_key) : KeyHandle(EVP_EC_gen("P-256"));
  if (!old_key) {
    if (auto done = write_key(site.key, key.get()); !done) return fail(std::move(done.error()));
  }
  const CertificateHandle made = make_server(key.get(), ca->certificate.get(), ca->key.get(), names, now);
  if (!made) return fail(Errc::unavailable, "the server certificate could not be made");
  if (auto done = write_certificates(site.certificate, {made.get(), ca->certificate.get()}); !done) {
    return fail(std::move(done.error()));
  }
  site.made_certificate = true;
  return site;
}

Result<std::string> fingerprint_sha256(const std::filesystem::path& certificate) {
  const auto read = read_certificate(certificate);
  if (!read) return fail(read.error());
  return fingerprint_of(read->get());
}

std::vector<std::string> local_addresses() {
  std::vector<std::string> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return addresses;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (at->ifa_addr->sa_family == AF_INET) {
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, text.data(), text.size());
    } else if (at->ifa_addr->sa_family == AF_INET6) {
      const in6_addr& six = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr)->sin6_addr;
      if (!IN6_IS_ADDR_LINKLOCAL(&six)) ::inet_ntop(AF_INET6, &six, text.data(), text.size());
    }
    if (text[0] != '\0') addresses.emplace_back(text.data());
  }
  ::freeifaddrs(list);
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

}  // namespace confab::net
