// What is asked of an account, and what the account itself undergoes.
#include <algorithm>

#include "base/log.h"
#include "engine/actor.h"
#include "engine/node.h"
#include "engine/shard.h"

namespace confab::engine {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

bool is_site_authority(const Origin& origin) {
  return origin.done != nullptr;
}

}  // namespace

void Actor::request(Request request) {
  const Origin& origin = request.origin;
  Link* const link = find_link(origin.connection);
  const core::SessionId id = link == nullptr ? 0 : link->id;
  std::visit(Overloaded{[&](core::FindCredentials&) { find_credentials(origin); },
                        [&](core::VerifyPassword& c) { verify_password(c, origin); },
                        [&](core::Register& c) { refuse_taken(c, origin); },
                        [&](core::ChangePassword& c) { change_password(c, origin); },
                        [&](core::Disable& c) { disable(c, origin); },
                        [&](core::RemoveAccount& c) { remove(c, origin); },
                        [&](core::OpenSession& c) { open_session(c, origin); },
                        [&](core::CloseSession& c) { close_session(id, c); },
                        [&](core::Acknowledge& c) { acknowledge(id, c.upto); },
                        [&](core::NoteDevice& c) { note_device(id, c, origin); },
                        [&](core::WantBacklog&) {
                          want_backlog(id);
                          show_more(id);
                        },
                        [&](core::HoldBacklog&) { hold_backlog(id); },
                        [&](core::AwaitBacklog&) { await_backlog(id, origin); },
                        [&](core::SetAttached& c) { set_attached(id, c.attached); },
                        [&](core::GetProfile& c) { get_profile(c, origin); },
                        [&](core::SearchLog& c) { search_log(c, origin); },
                        [&](core::GetReadMarkers&) { get_read_markers(origin); },
                        [&](core::GetPresences&) { get_presences(origin); },
                        [&](core::QueryArchive& c) { query_archive(c, origin); },
                        [&](core::GetArchiveEnds&) { get_archive_ends(origin); },
                        [&](core::GetHistory& c) { get_history(c, origin); },
                        [&](core::ReadLog& c) { read_log(c, origin); },
                        [&](core::GetSessions&) { get_sessions(origin); },
                        [&](core::EndSession& c) { end_session(c, origin); },
                        [&](core::GetItems& c) { inquire(request.command, c.of, origin); },
                        [&](core::GetNodes& c) { inquire(request.command, c.of, origin); },
                        [&](core::GetListening& c) { inquire(request.command, c.of, origin); },
                        [&](core::ShowLast& c) { show_last(id, c); },
                        [&](core::Send& c) {
                          const core::Sender sender{
                              .uid = 0, .dedupe = std::move(c.dedupe), .alias = std::move(c.alias)};
                          perform(core::decide(account_, id, request.command, shard_.context()), origin, &sender);
                        },
                        [&](auto&) { perform(core::decide(account_, id, request.command, shard_.context()), origin); }},
             request.command);
}

// The account's own session asks, or the site.
bool Actor::is_entitled(const Origin& origin) {
  return find_link(origin.connection) != nullptr || is_site_authority(origin);
}

void Actor::find_credentials(const Origin& origin) {
  if (account_.row.disabled) {
    shard_.answer(origin, core::CredentialsFound{0, shard_.passwords().decoy(address_.local)});
  } else {
    shard_.answer(origin, core::CredentialsFound{account_.row.uid, account_.row.credentials});
  }
}

void Actor::verify_password(core::VerifyPassword& command, const Origin& origin) {
  // Nobody's password costs as much as somebody's.
  const bool nobody = state_ == State::absent || account_.row.disabled;
  ++pending_;
  shard_.passwords().verify(
      nobody ? 0 : account_.row.uid, nobody ? shard_.passwords().decoy(address_.local) : account_.row.credentials,
      std::move(command.password), shard_.loop(), [self = shared_from_this(), origin](Result<bool> right) {
        --self->pending_;
        if (right && *right) {
          self->shard_.answer(origin, core::Done{});
        } else {
          const Errc code = right ? Errc::not_authorized : right.error().code;
          self->shard_.answer(origin, core::Refused{code, {}});
        }
      });
}

// With an invitation: as far as that can be seen before the store has looked at it.
bool Actor::may_register(const core::Register& command, const Origin& origin) const {
  const Registration policy = shard_.options().registration;
  const bool invited = policy == Registration::invite && !command.invite.empty();
  return policy == Registration::open || invited || is_site_authority(origin);
}

// Who may not register learns nothing of which names are taken.
void Actor::refuse_taken(const core::Register& command, const Origin& origin) {
  shard_.answer(origin, may_register(command, origin) ? core::Refused{Errc::conflict, "taken"}
                                                      : core::Refused{Errc::not_allowed, "registration"});
}

// The account does not exist; while it is being made, what else comes for it waits.
void Actor::create(core::Register& command, const Origin& origin) {
  if (!may_register(command, origin)) {
    shard_.answer(origin, core::Refused{Errc::not_allowed, "registration"});
    return;
  }
  state_ = State::busy;
  ++pending_;
  const std::string name = address_.local;
  auto on_stored = [self = shared_from_this(), origin](Result<Committed> done) {
    --self->pending_;
    if (!done) {
      self->shard_.answer(origin, core::Refused{done.error().code, done.error().text});
    } else {
      log::info("engine", "account_created", {{"user", to_string(self->address_)}});
      self->shard_.answer(origin, core::Done{});
    }
    self->load();  // whatever waits finds the account, or finds that there is none
  };
  shard_.passwords().derive(
      name, std::move(command.password), shard_.loop(),
      [self = shared_from_this(), origin, email = std::move(command.email),
       invite = shard_.options().registration == Registration::invite ? std::move(command.invite) : std::string(),
       on_stored = std::move(on_stored)](Result<std::string> credentials) mutable {
        if (!credentials) {
          on_stored(fail(credentials.error()));
          return;
        }
        CreateAccount create{.address = self->address_,
                             .credentials = std::move(*credentials),
                             .admin = false,
                             .at = self->shard_.loop().now().wall,
                             .profile = {.name = {}, .email = std::move(email), .phone = {}, .annex = {}},
                             .invite = std::move(invite)};
        Transaction transaction;
        transaction.changes.emplace_back(std::move(create));
        self->shard_.store().commit(std::move(transaction), self->shard_.loop(), std::move(on_stored));
      });
}

// One change at a time: what comes for the account meanwhile waits.
void Actor::change_password(core::ChangePassword& command, const Origin& origin) {
  if (!is_entitled(origin)) {
    shard_.answer(origin, core::Refused{Errc::closed, "no session"});
    return;
  }
  state_ = State::busy;
  ++pending_;
  shard_.passwords().derive(
      address_.local, std::move(command.password), shard_.loop(),
      [self = shared_from_this(), origin](Result<std::string> credentials) {
        --self->pending_;
        if (!credentials) {
          self->state_ = State::ready;
          self->shard_.answer(origin, core::Refused{credentials.error().code, {}});
          self->run_waiting();
          return;
        }
        self->shard_.passwords().forget(self->account_.row.uid);
        core::Plan plan;
        plan.changes.emplace_back(SetCredentials{self->account_.row.uid, std::move(*credentials)});
        plan.reply = core::Done{};
        self->perform(std::move(plan), origin);
      });
}

void Actor::disable(const core::Disable& command, const Origin& origin) {
  if (!is_site_authority(origin)) {
    shard_.answer(origin, core::Refused{Errc::forbidden, {}});
    return;
  }
  core::Plan plan;
  plan.changes.emplace_back(SetDisabled{account_.row.uid, command.disabled});
  plan.reply = core::Done{};
  perform(std::move(plan), origin);
}

// One at a time with the account's own changes, so that neither writes over what the other one brought.
void Actor::refresh(Task done) {
  state_ = State::busy;
  ++pending_;
  shard_.passwords().forget(account_.row.uid);
  shard_.store().load_account(
      address_, shard_.loop(),
      [self = shared_from_this(), done = std::move(done)](Result<core::AccountRow> row) mutable {
        --self->pending_;
        self->state_ = State::ready;
        core::AccountRow& known = self->account_.row;
        // Removed; or removed and made again, which is another account.
        const bool gone = row ? row->uid != known.uid : row.error().code == Errc::not_found;
        if (gone) {
          self->vanish();
        } else if (row) {
          known.credentials = std::move(row->credentials);
          known.disabled = row->disabled;
          known.admin = row->admin;
          if (known.disabled) self->expel(session::CloseReason::removed);
        }
        done();
        self->run_waiting();
      });
}

void Actor::remove(const core::RemoveAccount& command, const Origin& origin) {
  if (!is_entitled(origin)) {
    shard_.answer(origin, core::Refused{Errc::closed, "no session"});
    return;
  }
  core::Plan plan = core::remove_account(account_, command.retire && is_site_authority(origin), shard_.context());
  state_ = State::busy;
  ++pending_;
  shard_.passwords().forget(account_.row.uid);
  auto kept = std::make_shared<core::Plan>(std::move(plan));
  shard_.store().commit(Transaction{kept->changes}, shard_.loop(),
                        [self = shared_from_this(), origin, kept](Result<Committed> done) {
                          --self->pending_;
                          if (!done) {
                            self->state_ = State::ready;
                            self->shard_.answer(origin, core::Refused{done.error().code, done.error().text});
                            self->run_waiting();
                            return;
                          }
                          log::info("engine", "account_removed", {{"user", to_string(self->address_)}});
                          self->perform_effects(std::move(*kept), origin, nullptr);
                          self->vanish();
                        });
}

// A profile is read from the store each time: they are large and seldom asked for. The person's own actor says whether
// the session may ask; with its own name in it the question has come that way.
void Actor::get_profile(const core::GetProfile& command, const Origin& origin) {
  if (!command.of.empty() && !command.of.same_bare(address_)) {
    if (command.of.domain != shard_.options().domain) {
      shard_.answer(origin, core::Refused{Errc::unsupported, "remote-server-not-found"});
      return;
    }
    if (!is_entitled(origin)) {
      shard_.answer(origin, core::Refused{Errc::closed, "no session"});
      return;
    }
    AccountShard* owner = &shard_.node().shard(shard_.node().owner_shard(command.of));
    owner->loop().post(
        [owner, of = command.of.bare(), origin] { owner->enqueue(of, Request{core::GetProfile{of}, origin}); });
    return;
  }
  if (command.of.empty() && !is_entitled(origin)) {
    shard_.answer(origin, core::Refused{Errc::closed, "no session"});
    return;
  }
  ++pending_;
  shard_.store().load_profile(
      account_.row.uid, shard_.loop(), [self = shared_from_this(), origin](Result<core::Profile> profile) {
        --self->pending_;
        const std::string_view avatar = self->account_.row.last.avatar;
        if (profile) {
          self->shard_.answer(origin, core::ProfileFound{std::move(*profile), std::string(avatar)});
        } else {
          self->shard_.answer(origin, core::Refused{profile.error().code, profile.error().text});
        }
      });
}

}  // namespace confab::engine
