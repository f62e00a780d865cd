#include "xmpp/spec_page.h"

#include <algorithm>
#include <tuple>

#include "xmpp/session_specs.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kHead =
    "# What Confab's XMPP implements\n"
    "\n"
    "Written by `script/docs` out of the extensions' own registration (`src/xmpp/ext/`, `src/xmpp/session_specs.h`); a "
    "test fails where\n"
    "this page says something else. The version is that of the text which was implemented. How it behaves where a "
    "specification leaves a\n"
    "choice: [clients/xmpp.md](clients/xmpp.md).\n";
constexpr std::string_view kColumns =
    "| specification | version | title | source | advertised |\n"
    "|---|---|---|---|---|\n";

// "XEP-0184" -> where it is published.
std::string address_of(std::string_view name) {
  std::string number;
  for (const char c : name) {
    if (c >= '0' && c <= '9') number += c;
  }
  if (name.starts_with("XEP-")) return "https://xmpp.org/extensions/xep-" + number + ".html";
  return "https://www.rfc-editor.org/rfc/rfc" + number;
}

std::string row_of(std::string_view name, std::string_view version, std::string_view title, std::string_view file,
                   std::string_view features) {
  std::string row = "| [" + std::string(name) + "](" + address_of(name) + ") | ";
  row.append(version).append(version.empty() ? "" : " ").append("| ").append(title);
  const std::string_view shown = file.substr(file.rfind('/') + 1);
  row.append(" | [").append(shown).append("](../").append(file).append(") | ");
  return row.append(features).append(features.empty() ? "" : " ").append("|\n");
}

std::string list_of(const std::vector<std::string>& features) {
  std::string out;
  for (const std::string& feature : features) out += (out.empty() ? "`" : ", `") + feature + "`";
  return out;
}

}  // namespace

std::string write_spec_page(const Extensions& installed) {
  std::string page(kHead);
  page.append("\n## The session itself\n\n").append(kColumns);
  for (const SessionSpec& spec : kSessionSpecs) {
    page += row_of(spec.name, spec.version, spec.title, spec.file, spec.features);
  }
  std::vector<Spec> specs = installed.specs();
  std::sort(specs.begin(), specs.end(),
            [](const Spec& a, const Spec& b) { return std::tie(a.name, a.file) < std::tie(b.name, b.file); });
  page.append("\n## Extensions\n\n").append(kColumns);
  for (const Spec& spec : specs) {
    page += row_of(spec.name, spec.version, spec.title, spec.file, list_of(spec.features));
  }
  return page;
}

}  // namespace confab::xmpp
