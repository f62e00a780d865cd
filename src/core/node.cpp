#include "core/node.h"

#include "core/event_fields.h"

namespace confab::core {
namespace {

// Each field of a configuration beside the option of the same name: the one list of what there is.
template <class Options, class Config, class Each>
void for_each_field(Options& options, Config& config, Each each) {
  each(options.access, config.access);
  each(options.groups, config.groups);
  each(options.max_items, config.max_items);
  each(options.max_bytes, config.max_bytes);
  each(options.persist, config.persist);
  each(options.send_last, config.send_last);
  each(options.notify, config.notify);
  each(options.payloads, config.payloads);
  each(options.notify_retract, config.notify_retract);
  each(options.notify_delete, config.notify_delete);
  each(options.notify_config, config.notify_config);
  each(options.headline, config.headline);
  each(options.listed, config.listed);
  each(options.title, config.title);
  each(options.description, config.description);
  each(options.type, config.type);
}

Node read_node(Decoder& in) {
  Node node;
  node.name = in.text();
  read(in, node.config);
  return node;
}

void write_node(Encoder& out, const Node& node) {
  out.text(node.name);
  write(out, node.config);
}

}  // namespace

NodeConfig configured(NodeConfig config, const NodeOptions& options) {
  for_each_field(options, config, [](const auto& wanted, auto& value) {
    if (wanted) value = *wanted;
  });
  return config;
}

bool agrees(const NodeConfig& config, const NodeOptions& options) {
  bool same = true;
  for_each_field(options, config,
                 [&same](const auto& wanted, const auto& value) { same = same && (!wanted || *wanted == value); });
  return same;
}

Nodes::Nodes(const std::vector<Node>& nodes) {
  Encoder out(nodes.size() * 48);
  for (const Node& node : nodes) write_node(out, node);
  if (!nodes.empty()) packed_ = std::make_shared<const std::string>(out.take());
}

std::size_t Nodes::size() const {
  return all().size();
}

std::optional<Node> Nodes::find(std::string_view name) const {
  if (empty()) return std::nullopt;
  Decoder in(*packed_);
  while (!in.at_end()) {
    Node node = read_node(in);
    if (node.name == name) return node;
  }
  return std::nullopt;
}

std::vector<Node> Nodes::all() const {
  std::vector<Node> nodes;
  if (empty()) return nodes;
  Decoder in(*packed_);
  while (!in.at_end()) nodes.push_back(read_node(in));
  return nodes;
}

void Nodes::put(const Node& node) {
  Encoder out(empty() ? 64 : packed_->size() + 64);
  bool known = false;
  for (const Node& each : all()) {
    known = known || each.name == node.name;
    write_node(out, each.name == node.name ? node : each);
  }
  if (!known) write_node(out, node);
  packed_ = std::make_shared<const std::string>(out.take());
}

void Nodes::remove(std::string_view name) {
  Encoder out(empty() ? 0 : packed_->size());
  for (const Node& each : all()) {
    if (each.name != name) write_node(out, each);
  }
  std::string rest = out.take();
  packed_ = rest.empty() ? nullptr : std::make_shared<const std::string>(std::move(rest));
}

namespace {

// A flag that is not as by default is its tag alone.
struct Flag {
  std::uint8_t tag;
  bool NodeConfig::* member;
  bool by_default;
};
constexpr Flag kFlags[] = {
    {5, &NodeConfig::persist, true},        {7, &NodeConfig::notify, true},
    {8, &NodeConfig::payloads, true},       {9, &NodeConfig::notify_retract, true},
    {10, &NodeConfig::notify_delete, true}, {11, &NodeConfig::notify_config, false},
    {12, &NodeConfig::headline, true},      {13, &NodeConfig::listed, true},
};

// Tells whether `tag` is that of a flag.
bool read_flag(std::uint8_t tag, NodeConfig& config) {
  for (const Flag& flag : kFlags) {
    if (flag.tag != tag) continue;
    config.*flag.member = !flag.by_default;
    return true;
  }
  return false;
}

// One more than the number, so that 0 is not taken for the default.
std::uint32_t read_max_items(Decoder& in) {
  const std::uint64_t stored = in.number(std::uint64_t{kMaxItems} + 1);
  if (stored == 0) in.refuse("node: a count out of range");
  return stored == 0 ? 1 : static_cast<std::uint32_t>(stored - 1);
}

}  // namespace

void write(Encoder& out, const NodeConfig& config) {
  write_enum(out, 1, config.access);
  write_list(out, 2, config.groups);
  if (config.max_items != 1) out.number_field(3, std::uint64_t{config.max_items} + 1);
  out.number_field(4, config.max_bytes);
  write_enum(out, 6, config.send_last);
  for (const Flag& flag : kFlags) write_flag(out, flag.tag, config.*flag.member != flag.by_default);
  out.text_field(14, config.title);
  out.text_field(15, config.description);
  out.text_field(16, config.type);
  out.end();
}

void read(Decoder& in, NodeConfig& config) {
  while (const std::uint8_t tag = in.byte()) {
    if (read_flag(tag, config)) continue;
    switch (tag) {
      case 1:
        config.access = in.one_of(Access::whitelist);
        break;
      case 2:
        read_item(in, config.groups);
        break;
      case 3:
        config.max_items = read_max_items(in);
        break;
      case 4:
        config.max_bytes = static_cast<std::uint32_t>(in.number(0xFFFF'FFFFU));
        break;
      case 6:
        config.send_last = in.one_of(SendLast::never);
        break;
      case 14:
        config.title = in.text();
        break;
      case 15:
        config.description = in.text();
        break;
      case 16:
        config.type = in.text();
        break;
      default:
        return in.refuse("node: unknown field");
    }
  }
}

std::string encode_config(const NodeConfig& config) {
  Encoder out(32);
  write(out, config);
  return out.take();
}

Result<NodeConfig> decode_config(std::string_view bytes) {
  Decoder in(bytes);
  NodeConfig config;
  read(in, config);
  if (!in.ok()) return fail(Errc::bad_payload, in.why());
  if (!in.at_end()) return fail(Errc::bad_payload, "node: bytes after its end");
  return config;
}

}  // namespace confab::core
