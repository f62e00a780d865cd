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
  archive_->under_way = 0;
  archive_->unsent = sm_ == nullptr;
  read_on(out);
}

void Session::read_on(Outbox& out) {
  if (archive_ == nullptr || archive_->held.empty() || archive_->under_way != 0 || archive_->unsent) return;
  if (sm_ != nullptr && is_half_full()) return;
  auto [request, query] = std::move(archive_->held.front());
  archive_->held.pop_front();
  archive_->under_way = request;
  out.submit(request, std::move(query));
}

// On a resumed stream the client asks again what was not answered: it is not to be told twice.
void Session::forget_archive_queries() {
  if (archive_ == nullptr) return;
  if (archive_->under_way != 0) static_cast<void>(requests_.take(archive_->under_way));
  for (const auto& [request, query] : archive_->held) static_cast<void>(requests_.take(request));
  archive_.reset();
}

}  // namespace confab::xmpp
