// What accounts publish, asked for by others, and shown to who has just come.
#include <algorithm>

#include "base/log.h"
#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {
namespace {

constexpr std::size_t kShowsPerSession = 20;
constexpr std::size_t kToldPerShow = 1'000;

std::string_view node_of(const core::Event& event) {
  const auto* published = std::get_if<core::Published>(&event.body);
  return published == nullptr ? std::string_view() : published->node;
}

bool is_published(const core::Event& event) {
  return std::holds_alternative<core::Published>(event.body) || std::holds_alternative<core::Listening>(event.body);
}

}  // namespace

// The person's own actor answers: rights are checked where the things are. Who asks is said by his own actor.
void Actor::inquire(const core::Command& question, const Address& of, const Origin& origin) {
  if (!is_entitled(origin)) {
    shard_.answer(origin, core::Refused{Errc::closed, "no session"});
    return;
  }
  if (of.empty() || of.same_bare(address_)) return inform({address_, question, origin});
  if (of.domain != shard_.options().domain) {
    shard_.answer(origin, core::Refused{Errc::unsupported, "remote-server-not-found"});
    return;
  }
  AccountShard* owner = &shard_.node().shard(shard_.node().owner_shard(of));
  owner->loop().post([owner, of = of.bare(), inquiry = Inquiry{address_, question, origin}]() mutable {
    Address to = of;
    owner->enqueue(std::move(to), std::move(inquiry));
  });
}

void Actor::inform(Inquiry inquiry) {
  if (const auto* items = std::get_if<core::GetItems>(&inquiry.question)) {
    answer_items(inquiry.asker, *items, inquiry.origin);
  } else if (std::holds_alternative<core::GetListening>(inquiry.question)) {
    answer_listening(inquiry.asker, inquiry.origin);
  } else if (auto found = core::look_around(account_, inquiry.asker)) {
    shard_.answer(inquiry.origin, std::move(*found));
  } else {
    shard_.answer(inquiry.origin, std::move(found.error()));
  }
}

void Actor::answer_items(const Address& asker, const core::GetItems& question, const Origin& origin) {
  tl::expected<core::Node, core::Refused> node = core::look_at(account_, question.node, asker);
  if (!node) {
    shard_.answer(origin, std::move(node.error()));
    return;
  }
  ++pending_;
  const std::size_t bytes = question.query.whole ? shard_.options().policy.pep_bytes : shard_.options().items_bytes;
  shard_.store().load_items(
      account_.row.uid, question.node, question.query, bytes, shard_.loop(),
      [self = shared_from_this(), origin, config = std::move(node->config)](Result<core::ItemPage> page) mutable {
        --self->pending_;
        if (page) {
          self->shard_.answer(origin, core::ItemsFound{std::move(config), std::move(*page)});
        } else {
          self->shard_.answer(origin, core::Refused{page.error().code, page.error().text});
        }
      });
}

void Actor::answer_listening(const Address& asker, const Origin& origin) {
  if (auto refused = core::hears_not(account_, asker)) {
    shard_.answer(origin, std::move(*refused));
    return;
  }
  ++pending_;
  LastQuery query{.asker = address_, .people = {address_}, .nodes = {}, .listening = true, .skip = 0, .bytes = 0};
  shard_.store().load_last_said(std::move(query), shard_.loop(),
                                [self = shared_from_this(), origin](Result<LastPage> page) {
                                  --self->pending_;
                                  if (!page) {
                                    self->shard_.answer(origin, core::Refused{page.error().code, page.error().text});
                                  } else {
                                    core::EventPtr event = page->said.empty() ? nullptr : page->said.front().event;
                                    self->shard_.answer(origin, core::ListeningFound{std::move(event)});
                                  }
                                });
}

void Actor::show_last(core::SessionId id, core::ShowLast& command) {
  const core::SessionState* session = account_.find_session(id);
  if (session == nullptr || !session->available || (command.nodes.empty() && !command.listening)) return;
  std::vector<Address> people;
  for (const core::RosterItem& item : account_.row.roster) {
    const bool wanted = command.of.empty() || command.of.same_bare(item.peer);
    if (wanted && item.to && !item.deleted) people.push_back(item.peer);
  }
  if (command.of.empty()) people.push_back(address_);
  const auto pending = static_cast<std::size_t>(
      std::count_if(shows_.begin(), shows_.end(), [id](const Show& show) { return show.session == id; }));
  if (people.empty() || pending >= kShowsPerSession) return;
  Show show{.session = id,
            .number = ++last_show_,
            .query = {.asker = address_.with(session->resource),
                      .people = std::move(people),
                      .nodes = std::move(command.nodes),
                      .listening = command.listening,
                      .skip = 0,
                      .bytes = shard_.options().backlog_bytes},
            .by_subscription = !command.of.empty(),
            .told = {}};
  auto last = shows_.before_begin();
  for (auto at = shows_.begin(); at != shows_.end(); ++at) last = at;
  shows_.insert_after(last, std::move(show));
  if (pending == 0) read_last(id);
}

void Actor::read_last(core::SessionId id) {
  Show* show = find_show(id);
  if (show == nullptr) return;
  show->waiting = false;
  ++pending_;
  shard_.store().load_last_said(show->query, shard_.loop(),
                                [self = shared_from_this(), number = show->number](Result<LastPage> page) {
                                  --self->pending_;
                                  self->on_last(number, std::move(page));
                                });
}

void Actor::on_last(std::uint32_t number, Result<LastPage> page) {
  const auto show =
      std::find_if(shows_.begin(), shows_.end(), [number](const Show& each) { return each.number == number; });
  if (show == shows_.end()) return;
  const core::SessionId id = show->session;
  const Link* link = find_link(id);
  const core::SessionState* session = account_.find_session(id);
  if (link == nullptr || session == nullptr || !session->available) return stop_showing(id);
  if (!page) {
    // Nothing is lost: whoever wants to see it can ask.
    log::warn("engine", "last_not_read", {{"user", to_string(address_)}, {"error", page.error().text}});
    stop_showing(id);
    return;
  }
  auto& people = show->query.people;
  const bool more = page->people < people.size();
  bool shown = false;
  for (const LastSaid& said : page->said) {
    if (!shows(*show, said)) continue;
    shown = true;
    shard_.deliver(link->connection, {.event = said.event, .delayed = true, .paged = more});
  }
  people.erase(people.begin(), people.begin() + static_cast<std::ptrdiff_t>(page->people));
  show->query.skip = page->skip;
  show->waiting = more && shown;
  if (more && !shown) return read_last(id);
  if (more) return;
  shows_.remove_if([number](const Show& each) { return each.number == number; });
  read_last(id);
}

// By what its owner lets this account see, and by what it wants to see itself.
bool Actor::shows(const Show& show, const LastSaid& said) const {
  const core::Event& event = *said.event;
  const auto* listening = std::get_if<core::Listening>(&event.body);
  if (listening != nullptr && listening->text.empty()) return false;
  const Address from = event.from.bare();
  const std::string_view node = node_of(event);
  const bool older = std::any_of(show.told.begin(), show.told.end(),
                                 [&](const auto& told) { return told.first == from && told.second == node; });
  const core::NodeConfig& config = said.config;
  const bool wanted = config.send_last == core::SendLast::on_presence ||
                      (config.send_last == core::SendLast::on_subscription && show.by_subscription);
  if (older || !config.notify || !config.listed || !wanted) return false;
  if (from == address_) return true;
  const std::optional<core::RosterItem> own = account_.row.roster.find(from);
  if (!own || !own->to || account_.row.blocks.covers(from) || said.blocked) return false;
  return core::sight_of(config, said.entry) == core::Sight::seen;
}

// The session can take more: the next page, if there is one.
void Actor::show_more(core::SessionId id) {
  const Show* show = find_show(id);
  if (show != nullptr && show->waiting) read_last(id);
}

void Actor::stop_showing(core::SessionId id) {
  shows_.remove_if([id](const Show& show) { return show.session == id; });
}

void Actor::note_told(const core::Notify& notify) {
  if (!is_published(*notify.event)) return;
  for (Show& show : shows_) {
    if (show.session != notify.session || show.told.size() >= kToldPerShow) continue;
    show.told.emplace_back(notify.event->from.bare(), node_of(*notify.event));
  }
}

Show* Actor::find_show(core::SessionId id) {
  const auto at = std::find_if(shows_.begin(), shows_.end(), [id](const Show& show) { return show.session == id; });
  return at == shows_.end() ? nullptr : &*at;
}

}  // namespace confab::engine
