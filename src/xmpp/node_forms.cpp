#include "xmpp/node_forms.h"

#include <array>
#include <charconv>
#include <optional>

#include "xmpp/data_form.h"

namespace confab::xmpp {
namespace {

using core::Access;
using core::NodeOptions;
using core::SendLast;

struct Word {
  std::string_view text;
  int value;
};
constexpr std::array<Word, 5> kAccess{{{"presence", static_cast<int>(Access::presence)},
                                       {"open", static_cast<int>(Access::open)},
                                       {"roster", static_cast<int>(Access::roster)},
                                       {"whitelist", static_cast<int>(Access::whitelist)},
                                       // Nobody can ask to be let in: only the owner sees it.
                                       {"authorize", static_cast<int>(Access::whitelist)}}};
constexpr std::array<Word, 3> kSendLast{{{"on_sub_and_presence", static_cast<int>(SendLast::on_presence)},
                                         {"on_sub", static_cast<int>(SendLast::on_subscription)},
                                         {"never", static_cast<int>(SendLast::never)}}};
constexpr std::array<Word, 2> kDelivery{{{"headline", 1}, {"normal", 0}}};
constexpr std::array<Word, 4> kBoolean{{{"1", 1}, {"true", 1}, {"0", 0}, {"false", 0}}};

template <std::size_t N>
std::optional<int> value_of(const std::array<Word, N>& words, std::string_view text) {
  for (const Word& word : words) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string_view text_of(const std::array<Word, N>& words, int value) {
  for (const Word& word : words) {
    if (word.value == value) return word.text;
  }
  return {};
}

// What stands in the form because every server has it, and is here as it is.
struct Fixed {
  std::string_view name;
  std::string_view value;
  bool boolean;
};
constexpr Fixed kFixed[] = {
    {"publish_model", "publishers", false}, {"node_type", "leaf", false}, {"subscribe", "1", true},
    {"presence_based_delivery", "1", true}, {"purge_offline", "0", true}, {"notify_sub", "0", true},
    {"item_expire", "max", false}};

struct Flag {
  std::string_view name;
  std::string_view label;
  std::optional<bool> NodeOptions::* option;
  bool core::NodeConfig::* value;
};
constexpr Flag kFlags[] = {
    {"deliver_notifications", "Whether to tell of what is published", &NodeOptions::notify, &core::NodeConfig::notify},
    {"deliver_payloads", "Whether to tell what was published with it", &NodeOptions::payloads,
     &core::NodeConfig::payloads},
    {"notify_config", "Whether to tell when the node is configured", &NodeOptions::notify_config,
     &core::NodeConfig::notify_config},
    {"notify_delete", "Whether to tell when the node is deleted", &NodeOptions::notify_delete,
     &core::NodeConfig::notify_delete},
    {"notify_retract", "Whether to tell when an item is taken away", &NodeOptions::notify_retract,
     &core::NodeConfig::notify_retract},
    {"persist_items", "Whether to keep what is published", &NodeOptions::persist, &core::NodeConfig::persist}};

struct TextField {
  std::string_view name;
  std::string_view label;
  std::optional<std::string> NodeOptions::* option;
  std::string core::NodeConfig::* value;
};
constexpr TextField kTexts[] = {
    {"title", "A friendly name", &NodeOptions::title, &core::NodeConfig::title},
    {"description", "A description", &NodeOptions::description, &core::NodeConfig::description},
    {"type", "The namespace of what is published", &NodeOptions::type, &core::NodeConfig::type}};

std::string_view value_of(const xml::Element& field) {
  const xml::Element* value = field.child("value", kFormNs);
  return value == nullptr ? std::string_view() : value->text();
}

std::optional<std::uint32_t> read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

enum class Read : std::uint8_t { taken, unknown, wrong, bad_access };

Read read_words(std::string_view name, std::string_view text, NodeOptions& options) {
  if (name == "access_model") {
    const auto value = value_of(kAccess, text);
    if (!value) return Read::bad_access;
    options.access = static_cast<Access>(*value);
  } else if (name == "send_last_published_item") {
    const auto value = value_of(kSendLast, text);
    if (!value) return Read::wrong;
    options.send_last = static_cast<SendLast>(*value);
  } else if (name == "notification_type") {
    const auto value = value_of(kDelivery, text);
    if (!value) return Read::wrong;
    options.headline = *value != 0;
  } else {
    return Read::unknown;
  }
  return Read::taken;
}

Read read_numbers(std::string_view name, std::string_view text, NodeOptions& options) {
  if (name != "max_items" && name != "max_payload_size") return Read::unknown;
  if (text.empty() && name == "max_payload_size") return Read::taken;  // as the site has it
  const std::optional<std::uint32_t> number = read_number(text);
  if (name == "max_payload_size") {
    options.max_bytes = number;
  } else {
    options.max_items = text == "max" ? core::kMaxItems : number;
  }
  return number || (text == "max" && name == "max_items") ? Read::taken : Read::wrong;
}

Read read_fixed(std::string_view name, std::string_view text) {
  for (const Fixed& fixed : kFixed) {
    if (fixed.name != name) continue;
    const bool same = fixed.boolean ? value_of(kBoolean, text) == value_of(kBoolean, fixed.value) : text == fixed.value;
    return same ? Read::taken : Read::wrong;
  }
  return Read::unknown;
}

Read read_field(const xml::Element& field, std::string_view name, NodeOptions& options) {
  const std::string_view text = value_of(field);
  if (name == "roster_groups_allowed") {
    std::vector<std::string>& groups = options.groups.emplace();
    for (const xml::Element& value : field.children()) {
      if (value.is("value", kFormNs)) groups.emplace_back(value.text());
    }
    return Read::taken;
  }
  for (const Flag& flag : kFlags) {
    if (flag.name != name) continue;
    const auto value = value_of(kBoolean, text);
    if (value) options.*flag.option = *value != 0;
    return value ? Read::taken : Read::wrong;
  }
  for (const TextField& each : kTexts) {
    if (each.name != name) continue;
    options.*each.option = std::string(text);
    return Read::taken;
  }
  for (const Read read : {read_words(name, text, options), read_numbers(name, text, options), read_fixed(name, text)}) {
    if (read != Read::unknown) return read;
  }
  return Read::unknown;
}

xml::Element& add_field(xml::Element& form, std::string_view name, std::string_view type, std::string_view label) {
  std::string var = "pubsub#";
  var += name;
  xml::Element& field = form.add("field").set("var", var);
  if (!type.empty()) field.set("type", type);
  if (!label.empty()) field.set("label", label);
  return field;
}

void add_value(xml::Element& field, std::string_view value) {
  field.add("value").text(value);
}

template <std::size_t N>
void add_list(xml::Element& form, std::string_view name, std::string_view label, const std::array<Word, N>& words,
              int value) {
  xml::Element& field = add_field(form, name, "list-single", label);
  for (const Word& word : words) {
    if (word.text == text_of(words, word.value)) add_value(field.add("option"), word.text);
  }
  add_value(field, text_of(words, value));
}

std::string max_items_of(const core::NodeConfig& config) {
  return config.max_items == core::kMaxItems ? "max" : std::to_string(config.max_items);
}

}  // namespace

tl::expected<NodeOptions, FormFault> read_node_form(const xml::Element& form, std::string_view form_type) {
  NodeOptions options;
  const bool precondition = form_type == kPublishOptionsForm;
  bool typed = false;
  for (const xml::Element& field : form.children()) {
    if (!field.is("field", kFormNs)) continue;
    std::string_view name = field.attr("var");
    if (name == "FORM_TYPE") {
      typed = value_of(field) == form_type;
      continue;
    }
    constexpr std::string_view kPrefix = "pubsub#";
    const Read read =
        name.starts_with(kPrefix) ? read_field(field, name.substr(kPrefix.size()), options) : Read::unknown;
    if (read == Read::taken || (read == Read::unknown && !precondition)) continue;
    if (read == Read::bad_access) {
      return tl::unexpected(FormFault{kNotAcceptable, "unsupported-access-model", std::string(name)});
    }
    if (precondition) return tl::unexpected(FormFault{kConflict, "precondition-not-met", std::string(name)});
    return tl::unexpected(FormFault{kNotAcceptable, {}, std::string(name)});
  }
  if (!typed || form.attr("type") != "submit") return tl::unexpected(FormFault{kBadRequest, {}, "FORM_TYPE"});
  return options;
}

void write_node_form(const core::NodeConfig& config, xml::Element& parent) {
  xml::Element& form = add_form(parent, "form", kNodeConfigForm);
  for (const TextField& each : kTexts) {
    xml::Element& field = add_field(form, each.name, "text-single", each.label);
    if (!(config.*each.value).empty()) add_value(field, config.*each.value);
  }
  add_list(form, "access_model", "Who sees it", kAccess, static_cast<int>(config.access));
  xml::Element& groups = add_field(form, "roster_groups_allowed", "text-multi", "The roster's groups that see it");
  for (const std::string& group : config.groups) add_value(groups, group);
  for (const Flag& flag : kFlags) {
    add_value(add_field(form, flag.name, "boolean", flag.label), config.*flag.value ? "1" : "0");
  }
  add_value(add_field(form, "max_items", "text-single", "How many items it keeps, or max"), max_items_of(config));
  xml::Element& bytes = add_field(form, "max_payload_size", "text-single", "Bytes of one item");
  if (config.max_bytes != 0) add_value(bytes, std::to_string(config.max_bytes));
  add_list(form, "send_last_published_item", "When the last item is told to who comes", kSendLast,
           static_cast<int>(config.send_last));
  add_list(form, "notification_type", "How it is told", kDelivery, config.headline ? 1 : 0);
  for (const Fixed& fixed : kFixed) {
    add_value(add_field(form, fixed.name, fixed.boolean ? "boolean" : "text-single", {}), fixed.value);
  }
}

void write_node_metadata(const core::NodeConfig& config, std::string_view owner, xml::Element& parent) {
  xml::Element& form = add_form(parent, "result", kMetaDataForm);
  for (const TextField& each : kTexts) {
    if (!(config.*each.value).empty()) add_value(add_field(form, each.name, {}, {}), config.*each.value);
  }
  add_value(add_field(form, "owner", {}, {}), owner);
  add_value(add_field(form, "access_model", {}, {}), text_of(kAccess, static_cast<int>(config.access)));
  add_value(add_field(form, "publish_model", {}, {}), "publishers");
  add_value(add_field(form, "max_items", {}, {}), max_items_of(config));
}

}  // namespace confab::xmpp
