// The account's messaging life as topics (wire-mqtt.md): what is said and told is api's, which of it when and how
// surely is this one's.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "api/topics.h"
#include "mqtt/profile.h"
#include "mqtt/session.h"

namespace confab::mqtt {

// Lives on: the connection's shard.
class ImProfile final : public Profile {
 public:
  explicit ImProfile(Session& session) : session_(session) {}
  static std::unique_ptr<Profile> make(Session& session) { return std::make_unique<ImProfile>(session); }

  Reason check(const Connect& connect) override;
  void on_login(session::Outbox& out) override;
  void on_publish(const Publish& publish, session::Outbox& out) override;
  void on_subscribe(const Subscribe& subscribe, session::Outbox& out) override;
  void on_unsubscribe(const Unsubscribe& unsubscribe, session::Outbox& out) override;
  void on_taken(const UnderWay& taken, session::Outbox& out) override;
  void on_room(session::Outbox& out) override;
  void on_delivery(const core::Delivery& delivery, session::Outbox& out) override;
  void on_end(session::CloseReason reason, session::Outbox& out) override;
  void on_close(bool will, std::optional<std::uint32_t> expiry, session::Outbox& out) override;
  void on_expired(session::Outbox& out) override;
  std::size_t memory() const override;

 private:
  using Outbox = session::Outbox;

  // What the last connection said it wants to be said when it is lost.
  struct LastWill {
    core::EventPtr presence;                   // of im/u/{me}/presence/status
    std::string topic, payload, content_type;  // of anything else
    std::uint32_t delay = 0;                   // seconds
  };
  // A row of the log that was sent, or passed over while others were under way.
  struct Row {
    Upos seq = 0;
    std::uint32_t bytes = 0;  // that are under way
    bool done = false;
    core::EventPtr owed;  // its author is to hear that it was delivered; null: he is not
  };
  struct Waiting {
    core::Delivery delivery;
    std::unique_ptr<api::Outgoing> made;  // instead of the delivery
    std::string correlation;              // of an answer
  };
  // What an answer to a PUBLISH goes back to.
  struct Asked {
    PacketId id = 0;
    std::uint8_t qos = 0;
    std::string cid;
  };

  // im_opening.cpp
  bool take_will(const Opening& opening);
  void on_opened(const core::SessionOpened& opened, Outbox& out);
  void begin(Outbox& out);
  void ask_roster(Outbox& out);
  void on_roster(const core::Reply& reply, Outbox& out);
  void on_presences(const core::Reply& reply, Outbox& out);
  void set_presence(core::Event presence, Outbox& out, Session::Then then);
  core::Event own_presence() const;

  // im_profile.cpp
  void on_said(api::Said said, const Publish& publish, Outbox& out);
  void send(core::Send send, const Publish& publish, Outbox& out);
  void on_sent(const Asked& asked, const core::Reply& reply, Outbox& out);
  void refuse(const Asked& asked, const Error& error, Reason reason, Outbox& out);
  void say_will(Outbox& out);

  // im_subscribing.cpp
  std::string memo() const;
  void recall_memo(std::string_view memo);
  void remember(const std::string& before, Outbox& out, std::function<void(bool, Outbox&)> then);
  bool add_filter(std::string_view filter);
  Reason subscribe(const Subscription& wanted, std::optional<Address>& friend_of);
  void ask_friends(PacketId id, std::vector<Reason> reasons, std::vector<std::pair<std::size_t, Address>> friends,
                   Outbox& out);
  void answer_subscribe(PacketId id, std::vector<Reason> reasons, Outbox& out);

  // im_requests.cpp
  struct Calling;
  void call(api::Request request, const Publish& publish, Outbox& out);
  void step(const std::shared_ptr<Calling>& calling, Outbox& out);

  // im_sending.cpp
  bool has_room() const;
  bool is_wanted(std::string_view topic) const;
  void tell(api::Outgoing made, Outbox& out, std::string correlation = {});
  void tell_presence(const core::Event& said, bool retain, Outbox& out);
  void forward(const core::Delivery& delivery, Outbox& out);
  void send_made(const api::Outgoing& made, bool retain, Outbox& out, std::string_view correlation = {});
  void note_done(Upos seq, Outbox& out);
  std::uint64_t owe_roster(std::uint64_t version);
  bool is_skipped(const core::Delivery& delivery) const;

  static constexpr std::uint32_t kCalls = 20;  // of methods, that one session has under way
  // Of a session that turned off what comes by itself.
  static constexpr std::size_t kFilters = 100;
  static constexpr std::size_t kFilterBytes = 16384;

  Session& session_;
  api::Viewer viewer_;
  std::unique_ptr<core::Event> said_;  // the presence that the client said; null: online, no more
  std::unique_ptr<LastWill> will_;
  std::vector<std::string> filters_;  // granted; of a session that is told nothing by itself
  std::vector<Row> rows_;             // in their order, from the first that is not acknowledged
  std::size_t row_bytes_ = 0;         // of rows that are not acknowledged
  std::list<Waiting> waiting_;        // for room
  std::size_t waiting_bytes_ = 0;     // of what is made already
  std::string held_token_;            // while the session would outlive its connection for the will's sake
  Upos head_ = 0;                     // of the log, at the beginning
  Upos from_ = 0;                     // where the device stood
  Upos sent_ = 0;                     // rows up to here were sent on an earlier connection
  std::optional<std::uint64_t> roster_version_;
  std::optional<std::uint64_t> unread_;
  std::uint64_t roster_told_ = 0;  // the newest version that the client was told
  std::uint32_t roster_owed_ = 0;  // changes of the roster that it has not acknowledged
  std::uint32_t calls_ = 0;
  bool auto_ = true;  // everything is told without being asked for
  bool begun_ = false;
  bool presence_ = true;  // friends' presence is wanted
  bool backlog_ = false;  // a page came: WantBacklog when it is through
  bool holding_ = false;  // the log was asked to wait
  bool resumed_ = false;
  bool gap_ = false;       // rows behind its place are not there any more
  bool detached_ = false;  // kept without a connection
};

}  // namespace confab::mqtt
