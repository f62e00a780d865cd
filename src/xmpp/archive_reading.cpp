// Questions to the archive, one after the other: the next when the client has taken what the last one brought.
#include "xmpp/session.h"

namespace confab::xmpp {

void Session::ask_archive(Request request, core::QueryArchive query, Outbox& out) {
  if (archive_ == nullptr) archive_ = std::make_unique<ArchiveReading>();
  if (sm_ != nullptr) {
    request.holds = true;
    request.stanza = sm_->handled;
  }
  archive_->held.emplace_back(requests_.add(std::move(request)), std::move(query));
  if (requests_.size() >= site_.config.requests_under_way) wait(kWaitReplies, out);
  read_on(out);
}

void Session::on_archive_answered(Outbox& out) {
  archive_->under_way = false;
  archive_->unsent = sm_ == nullptr;
  read_on(out);
}

void Session::read_on(Outbox& out) {
  if (archive_ == nullptr || archive_->held.empty() || archive_->under_way || archive_->unsent) return;
  if (sm_ != nullptr && is_half_full()) return;
  auto [request, query] = std::move(archive_->held.front());
  archive_->held.pop_front();
  archive_->under_way = true;
  out.submit(request, std::move(query));
}

}  // namespace confab::xmpp
