// How a session of an account begins: sync begin, roster, presence, backlog, sync end (wire-mqtt.md §1).
#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"
#include "mqtt/im_profile.h"
#include "names/names.h"

namespace confab::mqtt {
namespace {

const std::string* find_user(const Opening& opening, std::string_view name) {
  for (const auto& [key, value] : opening.user) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<std::uint64_t> read_number(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

std::string make_token(const RandomBytes& random) {
  std::array<unsigned char, 16> bytes{};
  random(bytes.data(), bytes.size());
  return encode_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

// The client id is the device's name (rulings.md).
Reason ImProfile::check(const Connect&) {
  const Result<std::string> device = names::prepare_resource(session_.who().client_id);
  return device ? Reason::success : Reason::client_identifier_not_valid;
}

bool ImProfile::take_will(const Opening& opening) {
  if (!opening.has_will) return true;
  const api::Incoming in{opening.will_topic, opening.will_payload, opening.will_content_type,
                         opening.will_correlation ? std::string_view(*opening.will_correlation) : std::string_view(),
                         opening.will_expiry};
  const Result<api::Said> said = api::read(in, viewer_, session_.site().config.message_bytes);
  if (!said) return false;
  will_ = std::make_unique<LastWill>();
  will_->delay = opening.will_delay;
  if (const auto* change = std::get_if<api::PresenceChange>(&*said)) {
    auto event = std::make_shared<core::Event>();
    api::apply(*change, *event);
    std::get<core::Presence>(event->body).status = core::Status::offline;
    will_->presence = std::move(event);
    return true;
  }
  will_->topic = opening.will_topic;
  will_->payload = opening.will_payload;
  will_->content_type = opening.will_content_type;
  return std::holds_alternative<core::Send>(*said);
}

void ImProfile::on_login(Outbox& out) {
  const Who& who = session_.who();
  const Opening& opening = session_.opening();
  const Config& config = session_.site().config;
  viewer_.me = Address{who.name, config.domain, *names::prepare_resource(who.client_id)};
  if (!take_will(opening)) return session_.refuse(Reason::topic_name_invalid, out, "will");
  const std::string* automatic = find_user(opening, "im-auto");
  auto_ = !(automatic != nullptr && *automatic == "0") && !(!session_.is_v5() && who.client_id.starts_with("raw-"));
  roster_version_ = read_number(find_user(opening, "rv"));
  core::OpenSession open;
  open.wire = core::Wire::mqtt;
  open.resource = viewer_.me.resource;
  open.address = session_.peer_address();
  open.keeps = who.expiry > 0;
  open.clean = who.clean_start;
  open.expiry = who.expiry < config.session_expiry ? who.expiry : 0;
  out.belong_to(viewer_.me.bare());
  session_.ask(std::move(open), out, [this](const core::Reply& reply, Outbox& then) {
    if (const auto* opened = std::get_if<core::SessionOpened>(&reply)) return on_opened(*opened, then);
    const auto* refused = std::get_if<core::Refused>(&reply);
    Reason reason = Reason::server_unavailable;
    if (refused != nullptr && refused->code == Errc::too_fast) reason = Reason::quota_exceeded;
    if (refused != nullptr && refused->code == Errc::forbidden) reason = Reason::banned;
    session_.refuse(reason, then);
  });
}

void ImProfile::on_opened(const core::SessionOpened& opened, Outbox& out) {
  head_ = opened.head;
  from_ = opened.from;
  sent_ = opened.sent;
  resumed_ = opened.present;
  recall_memo(opened.memo);
  if (!session_.is_v5() && !roster_version_ && opened.roster != 0) roster_version_ = opened.roster;
  if (session_.who().expiry == 0) unread_ = opened.unread;
  Opened answer{.present = opened.present, .expiry = std::nullopt, .response_information = {}};
  const std::uint32_t longest = session_.site().config.session_expiry;
  if (session_.who().expiry > longest) answer.expiry = longest;
  answer.response_information = "im/u/" + viewer_.me.local + "/";
  // A message that is to be said some time after the loss needs somebody who says it.
  if (will_ != nullptr && will_->presence == nullptr && will_->delay > 0) {
    held_token_ = make_token(session_.site().random);
    out.keep(held_token_, seconds(std::min(will_->delay, std::max<std::uint32_t>(session_.who().expiry, 1))));
  }
  // Packet identifiers of the log's rows are made of their places: the same again when they are sent again.
  session_.sending().number_from(32768);
  session_.open(answer, out);
  if (auto_ || !filters_.empty()) begin(out);
}

void ImProfile::begin(Outbox& out) {
  if (begun_ || session_.is_over()) return;
  begun_ = true;
  out.submit(0, core::SetCopies{true});
  if (!resumed_ || from_ >= head_) return ask_roster(out);
  session_.ask(core::ReadLog{.after = from_, .limit = 1}, out, [this](const core::Reply& reply, Outbox& then) {
    const auto* log = std::get_if<core::LogFound>(&reply);
    gap_ = log != nullptr && log->gap;
    ask_roster(then);
  });
}

void ImProfile::ask_roster(Outbox& out) {
  session_.ask(core::GetRoster{roster_version_}, out,
               [this](const core::Reply& reply, Outbox& then) { on_roster(reply, then); });
}

void ImProfile::on_roster(const core::Reply& reply, Outbox& out) {
  const auto* roster = std::get_if<core::RosterItems>(&reply);
  api::Sync sync{.ends = false, .seq = head_, .resumed = resumed_, .roster_version = 0, .gap = gap_, .unread = unread_};
  if (roster != nullptr) sync.roster_version = roster->version;
  tell(api::write_sync(sync, viewer_), out);
  if (roster != nullptr) {
    for (api::Outgoing& one : api::write_roster(*roster, viewer_)) tell(std::move(one), out);
  }
  session_.ask(core::GetPresences{}, out,
               [this](const core::Reply& found, Outbox& then) { on_presences(found, then); });
}

void ImProfile::on_presences(const core::Reply& reply, Outbox& out) {
  if (const auto* found = std::get_if<core::PresencesFound>(&reply)) {
    for (const core::EventPtr& event : found->events) tell_presence(*event, true, out);
  }
  set_presence(own_presence(), out, [](const core::Reply&, Outbox&) {});
  session_.ask(core::AwaitBacklog{}, out, [this](const core::Reply&, Outbox& then) {
    const api::Sync sync{
        .ends = true, .seq = head_, .resumed = resumed_, .roster_version = 0, .gap = gap_, .unread = std::nullopt};
    tell(api::write_sync(sync, viewer_), then);
  });
}

core::Event ImProfile::own_presence() const {
  if (said_ != nullptr) return *said_;
  core::Event event;
  event.body = core::Presence{.status = core::Status::online};
  return event;
}

void ImProfile::set_presence(core::Event presence, Outbox& out, Session::Then then) {
  session_.ask(core::SetPresence{std::move(presence)}, out, std::move(then));
}

}  // namespace confab::mqtt
