#include "xml/writer.h"

#include "xml/chars.h"

namespace confab::xml {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string_view reference_for(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return kReplacement;
  }
}

void append_escaped(std::string& out, std::string_view text, ByteClass stop) {
  const char* run = text.data();
  const char* at = run;
  const char* const end = run + text.size();
  while (at != end) {
    if (!has_class(*at, stop)) {
      ++at;
      continue;
    }
    std::size_t bytes = 1;
    std::string_view instead;
    if (static_cast<unsigned char>(*at) < 0x80) {
      instead = reference_for(*at);
    } else {
      const CodePoint point = first_code_point({at, static_cast<std::size_t>(end - at)});
      if (point.bytes != 0) bytes = point.bytes;
      if (point.bytes == 0 || !is_xml_char(point.value)) instead = kReplacement;
    }
    if (!instead.empty()) {
      out.append(run, at).append(instead);
      run = at + bytes;
    }
    at += bytes;
  }
  out.append(run, end);
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append(1, ' ').append(name).append("='");
  append_escaped_attr(out, value);
  out += '\'';
}

void write_attributes(const Element& element, std::string& out) {
  unsigned made = 0;
  for (const Attribute& at : element.attributes()) {
    if (at.ns.empty()) {
      append_attribute(out, at.name, at.value);
    } else if (at.ns == kXmlNs) {
      append_attribute(out, std::string("xml:").append(at.name), at.value);
    } else {
      const std::string prefix = "n" + std::to_string(made++);
      append_attribute(out, "xmlns:" + prefix, at.ns);
      append_attribute(out, std::string(prefix).append(":").append(at.name), at.value);
    }
  }
}

// Empty: the element's namespace is the default one. xml's own cannot be (Namespaces in XML §3).
std::string_view prefix_of(const Element& element, const Scope& scope) {
  if (element.ns() == kXmlNs) return "xml";
  return element.ns() == scope.prefix_ns ? scope.prefix : std::string_view();
}

void append_name(const Element& element, std::string_view prefix, std::string& out) {
  if (!prefix.empty()) out.append(prefix).append(1, ':');
  out.append(element.name());
}
}  // namespace

void write(const Element& element, std::string& out, const Scope& scope) {
  if (element.name().empty()) {
    out.append(element.text());
    return;
  }
  const std::string_view prefix = prefix_of(element, scope);
  Scope inner = scope;
  out += '<';
  append_name(element, prefix, out);
  if (prefix.empty() && element.ns() != scope.default_ns) {
    append_attribute(out, "xmlns", element.ns());
    inner.default_ns = element.ns();
  }
  write_attributes(element, out);
  if (element.nodes().empty()) {
    out.append("/>");
    return;
  }
  out += '>';
  for (const Node& node : element.nodes()) {
    if (const Element* const child = node.as_element()) {
      write(*child, out, inner);
    } else {
      append_escaped_text(out, node.as_text());
    }
  }
  out.append("</");
  append_name(element, prefix, out);
  out += '>';
}

void write(const Element& element, std::string& out, std::string_view default_ns) {
  write(element, out, Scope{.default_ns = default_ns, .prefix = {}, .prefix_ns = {}});
}

std::string to_string(const Element& element, std::string_view default_ns) {
  std::string out;
  write(element, out, default_ns);
  return out;
}

void write_open_tag(const Element& root, std::string& out, const Scope& scope) {
  out += '<';
  append_name(root, prefix_of(root, scope), out);
  if (!scope.default_ns.empty()) append_attribute(out, "xmlns", scope.default_ns);
  if (!scope.prefix.empty()) append_attribute(out, std::string("xmlns:").append(scope.prefix), scope.prefix_ns);
  write_attributes(root, out);
  out += '>';
}

void write_close_tag(const Element& root, std::string& out, const Scope& scope) {
  out.append("</");
  append_name(root, prefix_of(root, scope), out);
  out += '>';
}

void append_escaped_text(std::string& out, std::string_view text) {
  append_escaped(out, text, kStopEscapeText);
}

void append_escaped_attr(std::string& out, std::string_view value) {
  append_escaped(out, value, kStopEscapeValue);
}

bool is_xml_text(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.bytes == 0 || !is_xml_char(point.value)) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

}  // namespace confab::xml
