// Arrays in DPDK's memory: huge pages, where there are any, as the packets are.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <span>

#include <rte_malloc.h>

namespace causeway::bench {

// Zeroed; T is plain data. Freed with it.
template <class T>
class HugeArray {
 public:
  explicit HugeArray(std::size_t count)
      : items_(static_cast<T*>(rte_zmalloc("bench", count * sizeof(T), 64)), count) {
    if (items_.data() == nullptr) throw std::bad_alloc();
  }
  ~HugeArray() { rte_free(items_.data()); }
  HugeArray(const HugeArray&) = delete;
  HugeArray& operator=(const HugeArray&) = delete;

  T& operator[](std::size_t i) { return items_[i]; }
  std::size_t size() const { return items_.size(); }
  T* data() { return items_.data(); }

 private:
  std::span<T> items_;
};

}  // namespace causeway::bench
