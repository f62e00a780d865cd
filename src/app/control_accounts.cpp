// confabctl user add, list, passwd, remove, disable, enable.
#include <algorithm>

#include "app/control_verbs.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

using AccountLine = engine::Store::AccountLine;

constexpr std::size_t kPage = 1000;

void tell(VerbCall& call, Uid uid, const Address& address, AccountChange change) {
  if (call.ports.passwords != nullptr) call.ports.passwords->forget(uid);
  if (call.ports.live != nullptr) call.ports.live->account_changed(uid, address, change);
}

std::string json_address(const Address& address) {
  return "{\"account\":" + json_quote(to_string(address)) + "}";
}

std::string text_line(const AccountLine& line) {
  std::string out = to_string(line.address);
  if (line.admin) out += "  admin";
  if (line.disabled) out += "  disabled";
  return out + "  since " + format_utc(line.created) + "\n";
}

std::string json_line(const AccountLine& line) {
  return "{\"uid\":" + std::to_string(line.uid) + ",\"account\":" + json_quote(to_string(line.address)) +
         ",\"admin\":" + (line.admin ? "true" : "false") + ",\"disabled\":" + (line.disabled ? "true" : "false") +
         ",\"created\":" + json_quote(format_utc(line.created)) + "}";
}

ControlReply set_disabled(VerbCall& call, bool disabled) {
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto row = load(call, *address);
  if (!row) return refuse(call, row.error());
  engine::Transaction transaction;
  transaction.changes.emplace_back(core::SetDisabled{row->uid, disabled});
  const auto committed = commit(call, std::move(transaction));
  if (!committed) return refuse(call, committed.error());
  tell(call, row->uid, *address, disabled ? AccountChange::disabled : AccountChange::enabled);
  return done(call, to_string(*address) + (disabled ? " is disabled\n" : " is enabled\n"), json_address(*address));
}

}  // namespace

ControlReply user_add(VerbCall& call) {
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto password = password_of(call.input);
  if (!password) return refuse(call, password.error());
  const auto uid = create(call, {*address, *password, call.has("--admin"), {}, call.has("--reuse-name")});
  if (!uid) return refuse(call, uid.error());
  return done(call, to_string(*address) + " is added\n",
              "{\"uid\":" + std::to_string(*uid) + ",\"account\":" + json_quote(to_string(*address)) +
                  ",\"admin\":" + (call.has("--admin") ? "true" : "false") + "}");
}

ControlReply user_list(VerbCall& call) {
  if (call.ports.store == nullptr) return refuse(call, {Errc::unavailable, "this site's accounts are not at hand"});
  std::string text, json;
  Address after;
  for (;;) {
    const auto page = call.loop.wait<std::vector<AccountLine>>(
        kStoreWait, [&](auto answer) { call.ports.store->list_accounts(after, kPage, call.loop, std::move(answer)); });
    if (!page) return refuse(call, page.error());
    for (const AccountLine& line : *page) {
      text += text_line(line);
      json += (json.empty() ? "" : ",") + json_line(line);
    }
    if (page->size() < kPage) break;
    after = page->back().address;
  }
  return done(call, std::move(text), "[" + json + "]");
}

ControlReply user_passwd(VerbCall& call) {
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto password = password_of(call.input);
  if (!password) return refuse(call, password.error());
  const auto row = load(call, *address);
  if (!row) return refuse(call, row.error());
  auto credentials = derive(call, *address, *password);
  if (!credentials) return refuse(call, credentials.error());
  engine::Transaction transaction;
  transaction.changes.emplace_back(core::SetCredentials{row->uid, std::move(*credentials)});
  const auto committed = commit(call, std::move(transaction));
  if (!committed) return refuse(call, committed.error());
  tell(call, row->uid, *address, AccountChange::credentials);
  return done(call, "the password of " + to_string(*address) + " is changed\n", json_address(*address));
}

ControlReply user_remove(VerbCall& call) {
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto removed =
      call.ports.live != nullptr ? call.ports.live->remove_account(*address, false) : drop(call, *address, false);
  if (!removed) return refuse(call, removed.error());
  return done(call, to_string(*address) + " is removed\n", json_address(*address));
}

ControlReply user_disable(VerbCall& call) {
  return set_disabled(call, true);
}
ControlReply user_enable(VerbCall& call) {
  return set_disabled(call, false);
}

}  // namespace confab::app
