// Presence subscriptions: the state tables of RFC 6121 Appendix A, complete, with pre-approval (§3.4).
#pragma once

#include "core/event.h"

namespace confab::core {

// What one step does to an item, and what else has to happen.
struct SubscriptionOutcome {
  RosterItem item;            // as it is afterwards; version untouched
  bool changed = false;       // the item is another than before
  bool pass_on = false;       // outbound: send it to the contact. Inbound: show it to the user
  bool auto_approve = false;  // inbound subscribe: answer "subscribed" in the user's name
};

// The user sends `step` to the contact (Appendix A.2).
SubscriptionOutcome send_step(RosterItem item, Subscription::Step step);

// The contact's `step` arrives (Appendix A.3).
SubscriptionOutcome receive_step(RosterItem item, Subscription::Step step);

// Whether anything of the item is worth keeping.
bool is_void(const RosterItem& item);

}  // namespace confab::core
