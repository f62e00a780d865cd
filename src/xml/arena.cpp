#include "xml/arena.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace confab::xml {
namespace {
constexpr std::size_t kFirstBytes = 1008;  // the arena itself included; a size for which malloc keeps a cache
constexpr std::size_t kMostBytes = 64 * 1024;

void* allocate(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

struct alignas(void*) Arena::Block {
  Block* next;
};

Arena* Arena::create() {
  char* const memory = static_cast<char*>(allocate(kFirstBytes));
  Arena* const arena = new (memory) Arena();
  arena->end_ = memory + kFirstBytes;
  arena->clear();
  return arena;
}

void Arena::destroy(Arena* arena) {
  arena->clear();
  std::free(arena);
}

void Arena::clear() {
  while (more_ != nullptr) std::free(std::exchange(more_, more_->next));
  char* const self = reinterpret_cast<char*>(this);
  next_ = block_ = self + sizeof(Arena);
  end_ = self + kFirstBytes;
  memory_ = kFirstBytes;
}

// Twice what is asked for, so that a text that grows is moved a logarithmic number of times.
void* Arena::take_from_new_block(std::size_t size) {
  const std::size_t room = std::max(2 * size, std::min(2 * memory_, kMostBytes));
  Block* const block = new (allocate(sizeof(Block) + room)) Block{more_};
  more_ = block;
  memory_ += sizeof(Block) + room;
  block_ = reinterpret_cast<char*>(block + 1);
  next_ = block_ + size;
  end_ = block_ + room;
  return block_;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* const at = take_chars(text.size());
  std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

std::string_view Arena::append(std::string_view text, std::string_view more) {
  const bool is_last = text.data() + text.size() == next_;
  if (is_last && static_cast<std::size_t>(end_ - next_) >= more.size()) {
    std::memcpy(next_, more.data(), more.size());
    next_ += more.size();
    return {text.data(), text.size() + more.size()};
  }
  char* const at = take_chars(text.size() + more.size());
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  if (!more.empty()) std::memcpy(at + text.size(), more.data(), more.size());
  return {at, text.size() + more.size()};
}

}  // namespace confab::xml
