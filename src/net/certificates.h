// The site's own certificate authority, and the server certificate that it signs when none is configured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace confab::net {

struct SiteNames {
  std::string domain;                  // with it go groups., pubsub. and upload. below it, and localhost
  std::vector<std::string> hosts;      // further names
  std::vector<std::string> addresses;  // numeric; local_addresses() gives the host's
};

struct SiteCertificate {
  std::filesystem::path ca;           // PEM, for people to install
  std::filesystem::path certificate;  // PEM: the server's, then the CA's
  std::filesystem::path key;
  std::string ca_fingerprint;     // of SHA-256: "AB:CD:…"
  bool made_ca = false;           // by this call
  bool made_certificate = false;  // by this call: because there was none, it expires, or a name was missing
};

// Looks for ca.key, ca.crt, server.key and server.crt in `directory` and makes what is missing: ECDSA P-256, the CA for
// ten years, the server's for 825 days and anew 30 days before its end. Keys are readable by their owner alone. What is
// good is not touched. Errors: unavailable (disk), bad_payload (a file is there but cannot be read: never overwritten).
Result<SiteCertificate> ensure_site_certificate(const std::filesystem::path& directory, const SiteNames& names,
                                                WallMs now);

// The first certificate of a PEM file, as people compare it: "AB:CD:…" of SHA-256.
Result<std::string> fingerprint_sha256(const std::filesystem::path& certificate);

// This host's addresses, loopback's too, without link-local ones.
std::vector<std::string> local_addresses();

}  // namespace confab::net
