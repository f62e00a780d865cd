// One XMPP connection's machine: streams, login, binding, stanzas, stream management.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "session/session.h"
#include "xml/reader.h"
#include "xmpp/interests.h"
#include "xmpp/login.h"
#include "xmpp/requests.h"
#include "xmpp/site.h"
#include "xmpp/stanza_queue.h"

namespace confab::xmpp {

// XEP-0198, once the client has enabled it.
struct StreamManagement {
  std::string token;            // names the session for resumption; empty: it can't be resumed
  StanzaQueue queue;            // sent, not acknowledged
  seconds span{0};              // for which it is kept
  std::uint32_t acked = 0;      // the client's last h
  std::uint32_t handled = 0;    // the client's stanzas since <enable/>
  std::uint32_t answer_at = 0;  // <r/> is answered once everything up to here is settled
  bool answer_wanted = false;   // an <r/> has not been answered
  bool request_sent = false;    // our <r/> has not been answered
  bool held = false;            // the log was asked to wait until the client has acknowledged
};

// Pages of the archive, which come as fast as the client takes them and not all at once.
struct ArchiveReading {
  std::deque<std::pair<session::RequestId, core::QueryArchive>> held;  // asked, and not passed on yet
  session::RequestId under_way = 0;                                    // that the domain has not answered
  bool unsent = false;  // without XEP-0198: what was answered has not left for the kernel
};

// What the client was asked about its capabilities, and has not answered.
struct CapsQuestion {
  std::string id;
  CapsName name;
  bool first = false;  // it has become available since its interests were last told to the domain
  // What was published meanwhile, until it is known whether it is wanted; as far as it fits into interest_bytes.
  std::vector<core::EventPtr> held = {};
  std::size_t held_bytes = 0;
};

// What the session of a new connection hands to the one that it resumes.
struct ResumedStream : session::Handover {
  xml::Reader reader;
  std::string lang;
  std::uint32_t h = 0;
  bool secure = false;
  bool password_may_go = false;
};

// Lives on: the connection's shard.
class Session final : public session::Session {
 public:
  explicit Session(const Site& site);

  void on_open(const session::PeerInfo& peer, session::Outbox& out) override;
  void on_secured(const session::TlsInfo& tls, session::Outbox& out) override;
  void on_bytes(ByteSpan bytes, session::Outbox& out) override;
  void on_delivery(const core::Delivery& delivery, session::Outbox& out) override;
  void on_reply(session::RequestId request, const core::Reply& reply, session::Outbox& out) override;
  void on_timer(session::TimerId timer, session::Outbox& out) override;
  void on_flushed(session::Outbox& out) override;
  bool wants_flush() const override {
    return delivered_ != acknowledged_ || (backlog_ && sm_ == nullptr) || (archive_ != nullptr && archive_->unsent);
  }
  void on_end(session::CloseReason reason, session::Outbox& out) override;
  void on_close(session::CloseReason reason, session::Outbox& out) override;
  void on_resumed(const session::PeerInfo& peer, std::unique_ptr<session::Handover> handover,
                  session::Outbox& out) override;
  void on_take_over_failed(std::unique_ptr<session::Handover> handover, session::Outbox& out) override;
  void on_expired(session::Outbox& out) override;

  // Bytes on the heap and in place, about.
  std::size_t memory() const;

 private:
  using Outbox = session::Outbox;
  enum class Phase : std::uint8_t { header, open, securing, over };
  // Why reading pauses. A set of bits.
  enum Wait : std::uint8_t { kWaitLogin = 1, kWaitRate = 2, kWaitReplies = 4, kWaitTakeOver = 8 };

  // session.cpp
  void drain(Outbox& out);
  void take(const xml::Item& item, Outbox& out);
  void wait(Wait why, Outbox& out);
  void go_on(Wait why, Outbox& out);
  void send(const xml::Element& element, Outbox& out, Upos seq = 0);
  bool send_if_it_fits(const xml::Element& element, Outbox& out);
  bool is_half_full() const;
  void count_sent(std::size_t start, Outbox& out, Upos seq);
  void fail_stream(std::string_view condition, Outbox& out,
                   session::CloseReason reason = session::CloseReason::violation, std::string_view text = {});
  void finish(session::CloseReason reason, Outbox& out);
  void submit(Request request, core::Command command, Outbox& out);
  Place place() const;

  // negotiation.cpp
  void on_stream_open(const xml::Element& root, Outbox& out);
  void send_header(std::string_view to, Outbox& out);
  void send_features(Outbox& out);
  void on_login_element(const xml::Element& element, Outbox& out);
  void on_starttls(Outbox& out);
  void perform(Login::Step step, Outbox& out);
  void answer_failure(std::string_view condition, Outbox& out);
  void log_in(const Login::Step& step, Outbox& out);
  void on_binding_element(const xml::Element& element, Outbox& out);
  void on_bind(const xml::Element& iq, Outbox& out);
  void on_bound(const Request& request, const core::Reply& reply, Outbox& out);

  // enrolment.cpp
  void on_enrolment(const xml::Element& iq, Outbox& out);
  void send_form(const xml::Element& iq, Outbox& out);
  void on_preauth(const xml::Element& iq, Outbox& out);
  void on_enrolled(const Request& request, const core::Reply& reply, Outbox& out);

  // stanzas.cpp
  void on_stanza(const xml::Element& stanza, Outbox& out);
  bool is_own_address(std::string_view from) const;
  bool pay(Outbox& out);
  void on_message(const xml::Element& stanza, Address to, Outbox& out);
  void on_presence(const xml::Element& stanza, Address to, Outbox& out);
  void on_iq(const xml::Element& stanza, Address to, Outbox& out);
  void on_request(const xml::Element& stanza, const Address& to, Outbox& out);
  void on_roster_request(const xml::Element& stanza, const xml::Element& query, Outbox& out);
  void forward_iq(const xml::Element& stanza, Address to, Outbox& out);
  void answer_iq(Iq& iq, std::string_view to, bool told, Outbox& out);
  void send_error(const xml::Element& stanza, StanzaError error, Outbox& out, std::string_view text = {});
  void send_result(std::string_view id, std::string_view to, Outbox& out);
  Request request_of(Request::Kind kind, const xml::Element& stanza) const;

  // archive_reading.cpp
  void ask_archive(Request request, core::QueryArchive query, Outbox& out);
  void on_archive_answered(Outbox& out);
  void forget_archive_queries();
  void read_on(Outbox& out);

  // delivery.cpp
  void on_refused(const Request& request, const core::Refused& refused, Outbox& out);
  void on_iq_reply(Request request, const core::Reply& reply, Outbox& out);
  void on_roster(const Request& request, const core::Reply& reply, Outbox& out);
  void deliver(const Outbound& outbound, Outbox& out);
  void deliver_copy(const Outbound& outbound, Outbox& out);
  bool deliver_push(const Outbound& outbound, Outbox& out);
  void push_roster(const core::RosterItem& item, std::uint64_t version, Outbox& out);
  void note_delivered(Upos seq, Outbox& out);

  // notifications.cpp
  void follow_capabilities(const xml::Element& presence, Outbox& out);
  void ask_capabilities(Outbox& out);
  void on_answer(const xml::Element& iq, Outbox& out);
  void learn(InterestsPtr interests, bool first, Outbox& out);
  void show_last(core::ShowLast show, Outbox& out);
  bool is_wanted(const core::Event& event) const;
  void hold(const core::EventPtr& event);
  void tell(const core::Delivery& delivery, Outbox& out);
  void refresh_views(std::string_view changed, Outbox& out);
  void refresh_view(const std::string& node, const NodeView& view, Outbox& out);
  void tell_view(const xml::Element* answer, Outbox& out);
  void greet(const core::Subscription& subscription, const Address& from, Outbox& out);

  // stream_management.cpp
  void on_management(const xml::Element& element, Outbox& out);
  void on_enable(const xml::Element& enable, Outbox& out);
  void on_resume(const xml::Element& resume, Outbox& out);
  void on_ack(std::string_view h, Outbox& out);
  bool drop_acked(std::uint32_t h, Outbox& out);
  void answer_ack_request(Outbox& out);
  void request_ack(Outbox& out);
  void give_up_resumption(Outbox& out);
  bool can_be_resumed() const { return sm_ != nullptr && !sm_->token.empty(); }

  const Site& site_;
  xml::Reader reader_;
  std::unique_ptr<Login> login_;             // until bound
  std::unique_ptr<StreamManagement> sm_;     // once enabled
  std::unique_ptr<ArchiveReading> archive_;  // once asked for
  Address me_;                               // as far as known
  std::string full_;                         // me_ as text, once bound
  std::string lang_;                         // of the client's stream
  Requests requests_;
  InterestsPtr interests_;                  // null: not known
  std::unique_ptr<CapsQuestion> question_;  // null: none under way
  std::int64_t paid_until_us_ = 0;          // the rate limit's account, in monotonic time
  Upos delivered_ = 0;                      // the last position in the log that was sent
  Upos acknowledged_ = 0;                   // and that the domain was told of
  Phase phase_ = Phase::header;
  std::uint8_t wait_ = 0;
  bool header_sent_ = false;
  bool secure_ = false;
  bool password_may_go_ = false;
  bool authenticated_ = false;
  bool bound_ = false;
  bool detached_ = false;    // kept without a connection
  bool clean_ = false;       // the client said goodbye
  bool backlog_ = false;     // rows of the backlog came since it was last wanted
  bool refreshing_ = false;  // a node that is made of another one's items is being asked for
  bool stale_ = false;       // and once more when that has come
  bool available_ = false;   // by its last presence to all
};

// Where elements for the wire are built: one per thread, cleared before each use.
xml::Document& scratch();

}  // namespace confab::xmpp
