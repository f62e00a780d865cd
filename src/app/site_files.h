// What a site keeps on disk, opened: by confabd when it serves, by confabctl while it does not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "app/config.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/ports.h"

namespace confab::app {

struct CertificateSummary {
  std::filesystem::path file;
  std::string subject;
  std::string names;           // subject alternative names, with commas
  std::string fingerprint;     // SHA-256 of the certificate, hex with colons
  std::string ca_fingerprint;  // of the site's own CA; empty: the certificate is the operator's
  WallMs not_before;
  WallMs not_after;
};

struct BackupSummary {
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  std::string sha256;
};

// What the verbs need of a site's folder beside its accounts. Lives on: the control's thread; calls block on the disk.
class SiteFiles {
 public:
  virtual ~SiteFiles() = default;

  // A consistent copy of the database as one file, which must not exist yet (conflict). The keys are not in it: who
  // gets hold of a backup gets no SIP credentials with it.
  virtual Result<BackupSummary> backup(const std::filesystem::path& to) = 0;
  // SQLite's quick_check, or what is like it.
  virtual Result<> check_database() = 0;
  // not_found: none has been made yet.
  virtual Result<CertificateSummary> certificate() = 0;
};

// The folder of a site, whether it runs or not. The CA and the certificates that the site makes are in keys/.
std::unique_ptr<SiteFiles> open_site_files(const Config& config);
std::filesystem::path keys_folder(const Config& config);
// Where the database is. Errors: unsupported for another store than SQLite.
Result<std::filesystem::path> database_file(const Config& config);

// libcrypto's generator; without it the process ends. From anywhere.
RandomBytes system_random();

// A site that does not run, under its lock. Members are destroyed in the reverse order.
struct StoppedSite {
  std::unique_ptr<SiteFiles> files;
  std::unique_ptr<engine::Store> store;
  std::unique_ptr<engine::Passwords> passwords;
};

// Errors: conflict when a running site holds the lock; not_found when there is no site in data_dir and `create` is
// false; unavailable.
Result<StoppedSite> open_stopped_site(const Config& config, bool create);

// Puts the backup in the place of the database, which is kept beside it. Errors: conflict when the site runs or the
// file is damaged; not_found; unavailable.
Result<BackupSummary> restore_site(const Config& config, const std::filesystem::path& from);

// Checks the file alone: its checksum, and the database in it.
Result<BackupSummary> verify_backup(const std::filesystem::path& file);

}  // namespace confab::app
