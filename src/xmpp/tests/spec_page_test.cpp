#include "xmpp/spec_page.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "xmpp/session_specs.h"

using namespace confab::xmpp;

namespace {

const std::filesystem::path kSource = CONFAB_SOURCE_DIR;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("docs/xmpp.md says what is registered") {
  Extensions on;
  install_all(on);
  const bool same = text_of(kSource / "docs/xmpp.md") == write_spec_page(on);
  CHECK_MESSAGE(same, "docs/xmpp.md is not what the registration says: run script/docs");
}

TEST_CASE("every extension says what it implements, and where that is") {
  Extensions on;
  install_all(on);
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "src/xmpp/ext")) {
    const std::string file = "src/xmpp/ext/" + entry.path().filename().string();
    if (entry.path().extension() != ".cpp") continue;
    CAPTURE(file);
    CHECK(std::any_of(on.specs().begin(), on.specs().end(), [&](const Spec& spec) { return spec.file == file; }));
  }
  for (const SessionSpec& spec : kSessionSpecs) {
    CAPTURE(spec.name);
    CHECK(std::filesystem::exists(kSource / spec.file));
  }
}

TEST_CASE("a feature is named for the specification before it, once") {
  Extensions on;
  on.feature("nobody's");
  on.begin("ext/a.cpp");
  on.spec("XEP-0001", "1.0", "One").feature("a").account_feature("a").feature("b");
  on.begin("ext/b.cpp");
  on.feature("nobody's either");
  REQUIRE(on.specs().size() == 1);
  CHECK(on.specs()[0].features == std::vector<std::string>{"a", "b"});
  CHECK(on.features().size() == 4);
}
