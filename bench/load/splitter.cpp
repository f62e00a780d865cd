#include "splitter.h"

namespace confab::load {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// Where the tag that begins at `from` ends: one past its '>'. A '>' inside quotes doesn't count.
std::size_t end_of_tag(std::string_view text, std::size_t from) {
  char quote = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    }
  }
  return kNone;
}

std::size_t end_after(std::string_view text, std::size_t from, std::string_view mark) {
  const std::size_t found = text.find(mark, from);
  return found == kNone ? kNone : found + mark.size();
}

constexpr std::string_view kCdata = "<![CDATA[";

// One past the markup that begins at `from`; CDATA is no tag, and may hold anything.
std::size_t end_of_markup(std::string_view text, std::size_t from) {
  const std::string_view rest = text.substr(from);
  if (rest.starts_with("<?")) return end_after(text, from, "?>");
  if (rest.starts_with(kCdata)) return end_after(text, from, "]]>");
  if (rest.starts_with("<!") && kCdata.starts_with(rest)) return kNone;
  return end_of_tag(text, from);
}

}  // namespace

std::size_t Splitter::cut(std::string_view text, const Take& take) {
  std::size_t done = 0;  // what has been taken
  std::size_t at = 0;
  while ((at = text.find('<', at)) != kNone) {
    const std::size_t end = end_of_markup(text, at);
    if (end == kNone) break;
    const std::string_view tag = text.substr(at, end - at);
    if (depth_ == 1 && done < at) done = at;  // white space between stanzas (RFC 6120 §4.6.1)
    at = end;
    if (tag[1] == '?' || tag[1] == '!') {
      if (depth_ == 0) done = end;
      continue;
    }
    const bool closes = tag[1] == '/';
    const bool whole = tag[tag.size() - 2] == '/';
    depth_ += closes ? -1 : whole ? 0 : 1;
    if (closes && depth_ <= 0) {
      done = end;
      take(Piece::end, tag);
    } else if (!closes && !whole && depth_ == 1) {
      done = end;
      take(Piece::stream, tag);
    } else if (depth_ == 1) {
      const std::string_view stanza = text.substr(done, end - done);
      done = end;
      take(Piece::stanza, stanza);
    }
  }
  return done;
}

// A piece that isn't complete is read again from its beginning when more has come: pieces are short, and most of them
// come whole.
void Splitter::add(std::string_view bytes, const Take& take) {
  if (kept_.empty()) {
    const std::size_t done = cut(bytes, take);
    kept_.assign(bytes.substr(done));
  } else {
    kept_.append(bytes);
    kept_.erase(0, cut(kept_, take));
  }
  // Between pieces the depth is that of the stream; what is kept will be counted again.
  if (!kept_.empty() && depth_ > 1) depth_ = 1;
  if (kept_.find_first_not_of(" \t\r\n") == std::string::npos) std::string().swap(kept_);
}

}  // namespace confab::load
