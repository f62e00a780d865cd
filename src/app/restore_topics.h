// At the start: what the store has of free topics goes back to the shards that own it.
#pragma once

#include "app/blocking_loop.h"
#include "engine/node.h"

namespace confab::app {

// Before the shards' threads run, and after every shard was added. Blocks on the store, whose answers come to `loop`.
// Errors: the store's.
Result<> restore_topics(engine::Node& node, engine::Store& store, BlockingLoop& loop);

}  // namespace confab::app
