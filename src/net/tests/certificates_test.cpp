#include "net/certificates.h"

#include <doctest/doctest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "net/certificate_files.h"
#include "net/tls_context.h"
#include "testing/temporary_folder.h"

using namespace confab;
using namespace confab::net;

namespace {

constexpr WallMs kNow{1'795'166'336'000};
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

std::string content(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a new site gets a CA and a certificate that names everything; a second start changes nothing") {
  const testing::TemporaryFolder folder;
  const auto keys = folder.path() / "keys";
  const SiteNames names{"example.org", {"box.local", "10.0.0.9"}, {"192.0.2.1", "2001:db8::1"}};
  const auto first = ensure_site_certificate(keys, names, kNow);
  REQUIRE(first);
  CHECK(first->made_ca);
  CHECK(first->made_certificate);
  CHECK(first->ca_fingerprint.size() == 95);
  CHECK(fingerprint_sha256(first->ca) == first->ca_fingerprint);
  struct stat status{};
  for (const char* key : {"ca.key", "server.key"}) {
    REQUIRE(::stat((keys / key).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
  const auto certificate = read_certificate(first->certificate);
  const auto ca = read_certificate(first->ca);
  REQUIRE(certificate);
  REQUIRE(ca);
  CHECK(X509_verify(certificate->get(), X509_get0_pubkey(ca->get())) == 1);
  for (const std::string host :
       {"example.org", "groups.example.org", "pubsub.example.org", "upload.example.org", "box.local", "localhost"}) {
    CHECK(X509_check_host(certificate->get(), host.data(), host.size(), 0, nullptr) == 1);
  }
  CHECK(X509_check_host(certificate->get(), "evil.org", 8, 0, nullptr) == 0);
  for (const char* ip : {"192.0.2.1", "2001:db8::1", "10.0.0.9"}) {
    CHECK(X509_check_ip_asc(certificate->get(), ip, 0) == 1);
  }
  const std::string before = content(first->certificate) + content(first->key) + content(first->ca);
  const auto second = ensure_site_certificate(keys, names, kNow + milliseconds(700 * kDayMs));
  REQUIRE(second);
  CHECK_FALSE(second->made_ca);
  CHECK_FALSE(second->made_certificate);
  CHECK(content(second->certificate) + content(second->key) + content(second->ca) == before);
}

TEST_CASE("the server's certificate is renewed before its end and for a new name; the CA and the key stay") {
  const testing::TemporaryFolder folder;
  const auto first = ensure_site_certificate(folder.path(), {"localhost", {}, {}}, kNow);
  REQUIRE(first);
  const std::string key = content(first->key);
  const auto renewed = ensure_site_certificate(folder.path(), {"localhost", {}, {}}, kNow + milliseconds(800 * kDayMs));
  REQUIRE(renewed);
  CHECK(renewed->made_certificate);
  CHECK_FALSE(renewed->made_ca);
  CHECK(content(renewed->key) == key);
  const auto named = ensure_site_certificate(folder.path(), {"localhost", {"new.example"}, {}}, kNow);
  REQUIRE(named);
  CHECK(named->made_certificate);
  CHECK(named->ca_fingerprint == first->ca_fingerprint);
}

TEST_CASE("a CA that cannot be read is never overwritten") {
  const testing::TemporaryFolder folder;
  REQUIRE(ensure_site_certificate(folder.path(), {"localhost", {}, {}}, kNow));
  std::ofstream(folder.path() / "ca.key") << "damaged";
  const auto second = ensure_site_certificate(folder.path(), {"localhost", {}, {}}, kNow);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::bad_payload);
  CHECK(content(folder.path() / "ca.key") == "damaged");
}

TEST_CASE("a context loads, and keeps what it has when a reload fails") {
  const testing::TemporaryFolder folder;
  const auto site = ensure_site_certificate(folder.path(), {"localhost", {}, {}}, kNow);
  REQUIRE(site);
  CHECK_FALSE(TlsContext::load(folder.path() / "none", site->key));
  CHECK_FALSE(TlsContext::load(site->certificate, folder.path() / "ca.key"));  // does not fit
  const auto context = TlsContext::load(site->certificate, site->key);
  REQUIRE(context);
  CHECK_FALSE((*context)->reload(site->certificate, site->ca));
  CHECK((*context)->reload(site->certificate, site->key));
}

TEST_CASE("this host has at least its loopback address") {
  const auto addresses = local_addresses();
  CHECK(std::find(addresses.begin(), addresses.end(), "127.0.0.1") != addresses.end());
}
