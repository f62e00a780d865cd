#include "auth/site_key.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "auth/tests/fixed_random.h"
#include "base/bytes.h"

using namespace confab;
using namespace confab::auth;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "confab-key-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
};

void put(const fs::path& file, std::string_view text, mode_t mode) {
  std::ofstream(file, std::ios::binary) << text;
  REQUIRE(::chmod(file.c_str(), mode) == 0);
}
mode_t mode_of(const fs::path& file) {
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}
Errc code_of(const fs::path& file) {
  const auto key = SiteKey::load(file);
  REQUIRE_FALSE(key.has_value());
  return key.error().code;
}
SiteKey key_of(unsigned char fill) {
  SiteKey::Bytes bytes{};
  bytes.fill(fill);
  return SiteKey(bytes);
}

}  // namespace

TEST_CASE("site key: a missing file is made, for the owner alone, and then found again") {
  const Folder folder;
  const fs::path file = folder.path / "keys" / "site.key";
  CHECK(code_of(file) == Errc::not_found);
  const auto made = SiteKey::load_or_create(file);
  REQUIRE(made.has_value());
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(file.parent_path()) == 0700);
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), {}) == 1);  // nothing half-made is left
  const auto again = SiteKey::load_or_create(file);
  REQUIRE(again.has_value());
  CHECK(again->derive_key("x") == made->derive_key("x"));
}

TEST_CASE("site key: two files, two keys") {
  const Folder folder;
  const auto a = SiteKey::load_or_create(folder.path / "a");
  const auto b = SiteKey::load_or_create(folder.path / "b");
  REQUIRE((a.has_value() && b.has_value()));
  CHECK(a->derive_key("x") != b->derive_key("x"));
}

TEST_CASE("site key: several that make it at once all get the same") {
  const Folder folder;
  std::vector<std::string> derived(8);
  std::vector<std::thread> threads;
  for (auto& out : derived) {
    threads.emplace_back([&out, &folder] {
      const auto key = SiteKey::load_or_create(folder.path / "site.key");
      if (key) out = key->derive_key("x");
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& out : derived) CHECK(out == derived.front());
  CHECK(derived.front().size() == 32);
}

TEST_CASE("site key: hex with or without line feed, or raw bytes") {
  const Folder folder;
  const std::string raw(32, '\x07');
  const std::string expected = key_of(7).derive_key("x");
  for (const std::string& text : {encode_hex(raw), encode_hex(raw) + "\n", raw}) {
    put(folder.path / "k", text, 0600);
    const auto key = SiteKey::load(folder.path / "k");
    REQUIRE(key.has_value());
    CHECK(key->derive_key("x") == expected);
  }
  put(folder.path / "k", raw, 0400);
  CHECK(SiteKey::load(folder.path / "k").has_value());
}

TEST_CASE("site key: a file that others may read is refused, and left as it is") {
  const Folder folder;
  const fs::path file = folder.path / "k";
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0660U, 0644U}) {
    put(file, encode_hex(std::string(32, 'k')), mode);
    const auto key = SiteKey::load_or_create(file);
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().code == Errc::forbidden);
    CHECK(key.error().text.find("chmod 600") != std::string::npos);
    CHECK(mode_of(file) == mode);
  }
}

TEST_CASE("site key: what is no key is refused, never replaced") {
  const Folder folder;
  const fs::path file = folder.path / "k";
  for (const std::string& text : {std::string(), std::string(31, 'k'), std::string(63, 'a'), std::string(64, 'g'),
                                  std::string(66, 'a'), std::string(4096, 'a')}) {
    put(file, text, 0600);
    CHECK(code_of(file) == Errc::bad_payload);
    CHECK_FALSE(SiteKey::load_or_create(file).has_value());
    CHECK(fs::file_size(file) == text.size());
  }
  CHECK(code_of(folder.path) == Errc::bad_payload);  // a folder
}

TEST_CASE("site key: sealed bytes open for the same key and name, and for no other") {
  const SiteKey key = key_of(1);
  const std::string sealed = key.seal("secret", "alice", fixed_random());
  CHECK(sealed.size() == 12 + 6 + 16);
  CHECK(key.open(sealed, "alice").value() == "secret");
  CHECK_FALSE(key.open(sealed, "bob").has_value());
  CHECK_FALSE(key.open(sealed, "").has_value());
  CHECK_FALSE(key_of(2).open(sealed, "alice").has_value());
  CHECK(key.open(key.seal("", "", fixed_random()), "").value().empty());
  CHECK(key.seal("secret", "alice", fixed_random(9)) != sealed);
}

TEST_CASE("site key: any changed or missing byte is noticed") {
  const SiteKey key = key_of(1);
  const std::string sealed = key.seal("secret", "alice", fixed_random());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(key.open(changed, "alice").error().code == Errc::not_authorized);
    CHECK_FALSE(key.open(sealed.substr(0, i), "alice").has_value());
  }
}

TEST_CASE("site key: labels give keys that differ") {
  const SiteKey key = key_of(1);
  CHECK(key.derive_key("a") == key_of(1).derive_key("a"));
  CHECK(key.derive_key("a") != key.derive_key("b"));
  CHECK(key.derive_key("a").size() == 32);
}
