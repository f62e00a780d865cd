#include "core/node.h"

#include <doctest/doctest.h>

using namespace confab;
using namespace confab::core;

namespace {

NodeConfig full_config() {
  return {.access = Access::roster,
          .groups = {"Friends", ""},
          .max_items = kMaxItems,
          .max_bytes = 9,
          .persist = false,
          .send_last = SendLast::never,
          .notify = false,
          .payloads = false,
          .notify_retract = false,
          .notify_delete = false,
          .notify_config = true,
          .headline = false,
          .listed = false,
          .title = "Princely Musings",
          .description = "a weblog",
          .type = "http://www.w3.org/2005/Atom"};
}

}  // namespace

TEST_CASE("a node's configuration comes back as it was, and the default takes one byte") {
  CHECK(decode_config(encode_config(full_config())) == full_config());
  CHECK(decode_config(encode_config({})) == NodeConfig{});
  CHECK(encode_config({}).size() == 1);
  NodeConfig none;
  none.max_items = 0;
  CHECK(decode_config(encode_config(none)) == none);
}

TEST_CASE("a configuration that was cut off, or is none, is refused") {
  const std::string bytes = encode_config(full_config());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(decode_config(std::string_view(bytes).substr(0, size)).has_value());
  }
  CHECK_FALSE(decode_config(bytes + '\0').has_value());
  CHECK(decode_config(std::string("\x63\x00", 2)).error().text == "node: unknown field");
  CHECK(decode_config(std::string("\x03\x00\x00", 3)).error().text == "node: a count out of range");
  CHECK_FALSE(decode_config("\x01\x04").has_value());
}

TEST_CASE("options change what they name, and agree with nothing else") {
  NodeOptions options;
  CHECK(agrees({}, options));
  CHECK(configured({}, options) == NodeConfig{});
  options.access = Access::whitelist;
  options.max_items = kMaxItems;
  const NodeConfig config = configured({}, options);
  CHECK(config.access == Access::whitelist);
  CHECK(config.max_items == kMaxItems);
  CHECK(config.send_last == SendLast::on_presence);
  CHECK(agrees(config, options));
  CHECK_FALSE(agrees({}, options));
  options.max_items.reset();
  options.access.reset();
  options.send_last = SendLast::never;
  CHECK_FALSE(agrees(config, options));
}

TEST_CASE("nodes are found, replaced and taken away, and copies of them are apart") {
  Nodes nodes;
  CHECK(nodes.empty());
  CHECK_FALSE(nodes.find("a").has_value());
  nodes.put({"a", {}});
  nodes.put({"b", full_config()});
  const Nodes before = nodes;
  CHECK(nodes.size() == 2);
  CHECK(Nodes(nodes.all()).all() == nodes.all());
  CHECK(Nodes(std::vector<Node>{}).empty());
  CHECK(nodes.find("b")->config == full_config());
  nodes.put({"a", full_config()});
  CHECK(nodes.find("a")->config == full_config());
  CHECK(nodes.all().front().name == "a");
  nodes.remove("a");
  nodes.remove("c");
  CHECK(nodes.all() == std::vector<Node>{{"b", full_config()}});
  nodes.remove("b");
  CHECK(nodes.empty());
  nodes.remove("b");
  CHECK(before.size() == 2);
  CHECK(before.find("a")->config == NodeConfig{});
}

TEST_CASE("an account without nodes spends two pointers on them") {
  CHECK(sizeof(Nodes) <= 2 * sizeof(void*));
}
