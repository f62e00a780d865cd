// RFC 6121 Appendix A, row by row.
#include "core/subscription.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace confab;
using namespace confab::core;
using Step = Subscription::Step;

namespace {

// The states as the RFC writes them: "None + Pending Out/In" is "no pi".
RosterItem state(const std::string& words) {
  RosterItem item;
  item.peer = {"juliet", "example.com", {}};
  item.to = words.find('T') != std::string::npos;
  item.from = words.find('F') != std::string::npos;
  item.pending_out = words.find('o') != std::string::npos;
  item.pending_in = words.find('i') != std::string::npos;
  return item;
}

std::string words(const RosterItem& item) {
  std::string text;
  if (item.to) text += 'T';
  if (item.from) text += 'F';
  if (item.pending_out) text += 'o';
  if (item.pending_in) text += 'i';
  return text.empty() ? "N" : text;
}

struct Row {
  const char* before;
  bool pass_on;
  const char* after;
};

void check(Step step, bool outbound, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.before);
    const SubscriptionOutcome out =
        outbound ? send_step(state(row.before), step) : receive_step(state(row.before), step);
    CHECK(out.pass_on == row.pass_on);
    CHECK(words(out.item) == row.after);
  }
}

}  // namespace

TEST_CASE("A.2.1: outbound subscribe is always routed") {
  check(Step::subscribe, true,
        {{"N", true, "o"},
         {"o", true, "o"},
         {"i", true, "oi"},
         {"oi", true, "oi"},
         {"T", true, "T"},
         {"Ti", true, "Ti"},
         {"F", true, "Fo"},
         {"Fo", true, "Fo"},
         {"TF", true, "TF"}});
}

TEST_CASE("A.2.2: outbound unsubscribe") {
  check(Step::unsubscribe, true,
        {{"N", true, "N"},
         {"o", true, "N"},
         {"i", true, "i"},
         {"oi", true, "i"},
         {"T", true, "N"},
         {"Ti", true, "i"},
         {"F", true, "F"},
         {"Fo", true, "F"},
         {"TF", true, "F"}});
}

TEST_CASE("A.2.3: outbound subscribed is routed only when asked for") {
  check(Step::subscribed, true,
        {{"N", false, "N"},
         {"o", false, "o"},
         {"i", true, "F"},
         {"oi", true, "Fo"},
         {"T", false, "T"},
         {"Ti", true, "TF"},
         {"F", false, "F"},
         {"Fo", false, "Fo"},
         {"TF", false, "TF"}});
}

TEST_CASE("A.2.4: outbound unsubscribed") {
  check(Step::unsubscribed, true,
        {{"N", false, "N"},
         {"o", false, "o"},
         {"i", true, "N"},
         {"oi", true, "o"},
         {"T", false, "T"},
         {"Ti", true, "T"},
         {"F", true, "N"},
         {"Fo", true, "o"},
         {"TF", true, "T"}});
}

TEST_CASE("A.3.1: inbound subscribe is shown once, and answered where it was approved") {
  check(Step::subscribe, false,
        {{"N", true, "i"},
         {"o", true, "oi"},
         {"i", false, "i"},
         {"oi", false, "oi"},
         {"T", true, "Ti"},
         {"Ti", false, "Ti"},
         {"F", false, "F"},
         {"Fo", false, "Fo"},
         {"TF", false, "TF"}});
  for (const char* from : {"F", "Fo", "TF"}) CHECK(receive_step(state(from), Step::subscribe).auto_approve);
  for (const char* other : {"N", "o", "i", "T"}) CHECK_FALSE(receive_step(state(other), Step::subscribe).auto_approve);
}

TEST_CASE("A.3.2: inbound unsubscribe") {
  check(Step::unsubscribe, false,
        {{"N", false, "N"},
         {"o", false, "o"},
         {"i", true, "N"},
         {"oi", true, "o"},
         {"T", false, "T"},
         {"Ti", true, "T"},
         {"F", true, "N"},
         {"Fo", true, "o"},
         {"TF", true, "T"}});
}

TEST_CASE("A.3.3: inbound subscribed counts only when asked for") {
  check(Step::subscribed, false,
        {{"N", false, "N"},
         {"o", true, "T"},
         {"i", false, "i"},
         {"oi", true, "Ti"},
         {"T", false, "T"},
         {"Ti", false, "Ti"},
         {"F", false, "F"},
         {"Fo", true, "TF"},
         {"TF", false, "TF"}});
}

TEST_CASE("A.3.4: inbound unsubscribed") {
  check(Step::unsubscribed, false,
        {{"N", false, "N"},
         {"o", true, "N"},
         {"i", false, "i"},
         {"oi", true, "i"},
         {"T", true, "N"},
         {"Ti", true, "i"},
         {"F", false, "F"},
         {"Fo", true, "F"},
         {"TF", true, "F"}});
}

TEST_CASE("§3.4: a request that was approved beforehand is answered by the server") {
  SubscriptionOutcome out = send_step(state("N"), Step::subscribed);
  CHECK(out.item.approved);
  CHECK_FALSE(out.pass_on);
  out = receive_step(out.item, Step::subscribe);
  CHECK(out.auto_approve);
  CHECK_FALSE(out.pass_on);
  CHECK(words(out.item) == "F");
  CHECK_FALSE(out.item.approved);
  CHECK_FALSE(send_step(send_step(state("N"), Step::subscribed).item, Step::unsubscribed).item.approved);
}

TEST_CASE("whoever asks is not in the roster until the user says so") {
  const RosterItem asked = receive_step(RosterItem{.peer = {"j", "d", {}}, .listed = false}, Step::subscribe).item;
  CHECK_FALSE(asked.listed);
  CHECK(send_step(asked, Step::subscribed).item.listed);
  CHECK(is_void(send_step(asked, Step::unsubscribed).item));
}
