// How a simulated device reads the archive, and what it comes to show.
#include "sim/client.h"
#include "xml/writer.h"

namespace confab::sim {
namespace {

constexpr std::string_view kSids = "urn:xmpp:sid:0";

std::string quoted(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "='" + std::string(value) + "'";
}

}  // namespace

void SimClient::change(const char* what, const char* ns) {
  std::vector<const Outgoing*> mine;
  for (const Outgoing& message : sent_) {
    if (message.is_message && !message.refused) mine.push_back(&message);
  }
  if (mine.empty()) return;
  const Outgoing& about = *mine[world_.chance.below(mine.size())];
  Outgoing message;
  message.is_message = false;
  message.id = user_ + "." + resource_ + "." + std::to_string(++serial_);
  message.to = about.to;
  message.stanza = "<message type='chat'" + quoted("to", about.to + "@sim.example") + quoted("id", message.id) +
                   "><body>" + message.id + "</body><origin-id" + quoted("xmlns", kSids) + quoted("id", message.id) +
                   "/><" + what + quoted("xmlns", ns) + quoted("id", about.id) + "/></message>";
  sent_.push_back(std::move(message));
  transmit(sent_.back());
}

void SimClient::correct() {
  change("replace", "urn:xmpp:message-correct:0");
}

void SimClient::withdraw() {
  change("retract", "urn:xmpp:message-retract:1");
}

// The order of the log is that of the archive: what is new waits until what is old was read.
void SimClient::on_stored(const xml::Element& element, const std::string& given) {
  if (reads_ == Reads::archive && !caught_up_) {
    held_.push_back(xml::to_string(element));
    return;
  }
  conversation_.show(element);
  archive_upto_ = given;
}

void SimClient::on_result(const xml::Element& result) {
  const xml::Element* forwarded = result.child("forwarded", "urn:xmpp:forward:0");
  conversation_.show(*forwarded->child("message", "jabber:client"));
  archive_upto_ = std::string(result.attr("id"));
}

void SimClient::ask_page() {
  std::string set = "<set xmlns='http://jabber.org/protocol/rsm'><max>7</max>";
  if (!archive_upto_.empty()) set += "<after>" + archive_upto_ + "</after>";
  page_ = "page" + std::to_string(++serial_);
  write_counted("<iq type='set'" + quoted("id", page_) + "><query xmlns='urn:xmpp:mam:2'" + quoted("queryid", page_) +
                ">" + set + "</set></query></iq>");
  page_number_ = written_;
}

void SimClient::on_page(const xml::Element& iq) {
  const xml::Element* fin = iq.child("fin", "urn:xmpp:mam:2");
  if (fin == nullptr) {
    // The store may be away; a place in the archive that is not there must not happen.
    if (iq.child("error", "jabber:client")->attr("type") != "wait") {
      fault_ = "the archive refused: " + xml::to_string(iq, std::string_view("jabber:client"));
    }
    return ask_page();
  }
  if (fin->attr("complete") != "true") return ask_page();
  caught_up_ = true;
  page_.clear();
  for (const std::string& text : std::exchange(held_, {})) {
    xml::Document document;
    const auto element = xml::read_document(text, xml::Limits{.bytes = 1U << 20U}, document);
    const std::string given((*element)->child("stanza-id", kSids)->attr("id"));
    conversation_.show(**element);
    archive_upto_ = given;
  }
}

std::map<std::string, std::string> SimClient::whole_conversation() const {
  Conversation whole = conversation_;
  for (const Outgoing& message : sent_) {
    if (!message.acked || message.refused) continue;
    xml::Document document;
    const std::string text = "<all xmlns='jabber:client'>" + message.stanza + "</all>";
    const auto element = xml::read_document(text, xml::Limits{.bytes = 1U << 20U}, document);
    whole.show(*(*element)->first_child());
  }
  return whole.texts();
}

}  // namespace confab::sim
