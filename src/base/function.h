// A move-only callable: what std::move_only_function will be in C++23. Small callables are stored in place.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace confab {

template <class Signature>
class UniqueFunction;

// Calling an empty one is a bug. Lives on: one thread at a time; moved between threads.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}

  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F&, Args...>)
  UniqueFunction(F&& callable) {
    using Callable = std::remove_cvref_t<F>;
    if constexpr (kInPlace<Callable>) {
      new (&storage_) Callable(std::forward<F>(callable));
    } else {
      *reinterpret_cast<Callable**>(&storage_) = new Callable(std::forward<F>(callable));
    }
    operations_ = &kOperations<Callable>;
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~UniqueFunction() { reset(); }

  explicit operator bool() const { return operations_ != nullptr; }
  R operator()(Args... args) { return operations_->call(&storage_, std::forward<Args>(args)...); }

 private:
  static constexpr std::size_t kRoom = 48;

  struct Operations {
    R (*call)(void*, Args&&...);
    void (*relocate)(void* to, void* from);
    void (*destroy)(void*);
  };

  template <class Callable>
  static constexpr bool kInPlace = sizeof(Callable) <= kRoom && alignof(Callable) <= alignof(std::max_align_t) &&
                                   std::is_nothrow_move_constructible_v<Callable>;

  template <class Callable>
  static Callable& at(void* storage) {
    if constexpr (kInPlace<Callable>) {
      return *static_cast<Callable*>(storage);
    } else {
      return **static_cast<Callable**>(storage);
    }
  }
  template <class Callable>
  static R call(void* storage, Args&&... args) {
    return static_cast<R>(at<Callable>(storage)(std::forward<Args>(args)...));
  }
  template <class Callable>
  static void relocate(void* to, void* from) {
    if constexpr (kInPlace<Callable>) {
      new (to) Callable(std::move(at<Callable>(from)));
      at<Callable>(from).~Callable();
    } else {
      *static_cast<Callable**>(to) = *static_cast<Callable**>(from);
    }
  }
  template <class Callable>
  static void destroy(void* storage) {
    if constexpr (kInPlace<Callable>) {
      at<Callable>(storage).~Callable();
    } else {
      delete *static_cast<Callable**>(storage);
    }
  }
  template <class Callable>
  static constexpr Operations kOperations{&call<Callable>, &relocate<Callable>, &destroy<Callable>};

  void take(UniqueFunction& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->relocate(&storage_, &other.storage_);
  }
  void reset() {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(&storage_);
  }

  alignas(std::max_align_t) std::byte storage_[kRoom];
  const Operations* operations_ = nullptr;
};

using Task = UniqueFunction<void()>;

}  // namespace confab
