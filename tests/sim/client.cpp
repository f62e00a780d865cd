#include "sim/client.h"

#include <algorithm>

#include "base/bytes.h"
#include "sim/site.h"
#include "xml/writer.h"

namespace confab::sim {
namespace {

constexpr std::string_view kSm = "urn:xmpp:sm:3";
constexpr std::string_view kSids = "urn:xmpp:sid:0";
constexpr std::string_view kStreams = "http://etherx.jabber.org/streams";

std::string quoted(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "='" + std::string(value) + "'";
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  return value;
}

}  // namespace

SimClient::SimClient(World& world, SimSite& site, std::string user, std::string resource)
    : world_(world), site_(site), user_(std::move(user)), resource_(std::move(resource)) {}

void SimClient::connect() {
  wants_online_ = true;
  if (stage_ != Stage::offline) return;
  wire_ = std::make_shared<Wire>(world_);
  // A wire that was given up may still deliver: it must not reach the stream that came after it.
  wire_->on_bytes = [this, mine = wire_.get()](std::string_view bytes) {
    if (wire_.get() == mine) on_bytes(bytes);
  };
  wire_->on_closed = [this, mine = wire_.get()] {
    if (wire_.get() == mine) on_closed();
  };
  if (!site_.accept(wire_)) {
    wire_.reset();
    come_back_later();
    return;
  }
  stage_ = Stage::opened;
  open_stream();
}

void SimClient::open_stream() {
  reader_ = std::make_unique<xml::Reader>(xml::Limits{.bytes = 4U << 20U, .elements = 100'000});
  write(
      "<?xml version='1.0'?><stream:stream to='sim.example' version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>");
}

void SimClient::leave() {
  wants_online_ = false;
  if (stage_ == Stage::ready) {
    // A client that wants to be resumed does not say goodbye; this one does not come back for its old stream.
    write("</stream:stream>");
    resume_id_.clear();
  }
  if (wire_) wire_->close();
  wire_.reset();
  stage_ = Stage::offline;
}

void SimClient::cut() {
  if (!wire_) return;
  wire_->cut();
}

void SimClient::on_closed() {
  wire_.reset();
  stage_ = Stage::offline;
  come_back_later();
}

void SimClient::come_back_later() {
  if (coming_back_) return;
  coming_back_ = true;
  world_.at(world_.now_us + 10'000 + static_cast<std::int64_t>(world_.chance.below(3'000'000)), [this] {
    coming_back_ = false;
    if (wants_online_) connect();
  });
}

void SimClient::write(const std::string& xml) {
  if (wire_) wire_->send(xml);
}

void SimClient::write_counted(const std::string& xml) {
  ++written_;
  write(xml);
}

void SimClient::on_bytes(std::string_view bytes) {
  reader_->feed(bytes);
  while (stage_ != Stage::offline && reader_) {
    auto item = reader_->next();
    if (!item) {
      fault_ = "the server's XML is broken: " + item.error().text;
      wire_->close();
      on_closed();
      return;
    }
    if (item->kind == xml::Item::Kind::none) return;
    if (item->kind == xml::Item::Kind::element) on_element(*item->element);
    if (item->kind == xml::Item::Kind::stream_close) {
      wire_->close();
      on_closed();
      return;
    }
  }
}

void SimClient::on_features(const xml::Element& element) {
  if (element.child("mechanisms", "urn:ietf:params:xml:ns:xmpp-sasl") != nullptr) {
    std::string plain;
    plain.append(1, '\0').append(user_).append(1, '\0').append("secret-" + user_);
    write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + encode_base64(plain) + "</auth>");
    return;
  }
  if (!resume_id_.empty() && resumption_) {
    stage_ = Stage::resuming;
    write("<resume" + quoted("xmlns", kSm) + quoted("previd", resume_id_) + quoted("h", std::to_string(received_)) +
          "/>");
    return;
  }
  stage_ = Stage::binding;
  write("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource_ +
        "</resource></bind></iq>");
}

void SimClient::on_element(const xml::Element& element) {
  if (element.is("features", kStreams)) {
    on_features(element);
  } else if (element.name() == "success") {
    open_stream();
  } else if (element.name() == "failure" || element.is("error", kStreams)) {
    world_.note(xml::to_string(element, std::string_view("jabber:client")));
    if (stage_ == Stage::opened && element.name() == "failure" && site_.is_sound())
      fault_ = xml::to_string(element, std::string_view("jabber:client"));
  } else if (element.is("resumed", kSm)) {
    stage_ = Stage::ready;
    on_ack(number(element.attr("h")));
    // What the server did not get on the old stream goes again, with the numbers that follow.
    written_ = acked_;
    // A question that was not taken is asked anew.
    if (reads_ == Reads::archive && !caught_up_ && page_number_ > acked_) ask_page();
    if (wants_notes_) say_presence();
    for (Outgoing& message : sent_) {
      if (message.number > acked_) transmit(message);
    }
    for (Outgoing& message : sent_) {
      if (message.number == 0 && !message.acked && !message.refused) transmit(message);
    }
  } else if (element.is("failed", kSm)) {
    resume_id_.clear();
    if (stage_ == Stage::resuming) {
      stage_ = Stage::binding;
      write("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource_ +
            "</resource></bind></iq>");
    }
  } else if (element.is("enabled", kSm)) {
    resume_id_ = std::string(element.attr("id"));
    on_ready();
  } else if (element.is("r", kSm)) {
    write("<a" + quoted("xmlns", kSm) + quoted("h", std::to_string(received_)) + "/>");
  } else if (element.is("a", kSm)) {
    on_ack(number(element.attr("h")));
  } else if (element.ns() == "jabber:client") {
    ++received_;
    if (element.name() == "iq") on_iq(element);
    if (element.name() == "presence") on_presence(element);
    if (element.name() == "message") on_message(element);
  }
}

void SimClient::on_iq(const xml::Element& element) {
  if (element.attr("id") == "bind" && stage_ == Stage::binding) {
    if (element.attr("type") != "result") {
      wire_->close();
      on_closed();
      return;
    }
    // A new stream: nothing was sent on it yet.
    received_ = written_ = acked_ = 0;
    for (Outgoing& message : sent_) message.number = 0;
    write("<enable" + quoted("xmlns", kSm) + quoted("resume", "true") + "/>");
    return;
  }
  if (element.attr("id") == page_) return on_page(element);
  const std::string_view id = element.attr("id");
  if (id.starts_with("note-") && element.attr("type") == "result") {
    kept_note_ = std::max(kept_note_, static_cast<int>(number(id.substr(5))));
  }
  // What this client wants to be told of. Its hash is nobody's: it is asked each time.
  if (element.attr("type") == "get") {
    write_counted("<iq type='result'" + quoted("id", id) + quoted("to", "sim.example") +
                  "><query xmlns='http://jabber.org/protocol/disco#info'><feature" +
                  quoted("var", std::string(kNotes) + "+notify") + "/></query></iq>");
  }
  if (element.attr("id") == "block" && element.attr("type") == "result") blocked_at_us = world_.now_us;
  if (element.attr("type") == "set") write_counted("<iq type='result'" + quoted("id", element.attr("id")) + "/>");
}

void SimClient::on_ready() {
  stage_ = Stage::ready;
  caught_up_ = false;
  held_.clear();
  write_counted("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
  // Before presence: what this device missed is copied, too.
  if (reads_ != Reads::inbound) {
    write_counted("<iq type='set' id='copies'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
  }
  say_presence();
  if (reads_ == Reads::archive) ask_page();
  for (Outgoing& message : sent_) {
    if (!message.acked && !message.refused) transmit(message);
  }
}

void SimClient::say_presence() {
  write_counted(wants_notes_ ? "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sim' node='n' ver='v'/>"
                               "</presence>"
                             : "<presence/>");
}

void SimClient::on_presence(const xml::Element& element) {
  if (element.attr("type") != "subscribe") return;
  write_counted("<presence type='subscribed'" + quoted("to", element.attr("from")) + "/>");
}

void SimClient::on_message(const xml::Element& element) {
  if (const xml::Element* result = element.child("result", "urn:xmpp:mam:2")) {
    return result->attr("queryid") == page_ ? on_result(*result) : void();
  }
  for (const char* side : {"sent", "received"}) {
    const xml::Element* copy = element.child(side, "urn:xmpp:carbons:2");
    if (copy == nullptr) continue;
    if (element.attr("from") != user_ + "@sim.example") fault_ = "a copy from " + std::string(element.attr("from"));
    return on_message(*copy->first_child()->child("message", "jabber:client"));
  }
  if (element.attr("type") == "error") return on_error(element);
  const xml::Element* origin = element.child("origin-id", kSids);
  const xml::Element* stanza = element.child("stanza-id", kSids);
  const xml::Element* event = element.child("event", "http://jabber.org/protocol/pubsub#event");
  if (event != nullptr) return on_event(element, *event);
  if (origin == nullptr || stanza == nullptr) {
    fault_ = "a stored message without ids: " + xml::to_string(element, std::string_view("jabber:client"));
    return;
  }
  const std::string given(stanza->attr("id"));
  const bool own = std::string(element.attr("from")).starts_with(user_ + "@");
  const bool speaks_of_another = element.has_child("replace", "urn:xmpp:message-correct:0") ||
                                 element.has_child("retract", "urn:xmpp:message-retract:1");
  const std::string id(origin->attr("id"));
  const auto [at, fresh] = stanza_ids_.emplace(id, given);
  if (!fresh && at->second != given) fault_ = "one message with two ids: " + id;
  if (fresh && !seen_ids_.insert(given).second) fault_ = "two messages with one id: " + given;
  if (fresh && !own && !speaks_of_another) seen_.push_back(id);
  world_.note(id);
  on_stored(element, given);
}

void SimClient::on_error(const xml::Element& element) {
  for (Outgoing& message : sent_) {
    if (message.id != element.attr("id")) continue;
    // The acknowledgement may overtake the error, on a resumed stream: handled it is, and refused.
    message.refused = true;
    message.acked = false;
  }
}

void SimClient::on_event(const xml::Element& message, const xml::Element& event) {
  const xml::Element* items = event.first_child();
  const xml::Element* item = items == nullptr ? nullptr : items->first_child();
  const xml::Element* note = item == nullptr ? nullptr : item->first_child();
  if (note == nullptr) {
    fault_ = "an event without a note: " + xml::to_string(message, std::string_view("jabber:client"));
    return;
  }
  const std::string_view from = message.attr("from");
  notes_[std::string(from.substr(0, from.find('@')))] = std::string(note->text());
  world_.note(std::string(note->text()));
}

void SimClient::on_ack(std::uint32_t h) {
  if (h < acked_ || h > written_) {
    fault_ = "acknowledged " + std::to_string(h) + " of " + std::to_string(written_);
    return;
  }
  acked_ = h;
  for (Outgoing& message : sent_) {
    if (message.number == 0 || message.number > h || message.acked || message.refused) continue;
    message.acked = true;
    message.acked_at_us = world_.now_us;
  }
}

void SimClient::transmit(Outgoing& message) {
  if (stage_ != Stage::ready) return;
  write_counted(message.stanza);
  message.number = written_;
  if (world_.chance.percent(50)) write("<r" + quoted("xmlns", kSm) + "/>");
}

void SimClient::send_message(const std::string& to_user) {
  Outgoing message;
  message.id = user_ + "." + resource_ + "." + std::to_string(++serial_);
  message.to = to_user;
  message.stanza = "<message type='chat'" + quoted("to", to_user + "@sim.example") + quoted("id", message.id) +
                   "><body>" + message.id + "</body><origin-id" + quoted("xmlns", kSids) + quoted("id", message.id) +
                   "/></message>";
  sent_.push_back(std::move(message));
  transmit(sent_.back());
}

void SimClient::befriend(const std::string& user) {
  if (stage_ == Stage::ready) write_counted("<presence type='subscribe'" + quoted("to", user + "@sim.example") + "/>");
}

void SimClient::publish() {
  if (stage_ != Stage::ready) return;
  const std::string text = user_ + "." + resource_ + "." + std::to_string(++note_);
  write_counted("<iq type='set'" + quoted("id", "note-" + std::to_string(note_)) +
                "><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish" + quoted("node", kNotes) +
                "><item id='current'><note" + quoted("xmlns", kNotes) + ">" + text +
                "</note></item></publish></pubsub></iq>");
}

void SimClient::ask_ack() {
  if (stage_ == Stage::ready) write("<r" + quoted("xmlns", kSm) + "/>");
}

void SimClient::block(const std::string& user) {
  if (stage_ != Stage::ready) return;
  write_counted("<iq type='set' id='block'><block xmlns='urn:xmpp:blocking'><item" +
                quoted("jid", user + "@sim.example") + "/></block></iq>");
}

bool SimClient::has_unacked() const {
  return std::any_of(sent_.begin(), sent_.end(), [](const Outgoing& m) { return !m.acked && !m.refused; });
}

}  // namespace confab::sim
