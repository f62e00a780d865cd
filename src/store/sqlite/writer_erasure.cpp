// What goes with an account: its log, and whatever nobody else has in his.
#include "store/sqlite/writer.h"

namespace confab::store {

Result<> Writer::drop_log(Uid uid) {
  // While the messages are there: what an entry of the index was made of is made of them.
  if (auto forgotten = search_.forget_account(uid); !forgotten) return forgotten;
  return drop_rows(uid, kAllRows);
}

Result<> Writer::retire_address(Uid uid) {
  Statement find;
  if (auto ready = find.prepare(db_, "SELECT local, domain FROM account WHERE uid = ?"); !ready) return ready;
  if (find.bind(uid).step() != Statement::Step::row) return fail(db_.error("account"));
  const std::uint64_t hash = hash_(find.text(0) + "@" + find.text(1));
  find.reset();
  Statement put;
  if (auto ready = put.prepare(db_, "INSERT OR IGNORE INTO retired(hash) VALUES(?)"); !ready) return ready;
  put.bind(hash);
  return run(put);
}

Result<bool> Writer::is_retired(const Address& address) {
  Statement find;
  if (auto ready = find.prepare(db_, "SELECT 1 FROM retired WHERE hash = ?"); !ready) return fail(ready.error());
  const Statement::Step step = find.bind(hash_(to_string(address.bare()))).step();
  if (step == Statement::Step::failed) return fail(db_.error("retired"));
  return step == Statement::Step::row;
}

Result<> Writer::give_again(const Address& address) {
  Statement drop;
  if (auto ready = drop.prepare(db_, "DELETE FROM retired WHERE hash = ?"); !ready) return ready;
  drop.bind(hash_(to_string(address.bare())));
  return run(drop);
}

}  // namespace confab::store
