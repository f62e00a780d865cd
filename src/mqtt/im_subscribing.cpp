// What the client says that it wants, beside what it is told anyway; a device that keeps its place keeps that, too.
#include <algorithm>

#include "mqtt/im_access.h"
#include "mqtt/im_profile.h"

namespace confab::mqtt {
namespace {

// A memo's words end with what no topic filter may have in it (MQTT 5.0 §1.5.4).
constexpr char kEnd = '\0';
constexpr std::string_view kNoPresence = "no-presence", kWithDomain = "with-domain", kFilter = "filter ";

bool is_granted(Reason reason) {
  return static_cast<std::uint8_t>(reason) < 0x80;
}

}  // namespace

std::string ImProfile::memo() const {
  std::string memo;
  const auto add = [&memo](std::string_view word, std::string_view rest) { memo.append(word).append(rest) += kEnd; };
  if (!presence_) add(kNoPresence, {});
  if (viewer_.with_domain) add(kWithDomain, {});
  for (const std::string& filter : filters_) add(kFilter, filter);
  return memo;
}

void ImProfile::recall_memo(std::string_view memo) {
  while (!memo.empty()) {
    const std::string_view word = memo.substr(0, memo.find(kEnd));
    memo.remove_prefix(std::min(memo.size(), word.size() + 1));
    if (word == kNoPresence) presence_ = false;
    if (word == kWithDomain) viewer_.with_domain = true;
    if (!auto_ && word.starts_with(kFilter)) filters_.emplace_back(word.substr(kFilter.size()));
  }
}

// `then`, once what was changed since `before` is certain to be there when the device comes back. false: it is not.
void ImProfile::remember(const std::string& before, Outbox& out, std::function<void(bool, Outbox&)> then) {
  std::string now = memo();
  if (session_.who().expiry == 0 || now == before) return then(true, out);
  session_.ask(core::NoteDevice{.roster = {}, .memo = std::move(now)}, out,
               [then = std::move(then)](const core::Reply& reply, Outbox& later) {
                 then(!std::holds_alternative<core::Refused>(reply), later);
               });
}

bool ImProfile::add_filter(std::string_view filter) {
  std::size_t bytes = filter.size();
  for (const std::string& known : filters_) {
    if (known == filter) return true;
    bytes += known.size();
  }
  if (filters_.size() >= kFilters || bytes > kFilterBytes) return false;
  filters_.emplace_back(filter);
  return true;
}

Reason ImProfile::subscribe(const Subscription& wanted, std::optional<Address>& friend_of) {
  const Verdict verdict = judge(wanted.filter, viewer_);
  if (verdict.access == Access::invalid) return Reason::topic_filter_invalid;
  if (verdict.access == Access::refused) return Reason::not_authorized;
  if (!auto_ && !add_filter(wanted.filter)) return Reason::quota_exceeded;
  if (verdict.access == Access::friends) friend_of = verdict.person;
  if (verdict.names_domain) viewer_.with_domain = true;
  if (intersects(wanted.filter, "im/u/+/presence/+")) presence_ = true;
  return static_cast<Reason>(std::min<std::uint8_t>(wanted.qos, 1));
}

void ImProfile::on_subscribe(const Subscribe& subscribe, Outbox& out) {
  const std::string before = memo();
  std::vector<Reason> reasons;
  std::vector<std::pair<std::size_t, Address>> friends;
  for (const Subscription& each : subscribe.subscriptions) {
    std::optional<Address> friend_of;
    const Reason reason = this->subscribe(each, friend_of);
    if (friend_of) friends.emplace_back(reasons.size(), std::move(*friend_of));
    reasons.push_back(reason);
  }
  remember(before, out, [this, id = subscribe.id, reasons, friends](bool kept, Outbox& then) mutable {
    if (!kept) std::replace_if(reasons.begin(), reasons.end(), is_granted, Reason::quota_exceeded);
    ask_friends(id, std::move(reasons), std::move(friends), then);
  });
}

// The presence of somebody whom the account does not see is refused.
void ImProfile::ask_friends(PacketId id, std::vector<Reason> reasons,
                            std::vector<std::pair<std::size_t, Address>> friends, Outbox& out) {
  if (friends.empty()) return answer_subscribe(id, std::move(reasons), out);
  session_.ask(core::GetRoster{}, out,
               [this, id, reasons = std::move(reasons), friends = std::move(friends)](const core::Reply& reply,
                                                                                      Outbox& then) mutable {
                 const auto* roster = std::get_if<core::RosterItems>(&reply);
                 for (const auto& [at, person] : friends) {
                   const bool seen = roster != nullptr && std::any_of(roster->items.begin(), roster->items.end(),
                                                                      [&who = person](const core::RosterItem& item) {
                                                                        return item.to && item.peer == who;
                                                                      });
                   if (!seen) reasons[at] = Reason::not_authorized;
                 }
                 answer_subscribe(id, std::move(reasons), then);
               });
}

void ImProfile::answer_subscribe(PacketId id, std::vector<Reason> reasons, Outbox& out) {
  session_.send(Suback{id, std::move(reasons), {}, {}}, out);
  if (!auto_ && !filters_.empty()) begin(out);
}

// A class that was told by itself is turned off; anything else was no subscription of its own.
void ImProfile::on_unsubscribe(const Unsubscribe& unsubscribe, Outbox& out) {
  const std::string before = memo();
  std::vector<Reason> reasons;
  for (const std::string_view filter : unsubscribe.filters) {
    std::erase(filters_, filter);
    if (filter == "im/u/+/presence/#" || filter == "im/u/+/presence/+") presence_ = false;
    const bool invalid = judge(filter, viewer_).access == Access::invalid;
    reasons.push_back(invalid ? Reason::topic_filter_invalid : Reason::success);
  }
  remember(before, out, [this, id = unsubscribe.id, reasons](bool kept, Outbox& then) {
    session_.send(Unsuback{id, kept ? reasons : std::vector(reasons.size(), Reason::unspecified), {}, {}}, then);
  });
}

}  // namespace confab::mqtt
