// user.*: what people say of themselves.
#include "api/methods.h"
#include "api/parameters.h"
#include "json/write.h"
#include "names/names.h"

namespace confab::api {
namespace {

constexpr std::size_t kMaxText = 1023;
constexpr std::size_t kMaxFields = 16 * 1024;

std::string_view fields_of(const core::Profile& profile) {
  const core::AnnexItem* item = core::find(profile.annex, core::Wire::mqtt, kJsonKey);
  return item == nullptr ? std::string_view("{}") : std::string_view(item->bytes);
}

void get(Members& params, Call& call) {
  Address of = call.viewer().me.bare();
  if (params.has("jid")) {
    const std::optional<Address> person = person_in(params, "jid", call);
    if (!person) return;
    of = *person;
  }
  call.ask(core::GetProfile{of}, [of](const core::Reply& reply, Call& then) {
    const auto* found = std::get_if<core::ProfileFound>(&reply);
    if (found == nullptr) return then.error(Errc::not_found);
    json::ObjectText out;
    out.text("jid", to_string(of)).text("name", found->profile.name).text("email", found->profile.email);
    out.text("phone", found->profile.phone).text("department", "").raw("fields", fields_of(found->profile));
    out.text("avatar", found->avatar == core::kNoAvatar ? std::string_view() : std::string_view(found->avatar));
    then.result(out.take());
  });
}

// What is given; the rest stays.
struct ProfileChange {
  std::optional<std::string> name, email, phone, fields;
};

core::Profile changed(core::Profile profile, const ProfileChange& change) {
  if (change.name) profile.name = *change.name;
  if (change.email) profile.email = *change.email;
  if (change.phone) profile.phone = *change.phone;
  if (!change.fields) return profile;
  std::erase_if(profile.annex,
                [](const core::AnnexItem& item) { return item.wire == core::Wire::mqtt && item.key == kJsonKey; });
  if (*change.fields != "{}") profile.annex.push_back({core::Wire::mqtt, std::string(kJsonKey), *change.fields});
  return profile;
}

void update(Members& params, Call& call) {
  ProfileChange change;
  for (const auto& [name, part] :
       {std::pair("name", &change.name), std::pair("email", &change.email), std::pair("phone", &change.phone)}) {
    if (params.has(name)) *part = params.text(name, kMaxText);
  }
  if (params.has("fields")) change.fields = params.raw("fields");
  if (change.fields && change.fields->size() > kMaxFields) params.refuse("fields", Errc::too_big);
  if (!is_sound(params, call)) return;
  call.ask(core::GetProfile{}, [change = std::move(change)](const core::Reply& reply, Call& then) {
    const auto* found = std::get_if<core::ProfileFound>(&reply);
    core::Profile before = found == nullptr ? core::Profile{} : found->profile;
    then.ask_in_turn({core::SetProfile{changed(std::move(before), change)}});
  });
}

void change_password(Members& params, Call& call) {
  Result<std::string> old_one = names::prepare_password(params.text("old_password"));
  Result<std::string> new_one = names::prepare_password(params.text("new_password"));
  if (!old_one) return call.error(Errc::not_authorized, "old_password");
  if (!new_one) return call.error(Errc::bad_payload, "new_password");
  core::VerifyPassword verify{call.viewer().me.local, std::move(*old_one)};
  call.ask_anyway(std::move(verify), [next = std::move(*new_one)](const core::Reply& reply, Call& then) mutable {
    const auto* refused = std::get_if<core::Refused>(&reply);
    if (refused != nullptr) return then.error(refused->code, "old_password");
    then.ask_in_turn({core::ChangePassword{std::move(next)}});
  });
}

}  // namespace

void install_user_methods(MethodTable& on) {
  on.add({"user.get",
          "What somebody says of himself",
          {{"jid", Type::text, false, "who; you, if nobody is named"}},
          R"({"jid","name","email","phone","department","fields":{},"avatar": SHA-1 of the picture})",
          R"({"jid":"bob"})",
          "msg",
          false,
          get});
  on.add({"user.update",
          "What you say of yourself; what is not given stays",
          {{"name", Type::text, false, "as others see it"},
           {"email", Type::text, false, ""},
           {"phone", Type::text, false, ""},
           {"fields", Type::object, false, "whatever else, all of it"}},
          "true",
          R"({"name":"Alice","fields":{"room":"4.12"}})",
          "account",
          true,
          update});
  on.add({"user.change_password",
          "Another password, on every wire",
          {{"old_password", Type::text, true, "the one that holds"}, {"new_password", Type::text, true, ""}},
          "true",
          R"({"old_password":"alice-secret","new_password":"much longer"})",
          "account",
          true,
          change_password});
}

}  // namespace confab::api
