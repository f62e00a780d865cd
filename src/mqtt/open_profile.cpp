#include "mqtt/open_profile.h"

#include <algorithm>
#include <cstring>

#include "topics/filter.h"

namespace confab::mqtt {
namespace {

using session::Outbox;

std::string client_key(const Who& who) {
  return who.name.empty() ? who.client_id : who.name + "\n" + who.client_id;
}

core::TopicMessage message_of(const Publish& publish, WallMs now) {
  core::TopicMessage message;
  message.topic = std::string(publish.topic);
  message.payload = std::string(publish.payload);
  message.qos = publish.qos;
  message.retain = publish.retain;
  message.at = now;
  const MessageProperties& properties = publish.properties;
  message.utf8 = properties.utf8;
  message.expiry = properties.expiry;
  message.content_type = std::string(properties.content_type);
  message.response_topic = std::string(properties.response_topic);
  if (properties.correlation) message.correlation = std::string(*properties.correlation);
  for (const auto& [name, value] : properties.user) message.user.emplace_back(name, value);
  return message;
}

core::TopicWill will_of(const Opening& opening) {
  core::TopicWill will;
  core::TopicMessage& message = will.message;
  message.topic = opening.will_topic;
  message.payload = opening.will_payload;
  message.qos = opening.will_qos;
  message.retain = opening.will_retain;
  message.utf8 = opening.will_utf8;
  message.expiry = opening.will_expiry;
  message.content_type = opening.will_content_type;
  message.response_topic = opening.will_response_topic;
  message.correlation = opening.will_correlation;
  message.user = opening.will_user;
  will.delay = opening.will_delay;
  return will;
}

Publish publish_of(const core::TopicDelivery& delivery) {
  const core::TopicMessage& message = *delivery.message;
  Publish publish;
  publish.qos = delivery.qos;
  publish.retain = delivery.retain;
  publish.topic = message.topic;
  publish.payload = message.payload;
  publish.subscription_ids = delivery.ids;
  MessageProperties& properties = publish.properties;
  properties.utf8 = message.utf8;
  properties.expiry = delivery.expiry;
  properties.content_type = message.content_type;
  properties.response_topic = message.response_topic;
  if (message.correlation) properties.correlation = *message.correlation;
  for (const auto& [name, value] : message.user) properties.user.emplace_back(name, value);
  return publish;
}

// What goes to many goes to each in the same bytes: they are made once. One message for each thread.
struct Encoded {
  core::TopicMessagePtr message;
  Level level = Level::v5;
  bool retain = false;
  std::string bytes;
};

const std::string& encode_once(const core::TopicDelivery& delivery, Level level) {
  thread_local Encoded last;
  const bool same = last.message == delivery.message && last.level == level && last.retain == delivery.retain;
  if (!same) {
    last.message = delivery.message;
    last.level = level;
    last.retain = delivery.retain;
    last.bytes.clear();
    write(publish_of(delivery), level, last.bytes);
  }
  return last.bytes;
}

Reason reason_of(const core::Refused& refused) {
  switch (refused.code) {
    case Errc::too_fast:
    case Errc::too_big:
    case Errc::no_space:
      return Reason::quota_exceeded;
    case Errc::forbidden:
    case Errc::not_authorized:
      return Reason::not_authorized;
    case Errc::bad_payload:
      return Reason::topic_name_invalid;
    default:
      return Reason::unspecified;
  }
}

// The memo's form: 11 bytes for each exchange under way, then 2 for each QoS 2 identifier that was received.
constexpr std::size_t kExchangeBytes = 12;

template <class Number>
void put(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}
template <class Number>
Number get(std::string_view& in) {
  Number number{};
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return number;
}

}  // namespace

Reason OpenProfile::check(const Connect& connect) {
  if (connect.will && topics::is_dollar(connect.will->topic)) return Reason::not_authorized;
  return Reason::success;
}

void OpenProfile::on_login(Outbox& out) {
  const Who& who = session_.who();
  // The key of an account's session has a line's end in it: nobody without an account may have such a one.
  if (who.name.empty() && who.client_id.find('\n') != std::string::npos) {
    return session_.refuse(Reason::client_identifier_not_valid, out);
  }
  core::OpenTopicSession open;
  open.client = client_key(who);
  if (!who.name.empty()) open.account = who.name + "@" + session_.site().config.domain;
  open.clean = who.clean_start;
  open.expiry = std::min(who.expiry, session_.site().config.session_expiry);
  if (session_.opening().has_will) open.will = will_of(session_.opening());
  out.belong_to(core::topic_home(open.client));
  session_.ask(std::move(open), out, [this](const core::Reply& reply, Outbox& then) { on_opened(reply, then); });
}

void OpenProfile::on_opened(const core::Reply& reply, Outbox& out) {
  const auto* opened = std::get_if<core::TopicSessionOpened>(&reply);
  if (opened == nullptr) {
    const auto* refused = std::get_if<core::Refused>(&reply);
    const bool busy = refused != nullptr && refused->code == Errc::too_fast;
    return session_.refuse(busy ? Reason::quota_exceeded : Reason::server_unavailable, out);
  }
  Opened answer{.present = opened->present, .expiry = std::nullopt, .response_information = {}};
  const std::uint32_t longest = session_.site().config.session_expiry;
  if (session_.who().expiry > longest) answer.expiry = longest;
  if (opened->present) restore(opened->memo);
  session_.open(answer, out);
  if (!session_.is_over()) go_on_with(out);
}

// §4.4: what was released on the earlier connection is released again, before anything new.
void OpenProfile::go_on_with(Outbox& out) {
  for (const UnderWay& one : session_.sending().under_way()) {
    session_.send(Ack{Ack::Kind::pubrel, one.id, Reason::success, {}, {}}, out);
  }
  out.submit(0, core::WantTopics{session_.sending().room()});
}

void OpenProfile::on_publish(const Publish& publish, Outbox& out) {
  core::PublishTopic command{message_of(publish, session_.site().now().wall), {}};
  if (publish.qos == 0) return out.submit(0, std::move(command));
  if (publish.qos == 2) command.key = publish.id;
  session_.ask(std::move(command), out,
               [this, id = publish.id, qos = publish.qos](const core::Reply& reply, Outbox& then) {
                 if (const auto* refused = std::get_if<core::Refused>(&reply)) {
                   // 3.1.1 has no acknowledgement that says no: without one the client keeps the message.
                   if (session_.is_v5()) return session_.settle(id, qos, reason_of(*refused), then);
                   return session_.end(reason_of(*refused), session::CloseReason::violation, then);
                 }
                 const auto* published = std::get_if<core::TopicPublished>(&reply);
                 const bool alone = published != nullptr && !published->matched && !published->repeat;
                 session_.settle(id, qos, alone ? Reason::no_matching_subscribers : Reason::success, then);
               });
}

void OpenProfile::on_released(PacketId id, Outbox& out) {
  out.submit(0, core::ForgetTopicKey{id});
}

bool OpenProfile::is_denied(std::string_view filter) const {
  const auto& deny = session_.site().config.deny;
  return std::any_of(deny.begin(), deny.end(), [&](const std::string& each) { return topics::covers(each, filter); });
}

Reason OpenProfile::refusal() const {
  return static_cast<Reason>(session_.site().config.refused_subscribe);
}

void OpenProfile::on_subscribe(const Subscribe& subscribe, Outbox& out) {
  std::vector<Reason> reasons;
  core::SubscribeTopics command;
  for (const Subscription& each : subscribe.subscriptions) {
    const auto split = topics::split_filter(each.filter);
    if (!split) {
      reasons.push_back(Reason::topic_filter_invalid);
    } else if (is_denied(split->filter)) {
      reasons.push_back(refusal());
    } else {
      reasons.push_back(Reason::success);
      command.filters.push_back({.filter = std::string(each.filter),
                                 .qos = each.qos,
                                 .no_local = each.no_local,
                                 .retain_as_published = each.retain_as_published,
                                 .retain_handling = each.retain_handling,
                                 .id = subscribe.subscription_id});
    }
  }
  session_.ask(std::move(command), out,
               [this, id = subscribe.id, reasons = std::move(reasons)](const core::Reply& reply, Outbox& then) mutable {
                 const auto* done = std::get_if<core::TopicsSubscribed>(&reply);
                 std::size_t at = 0;
                 for (Reason& reason : reasons) {
                   if (reason != Reason::success) continue;
                   const bool granted = done != nullptr && at < done->granted.size() && done->granted[at];
                   reason = granted ? static_cast<Reason>(*done->granted[at]) : Reason::quota_exceeded;
                   ++at;
                 }
                 session_.send(Suback{id, std::move(reasons), {}, {}}, then);
               });
}

void OpenProfile::on_unsubscribe(const Unsubscribe& unsubscribe, Outbox& out) {
  std::vector<Reason> reasons;
  core::UnsubscribeTopics command;
  for (const std::string_view filter : unsubscribe.filters) {
    const bool valid = topics::split_filter(filter).has_value();
    reasons.push_back(valid ? Reason::success : Reason::topic_filter_invalid);
    if (valid) command.filters.emplace_back(filter);
  }
  session_.ask(
      std::move(command), out,
      [this, id = unsubscribe.id, reasons = std::move(reasons)](const core::Reply& reply, Outbox& then) mutable {
        const auto* done = std::get_if<core::TopicsUnsubscribed>(&reply);
        std::size_t at = 0;
        for (Reason& reason : reasons) {
          if (reason != Reason::success) continue;
          if (done == nullptr)
            reason = Reason::unspecified;
          else if (!done->existed[at++])
            reason = Reason::no_subscription_existed;
        }
        session_.send(Unsuback{id, std::move(reasons), {}, {}}, then);
      });
}

void OpenProfile::on_topic(const core::TopicDelivery& delivery, Outbox& out) {
  if (is_denied(delivery.message->topic)) {
    if (delivery.seq != 0) out.submit(0, core::AcknowledgeTopic{delivery.seq});
    if (delivery.takes_room) ++freed_;
    return give_back(out);
  }
  const Config& config = session_.site().config;
  if (delivery.qos == 0) {
    if (delivery.takes_room) {
      ++unflushed_;
    } else if (out.bytes().size() > config.queue_bytes / 2) {
      // A slow reader.
      std::atomic<std::uint64_t>* dropped = session_.site().dropped;
      if (dropped != nullptr) dropped->fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const bool plain = delivery.ids.empty() && !session_.sending().tells_aliases() && !delivery.expiry &&
                       session_.who().maximum_packet_size == 0;
    if (plain) {
      out.send(encode_once(delivery, session_.who().level));
      return;
    }
  }
  Publish publish = publish_of(delivery);
  PacketId wanted = 0;
  if (delivery.seq != 0 && !earlier_.empty()) wanted = earlier_id(delivery.seq);
  publish.dup = wanted != 0;
  const bool sent = session_.publish(publish, delivery.seq, out, wanted);
  if (!sent && delivery.qos > 0) on_room(out);
}

PacketId OpenProfile::earlier_id(core::TopicSeq seq) {
  const auto at =
      std::find_if(earlier_.begin(), earlier_.end(), [seq](const UnderWay& one) { return one.token == seq; });
  if (at == earlier_.end()) return 0;
  const PacketId id = at->id;
  earlier_.erase(at);
  return id;
}

void OpenProfile::on_taken(const UnderWay& taken, Outbox& out) {
  if (taken.token != 0) out.submit(0, core::AcknowledgeTopic{taken.token});
}

// What an earlier connection left may be more than this one has room for: then there is none yet.
void OpenProfile::on_room(Outbox& out) {
  if (!session_.sending().has_room()) return;
  ++freed_;
  give_back(out);
}

void OpenProfile::on_flushed(Outbox& out) {
  freed_ += std::exchange(unflushed_, 0);
  give_back(out);
}

// Not one by one, where many are under way.
void OpenProfile::give_back(Outbox& out) {
  const std::size_t under_way = session_.sending().under_way().size();
  if (freed_ == 0 || (under_way > 3 && freed_ * 4 < under_way)) return;
  out.submit(0, core::WantTopics{std::exchange(freed_, 0)});
}

void OpenProfile::on_close(bool will, std::optional<std::uint32_t> expiry, Outbox& out) {
  if (expiry) expiry = std::min(*expiry, session_.site().config.session_expiry);
  out.submit(0, core::CloseTopicSession{will, expiry, memo()});
}

std::string OpenProfile::memo() const {
  std::string out;
  if (session_.who().expiry == 0) return out;
  const auto add = [&out](const UnderWay& one) {
    put(out, one.id);
    put(out, static_cast<std::uint8_t>(one.qos));
    put(out, static_cast<std::uint8_t>(one.released));
    put(out, one.token);
  };
  std::string exchanges;
  std::uint32_t count = 0;
  for (const UnderWay& one : session_.sending().under_way()) {
    if (one.token != 0 || one.released) ++count;
  }
  count += static_cast<std::uint32_t>(earlier_.size());
  const auto& received = session_.receiving().received();
  if (count == 0 && received.empty()) return out;
  put(out, count);
  for (const UnderWay& one : earlier_) add(one);
  for (const UnderWay& one : session_.sending().under_way()) {
    if (one.token != 0 || one.released) add(one);
  }
  for (const PacketId id : received) put(out, id);
  return out;
}

void OpenProfile::restore(std::string_view memo) {
  if (memo.size() < sizeof(std::uint32_t)) return;
  std::uint32_t count = get<std::uint32_t>(memo);
  for (; count > 0 && memo.size() >= kExchangeBytes; --count) {
    UnderWay one;
    one.id = get<PacketId>(memo);
    one.qos = get<std::uint8_t>(memo);
    one.released = get<std::uint8_t>(memo) != 0;
    one.token = get<std::uint64_t>(memo);
    if (one.released) {
      session_.sending().restore(one);
    } else {
      earlier_.push_back(one);
      session_.sending().reserve(one.id);
    }
  }
  std::vector<PacketId> received;
  while (memo.size() >= sizeof(PacketId)) received.push_back(get<PacketId>(memo));
  session_.receiving().restore(std::move(received));
}

std::size_t OpenProfile::memory() const {
  return sizeof(*this) + earlier_.capacity() * sizeof(UnderWay);
}

}  // namespace confab::mqtt
