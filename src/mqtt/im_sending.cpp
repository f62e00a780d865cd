// What the account's session is told: the log's rows with QoS 1, in their order, as many as the client takes at a time;
// what passes by with QoS 0 (wire-mqtt.md §1, "QoS").
#include <algorithm>

#include "api/members.h"
#include "mqtt/im_profile.h"
#include "topics/filter.h"

namespace confab::mqtt {
namespace {

// Above this many waiting the log itself waits.
constexpr std::size_t kWaitingRows = 50;
constexpr std::uint64_t kRosterToken = ~std::uint64_t{0};  // no row has this place
constexpr PacketId kRowIds = 32767;  // rows have the identifiers below, everything else those above

bool is_sure(api::Kind kind) {
  return kind != api::Kind::typing && kind != api::Kind::status && kind != api::Kind::listening &&
         kind != api::Kind::signature;
}

PacketId id_of(Upos seq) {
  return static_cast<PacketId>(seq % kRowIds + 1);
}

// Seconds that the message is worth something, as its author said (`exp`).
std::optional<std::int64_t> expiry_of(const core::Event& event) {
  const core::AnnexItem* own = core::find(event.annex, core::Wire::mqtt, api::kJsonKey);
  if (own == nullptr) return std::nullopt;
  Result<api::Members> members = api::Members::read(own->bytes);
  if (!members || !members->has("exp")) return std::nullopt;
  const std::int64_t seconds = members->number("exp", 1, 0xFFFF'FFFFLL);
  return members->verdict() ? std::optional(seconds) : std::nullopt;
}

std::size_t size_of(const api::Outgoing& made, std::string_view correlation) {
  return sizeof(made) + made.topic.size() + made.payload.size() + correlation.size();
}

// Whose author hears that the message came, whatever he asked for (rulings.md, "delivered").
bool is_owed(const core::Delivery& delivery, const Address& me) {
  const core::Event& event = *delivery.event;
  const auto* message = std::get_if<core::Message>(&event.body);
  if (message == nullptr || delivery.own || event.from.same_bare(me) || event.from.local.empty()) return false;
  const bool always = event.source == core::Wire::mqtt || event.source == core::Wire::http;
  return always || core::asks(message->wants, core::Ask::delivered);
}

}  // namespace

bool ImProfile::is_wanted(std::string_view topic) const {
  if (auto_) return true;
  return std::any_of(filters_.begin(), filters_.end(),
                     [&](const std::string& filter) { return topics::matches(filter, topic); });
}

void ImProfile::on_delivery(const core::Delivery& delivery, Outbox& out) {
  if (delivery.paged) backlog_ = true;
  if (const auto* presence = std::get_if<core::Presence>(&delivery.event->body)) {
    if (presence->account != nullptr && presence_) tell_presence(*presence->account, false, out);
    return;
  }
  if (waiting_.empty() && has_room()) {
    forward(delivery, out);
    return on_room(out);
  }
  waiting_.push_back({delivery, nullptr, {}});
  if (holding_ || waiting_.size() < kWaitingRows) return;
  holding_ = true;
  out.submit(0, core::HoldBacklog{});
}

// A client that reads slowly has in its buffers what it can read; the rest waits in the log.
bool ImProfile::has_room() const {
  return session_.sending().has_room() && row_bytes_ <= session_.site().config.queue_bytes / 2;
}

void ImProfile::on_room(Outbox& out) {
  while (!waiting_.empty() && has_room() && !session_.is_over()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.made != nullptr) {
      waiting_bytes_ -= size_of(*next.made, next.correlation);
      send_made(*next.made, false, out, next.correlation);
    } else {
      forward(next.delivery, out);
    }
  }
  const bool wanted = backlog_ || holding_;
  if (!wanted || !waiting_.empty() || session_.sending().under_way().size() > session_.sending().maximum() / 2) return;
  backlog_ = holding_ = false;
  out.submit(0, core::WantBacklog{});
}

// Told as soon as there is room, behind what waits already.
void ImProfile::tell(api::Outgoing made, Outbox& out, std::string correlation) {
  if (!is_sure(made.kind) || (waiting_.empty() && session_.sending().has_room()))
    return send_made(made, false, out, correlation);
  waiting_bytes_ += size_of(made, correlation);
  waiting_.push_back({{}, std::make_unique<api::Outgoing>(std::move(made)), std::move(correlation)});
  // Rows wait on the disk; this is nowhere else.
  if (waiting_bytes_ > session_.site().config.queue_bytes) {
    session_.end(Reason::quota_exceeded, session::CloseReason::slow_reader, out);
  }
}

void ImProfile::tell_presence(const core::Event& said, bool retain, Outbox& out) {
  const auto& presence = std::get<core::Presence>(said.body);
  for (const api::Outgoing& facet : api::write_presence(said, presence, viewer_)) send_made(facet, retain, out);
}

void ImProfile::send_made(const api::Outgoing& made, bool retain, Outbox& out, std::string_view correlation) {
  if (!is_wanted(made.topic)) return;
  Publish publish;
  publish.topic = made.topic;
  publish.payload = made.payload;
  publish.retain = retain;
  publish.qos = is_sure(made.kind) && session_.sending().has_room() ? 1 : 0;
  publish.properties.utf8 = true;
  publish.properties.content_type = api::kContentType;
  if (!correlation.empty()) publish.properties.correlation = correlation;
  const bool owed = made.kind == api::Kind::roster && publish.qos > 0;
  session_.publish(publish, owed ? owe_roster(made.roster) : 0, out);
}

// What the client is told of its roster is the version that it has, once all of it is acknowledged.
std::uint64_t ImProfile::owe_roster(std::uint64_t version) {
  if (session_.who().expiry == 0) return 0;
  roster_told_ = std::max(roster_told_, version);
  ++roster_owed_;
  return kRosterToken;
}

// What the client would only be told of what it did itself on another device.
bool ImProfile::is_skipped(const core::Delivery& delivery) const {
  const core::Event& event = *delivery.event;
  const auto* receipt = std::get_if<core::Receipt>(&event.body);
  return receipt != nullptr && delivery.own && receipt->kind == core::Receipt::Kind::delivered;
}

void ImProfile::forward(const core::Delivery& delivery, Outbox& out) {
  const core::Event& event = *delivery.event;
  const Upos seq = delivery.seq;
  // A row may come twice, by a page and live.
  if (seq != 0 && !rows_.empty() && seq <= rows_.back().seq) return;
  thread_local std::string topic, payload;
  topic.clear();
  payload.clear();
  const auto kind = is_skipped(delivery) ? std::nullopt : api::write(delivery, viewer_, topic, payload);
  std::optional<std::int64_t> left = event.annex.empty() ? std::nullopt : expiry_of(event);
  if (left) *left -= std::max<std::int64_t>(0, session_.site().now().wall.ms - event.at.ms) / 1000;
  const bool sent = kind && is_wanted(topic) && !(left && *left <= 0);
  if (seq != 0) {
    const auto bytes = static_cast<std::uint32_t>(sent ? payload.size() : 0);
    rows_.push_back({seq, bytes, !sent, sent && is_owed(delivery, viewer_.me) ? delivery.event : nullptr});
    row_bytes_ += bytes;
  }
  if (!sent) return note_done(seq, out);
  Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.qos = is_sure(*kind) ? 1 : 0;
  publish.dup = seq != 0 && seq <= sent_;
  publish.properties.utf8 = true;
  publish.properties.content_type = api::kContentType;
  if (left) publish.properties.expiry = static_cast<std::uint32_t>(*left);
  std::string id, place, from;
  if (session_.is_v5() && seq != 0) {
    id = to_string(event.id);
    place = std::to_string(seq);
    from = to_string(event.from);
    publish.properties.user = {{"id", id}, {"seq", place}, {"from", from}};
    if (!event.cid.empty()) publish.properties.correlation = event.cid;
    const auto* message = std::get_if<core::Message>(&event.body);
    if (message != nullptr && !message->app.app.empty()) publish.properties.user.emplace_back("app", message->app.app);
  }
  std::uint64_t token = seq;
  if (const auto* change = std::get_if<core::RosterChange>(&event.body)) token = owe_roster(change->version);
  session_.publish(publish, token, out, seq != 0 ? id_of(seq) : PacketId{0});
}

void ImProfile::on_taken(const UnderWay& taken, Outbox& out) {
  if (taken.token != kRosterToken) return note_done(taken.token, out);
  if (roster_owed_ == 0 || --roster_owed_ > 0) return;
  out.submit(0, core::NoteDevice{.roster = roster_told_, .memo = {}});
}

// The device's place moves over everything that it has without a hole.
void ImProfile::note_done(Upos seq, Outbox& out) {
  if (seq == 0) return;
  const auto at =
      std::lower_bound(rows_.begin(), rows_.end(), seq, [](const Row& row, Upos wanted) { return row.seq < wanted; });
  if (at == rows_.end() || at->seq != seq) return;
  at->done = true;
  row_bytes_ -= std::exchange(at->bytes, 0);
  if (const core::EventPtr owed = std::exchange(at->owed, nullptr)) {
    core::Send receipt;
    receipt.event.to = owed->from.bare();
    receipt.event.body =
        core::Receipt{core::Receipt::Kind::delivered, {owed->cid.empty() ? to_string(owed->id) : owed->cid}};
    out.submit(0, std::move(receipt));
  }
  const auto open = std::find_if(rows_.begin(), rows_.end(), [](const Row& row) { return !row.done; });
  if (open == rows_.begin()) return;
  out.submit(0, core::Acknowledge{std::prev(open)->seq});
  rows_.erase(rows_.begin(), open);
}

}  // namespace confab::mqtt
