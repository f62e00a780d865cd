// What the site's configuration says to the engine.
#pragma once

#include <cstddef>
#include <string>

#include "base/ids.h"
#include "core/plan.h"
#include "topics/options.h"

namespace confab::engine {

enum class Registration : std::uint8_t { open, invite, closed };

struct Options {
  std::string domain;
  std::uint16_t site = 1;
  core::Policy policy;
  Registration registration = Registration::invite;
  milliseconds presence_grace{15'000};    // how long a lost session without resumption still counts as there
  milliseconds cursor_write{1'000};       // device cursors and last presences are written this much later at most
  milliseconds account_idle{60'000};      // an account without sessions is forgotten by its shard after this
  std::size_t accounts_loaded = 100'000;  // per shard; beyond it those without sessions are forgotten earlier
  std::size_t sessions_per_account = 20;
  std::size_t devices_per_account = 100;
  std::size_t mailbox = 10'000;                 // works that wait for one account
  std::size_t queue = 1'000'000;                // works that wait on one shard; beyond it sessions are refused
  std::size_t backlog_rows = 100;               // of one page on its way to a device
  std::size_t announcement_accounts = 200'000;  // that one announcement can be for
  std::size_t backlog_bytes = 256 * 1024;
  std::size_t read_markers = 1'000;      // told at once
  std::size_t archive_rows = 250;        // of one page of the archive
  std::size_t items_bytes = 512 * 1024;  // of payloads in one answer
  std::size_t rows_apart = 1'000;        // handed to one session ahead of its place in the log
  std::size_t turn_works = 2'000;        // done in one go before the shard looks at its sockets again
  std::size_t change_retries = 60;       // of a change that another account's event made, while the store is away
  milliseconds change_retry{1'000};      // between two of them
  std::size_t search_results = 100;      // of one page
  std::size_t search_rows = 2'000;       // looked at for one page
  int device_days = 90;                  // a device that was not seen for so long has no cursor any more
  topics::Options topics;
  ConvId (*conversation)(const Address& a, const Address& b) = nullptr;
};

}  // namespace confab::engine
