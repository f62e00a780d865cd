// Stanzas that were sent and that the client has not acknowledged (XEP-0198 §4), as bytes one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace confab::xmpp {

// Lives on: one thread at a time.
class StanzaQueue {
 public:
  void add(std::string_view stanza, Upos seq);
  // The client has got everything up to and including `seq`, if it has got what is in here. false: nothing is in here.
  bool raise_seq(Upos seq);

  // Forgets the first `count`, at most size(). The highest position in the log among them; 0: none.
  Upos drop(std::size_t count);

  std::string_view bytes() const { return std::string_view(bytes_).substr(first_byte_); }
  std::size_t size() const { return entries_.size() - first_; }
  bool has_seq() const { return last_seq_at_ > dropped_; }

 private:
  struct Entry {
    std::uint32_t bytes;
    Upos seq;
  };

  std::string bytes_;
  std::size_t first_byte_ = 0;
  std::vector<Entry> entries_;
  std::size_t first_ = 0;
  std::uint64_t dropped_ = 0;      // ever
  std::uint64_t last_seq_at_ = 0;  // how many had been added, ever, with the last that has a position in the log
};

}  // namespace confab::xmpp
