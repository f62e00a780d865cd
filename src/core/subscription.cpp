#include "core/subscription.h"

namespace confab::core {
namespace {

using Step = Subscription::Step;

// A contact whom the user asked, or whom he let see him, is in the roster from then on (RFC 6121 §3.1.2, §3.1.5).
void list(RosterItem& item) {
  item.listed = true;
  item.deleted = false;
}

void send_subscribe(SubscriptionOutcome& out) {
  out.pass_on = true;
  if (out.item.to) return;
  out.item.pending_out = true;
  list(out.item);
}

void send_unsubscribe(SubscriptionOutcome& out) {
  out.pass_on = true;
  out.item.to = out.item.pending_out = false;
}

void send_subscribed(SubscriptionOutcome& out) {
  if (out.item.pending_in) {
    out.pass_on = true;
    out.item.pending_in = false;
    out.item.request.clear();
    out.item.from = true;
    list(out.item);
  } else if (!out.item.from) {
    out.item.approved = true;  // §3.4.2
    list(out.item);
  }
}

void send_unsubscribed(SubscriptionOutcome& out) {
  out.pass_on = out.item.from || out.item.pending_in;
  out.item.from = out.item.pending_in = out.item.approved = false;
  out.item.request.clear();
}

void receive_subscribe(SubscriptionOutcome& out) {
  if (out.item.from) {
    out.auto_approve = true;
  } else if (out.item.approved) {
    out.item.from = true;
    out.item.approved = out.item.pending_in = false;
    out.auto_approve = true;
    list(out.item);
  } else if (!out.item.pending_in) {
    out.item.pending_in = true;
    if (out.item.deleted) out.item.listed = false;
    out.pass_on = true;
  }
}

void receive_unsubscribe(SubscriptionOutcome& out) {
  out.pass_on = out.item.from || out.item.pending_in;
  out.item.from = out.item.pending_in = false;
  out.item.request.clear();
}

void receive_subscribed(SubscriptionOutcome& out) {
  if (!out.item.pending_out) return;
  out.pass_on = true;
  out.item.pending_out = false;
  out.item.to = true;
}

void receive_unsubscribed(SubscriptionOutcome& out) {
  out.pass_on = out.item.to || out.item.pending_out;
  out.item.to = out.item.pending_out = false;
}

template <class Apply>
SubscriptionOutcome outcome(RosterItem item, Apply apply) {
  const RosterItem before = item;
  SubscriptionOutcome out{.item = std::move(item)};
  apply(out);
  out.changed = !(out.item == before);
  return out;
}

}  // namespace

SubscriptionOutcome send_step(RosterItem item, Step step) {
  switch (step) {
    case Step::subscribe:
      return outcome(std::move(item), send_subscribe);
    case Step::unsubscribe:
      return outcome(std::move(item), send_unsubscribe);
    case Step::subscribed:
      return outcome(std::move(item), send_subscribed);
    case Step::unsubscribed:
      return outcome(std::move(item), send_unsubscribed);
  }
  return {};
}

SubscriptionOutcome receive_step(RosterItem item, Step step) {
  switch (step) {
    case Step::subscribe:
      return outcome(std::move(item), receive_subscribe);
    case Step::unsubscribe:
      return outcome(std::move(item), receive_unsubscribe);
    case Step::subscribed:
      return outcome(std::move(item), receive_subscribed);
    case Step::unsubscribed:
      return outcome(std::move(item), receive_unsubscribed);
  }
  return {};
}

bool is_void(const RosterItem& item) {
  return !item.deleted && !item.listed && !item.to && !item.from && !item.pending_in && !item.pending_out &&
         !item.approved;
}

}  // namespace confab::core
