// message.*: what is said in conversations.
#include "api/message.h"
#include "api/methods.h"
#include "api/parameters.h"
#include "api/words.h"

namespace confab::api {
namespace {

constexpr Parameter kId{"id", Type::text, true, "the message's"};
constexpr Parameter kConversation{"conv", Type::text, false,
                                  "where it is, \"u:bob@example.org\"; then an own message may be named cid:NAME"};

const std::vector<Parameter>& content_parameters() {
  static const std::vector<Parameter> parameters{
      {"body", Type::text, false, "the text"},
      {"lang", Type::text, false, "its language (BCP 47)"},
      {"bodies", Type::list, false, "[{\"lang\",\"body\"}]: in several"},
      {"subject", Type::text, false, ""},
      {"subjects", Type::list, false, "[{\"lang\",\"subject\"}]"},
      {"thread", Type::text, false, ""},
      {"re", Type::text, false, "the id of what it answers, or cid:NAME"},
      {"type", Type::text, false, "text, card, media, or a word of your own"},
      {"media", Type::list, false, "[{\"url\",\"mime\",\"name\",\"size\",\"sha256\",\"w\",\"h\",\"dur\"}]"},
      {"app", Type::text, false, "an application's name"},
      {"data", Type::any, false, "what it says"},
      {"want", Type::list, false, "delivered, read, played: which receipts"},
      {"exp", Type::number, false, "seconds that it is worth something"},
      {"kind", Type::text, false, "chat, normal, headline"},
      {"keep", Type::flag, false, "false: it is kept nowhere"},
  };
  return parameters;
}

std::vector<Parameter> with_content(std::vector<Parameter> parameters) {
  const auto& content = content_parameters();
  parameters.insert(parameters.end(), content.begin(), content.end());
  return parameters;
}

void send_message(Members& params, Call& call) {
  const std::optional<Address> to = conversation_in(params, "to", call);
  if (!to) return;
  Result<core::Event> event = read_envelope(params, call.caller().message_bytes);
  if (!event) return call.error(event.error());
  send(make_send(std::move(*event), *to), call);
}

// What names the message, and where it is: known, or to be looked up.
struct Named {
  std::string name;  // without the prefix
  std::optional<MsgId> id;
  std::optional<Address> with;
};
std::optional<Named> named_in(Members& params, Call& call) {
  Named named;
  std::string name = params.text("id", kMaxName);
  named.id = parse_msg_id(name);
  if (params.has("conv")) {
    named.with = conversation_in(params, "conv", call);
    if (!named.with) return std::nullopt;
  }
  named.name = own_name(std::move(name));
  if (named.name.empty() || (!named.id && !named.with)) params.refuse(named.name.empty() ? "id" : "conv");
  if (!is_sound(params, call)) return std::nullopt;
  return named;
}

Address peer_of(const core::Event& event, const Viewer& viewer) {
  return (event.from.same_bare(viewer.me) ? event.to : event.from).bare();
}

// Says something of an earlier message to whom it was exchanged with.
void say_of(const Named& named, core::Event event, Call& call) {
  if (named.with) return send(make_send(std::move(event), *named.with), call);
  find_message(*named.id, call, [event = std::move(event)](const core::HistoryRow& row, Call& then) mutable {
    send(make_send(std::move(event), peer_of(*row.event, then.viewer())), then);
  });
}

core::Event event_with(Members& params, core::Body body) {
  core::Event event;
  event.cid = params.text("cid", kMaxName);
  event.body = std::move(body);
  return event;
}

// What the message was before, with the parts that are given.
core::Message patched(const core::Message& before, const core::Message& given) {
  core::Message now = before;
  if (!given.bodies.empty()) now.bodies = given.bodies;
  if (!given.subjects.empty()) now.subjects = given.subjects;
  if (!given.media.empty()) now.media = given.media;
  if (!given.app.app.empty()) now.app = given.app;
  if (!given.thread.empty()) now.thread = given.thread;
  if (!given.re.empty()) now.re = given.re;
  return now;
}

// What nobody here understands stays with the message, but for what stood in the place of a part that is given now.
core::Annex inherited(const core::Annex& before, const core::Message& given) {
  core::Annex annex;
  const core::AnnexItem* item = core::find(before, core::Wire::mqtt, kJsonKey);
  if (item == nullptr) return annex;
  Result<Members> members = Members::read(item->bytes);
  if (!members) return annex;
  if (!given.bodies.empty()) static_cast<void>(members->raw("bodies"));
  if (!given.subjects.empty()) static_cast<void>(members->raw("subjects"));
  if (!given.media.empty()) static_cast<void>(members->raw("media"));
  members->keep_rest(annex);
  return annex;
}

void edit(Members& params, Call& call) {
  const std::optional<Named> named = named_in(params, call);
  if (!named) return;
  core::Event event = event_with(params, core::Edit{named->name, read_content(params, call.caller().message_bytes)});
  params.keep_rest(event.annex);
  if (!is_sound(params, call)) return;
  if (!named->id) return send(make_send(std::move(event), *named->with), call);
  find_message(*named->id, call, [event = std::move(event)](const core::HistoryRow& row, Call& then) mutable {
    const auto* before = std::get_if<core::Message>(&row.event->body);
    if (before == nullptr || !row.event->from.same_bare(then.viewer().me)) return then.error(Errc::no_message, "id");
    auto& content = std::get<core::Edit>(event.body).content;
    if (event.annex.empty()) event.annex = inherited(row.event->annex, content);
    content = patched(*before, content);
    send(make_send(std::move(event), peer_of(*row.event, then.viewer())), then);
  });
}

void recall(Members& params, Call& call) {
  if (const auto named = named_in(params, call)) say_of(*named, event_with(params, core::Recall{named->name}), call);
}

void react(Members& params, Call& call) {
  const std::string name = params.text("id", kMaxName);
  const std::optional<Named> named = named_in(params, call);
  if (!named) return;
  core::Event event = event_with(params, read_reaction(name, params));
  if (is_sound(params, call)) say_of(*named, std::move(event), call);
}

// Of what somebody else wrote; only the person's client says that it was read (rulings.md).
void mark(Members& params, Call& call) {
  const auto kind = receipt_named(params.text("state"));
  if (!kind) params.refuse("state");
  const bool upto = params.has("upto");
  if (upto == params.has("id")) params.refuse("id");
  const std::string name = params.text(upto ? "upto" : "id", kMaxName);
  const std::optional<MsgId> id = parse_msg_id(name);
  const bool quiet = params.flag("quiet", false);
  if (!id || (quiet && *kind == core::Receipt::Kind::delivered)) params.refuse(id ? "quiet" : "id");
  if (!is_sound(params, call)) return;
  find_message(*id, call, [id = *id, kind = *kind, quiet, upto](const core::HistoryRow& row, Call& then) {
    if (row.event->from.same_bare(then.viewer().me)) return then.error(Errc::forbidden, "id");
    const Address author = row.event->from.bare();
    if (quiet) return then.ask_in_turn({core::SetReadMarker{author, id, {}}});
    core::Event event;
    event.body = core::Receipt{kind, {to_string(id)}};
    if (upto) {
      event.annex = {{core::Wire::mqtt, std::string(kJsonKey), R"({"upto":")" + to_string(id) + "\"}"}};
    }
    send(make_send(std::move(event), author), then);
  });
}

void typing(Members& params, Call& call) {
  const std::optional<Address> with = conversation_in(params, "conv", call);
  if (!with) return;
  const auto state = chat_state_named(params.text("state"));
  if (!state) params.refuse("state");
  core::Event event;
  event.body = core::ChatState{state.value_or(core::ChatState::State::active), params.text("thread", kMaxName)};
  if (is_sound(params, call)) call.ask_in_turn({make_send(std::move(event), *with)});
}

}  // namespace

void install_message_methods(MethodTable& on) {
  on.add({"message.send", "Sends a message; answered once it is on disk",
          with_content({{"to", Type::text, true, "bob, bob@example.org, or \"u:\" before it"},
                        {"cid", Type::text, false, "your own id for it: a repeat is recognised on every wire"}}),
          R"({"id","ts","seq"})", R"({"to":"bob","body":"hello","cid":"c1"})", "msg", true, send_message});
  on.add({"message.edit", "Another text for an own message; what is not given stays",
          with_content({kId, kConversation}), R"({"id","ts","seq"} of the change)",
          R"({"id":"01985b3e-0000-7000-8000-000000000007","body":"hello there"})", "msg", true, edit});
  on.add({"message.recall",
          "Takes an own message back",
          {kId, kConversation},
          R"({"id","ts","seq"} of that)",
          R"({"id":"cid:c1","conv":"u:bob@example.org"})",
          "msg",
          true,
          recall});
  on.add({"message.react",
          "The whole set of your reactions to a message",
          {kId, kConversation, {"set", Type::list, true, "texts; empty takes them away"}},
          R"({"id","ts","seq"} of that)",
          R"({"id":"01985b3e-0000-7000-8000-000000000007","set":["👍"]})",
          "msg",
          true,
          react});
  on.add({"message.mark",
          "What became of somebody's message here",
          {{"id", Type::text, false, "the message's"},
           {"upto", Type::text, false, "in its place: this one, and all before it in its conversation"},
           {"state", Type::text, true, "delivered, read or played"},
           {"quiet", Type::flag, false, "only your own sessions hear of it"}},
          R"({"id","ts","seq"} of that)",
          R"({"id":"01985b3e-0000-7000-8000-000000000007","state":"read"})",
          "msg",
          true,
          mark});
  on.add({"message.typing",
          "What you are doing in a conversation",
          {{"conv", Type::text, true, "\"u:bob@example.org\""},
           {"state", Type::text, true, "composing, paused, active, inactive or gone"},
           {"thread", Type::text, false, ""}},
          "true",
          R"({"conv":"u:bob@example.org","state":"composing"})",
          "msg",
          true,
          typing});
}

}  // namespace confab::api
