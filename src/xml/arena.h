// Memory for one tree: taken from the front, given back all at once.
#pragma once

#include <cstddef>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

namespace confab::xml {

// A bump allocator that lives at the head of its own first block, so that an address of it survives a move of its
// owner. Runs no destructors. Lives on: one thread at a time.
class Arena {
 public:
  static Arena* create();
  static void destroy(Arena* arena);
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Everything that was handed out is gone; the first block stays.
  void clear();

  void* take(std::size_t size) {  // aligned for any node
    const std::size_t pad = -reinterpret_cast<std::size_t>(next_) % alignof(void*);
    if (static_cast<std::size_t>(end_ - next_) < size + pad) return take_from_new_block(size);
    char* const at = next_ + pad;
    next_ = at + size;
    return at;
  }
  char* take_chars(std::size_t size) {
    if (static_cast<std::size_t>(end_ - next_) < size) return static_cast<char*>(take_from_new_block(size));
    char* const at = next_;
    next_ += size;
    return at;
  }
  // Gives back what was taken last, from `at` on.
  void give_back(char* at) {
    if (at >= block_ && at <= next_) next_ = at;
  }

  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(void*));
    return new (take(sizeof(T))) T(std::forward<Args>(args)...);
  }

  std::string_view copy(std::string_view text);

  // `text` (of this arena) with `more` behind it: in place where `text` was taken last, so that appending is linear.
  std::string_view append(std::string_view text, std::string_view more);

  std::size_t memory() const { return memory_; }  // bytes of all blocks

 private:
  struct Block;
  Arena() = default;
  void* take_from_new_block(std::size_t size);

  char* next_ = nullptr;
  char* end_ = nullptr;
  char* block_ = nullptr;  // where the current block's room begins
  Block* more_ = nullptr;  // blocks after the first
  std::size_t memory_ = 0;
};

}  // namespace confab::xml
