// A queue of values from one thread to one other, of fixed size and without locks.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <optional>
#include <type_traits>

namespace causeway {

// size: a power of two.
template <class T, std::size_t size>
class Ring {
  static_assert(std::has_single_bit(size));
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // The one producer. False if the queue is full: the value is lost.
  bool push(const T& value) {
    const std::size_t end = end_.load(std::memory_order_relaxed);
    if (end - begin_.load(std::memory_order_acquire) == size) return false;
    values_[end % size] = value;
    end_.store(end + 1, std::memory_order_release);
    return true;
  }

  // The one consumer.
  std::optional<T> pop() {
    const std::size_t begin = begin_.load(std::memory_order_relaxed);
    if (end_.load(std::memory_order_acquire) == begin) return std::nullopt;
    const T value = values_[begin % size];
    begin_.store(begin + 1, std::memory_order_release);
    return value;
  }

 private:
  // Each on a cache line of its own: one thread's writes must not take the other's line.
  alignas(64) std::atomic<std::size_t> begin_{0};  // consumer's
  alignas(64) std::atomic<std::size_t> end_{0};    // producer's
  alignas(64) std::array<T, size> values_{};
};

}  // namespace causeway
