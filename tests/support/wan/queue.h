// Values that fall due at a time: the earliest first, of equal ones the one that came first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace causeway::wan {

template <class T>
class TimedQueue {
 public:
  void push(std::int64_t due_ns, T value) {
    heap_.push_back({due_ns, next_order_++, std::move(value)});
    std::ranges::push_heap(heap_, Later{});
  }

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

  // Of a queue that is not empty.
  std::int64_t next_due_ns() const { return heap_.front().due_ns; }
  T pop() {
    std::ranges::pop_heap(heap_, Later{});
    T value = std::move(heap_.back().value);
    heap_.pop_back();
    return value;
  }

 private:
  struct Entry {
    std::int64_t due_ns;
    std::uint64_t order;
    T value;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.due_ns != b.due_ns ? a.due_ns > b.due_ns : a.order > b.order;
    }
  };

  std::vector<Entry> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace causeway::wan
