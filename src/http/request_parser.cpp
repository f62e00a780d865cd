#include "http/request_parser.h"

#include <algorithm>
#include <utility>

#include "http/syntax.h"

namespace confab::http {
namespace {

// The target without scheme and authority.
std::string_view origin_form(std::string_view target) {
  const std::string scheme = to_lower(target.substr(0, 8));
  if (!scheme.starts_with("http://") && scheme != "https://") return target;
  const std::size_t authority = target.find("//") + 2;
  return target.substr(std::min(target.find_first_of("/?", authority), target.size()));
}

// Codings are read only as far as it takes to know that nobody else can find another end of the body: "chunked" is the
// last, once (RFC 9112 §6.1, §6.3).
bool ends_in_chunked(const std::string& codings) {
  const std::string_view last = trim(std::string_view(codings).substr(codings.rfind(',') + 1));
  const std::string before = to_lower(std::string_view(codings).substr(0, codings.size() - last.size()));
  return to_lower(last) == "chunked" && before.find("chunked") == std::string::npos;
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
  const std::string_view origin = origin_form(target);
  const std::string_view path = origin.substr(0, origin.find('?'));
  return path.empty() ? "/" : path;
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
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

// A folded line begins with a space (RFC 9112 §5.2), which is no token; neither is a name with a space behind it.
Result<HeaderField> read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || !is_token(line.substr(0, colon))) return fail(Errc::bad_frame, "not a field");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_value(value)) return fail(Errc::bad_frame, "control characters in a field");
  return HeaderField{to_lower(line.substr(0, colon)), std::string(value)};
}

Result<std::optional<Request>> RequestParser::read(std::string_view& bytes) {
  for (;;) {
    const auto whole = lines_.read(bytes);
    if (!whole) return fail(whole.error());
    if (!*whole) return std::nullopt;
    const std::string_view line = lines_.line();
    if (!begun_) {
      // RFC 9112 §2.2: empty lines before a request are passed over; they count as its head's.
      if (!line.empty()) {
        if (auto read = read_request_line(); !read) return fail(std::move(read.error()));
        begun_ = true;
      }
    } else if (!line.empty()) {
      auto field = read_field(line);
      if (!field) return fail(std::move(field.error()));
      request_.fields.push_back(std::move(*field));
    } else {
      if (auto checked = check_head(); !checked) return fail(std::move(checked.error()));
      begun_ = false;
      lines_.restart(max_head_);
      return std::exchange(request_, Request{});
    }
    lines_.next();
  }
}

// RFC 9112 §3: method SP request-target SP HTTP-version, single spaces.
Result<> RequestParser::read_request_line() {
  const std::string_view line = lines_.line();
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail(Errc::bad_frame, "not a request line");
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
  if (codings > 0 && !ends_in_chunked(*request_.find("transfer-encoding"))) {
    return fail(Errc::bad_frame, "a coding whose end nobody knows");
  }
  const std::string* length = request_.find("content-length");
  const bool digits = length == nullptr || (!length->empty() && length->size() <= 18 &&
                                            length->find_first_not_of("0123456789") == std::string::npos);
  if (!digits) return fail(Errc::bad_frame, "Content-Length is no number");
  return {};
}

}  // namespace confab::http
