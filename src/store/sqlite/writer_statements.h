// The writer's SQL. Private to the writer.
#pragma once

#include "store/sqlite/writer.h"

namespace confab::store {

// Lives on: the store thread.
struct Writer::Statements {
  Statement begin, commit, rollback, savepoint, release, undo;
  Statement create_account, next_account, count_account, set_credentials, set_disabled, has_account;
  Statement set_roster_version, put_roster, drop_roster;
  Statement drop_blocks, put_block, put_profile, put_presence;
  Statement set_delivered, put_device, drop_device;
  Statement put_listening, set_avatar, find_node, put_node, count_node, drop_node, drop_node_items;
  Statement find_item, find_oldest, put_item, drop_item, drop_oldest, trim_items, add_to_node;
  Statement sum_bytes;
  Statement put_key, find_key, renew_key, expire_keys;
  Statement put_message, find_message, find_by_id, put_row, read_head, find_conversation, put_conversation;
  Statement find_name, find_alias, find_id, read_event, put_about, find_edits, rewrite_event, put_preferences,
      put_read_marker;

  Result<> prepare(const Database& db);

 private:
  Result<> prepare_accounts(const Database& db);
  Result<> prepare_logs(const Database& db);
  Result<> prepare_publishing(const Database& db);
};

}  // namespace confab::store
