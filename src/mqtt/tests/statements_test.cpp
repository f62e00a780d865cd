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

// `words` stand in the first line of a test case of that file.
bool has_test(const std::string& file, std::string_view words) {
  const std::string source = contents("src/mqtt/tests/" + file + ".cpp");
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
    for (const char* owner : {"| session |", ", session", "| topics |", "| websocket |", "| client |"}) {
      covered = covered || line.find(owner) != std::string_view::npos;
    }
    CHECK(covered);
  }
  CHECK(statements > 300);
}

}  // namespace
}  // namespace confab::mqtt
