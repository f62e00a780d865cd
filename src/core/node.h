// What an account publishes beside its messages: nodes, how they are configured, and the items in them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/codec.h"

namespace confab::core {

// Who sees a node beside its owner: those who see his presence, everybody, those in some groups of his roster, nobody.
enum class Access : std::uint8_t { presence, open, roster, whitelist };

// When somebody is shown what was published before he came: at his first presence, when he begins to see the node, or
// only when he asks.
enum class SendLast : std::uint8_t { on_presence, on_subscription, never };

// NodeConfig::max_items: as many as the site allows.
inline constexpr std::uint32_t kMaxItems = 0xFFFF'FFFFU;

// Names of nodes and ids of items are never longer.
inline constexpr std::size_t kMaxNodeName = 1023;

// XEP-0060 §16.4.4; the defaults are XEP-0163's.
struct NodeConfig {
  Access access = Access::presence;
  std::vector<std::string> groups;  // of the owner's roster: who sees it under Access::roster
  std::uint32_t max_items = 1;      // those beyond it go, the oldest first
  std::uint32_t max_bytes = 0;      // of one payload; 0: as the site has it
  bool persist = true;              // false: what is published is told and forgotten
  SendLast send_last = SendLast::on_presence;
  bool notify = true;          // false: nobody is told of anything
  bool payloads = true;        // false: told without what was published
  bool notify_retract = true;  // told when an item is taken away
  bool notify_delete = true;   // told when the node is
  bool notify_config = false;  // told when the configuration changes
  bool headline = true;        // how XMPP delivers it: headline or normal
  bool listed = true;          // false: the server's own, which no client names
  std::string title;
  std::string description;
  std::string type;  // of the payloads
  bool operator==(const NodeConfig&) const = default;
};

// A part of a configuration: what somebody asks for, or insists on.
struct NodeOptions {
  std::optional<Access> access;
  std::optional<std::vector<std::string>> groups;
  std::optional<std::uint32_t> max_items, max_bytes;
  std::optional<bool> persist;
  std::optional<SendLast> send_last;
  std::optional<bool> notify, payloads, notify_retract, notify_delete, notify_config, headline, listed;
  std::optional<std::string> title, description, type;
};
// `config` as `options` would have it.
NodeConfig configured(NodeConfig config, const NodeOptions& options);
// Whether `config` is as `options` say.
bool agrees(const NodeConfig& config, const NodeOptions& options);

struct Node {
  std::string name;
  NodeConfig config;
  bool operator==(const Node&) const = default;
};

// What was published, by the owner of the node: bytes as XMPP has them, the one wire that publishes.
struct Item {
  std::string id;  // unique in its node
  std::string payload;
  WallMs at;
  bool operator==(const Item&) const = default;
};

// Which of a node's items, in the order in which they were published.
struct ItemQuery {
  std::vector<std::string> ids;   // these and no others; empty: all
  std::uint32_t max = kMaxItems;  // at most so many, the newest; with `after` the oldest
  std::string before;             // only those before this item; empty: no bound
  std::string after;              // likewise
  bool whole = false;             // however long the answer gets: for who does not pass it on
};
struct ItemPage {
  std::vector<Item> items;
  std::uint64_t count = 0;  // of all items in the node
  bool whole = true;        // false: the answer ends here because it would be too long
};

// The nodes of one account. They are kept packed and shared, since most accounts have none or a few with the defaults:
// an account without nodes spends a pointer on them, a node some 40 bytes. Looking for one goes through all.
class Nodes {
 public:
  Nodes() = default;
  explicit Nodes(const std::vector<Node>& nodes);  // one of each name

  std::size_t size() const;
  bool empty() const { return packed_ == nullptr; }
  std::optional<Node> find(std::string_view name) const;
  std::vector<Node> all() const;  // in the order of their making

  void put(const Node& node);  // replaces the node of the same name
  void remove(std::string_view name);

 private:
  std::shared_ptr<const std::string> packed_;  // null: none
};

// The stored form of a configuration. What is as it is by default takes no bytes. Errors: bad_payload.
void write(Encoder& out, const NodeConfig& config);
void read(Decoder& in, NodeConfig& config);
std::string encode_config(const NodeConfig& config);
Result<NodeConfig> decode_config(std::string_view bytes);

}  // namespace confab::core
