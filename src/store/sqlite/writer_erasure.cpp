// What goes with an account: its log, and whatever nobody else has in his.
#include "store/sqlite/writer.h"

namespace confab::store {
namespace {

// Messages of this log that stand in no other one.
constexpr const char* kDropOrphans =
    "DELETE FROM msg WHERE n IN (SELECT ref FROM uarch WHERE uid = ?1)"
    " AND n NOT IN (SELECT ref FROM uarch WHERE uid <> ?1)";

}  // namespace

Result<> Writer::drop_log(Uid uid) {
  // While the messages are there: what an entry of the index was made of is made of them.
  if (auto forgotten = search_.forget_account(uid); !forgotten) return forgotten;
  for (const char* sql : {kDropOrphans, "DELETE FROM uarch WHERE uid = ?"}) {
    Statement drop;
    if (auto ready = drop.prepare(db_, sql); !ready) return ready;
    drop.bind(uid);
    if (auto done = run(drop); !done) return done;
  }
  return {};
}

}  // namespace confab::store
