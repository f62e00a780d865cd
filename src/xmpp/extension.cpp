#include "xmpp/extension.h"

#include <algorithm>

#include "xml/writer.h"
#include "xmpp/map.h"

namespace confab::xmpp {
namespace {

// One item of the annex takes all of them: one allocation less for each.
void keep_in(core::Annex& annex, const xml::Element& child) {
  for (core::AnnexItem& item : annex) {
    if (item.wire == core::Wire::xmpp && item.key == kXmlKey) return xml::write(child, item.bytes, kClientNs);
  }
  core::AnnexItem& item = annex.emplace_back(core::AnnexItem{core::Wire::xmpp, std::string(kXmlKey), {}});
  xml::write(child, item.bytes, kClientNs);
}

template <class Function, class List>
Function find_named(const List& list, std::string_view name, std::string_view ns) {
  for (const auto& entry : list) {
    if (entry.name == name && entry.ns == ns) return entry.function;
  }
  return nullptr;
}

}  // namespace

void Inbound::keep(const xml::Element& child) {
  keep_in(annex, child);
}

void InboundPresence::keep(const xml::Element& child) {
  keep_in(annex, child);
}

xml::Element& Iq::before_answer(std::string_view name) {
  xml::Element& stanza = document_.make(name, kClientNs);
  before_.push_back(&stanza);
  return stanza;
}

xml::Element& Iq::result() {
  answer_ = &document_.make("iq", kClientNs);
  answer_->set("type", "result");
  return *answer_;
}

void Iq::error(StanzaError error, std::string_view text) {
  answer_ = &document_.make("iq", kClientNs);
  answer_->set("type", "error");
  xml::Element& child = answer_->add("error").set("type", error.type);
  child.add(error.condition, kStanzasNs);
  if (!text.empty()) child.add("text", kStanzasNs).text(text);
}

void Iq::error(Errc code, std::string_view text) {
  error(stanza_error_of(code), text);
}

void Iq::ask(core::Command command, Then then) {
  question_ = Question{std::move(command), std::move(then), false};
}

void Iq::ask_anyway(core::Command command, Then then) {
  question_ = Question{std::move(command), std::move(then), true};
}

Extensions& Extensions::spec(std::string_view name, std::string_view version, std::string_view title) {
  specs_.push_back({std::string(name), std::string(version), std::string(title), std::string(file_), {}});
  return *this;
}

void Extensions::name_feature(std::string_view ns) {
  if (specs_.empty() || specs_.back().file != file_) return;
  std::vector<std::string>& named = specs_.back().features;
  if (std::find(named.begin(), named.end(), ns) == named.end()) named.emplace_back(ns);
}

Extensions& Extensions::feature(std::string_view ns) {
  features_.emplace_back(ns);
  name_feature(ns);
  return *this;
}
Extensions& Extensions::account_feature(std::string_view ns) {
  account_features_.emplace_back(ns);
  name_feature(ns);
  return *this;
}
Extensions& Extensions::identity(Identity identity) {
  identities_.push_back(std::move(identity));
  return *this;
}
Extensions& Extensions::account_identity(Identity identity) {
  account_identities_.push_back(std::move(identity));
  return *this;
}
Extensions& Extensions::item(DiscoItem item) {
  items_.push_back(std::move(item));
  return *this;
}
Extensions& Extensions::read(std::string_view name, std::string_view ns, ReadMessage function) {
  message_readers_.push_back({std::string(name), std::string(ns), function});
  return *this;
}
Extensions& Extensions::read(std::string_view name, std::string_view ns, ReadPresence function) {
  presence_readers_.push_back({std::string(name), std::string(ns), function});
  return *this;
}
Extensions& Extensions::finish(FinishMessage function) {
  finishers_.push_back(function);
  return *this;
}
Extensions& Extensions::iq(IqType type, std::string_view name, std::string_view ns, AnswerIq function, IqTo to) {
  iqs_.push_back({type, std::string(name), std::string(ns), function, to});
  return *this;
}
Extensions& Extensions::node(std::string_view name, NodeView view) {
  nodes_.emplace_back(std::string(name), view);
  return *this;
}
Extensions& Extensions::stream_feature(AddStreamFeature function) {
  stream_features_.push_back(function);
  return *this;
}

Extensions::ReadMessage Extensions::message_reader(std::string_view name, std::string_view ns) const {
  return find_named<ReadMessage>(message_readers_, name, ns);
}
Extensions::ReadPresence Extensions::presence_reader(std::string_view name, std::string_view ns) const {
  return find_named<ReadPresence>(presence_readers_, name, ns);
}
const NodeView* Extensions::node_view(std::string_view name) const {
  for (const auto& [node, view] : nodes_) {
    if (node == name) return &view;
  }
  return nullptr;
}
Extensions::AnswerIq Extensions::iq_answerer(IqType type, const xml::Element& payload, IqTo to) const {
  for (const NamedIq& entry : iqs_) {
    if (entry.type == type && has(entry.to, to) && payload.is(entry.name, entry.ns)) return entry.function;
  }
  return nullptr;
}

}  // namespace confab::xmpp
