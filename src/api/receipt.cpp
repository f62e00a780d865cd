#include "api/receipt.h"

#include <algorithm>

#include "api/message.h"
#include "api/payload.h"
#include "api/words.h"

namespace confab::api {
namespace {

constexpr std::size_t kIds = 1000;  // in one receipt

core::SetReadMarker marker_of(Members& in, const std::string& upto, const Address& peer) {
  core::SetReadMarker marker{peer.bare(), {}, {}};
  const auto id = parse_msg_id(upto);
  if (id) marker.upto = *id;
  if (!id) in.refuse("upto");
  return marker;
}

// The server's ids, and beside them the names that the messages' author gave them.
void write_ids(const core::Event& event, const core::Receipt& receipt, Payload& out) {
  std::vector<std::string> ids, names;
  for (const MsgId& id : event.about) ids.push_back(to_string(id));
  for (const std::string& name : receipt.about) {
    const bool is_id = parse_msg_id(name).has_value();
    if (!is_id) names.push_back(name);
    if (is_id && std::find(ids.begin(), ids.end(), name) == ids.end()) ids.push_back(name);
  }
  out.raw("ids", json::array_of_texts(ids)).texts("cids", names);
}

}  // namespace

Result<SaidRead> read_receipt(Members& in, const Address& peer) {
  in.skip_server_members();
  const auto kind = receipt_named(in.text("k"));
  if (!kind) in.refuse("k");
  core::Receipt receipt{kind.value_or(core::Receipt::Kind::read), in.texts("ids")};
  const std::string upto = in.text("upto", kMaxName);
  static_cast<void>(in.raw("cids"));  // the server's to say
  const bool quiet = in.flag("quiet", false);
  SaidRead said;
  if (quiet) {
    if (receipt.kind == core::Receipt::Kind::delivered || !receipt.about.empty()) in.refuse("quiet");
    said = marker_of(in, upto, peer);
  } else {
    // The place is of the annex, too, so that an author who understands it is told more than that one message.
    if (!upto.empty()) in.keep("upto");
    if (!upto.empty() && std::find(receipt.about.begin(), receipt.about.end(), upto) == receipt.about.end()) {
      receipt.about.push_back(upto);
    }
    const auto is_wrong = [](const std::string& id) { return id.empty() || id.size() > kMaxName; };
    if (receipt.about.empty()) in.refuse("ids");
    if (std::any_of(receipt.about.begin(), receipt.about.end(), is_wrong)) in.refuse("ids");
    if (receipt.about.size() > kIds) in.refuse("ids", Errc::too_big);
    core::Event event;
    event.body = std::move(receipt);
    in.keep_rest(event.annex);
    said = std::move(event);
  }
  if (Result<> read = in.verdict(); !read) return fail(std::move(read.error()));
  return said;
}

Result<core::Event> read_chat_state(std::string_view payload) {
  core::Event event;
  std::string word(payload), thread;
  if (payload.starts_with('{')) {
    Result<Members> in = Members::read(payload);
    if (!in) return fail(std::move(in.error()));
    in->skip_server_members();
    word = in->text("st");
    thread = in->text("thread", kMaxName);
    if (Result<> read = in->verdict(); !read) return fail(std::move(read.error()));
    in->keep_rest(event.annex);
  }
  const auto state = chat_state_named(word);
  if (!state) return fail(Errc::bad_payload, "st");
  event.body = core::ChatState{*state, std::move(thread)};
  return event;
}

void write_receipt(const core::Event& event, const core::Receipt& body, Upos seq, const Viewer& viewer,
                   std::string& out) {
  Payload payload(event.annex, out);
  payload.server_members(event, seq, viewer).text("k", word_of(body.kind));
  write_ids(event, body, payload);
  payload.close();
}

// The marker is told as what it is to its account: it has read what the other one said.
void write_read_marker(const core::Event& event, const core::ReadMarker& body, Upos seq, std::string& out) {
  Payload payload(event.annex, out);
  if (!event.id.empty()) payload.server_text("id", to_string(event.id));
  if (seq != 0) payload.server_number("seq", static_cast<std::int64_t>(seq));
  payload.server_number("ts", event.at.ms).server_text("conv", "u:" + to_string(body.conversation.bare()));
  payload.server_text("from", to_string(event.from)).server_text("dir", "out").text("k", "read");
  if (!body.upto.empty()) payload.text("upto", to_string(body.upto));
  payload.close();
}

void write_chat_state(const core::Event& event, const core::ChatState& body, const Viewer& viewer, std::string& out) {
  Payload payload(event.annex, out);
  payload.server_members(event, 0, viewer).text("st", word_of(body.state)).text("thread", body.thread);
  payload.close();
}

}  // namespace confab::api
