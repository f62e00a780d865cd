#include "app/site_files.h"

#include <openssl/asn1.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <ctime>

#include "app/password_pool.h"
#include "auth/site_key.h"
#include "net/certificate_files.h"
#include "net/certificates.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/database.h"
#include "store/sqlite/sqlite_store.h"

namespace confab::app {
namespace {

std::string read_bio(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::string subject_of(const X509* certificate) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return read_bio(bio.get());
}

std::string names_of(const X509* certificate) {
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at < 0) return {};
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  X509V3_EXT_print(bio.get(), X509_get_ext(certificate, at), 0, 0);
  return read_bio(bio.get());
}

WallMs time_of(const ASN1_TIME* at) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(at, &parts) != 1) return {};
  return {static_cast<std::int64_t>(::timegm(&parts)) * 1000};
}

BackupSummary summary_of(const std::filesystem::path& file, const store::BackupSummary& made) {
  return {file, made.bytes, made.sha256};
}

Result<> run_quick_check(const std::filesystem::path& file) {
  auto db = store::Database::open(file.string(), store::Database::Mode::read, "");
  if (!db) return fail(std::move(db.error()));
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db->raw(), "PRAGMA quick_check(1)", -1, &statement, nullptr) != SQLITE_OK) {
    return fail(db->error("quick_check"));
  }
  std::string verdict = "no answer";
  if (sqlite3_step(statement) == SQLITE_ROW) {
    const unsigned char* text = sqlite3_column_text(statement, 0);
    if (text != nullptr) verdict = reinterpret_cast<const char*>(text);
  }
  sqlite3_finalize(statement);
  if (verdict == "ok") return {};
  return fail(Errc::unavailable, file.string() + ": " + verdict);
}

// Lives on: the control's thread.
class SiteFolder final : public SiteFiles {
 public:
  explicit SiteFolder(const Config& config) : config_(config) {}

  Result<BackupSummary> backup(const std::filesystem::path& to) override {
    const auto database = database_file(config_);
    if (!database) return fail(database.error());
    if (std::error_code error; std::filesystem::exists(to, error) || error) {
      return fail(Errc::conflict, to.string() + ": " + (error ? error.message() : "is there already"));
    }
    auto made = store::backup_database(database->string(), to.string());
    if (!made) return fail(std::move(made.error()));
    return summary_of(to, *made);
  }

  Result<> check_database() override {
    const auto database = database_file(config_);
    return database ? run_quick_check(*database) : fail(database.error());
  }

  Result<CertificateSummary> certificate() override {
    const bool own = config_.tls.certificate.empty();
    CertificateSummary out;
    out.file = own ? keys_folder(config_) / "server.crt" : config_.in_data(config_.tls.certificate);
    const auto certificate = net::read_certificate(out.file);
    if (!certificate) return fail(certificate.error());
    out.subject = subject_of(certificate->get());
    out.names = names_of(certificate->get());
    out.not_before = time_of(X509_get0_notBefore(certificate->get()));
    out.not_after = time_of(X509_get0_notAfter(certificate->get()));
    if (const auto fingerprint = net::fingerprint_sha256(out.file)) out.fingerprint = *fingerprint;
    if (!own) return out;
    if (const auto ca = net::fingerprint_sha256(keys_folder(config_) / "ca.crt")) out.ca_fingerprint = *ca;
    return out;
  }

 private:
  const Config config_;
};

}  // namespace

std::unique_ptr<SiteFiles> open_site_files(const Config& config) {
  return std::make_unique<SiteFolder>(config);
}

std::filesystem::path keys_folder(const Config& config) {
  return config.in_data("keys");
}

Result<std::filesystem::path> database_file(const Config& config) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!config.store.url.starts_with(kScheme)) return fail(Errc::unsupported, "store.url: only sqlite: is there yet");
  return config.in_data(config.store.url.substr(kScheme.size()));
}

RandomBytes system_random() {
  return [](unsigned char* out, std::size_t size) {
    if (RAND_bytes(out, static_cast<int>(size)) != 1) std::abort();
  };
}

Result<StoppedSite> open_stopped_site(const Config& config, bool create) {
  const auto database = database_file(config);
  if (!database) return fail(database.error());
  std::error_code error;
  if (!create && !std::filesystem::exists(*database, error)) {
    return fail(Errc::not_found, "there is no site in " + config.data_dir);
  }
  std::filesystem::create_directories(database->parent_path(), error);
  const std::filesystem::path key_file = config.in_data(config.auth.key_file);
  auto key = create ? auth::SiteKey::load_or_create(key_file) : auth::SiteKey::load(key_file);
  if (!key) return fail(key.error().code, key_file.string() + ": " + key.error().text);

  store::SqliteOptions options;
  options.path = database->string();
  options.durability = config.durability == Durability::power ? store::Durability::power : store::Durability::process;
  options.readers = 1;
  auto store = store::SqliteStore::open(std::move(options));
  if (!store) return fail(std::move(store.error()));

  PasswordPoolOptions pool;
  pool.domain = config.domain;
  pool.iterations = static_cast<int>(config.auth.scram_iterations);
  pool.sip_digest = config.auth.sip_digest;
  pool.threads = 1;
  pool.recent = 0;
  StoppedSite site;
  site.files = open_site_files(config);
  site.store = std::move(*store);
  site.passwords = std::make_unique<PasswordPool>(std::move(pool), *key, system_random());
  return site;
}

Result<BackupSummary> restore_site(const Config& config, const std::filesystem::path& from) {
  const auto database = database_file(config);
  if (!database) return fail(database.error());
  std::error_code error;
  std::filesystem::create_directories(database->parent_path(), error);
  auto made = store::restore_database(from.string(), database->string());
  if (!made) return fail(std::move(made.error()));
  return summary_of(from, *made);
}

Result<BackupSummary> verify_backup(const std::filesystem::path& file) {
  auto made = store::verify_backup(file.string());
  if (!made) return fail(std::move(made.error()));
  return summary_of(file, *made);
}

}  // namespace confab::app
