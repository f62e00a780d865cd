// The verbs behind Control. For control's own units only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/control.h"

namespace confab::app {

// One request on its way through a verb. Lives on: the control's thread, during the request.
struct VerbCall {
  const ControlPorts& ports;
  BlockingLoop& loop;
  std::vector<std::string> names;            // what is left of the arguments: NAME, FILE
  std::map<std::string, std::string> flags;  // "--admin" -> "", "--line=17" -> "17"
  const std::string& input;
  bool json = false;

  bool has(const std::string& flag) const { return flags.contains(flag); }
  const std::string& domain() const { return ports.config->domain; }
};

using Verb = ControlReply (*)(VerbCall&);

// A stop for a store that never answers; no verb waits for more than one commit or one page at a time.
inline constexpr milliseconds kStoreWait = seconds(60);
// Works that take as long as the site is big.
inline constexpr milliseconds kChoreWait = std::chrono::hours(1);

ControlReply refuse(const VerbCall& call, const Error& error);
ControlReply usage(std::string_view why);
// `text` or `json`, as was asked for.
ControlReply done(const VerbCall& call, std::string text, std::string json);

// The number behind `flag`, 0 to `most`; `standard` if it was not given; nothing: it is no such number.
std::optional<std::uint64_t> number_flag(const VerbCall& call, const std::string& flag, std::uint64_t standard,
                                         std::uint64_t most);

// control_accounts.cpp
ControlReply user_add(VerbCall& call);
ControlReply user_list(VerbCall& call);
ControlReply user_passwd(VerbCall& call);
ControlReply user_remove(VerbCall& call);
ControlReply user_erase(VerbCall& call);  // control_erase.cpp
ControlReply user_disable(VerbCall& call);
ControlReply user_enable(VerbCall& call);

// control_store.cpp: an account's address out of NAME, a password out of the input, and waits for the store.
struct NewAccount {
  Address address;
  std::string password;
  bool admin = false;
  core::Profile profile;
  bool reuse = false;  // the name of somebody who was erased, too
};
Result<Address> account_of(const VerbCall& call, std::string_view name);
Result<std::string> password_of(std::string_view input);
Result<core::AccountRow> load(VerbCall& call, const Address& address);
Result<engine::Committed> commit(VerbCall& call, engine::Transaction transaction);
Result<std::string> derive(VerbCall& call, const Address& address, const std::string& password);
Result<Uid> create(VerbCall& call, const NewAccount& account);
// Drops an account of a stopped site, and what its friends keep of it.
Result<> drop(VerbCall& call, const Address& address, bool retire);

// control_import.cpp
ControlReply user_import(VerbCall& call);

// control_export.cpp
ControlReply user_export(VerbCall& call);

// control_history.cpp
ControlReply history_search(VerbCall& call);
ControlReply search_rebuild(VerbCall& call);
Result<> work_on(VerbCall& call, engine::Store::Chore chore);

// control_invites.cpp
ControlReply invite_create(VerbCall& call);

// control_site.cpp
ControlReply session_list(VerbCall& call);
ControlReply backup(VerbCall& call);
ControlReply restore(VerbCall& call);
ControlReply config_check(VerbCall& call);
ControlReply config_show(VerbCall& call);
ControlReply keys_show(VerbCall& call);
ControlReply cert_show(VerbCall& call);
ControlReply reload(VerbCall& call);
ControlReply metrics(VerbCall& call);
ControlReply version(VerbCall& call);

// doctor.cpp
ControlReply doctor(VerbCall& call);

}  // namespace confab::app
