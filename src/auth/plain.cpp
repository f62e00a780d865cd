#include "auth/plain.h"

#include "base/bytes.h"

namespace confab::auth {
namespace {

constexpr std::size_t kMaxBytes = 8192;

}  // namespace

Result<PlainMessage> read_plain(std::string_view message) {
  if (message.size() > kMaxBytes) return fail(Errc::too_big, "plain: message");
  const std::size_t first = message.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : message.find('\0', first + 1);
  if (second == std::string_view::npos) return fail(Errc::bad_payload, "plain: fewer than two NULs");
  if (message.find('\0', second + 1) != std::string_view::npos) {
    return fail(Errc::bad_payload, "plain: more than two NULs");
  }
  if (!is_utf8(message)) return fail(Errc::bad_payload, "plain: not UTF-8");
  const std::string_view authcid = message.substr(first + 1, second - first - 1);
  const std::string_view password = message.substr(second + 1);
  if (authcid.empty() || password.empty()) return fail(Errc::bad_payload, "plain: name or password empty");
  return PlainMessage{std::string(message.substr(0, first)), std::string(authcid), std::string(password)};
}

}  // namespace confab::auth
