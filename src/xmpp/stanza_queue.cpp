#include "xmpp/stanza_queue.h"

#include <algorithm>

namespace confab::xmpp {

void StanzaQueue::add(std::string_view stanza, Upos seq) {
  bytes_.append(stanza);
  entries_.push_back({static_cast<std::uint32_t>(stanza.size()), seq});
  if (seq != 0) last_seq_at_ = dropped_ + size();
}

bool StanzaQueue::raise_seq(Upos seq) {
  if (size() == 0) return false;
  entries_.back().seq = std::max(entries_.back().seq, seq);
  last_seq_at_ = dropped_ + size();
  return true;
}

Upos StanzaQueue::drop(std::size_t count) {
  Upos highest = 0;
  for (; count > 0 && size() > 0; --count) {
    highest = std::max(highest, entries_[first_].seq);
    first_byte_ += entries_[first_].bytes;
    ++first_;
    ++dropped_;
  }
  if (size() == 0) {
    std::string().swap(bytes_);
    std::vector<Entry>().swap(entries_);
    first_byte_ = first_ = 0;
  } else if (first_byte_ > 4096 && first_byte_ > bytes_.size() / 2) {
    bytes_.erase(0, first_byte_);
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_byte_ = first_ = 0;
  }
  return highest;
}

}  // namespace confab::xmpp
