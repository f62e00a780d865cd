// The frame in which an optional feature is written: one file ext/x.cpp with one install_x(Extensions&), and one line
// in extensions.cpp, whose order is the call order. A feature is plain functions without state of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/function.h"
#include "base/result.h"
#include "base/time.h"
#include "core/command.h"
#include "core/event.h"
#include "xml/element.h"
#include "xmpp/config.h"
#include "xmpp/stanza_error.h"

namespace confab::xmpp {

inline constexpr std::string_view kClientNs = "jabber:client";

// The annex key under which children of a stanza that nobody read are kept: their XML one after the other, as written
// with jabber:client around. They go back onto the XMPP wire by themselves.
inline constexpr std::string_view kXmlKey = "xml";

class Extensions;

// Where a feature's function runs.
struct Place {
  const Config& config;
  const Extensions& extensions;
  const Address& me;  // the session: full once bound
  Now now;
  bool secure = false;           // under TLS
  bool password_may_go = false;  // secure, or the configuration lets a password cross here in clear
};

// A message stanza of the client while its children are read. It becomes one event for `message`, if it has any
// content or nothing else was found, and one for each of `events`. The annex goes with the first.
struct Inbound {
  const Place& place;
  const xml::Element& stanza;
  const Address& to;      // bare or full; the own bare address where the stanza has none
  std::string id;         // the stanza's id
  std::string origin_id;  // XEP-0359; empty: none
  core::Message message;
  std::vector<core::Body> events;
  core::Annex annex;
  std::optional<core::SetReadMarker> read_marker;  // what the stanza says of the own account's reading
  bool message_taken = false;

  // Is there something for people to read?
  bool has_text() const { return !message.bodies.empty() || !message.subjects.empty(); }
  // Puts `child` into the annex, as is done with children that nobody reads.
  void keep(const xml::Element& child);
  // The message, to be put inside another meaning (core::Edit); it won't be sent as a message of its own.
  core::Message take_message() {
    message_taken = true;
    return std::move(message);
  }
};

// A presence stanza without a type, or "unavailable", while its children are read.
struct InboundPresence {
  const Place& place;
  const xml::Element& stanza;
  core::Presence presence;
  core::Annex annex;

  void keep(const xml::Element& child);
};

// What is being written to the client.
struct Outbound {
  const Place& place;
  const core::Delivery& delivery;
  const core::Event& event;
};

// To whom an iq is addressed. A set of bits.
enum class IqTo : std::uint8_t {
  self = 1,    // no `to`, or the own bare address
  server = 2,  // the domain
  other = 4,   // the bare address of another account here
};
constexpr IqTo operator|(IqTo a, IqTo b) {
  return static_cast<IqTo>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(IqTo set, IqTo one) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

enum class IqType : std::uint8_t { get, set };

// One request of the client and its answer. A function that was given one calls exactly one of result, error and ask.
class Iq {
 public:
  // What is done once the domain has answered; must not keep references.
  using Then = UniqueFunction<void(const core::Reply& reply, Iq& iq)>;

  Iq(const Place& where, xml::Document& document, IqType type, const Address& to, IqTo to_kind, std::string_view id)
      : place(where), type_(type), to_(to), to_kind_(to_kind), id_(id), document_(document) {}

  const Place& place;

  IqType type() const { return type_; }
  const Address& to() const { return to_; }  // as addressed; empty: none
  bool to_server() const { return to_kind_ == IqTo::server; }
  bool to_self() const { return to_kind_ == IqTo::self; }
  bool to_other() const { return to_kind_ == IqTo::other; }
  IqTo to_kind() const { return to_kind_; }
  std::string_view id() const { return id_; }

  // Answers with a result: <iq type='result'/>, to which the caller adds its payload, if there is one.
  xml::Element& result();
  // A stanza `name` that is sent ahead of the answer; the caller fills it.
  xml::Element& before_answer(std::string_view name);
  // Answers with an error.
  void error(StanzaError error, std::string_view text = {});
  void error(Errc code, std::string_view text = {});  // by map's table
  // Asks the domain and answers when it does. Refused is answered by map's table, without `then`; an empty `then`
  // answers anything else with an empty result.
  void ask(core::Command command, Then then = {});
  // The same, but `then` gets Refused, too.
  void ask_anyway(core::Command command, Then then);

  // For the session.
  struct Question {
    core::Command command;
    Then then;
    bool refusals_too = false;
  };
  xml::Element* answer() const { return answer_; }  // null: none yet
  const std::vector<const xml::Element*>& before() const { return before_; }
  std::optional<Question>& question() { return question_; }

 private:
  IqType type_;
  const Address& to_;
  IqTo to_kind_;
  std::string_view id_;
  xml::Document& document_;
  xml::Element* answer_ = nullptr;
  std::vector<const xml::Element*> before_;
  std::optional<Question> question_;
};

// When <stream:features/> are made.
struct StreamState {
  const Config& config;
  const Extensions& extensions;
  bool authenticated = false;
  bool secure = false;
  bool password_may_go = false;
};

struct Identity {
  std::string category;
  std::string type;
  std::string name;
};
struct DiscoItem {
  std::string jid;
  std::string name;
};

// A specification that is implemented here, as docs/xmpp.md lists it.
struct Spec {
  std::string name;                   // "XEP-0184"
  std::string version;                // the one that was implemented; RFCs have none
  std::string title;                  // the specification's own
  std::string file;                   // where in the source
  std::vector<std::string> features;  // what disco#info of the server, or of an account, names for it
};

// A feature that stands behind one node of personal publishing (XEP-0163), in place of the stored items or beside them.
// Each function calls exactly one of iq.result(), iq.error(…), iq.ask(…), most by xmpp/publishing.h; null: as for every
// other node.
struct NodeView {
  // `payload` goes into the node; `command` says so, and may be made to say more.
  void (*publish)(core::Publish command, const xml::Element& payload, Iq& iq) = nullptr;
  void (*retract)(core::Publish command, Iq& iq) = nullptr;
  void (*clear)(core::ClearNode command, Iq& iq) = nullptr;
  // Items of the own account, or of `command.of`.
  void (*items)(core::GetItems command, Iq& iq) = nullptr;
  // Where nothing is stored in the node itself: how it is configured for ever, and whether an account has it.
  const core::NodeConfig* config = nullptr;
  bool (*is_there)(const core::NodesFound& nodes) = nullptr;
  // The node whose items its own are made of: when those change, who wants to be told of this one is told what `items`
  // gives. Empty: none.
  std::string_view made_of = {};
  // Nobody gets at it by its name.
  bool hidden = false;
};

// All that is installed. Filled once at the start, then shared by all sessions. Lives on: anywhere, once filled.
class Extensions {
 public:
  // A failure is answered with a stanza error by map's table, and nothing of the stanza takes effect.
  using ReadMessage = Result<> (*)(const xml::Element& child, Inbound& in);
  using ReadPresence = Result<> (*)(const xml::Element& child, InboundPresence& in);
  using FinishMessage = void (*)(Inbound& in);
  using AnswerIq = void (*)(const xml::Element& payload, Iq& iq);
  using AddStreamFeature = void (*)(const StreamState& state, xml::Element& features);
  template <class Body>
  using Write = void (*)(const Body& body, xml::Element& stanza);
  template <class Body>
  using WriteMore = void (*)(const Body& body, const Outbound& out, xml::Element& stanza);
  // Adds the payload to <iq type='set'/>; false: nothing to be sent.
  template <class Body>
  using Push = bool (*)(const Body& body, const Outbound& out, xml::Element& iq);

  // What the feature implements, before everything else: the features that follow are named for it.
  Extensions& spec(std::string_view name, std::string_view version, std::string_view title);
  // For install_all: the file whose specifications follow.
  void begin(std::string_view file) { file_ = file; }

  // What disco#info of the server, and of an account, names.
  Extensions& feature(std::string_view ns);
  Extensions& account_feature(std::string_view ns);
  Extensions& identity(Identity identity);
  Extensions& account_identity(Identity identity);
  Extensions& item(DiscoItem item);

  // Reads children `name` of `ns` of inbound message stanzas, and of presence stanzas.
  Extensions& read(std::string_view name, std::string_view ns, ReadMessage function);
  Extensions& read(std::string_view name, std::string_view ns, ReadPresence function);
  // Called when all children of a message have been read.
  Extensions& finish(FinishMessage function);

  // Writes into the outbound stanza of an event whose body is a `Body`. The stanza is there with its addresses, type
  // and id, with bodies, subjects and thread, with show, status and priority; for other meanings it is an empty
  // <message/>.
  template <class Body>
  Extensions& write(Write<Body> function) {
    writers_[index_of<Body>()].push_back(Writer{reinterpret_cast<Any>(function), &call_write<Body>});
    return *this;
  }
  template <class Body>
  Extensions& write(WriteMore<Body> function) {
    writers_[index_of<Body>()].push_back(Writer{reinterpret_cast<Any>(function), &call_write_more<Body>});
    return *this;
  }
  // Events with this body are told to the client by an iq of type "set".
  template <class Body>
  Extensions& push(Push<Body> function) {
    pushes_[index_of<Body>()] = Pusher{reinterpret_cast<Any>(function), &call_push<Body>};
    return *this;
  }

  // Answers requests with the payload `name` of `ns`. To whom else they are addressed: service-unavailable.
  Extensions& iq(IqType type, std::string_view name, std::string_view ns, AnswerIq function,
                 IqTo to = IqTo::self | IqTo::server);

  // Stands behind the node of this name.
  Extensions& node(std::string_view name, NodeView view);

  Extensions& stream_feature(AddStreamFeature function);

  const std::vector<Spec>& specs() const { return specs_; }
  const std::vector<std::string>& features() const { return features_; }
  const std::vector<std::string>& account_features() const { return account_features_; }
  const std::vector<Identity>& identities() const { return identities_; }
  const std::vector<Identity>& account_identities() const { return account_identities_; }
  const std::vector<DiscoItem>& items() const { return items_; }
  const NodeView* node_view(std::string_view name) const;  // null: an ordinary node
  const std::vector<std::pair<std::string, NodeView>>& node_views() const { return nodes_; }

  // For the session.
  ReadMessage message_reader(std::string_view name, std::string_view ns) const;    // null: nobody reads it
  ReadPresence presence_reader(std::string_view name, std::string_view ns) const;  // null: nobody reads it
  AnswerIq iq_answerer(IqType type, const xml::Element& payload, IqTo to) const;   // null: nobody answers
  void finish_message(Inbound& in) const {
    for (const FinishMessage function : finishers_) function(in);
  }
  void write_body(const Outbound& out, xml::Element& stanza) const {
    for (const Writer& writer : writers_[out.event.body.index()]) writer.call(writer.function, out, stanza);
  }
  bool writes(const core::Event& event) const { return !writers_[event.body.index()].empty(); }
  bool pushes(const core::Event& event) const { return pushes_[event.body.index()].call != nullptr; }
  bool write_push(const Outbound& out, xml::Element& iq) const {
    const Pusher& pusher = pushes_[out.event.body.index()];
    return pusher.call(pusher.function, out, iq);
  }
  void add_stream_features(const StreamState& state, xml::Element& features) const {
    for (const AddStreamFeature function : stream_features_) function(state, features);
  }

 private:
  using Any = void (*)();
  struct Writer {
    Any function;
    void (*call)(Any, const Outbound&, xml::Element&);
  };
  struct Pusher {
    Any function = nullptr;
    bool (*call)(Any, const Outbound&, xml::Element&) = nullptr;
  };
  template <class Function>
  struct Named {
    std::string name;
    std::string ns;
    Function function;
  };
  struct NamedIq {
    IqType type;
    std::string name;
    std::string ns;
    AnswerIq function;
    IqTo to;
  };

  static constexpr std::size_t kBodies = std::variant_size_v<core::Body>;
  template <class Body, std::size_t I = 0>
  static constexpr std::size_t index_of() {
    if constexpr (std::is_same_v<Body, std::variant_alternative_t<I, core::Body>>) {
      return I;
    } else {
      return index_of<Body, I + 1>();
    }
  }
  template <class Body>
  static void call_write(Any function, const Outbound& out, xml::Element& stanza) {
    reinterpret_cast<Write<Body>>(function)(*std::get_if<Body>(&out.event.body), stanza);
  }
  template <class Body>
  static void call_write_more(Any function, const Outbound& out, xml::Element& stanza) {
    reinterpret_cast<WriteMore<Body>>(function)(*std::get_if<Body>(&out.event.body), out, stanza);
  }
  template <class Body>
  static bool call_push(Any function, const Outbound& out, xml::Element& iq) {
    return reinterpret_cast<Push<Body>>(function)(*std::get_if<Body>(&out.event.body), out, iq);
  }

  void name_feature(std::string_view ns);

  std::string_view file_;  // a literal
  std::vector<Spec> specs_;
  std::vector<std::string> features_;
  std::vector<std::string> account_features_;
  std::vector<Identity> identities_;
  std::vector<Identity> account_identities_;
  std::vector<DiscoItem> items_;
  std::vector<Named<ReadMessage>> message_readers_;
  std::vector<Named<ReadPresence>> presence_readers_;
  std::vector<FinishMessage> finishers_;
  std::array<std::vector<Writer>, kBodies> writers_;
  std::array<Pusher, kBodies> pushes_;
  std::vector<NamedIq> iqs_;
  std::vector<std::pair<std::string, NodeView>> nodes_;
  std::vector<AddStreamFeature> stream_features_;
};

// Every feature there is, in call order: the one list (extensions.cpp).
void install_all(Extensions& on);

}  // namespace confab::xmpp
