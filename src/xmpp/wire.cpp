#include "xmpp/wire.h"

#include <algorithm>

#include "names/names.h"

namespace confab::xmpp {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 6120 §4.7.5: major.minor, both without a sign; a later minor version is fine.
bool is_version_1(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return false;
  std::string_view major = text.substr(0, dot);
  while (major.size() > 1 && major.front() == '0') major.remove_prefix(1);
  return is_digits(major) && is_digits(text.substr(dot + 1)) && (major.size() > 1 || major >= "1");
}

}  // namespace

xml::Limits limits_for(std::uint32_t bytes) {
  xml::Limits limits;
  limits.bytes = bytes;
  return limits;
}

xml::Limits limits_before_login(std::uint32_t bytes) {
  xml::Limits limits = limits_for(bytes);
  limits.depth = 8;
  limits.elements = 12;
  limits.attributes = 8;
  return limits;
}

std::string_view check_stream_header(const xml::Element& root, std::string_view default_ns, const Config& config) {
  if (root.ns() != kStreamNs) return "invalid-namespace";
  if (root.name() != "stream") return "bad-format";
  if (default_ns != kClientNs) return "invalid-namespace";
  if (!is_version_1(root.attr("version"))) return "unsupported-version";
  const std::string_view to = root.attr("to");
  if (to.empty()) return "improper-addressing";
  if (to != config.domain) {
    const Result<std::string> domain = names::prepare_domain(to);
    if (!domain || *domain != config.domain) return "host-unknown";
  }
  if (const std::string_view from = root.attr("from"); !from.empty() && !names::parse_address(from)) {
    return "invalid-from";
  }
  return {};
}

void write_stream_header(std::string& out, std::string_view domain, std::string_view id, std::string_view to,
                         std::string_view lang) {
  out +=
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='";
  out += id;
  out += "' from='";
  xml::append_escaped_attr(out, domain);
  if (!to.empty()) {
    out += "' to='";
    xml::append_escaped_attr(out, to);
  }
  out += "' xml:lang='";
  xml::append_escaped_attr(out, lang.empty() ? "en" : lang);
  out += "' version='1.0'>";
}

void write_stream_error(std::string& out, std::string_view condition, std::string_view text) {
  out += "<stream:error><";
  out += condition;
  out += " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
  if (!text.empty()) {
    out += "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>";
    xml::append_escaped_text(out, text);
    out += "</text>";
  }
  out += "</stream:error>";
}

std::string random_id(const RandomBytes& random) {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  static_assert(kLetters.size() == 64);
  unsigned char bytes[16];
  random(bytes, sizeof bytes);
  std::string id;
  for (const unsigned char byte : bytes) id += kLetters[byte & 63U];
  return id;
}

xml::Element& make_error(xml::Document& document, std::string_view name, std::string_view id, std::string_view from,
                         StanzaError error, std::string_view text) {
  xml::Element& answer = document.make(name, kClientNs);
  if (!from.empty()) answer.set("from", from);
  if (!id.empty()) answer.set("id", id);
  answer.set("type", "error");
  xml::Element& child = answer.add("error").set("type", error.type);
  child.add(error.condition, kStanzasNs);
  if (!text.empty()) child.add("text", kStanzasNs).set_lang("en").text(text);
  return answer;
}

xml::Element& make_error(xml::Document& document, const xml::Element& stanza, StanzaError error,
                         std::string_view text) {
  return make_error(document, stanza.name(), stanza.attr("id"), stanza.attr("to"), error, text);
}

}  // namespace confab::xmpp
