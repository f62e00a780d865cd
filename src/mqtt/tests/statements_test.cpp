// The table of normative statements names tests that are there.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace confab::mqtt {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(std::string(CONFAB_SOURCE_DIR) + "/" + path);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What is between the next two backticks from `at` on, which moves behind them; empty: there are none.
std::string_view next_quoted(std::string_view line, std::size_t& at) {
  const std::size_t begin = line.find('`', at);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = line.find('`', begin + 1);
  REQUIRE(end != std::string_view::npos);
  at = end + 1;
  return line.substr(begin + 1, end - begin - 1);
}

// A file of the tests here, of src/COMPONENT/tests as COMPONENT/FILE, or of Python's as interop/FILE.
std::string path_of(const std::string& file) {
  const std::size_t slash = file.find('/');
  if (slash == std::string::npos) return "src/mqtt/tests/" + file + ".cpp";
  const std::string component = file.substr(0, slash);
  if (component == "interop") return "tests/" + file + ".py";
  return "src/" + component + "/tests" + file.substr(slash) + ".cpp";
}

// `words` stand in the first line of a test case of that file.
bool has_test(const std::string& file, std::string_view words) {
  const std::string source = contents(path_of(file));
  if (file.starts_with("interop/")) return source.find("def " + std::string(words) + "(self") != std::string::npos;
  for (std::size_t at = 0; (at = source.find("TEST_CASE(", at)) != std::string::npos; ++at) {
    if (source.substr(at, source.find('{', at) - at).find(words) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("wire: statements.md names tests that are there, or says whose the statement is") {
  const std::string table = contents("tests/golden/mqtt/statements.md");
  std::size_t statements = 0;
  for (std::size_t begin = 0; (begin = table.find("\n| MQTT-", begin)) != std::string::npos;) {
    ++begin;
    const std::string_view line = std::string_view(table).substr(begin, table.find('\n', begin) - begin);
    ++statements;
    std::size_t at = 0;
    bool covered = false;
    for (auto file = next_quoted(line, at); !file.empty(); file = next_quoted(line, at)) {
      const std::string_view words = next_quoted(line, at);
      INFO(std::string(line));
      CHECK(has_test(std::string(file), words));
      covered = true;
    }
    for (const char* owner : {"| websocket |", "| client |"}) {
      covered = covered || line.find(owner) != std::string_view::npos;
    }
    CHECK(covered);
  }
  CHECK(statements > 300);
}

}  // namespace
}  // namespace confab::mqtt
