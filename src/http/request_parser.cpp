#include "http/request_parser.h"

#include <algorithm>
#include <utility>

namespace confab::http {
namespace {

// RFC 9110 §5.6.2.
bool is_token_char(char c) {
  const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alnum || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// RFC 9110 §5.5: visible characters, spaces, tabs, and bytes beyond ASCII.
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

const std::string* Request::find(std::string_view lower_name) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const HeaderField& field) { return field.name == lower_name; });
  return found == fields.end() ? nullptr : &found->value;
}

std::size_t Request::count(std::string_view lower_name) const {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [lower_name](const HeaderField& field) { return field.name == lower_name; }));
}

std::vector<std::string_view> Request::list(std::string_view lower_name) const {
  std::vector<std::string_view> all;
  for (const HeaderField& field : fields) {
    if (field.name != lower_name) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (const auto element = trim(rest.substr(0, comma)); !element.empty()) all.push_back(element);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return all;
}

bool Request::lists(std::string_view lower_name, std::string_view lower_token) const {
  const auto all = list(lower_name);
  return std::any_of(all.begin(), all.end(),
                     [lower_token](std::string_view element) { return to_lower(element) == lower_token; });
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

bool Request::keeps_alive() const {
  if (lists("connection", "close")) return false;
  return minor >= 1 || lists("connection", "keep-alive");
}

bool Request::has_body() const {
  if (find("transfer-encoding") != nullptr) return true;
  const std::string* length = find("content-length");
  return length != nullptr && length->find_first_not_of('0') != std::string::npos;
}

Result<std::optional<Request>> RequestParser::read(std::string_view& bytes) {
  for (;;) {
    const auto line = take_line(bytes);
    if (!line) return fail(line.error());
    if (!*line) return std::nullopt;
    if (!begun_) {
      if (line_.empty()) continue;  // RFC 9112 §2.2: empty lines before a request are passed over; head_ counts them
      if (auto read = read_request_line(); !read) return fail(std::move(read.error()));
      begun_ = true;
    } else if (!line_.empty()) {
      if (auto read = read_field(); !read) return fail(std::move(read.error()));
    } else {
      if (auto checked = check_head(); !checked) return fail(std::move(checked.error()));
      begun_ = false;
      head_ = 0;
      return std::exchange(request_, Request{});
    }
    line_.clear();
  }
}

// true: line_ is a whole line without its CRLF.
Result<bool> RequestParser::take_line(std::string_view& bytes) {
  const std::size_t feed = bytes.find('\n');
  const std::size_t size = feed == std::string_view::npos ? bytes.size() : feed + 1;
  if (head_ + size > max_head_) return fail(Errc::too_big, "the request's head is too long");
  head_ += size;
  line_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (feed == std::string_view::npos) return false;
  if (!line_.ends_with("\r\n")) return fail(Errc::bad_frame, "a line feed without a carriage return");
  line_.resize(line_.size() - 2);
  if (line_.find('\r') != std::string::npos) return fail(Errc::bad_frame, "a carriage return inside a line");
  return true;
}

// RFC 9112 §3: method SP request-target SP HTTP-version, single spaces.
Result<> RequestParser::read_request_line() {
  const std::size_t first = line_.find(' ');
  const std::size_t last = line_.rfind(' ');
  if (first == std::string::npos || first == last) return fail(Errc::bad_frame, "not a request line");
  const std::string_view line = line_;
  const std::string_view version = line.substr(last + 1);
  request_.method = line.substr(0, first);
  request_.target = line.substr(first + 1, last - first - 1);
  const bool visible = std::all_of(request_.target.begin(), request_.target.end(),
                                   [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
  if (!is_token(request_.method) || request_.target.empty() || !visible) {
    return fail(Errc::bad_frame, "not a request line");
  }
  if (version == "HTTP/1.1" || version == "HTTP/1.0") {
    request_.minor = version.back() - '0';
    return {};
  }
  const bool other = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.';
  return fail(other ? Errc::unsupported : Errc::bad_frame, "not HTTP/1.1");
}

Result<> RequestParser::read_field() {
  const std::size_t colon = line_.find(':');
  const std::string_view line = line_;
  // A folded line begins with a space (RFC 9112 §5.2), which is no token; neither is a name with a space behind it.
  if (colon == std::string::npos || !is_token(line.substr(0, colon))) return fail(Errc::bad_frame, "not a field");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_value(value)) return fail(Errc::bad_frame, "control characters in a field");
  request_.fields.push_back({to_lower(line.substr(0, colon)), std::string(value)});
  return {};
}

// What makes two readers disagree on where a request ends, or whom it is for (RFC 9112 §3.2, §6.3, §11.2).
Result<> RequestParser::check_head() const {
  const std::size_t hosts = request_.count("host");
  if (hosts > 1 || (hosts == 0 && request_.minor >= 1)) return fail(Errc::bad_frame, "exactly one Host is wanted");
  const std::size_t lengths = request_.count("content-length");
  const std::size_t codings = request_.count("transfer-encoding");
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) {
    return fail(Errc::bad_frame, "more than one way to find the end of the body");
  }
  if (codings > 0 && request_.minor == 0) return fail(Errc::bad_frame, "Transfer-Encoding in HTTP/1.0");
  const std::string* length = request_.find("content-length");
  const bool digits = length == nullptr || (!length->empty() && length->size() <= 18 &&
                                            length->find_first_not_of("0123456789") == std::string::npos);
  if (!digits) return fail(Errc::bad_frame, "Content-Length is no number");
  return {};
}

}  // namespace confab::http
