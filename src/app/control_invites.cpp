// confabctl invite create: a token with which somebody may register.
#include <charconv>
#include <optional>

#include "app/control_verbs.h"
#include "app/json_text.h"
#include "app/site_files.h"
#include "auth/hash.h"
#include "base/bytes.h"

namespace confab::app {
namespace {

constexpr std::uint32_t kDays = 7;
constexpr std::uint32_t kMost = 10000;  // days, and uses
constexpr std::size_t kTokenBytes = 18;

// 1..kMost, or nothing.
std::optional<std::uint32_t> number_of(const VerbCall& call, const std::string& flag, std::uint32_t standard) {
  const auto given = call.flags.find(flag);
  if (given == call.flags.end()) return standard;
  std::uint32_t value = 0;
  const char* end = given->second.data() + given->second.size();
  const auto read = std::from_chars(given->second.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value == 0 || value > kMost) return std::nullopt;
  return value;
}

}  // namespace

ControlReply invite_create(VerbCall& call) {
  const auto days = number_of(call, "--days", kDays);
  const auto uses = number_of(call, "--uses", 1);
  if (!days || !uses) return usage("--days and --uses are numbers from 1 to " + std::to_string(kMost));
  std::string bytes(kTokenBytes, '\0');
  system_random()(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  const std::string token = encode_hex(bytes);
  const WallMs now = call.loop.now().wall;
  const WallMs expires = now + std::chrono::hours(24 * std::int64_t{*days});
  engine::Transaction transaction;
  transaction.changes.emplace_back(engine::CreateInvite{
      .hash = encode_hex(auth::digest(auth::Hash::sha256, token)), .at = now, .expires = expires, .uses = *uses});
  if (auto made = commit(call, std::move(transaction)); !made) return refuse(call, made.error());
  const std::string uri = "xmpp:" + call.domain() + "?register;preauth=" + token;
  return done(
      call,
      token + "\n" + uri + "\nfor " + std::to_string(*uses) + " registration(s) until " + format_utc(expires) + "\n",
      "{\"invite\":" + json_quote(token) + ",\"uri\":" + json_quote(uri) + ",\"uses\":" + std::to_string(*uses) +
          ",\"expires\":" + json_quote(format_utc(expires)) + "}");
}

}  // namespace confab::app
