// Prints docs/xmpp.md: for script/docs.
#include <cstdio>

#include "xmpp/spec_page.h"

int main() {
  confab::xmpp::Extensions installed;
  install_all(installed);
  const std::string page = write_spec_page(installed);
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() ? 0 : 1;
}
