#include "auth/recent_passwords.h"

#include <doctest/doctest.h>

#include "auth/tests/fixed_random.h"

using namespace confab;
using namespace confab::auth;

TEST_CASE("recent passwords: only what was remembered, for whom it was") {
  RecentPasswords recent(10, fixed_random());
  CHECK_FALSE(recent.matches(1, "pencil"));
  recent.remember(1, "pencil");
  CHECK(recent.matches(1, "pencil"));
  CHECK_FALSE(recent.matches(1, "Pencil"));
  CHECK_FALSE(recent.matches(1, ""));
  CHECK_FALSE(recent.matches(2, "pencil"));
}

TEST_CASE("recent passwords: the new one takes the old one's place; a change forgets") {
  RecentPasswords recent(10, fixed_random());
  recent.remember(1, "old");
  recent.remember(1, "new");
  CHECK_FALSE(recent.matches(1, "old"));
  CHECK(recent.matches(1, "new"));
  CHECK(recent.size() == 1);
  recent.forget(1);
  recent.forget(7);
  CHECK_FALSE(recent.matches(1, "new"));
  recent.remember(1, "new");
  recent.clear();
  CHECK_FALSE(recent.matches(1, "new"));
}

TEST_CASE("recent passwords: bounded, and who was away for longest goes first") {
  RecentPasswords recent(2, fixed_random());
  recent.remember(1, "a");
  recent.remember(2, "b");
  CHECK(recent.matches(1, "a"));
  CHECK_FALSE(recent.matches(2, "wrong"));  // a failure is no use
  recent.remember(3, "c");
  CHECK(recent.size() == 2);
  CHECK(recent.matches(1, "a"));
  CHECK_FALSE(recent.matches(2, "b"));
  CHECK(recent.matches(3, "c"));

  RecentPasswords none(0, fixed_random());
  none.remember(1, "a");
  CHECK(none.size() == 0);
}
