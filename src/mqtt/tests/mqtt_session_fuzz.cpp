// A client that says anything at any time, and a domain that answers when and how it likes: bytes in any pieces,
// packets that are packets, answers, deliveries, timers, losses and connections after them, on both profiles. Whatever
// is sent reads as a server's packets within the client's limits: nothing before CONNACK but AUTH, one CONNACK, nothing
// after the end; commands are what the domain may get, and memory stays bounded.
#include <algorithm>
#include <map>
#include <set>

#include "mqtt/protocol.h"
#include "mqtt/session.h"
#include "mqtt/tests/mqtt_peer.h"
#include "mqtt/tests/session_fuzzing.h"

namespace confab::mqtt {
namespace {

// One connection after the other; the next one has what the one before left.
class Play {
 public:
  Play(Input& input, unsigned setting) : input_(input), free_topics_((setting & 1) != 0) {
    Config config;
    config.anonymous = (setting & 2) != 0;
    config.topic_aliases = (setting & 4) != 0 ? 0 : 3;
    config.receive_maximum = (setting & 8) != 0 ? 2 : 1000;
    config.send_maximum = (setting & 16) != 0 ? 3 : 1000;
    config.keep_alive_max = (setting & 32) != 0 ? 5 : 0;
    config.messages_per_second = (setting & 64) != 0 ? 5 : 0;
    config.deny = {"deny/#"};
    config.message_bytes = 1000;
    site_ = world_.site(std::move(config));
    connect();
  }
  ~Play() { lose(); }

  void step() {
    switch (input_.byte() % 12) {
      case 0:
        return feed(std::string(input_.text()));
      case 1:
        return feed_frame();
      case 2:
        return feed_packet();
      case 3:
      case 4:
        return reply();
      case 5:
      case 6:
        return deliver();
      case 7:
        return on_timer();
      case 8:
        if (session_->wants_flush()) run([](Session& to, auto& out) { to.on_flushed(out); });
        return;
      case 9:
        if (input_.byte() % 8 == 0) return end();
        return feed_packet();
      case 10:
        if (input_.byte() % 4 != 0) return feed_packet();
        lose();
        return connect();
      default:
        return feed_connect();
    }
  }

 private:
  using Outbox = session::Outbox;

  void connect() {
    session_.reset(static_cast<Session*>((free_topics_ ? make_open_session(site_) : make_im_session(site_)).release()));
    client_ = std::make_unique<Client>(site_.config);
    closed_ = false;
    commands_.clear();
    armed_.clear();
    room_ = 0;
    acknowledged_ = 0;
    closings_ = 0;
    run([](Session& to, Outbox& out) {
      session::PeerInfo peer;
      peer.address = "127.0.0.1";
      peer.loopback = true;
      to.on_open(peer, out);
    });
  }
  void lose() {
    if (std::exchange(closed_, true)) return;
    run([](Session& to, Outbox& out) { to.on_close(session::CloseReason::reset, out); });
    run([](Session& to, Outbox& out) { to.on_expired(out); });
  }
  void end() {
    constexpr auto kReasons = std::to_array({session::CloseReason::shutdown, session::CloseReason::replaced,
                                             session::CloseReason::removed, session::CloseReason::slow_reader});
    const session::CloseReason reason = kReasons[input_.byte() % kReasons.size()];
    if (!closed_) run([reason](Session& to, Outbox& out) { to.on_end(reason, out); });
  }

  // ---- What the client says. ----

  void feed(const std::string& bytes) {
    if (closed_) return;
    client_->say(bytes);
    run([&](Session& to, Outbox& out) { to.on_bytes(as_bytes(bytes), out); });
  }
  void feed(const Packet& packet) {
    std::string bytes;
    if (write(packet, level_, bytes)) feed(bytes);
  }
  // Any type, flags and body, but of the length that it says.
  void feed_frame() {
    std::string bytes(1, static_cast<char>(input_.byte()));
    const std::string_view body = input_.text(input_.byte() % 128);
    bytes += static_cast<char>(body.size());
    feed(bytes.append(body));
  }
  void feed_connect() {
    const unsigned how = input_.byte();
    constexpr auto kLevels = std::to_array({Level::v5, Level::v5, Level::v311, Level::v31});
    Connect connect;
    connect.level = level_ = kLevels[how & 3U];
    connect.client_id = "c";
    connect.clean_start = (how & 4) != 0;
    connect.session_expiry = (how & 8) != 0 ? 100 : 0;
    if (level_ != Level::v5) connect.session_expiry = connect.clean_start ? 0 : core::kNeverExpires;
    if ((how & 16) != 0) connect.user_name = "alice";
    if ((how & 16) != 0) connect.password = "secret";
    if ((how & 32) != 0) connect.will = Will{.topic = "im/u/alice/presence/status", .payload = "x", .delay = how % 3};
    const unsigned more = level_ == Level::v5 ? input_.byte() : 0;
    if ((more & 1) != 0) connect.receive_maximum = static_cast<std::uint16_t>(1 + input_.byte() % 4);
    if ((more & 2) != 0) connect.topic_alias_maximum = static_cast<std::uint16_t>(input_.byte() % 5);
    if ((more & 4) != 0) connect.maximum_packet_size = 1 + input_.byte();
    if ((more & 8) != 0) connect.authentication_method = "SCRAM-SHA-256";
    if ((more & 16) != 0) connect.authentication_data = kFirst;
    if ((more & 24) == 16) connect.authentication_data = {};
    connect.keep_alive = static_cast<std::uint16_t>(more >> 5U);
    feed(connect);
  }
  PacketId id() { return static_cast<PacketId>(1 + input_.byte() % 6); }
  std::string_view topic() {
    constexpr auto kTopics =
        std::to_array<std::string_view>({"a", "a/b", "$SYS/x", "deny/a", "im/u/bob/msg", "im/u/alice/presence/status",
                                         "im/req/friend.list", "im/u/bob/rcpt"});
    return kTopics[input_.byte() % kTopics.size()];
  }
  void feed_packet() {
    const unsigned kind = input_.byte() % 12;
    if (kind < 4) return feed(Ack{static_cast<Ack::Kind>(4 + kind), id(), reason_for(kind), {}, {}});
    if (kind < 8) return feed_publish();
    if (kind == 8) {
      return feed(Subscribe{id(), input_.byte() % 3, {{filter(), static_cast<std::uint8_t>(input_.byte() % 3)}}, {}});
    }
    if (kind == 9) return feed(Unsubscribe{id(), {filter(), filter()}, {}});
    if (kind == 10) return feed(Pingreq{});
    if (input_.byte() % 4 == 0) return feed(Disconnect{.session_expiry = input_.byte() % 2});
    feed_auth();
  }
  void feed_auth() {
    constexpr auto kReasons = std::to_array({Reason::continue_authentication, Reason::reauthenticate});
    const unsigned how = input_.byte();
    std::string data;
    if (how / 2 % 4 == 0) data = kFirst;
    if (how / 2 % 4 == 1) data = proof_of(client_->challenge());
    if (how / 2 % 4 == 2) data = input_.text();
    feed(Auth{kReasons[how % 2], "SCRAM-SHA-256", data, {}, {}});
  }
  Reason reason_for(unsigned kind) {
    if (level_ != Level::v5 || input_.byte() % 4 != 0) return Reason::success;
    return kind < 2 ? Reason::quota_exceeded : Reason::packet_identifier_not_found;
  }
  std::string_view filter() {
    constexpr auto kFilters = std::to_array<std::string_view>(
        {"a", "#", "+/b", "$share/g/a", "$share//a", "deny/a", "a#", "im/u/alice/#", "im/u/bob/presence/status"});
    return kFilters[input_.byte() % kFilters.size()];
  }
  void feed_publish() {
    const unsigned how = input_.byte();
    Publish publish;
    publish.qos = static_cast<std::uint8_t>(how % 3);
    publish.retain = (how & 4) != 0;
    publish.dup = publish.qos > 0 && (how & 8) != 0;
    if (publish.qos > 0) publish.id = id();
    publish.topic = topic();
    if ((how & 16) != 0 && level_ == Level::v5) publish.topic_alias = static_cast<std::uint16_t>(1 + how % 5);
    if (publish.topic_alias && (how & 32) != 0) publish.topic = {};
    publish.properties.utf8 = (how & 64) != 0;
    publish.payload = input_.text();
    feed(publish);
  }

  // ---- What the domain does. ----

  void reply() {
    const unsigned how = input_.byte();
    if (commands_.empty()) return;
    const std::size_t at = (how & 128) != 0 ? commands_.size() - 1 : 0;
    const session::Submit asked = std::move(commands_[at]);
    commands_.erase(commands_.begin() + static_cast<std::ptrdiff_t>(at));
    const core::Reply reply = answer_to(asked.command, how, memo_);
    run([&](Session& to, Outbox& out) { to.on_reply(asked.request, reply, out); });
  }
  void deliver() {
    const unsigned how = input_.byte();
    if (!free_topics_) return deliver_event(how);
    core::TopicMessage message;
    message.topic = topic();
    message.payload = std::string((how & 64) != 0 ? 300 : 1, 'x');
    core::TopicDelivery one;
    one.qos = static_cast<std::uint8_t>(how % 3);
    one.retain = (how & 4) != 0;
    one.takes_room = one.qos > 0 || one.retain;
    if (one.qos > 0 && (how & 8) != 0) one.seq = 1 + input_.byte() % 8;
    if ((how & 16) != 0) one.ids = {1, 70'000};
    if ((how & 32) != 0) one.expiry = how;
    one.message = std::make_shared<core::TopicMessage>(std::move(message));
    // The domain gives what there is room for, and nothing before the session is open.
    if (!client_->is_open() || (one.takes_room && room_ == 0)) return;
    if (one.takes_room) --room_;
    run([&](Session& to, Outbox& out) { to.on_topic(one, out); });
  }
  void deliver_event(unsigned how) {
    core::Event event;
    event.id.bytes[0] = static_cast<unsigned char>(how);
    event.at = world_.now.wall;
    event.from = {"bob", "example.org", "desk"};
    event.to = {"alice", "example.org", {}};
    event.body = core::Message{.kind = core::Message::Kind::chat, .bodies = {{{}, std::string(how, 'x')}}};
    if (how % 4 == 3) event.body = core::Presence{.status = core::Status::away};
    const core::Delivery one{.event = std::make_shared<core::Event>(std::move(event)),
                             .seq = how % 4 == 3 ? 0 : Upos{++seq_},
                             .delayed = false,
                             .own = how % 4 == 2};
    run([&](Session& to, Outbox& out) { to.on_delivery(one, out); });
  }
  void on_timer() {
    const unsigned how = input_.byte();
    world_.now.mono.ms += how * 100;
    world_.now.wall.ms += how * 100;
    if (armed_.empty() || how % 2 == 0) return;
    const auto at = std::next(armed_.begin(), static_cast<std::ptrdiff_t>(how / 2 % armed_.size()));
    const session::TimerId timer = at->first;
    world_.now.mono.ms = std::max(world_.now.mono.ms, at->second);
    armed_.erase(at);
    if (!closed_) run([timer](Session& to, Outbox& out) { to.on_timer(timer, out); });
  }

  // ---- What comes of it. ----

  template <class Call>
  void run(Call call) {
    std::string bytes;
    Outbox out(bytes);
    call(*session_, out);
    if (closed_) {
      require(bytes.empty());
    } else {
      client_->hear(bytes);
    }
    bool closes = false;
    for (session::Effect& effect : out.take_effects()) {
      if (auto* submit = std::get_if<session::Submit>(&effect)) on_command(*submit);
      if (const auto* arm = std::get_if<session::Arm>(&effect)) {
        armed_[arm->timer] = world_.now.mono.ms + arm->delay.count();
      }
      if (const auto* disarm = std::get_if<session::Disarm>(&effect)) armed_.erase(disarm->timer);
      closes = closes || std::holds_alternative<session::Close>(effect);
    }
    check_under_way();
    require(session_->memory() < 400'000);
    if (closes) lose();
    check_room();
  }
  void on_command(session::Submit& submit) {
    check_command(submit.command);
    if (const auto* want = std::get_if<core::WantTopics>(&submit.command)) room_ += want->room;
    if (const auto* close = std::get_if<core::CloseTopicSession>(&submit.command)) {
      require(++closings_ == 1);
      memo_ = close->memo;
    }
    if (const auto* taken = std::get_if<core::Acknowledge>(&submit.command)) {
      require(taken->upto > acknowledged_ && taken->upto <= seq_);
      acknowledged_ = taken->upto;
    }
    if (submit.request != 0) commands_.push_back(std::move(submit));
  }
  void check_under_way() {
    const Sending& sending = session_->sending();
    const auto& all = sending.under_way();
    require(!client_->is_open() || sending.maximum() <= client_->receive_maximum());
    std::set<PacketId> ids;
    std::size_t fresh = 0;
    for (const UnderWay& each : all) {
      require(each.id != 0 && ids.insert(each.id).second);
      fresh += each.released ? 0 : 1;
    }
    require(fresh <= sending.maximum());
  }

  // What was taken is given back, whatever became of it.
  void check_room() const {
    const bool busy = !session_->sending().idle() || session_->wants_flush();
    if (free_topics_ && client_->is_open() && !closed_ && !busy) require(room_ == session_->sending().maximum());
  }

  Input& input_;
  const bool free_topics_;
  FakeWorld world_;
  Site site_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Client> client_;
  Level level_ = Level::v5;
  std::vector<session::Submit> commands_;
  std::map<session::TimerId, std::int64_t> armed_;
  std::string memo_;
  std::size_t room_ = 0;
  Upos seq_ = 0;           // of the last event
  Upos acknowledged_ = 0;  // in order, on each connection
  int closings_ = 0;
  bool closed_ = false;
};

}  // namespace
}  // namespace confab::mqtt

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace confab::mqtt;
  Input input({reinterpret_cast<const char*>(bytes), size});
  const unsigned setting = input.byte();
  Play play(input, setting);
  for (int steps = 0; !input.empty() && steps < 2000; ++steps) play.step();
  return 0;
}
