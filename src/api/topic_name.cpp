#include "api/topic_name.h"

#include "base/bytes.h"
#include "names/names.h"

namespace confab::api {
namespace {

bool is_escaped(unsigned char c) {
  return c < 0x20 || c == 0x7F || c == '/' || c == '+' || c == '#' || c == '%';
}

}  // namespace

std::string encode_level(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string level;
  level.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_escaped(byte)) {
      level.append(1, '%').append(1, kHex[byte >> 4]).append(1, kHex[byte & 0xF]);
    } else {
      level += c;
    }
  }
  return level;
}

Result<std::string> decode_level(std::string_view level) {
  std::string text;
  text.reserve(level.size());
  while (!level.empty()) {
    if (level.front() != '%') {
      text += level.front();
      level.remove_prefix(1);
      continue;
    }
    const auto byte = decode_hex(level.substr(1, 2));
    if (!byte || byte->size() != 1) return fail(Errc::bad_address, "topic: escape");
    text += *byte;
    level.remove_prefix(3);
  }
  return text;
}

std::vector<std::string_view> split_topic(std::string_view topic) {
  std::vector<std::string_view> levels;
  while (true) {
    const std::size_t slash = topic.find('/');
    levels.push_back(topic.substr(0, slash));
    if (slash == std::string_view::npos) return levels;
    topic.remove_prefix(slash + 1);
  }
}

std::string person_level(const Address& person, const Viewer& viewer) {
  const bool plain = !viewer.with_domain && person.domain == viewer.me.domain && !person.local.empty();
  return encode_level(plain ? person.local : to_string(person.bare()));
}

Result<Address> read_person(std::string_view level, const Viewer& viewer) {
  Result<std::string> text = decode_level(level);
  if (!text) return fail(std::move(text.error()));
  return complete_address(*text, viewer);
}

Result<Address> complete_address(std::string_view text, const Viewer& viewer) {
  if (!is_utf8(text)) return fail(Errc::bad_address, "not UTF-8");
  if (split_address(text).has_local) return names::parse_address(text);
  Result<std::string> local = names::prepare_local(text);
  if (!local) return fail(std::move(local.error()));
  return Address{std::move(*local), viewer.me.domain, {}};
}

void append_person_topic(std::string& out, const Address& person, std::string_view leaf, const Viewer& viewer) {
  out.append("im/u/").append(person_level(person, viewer)).append(1, '/').append(leaf);
}

std::string person_topic(const Address& person, std::string_view leaf, const Viewer& viewer) {
  std::string topic;
  append_person_topic(topic, person, leaf, viewer);
  return topic;
}

}  // namespace confab::api
