// Frames that go first and that a port refused: they wait here, in front of everything else for the port.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

struct rte_mbuf;

namespace causeway {

// Of one port, one worker's.
class Held {
 public:
  bool empty() const { return size_ == 0; }

  // Returns how many found room.
  std::size_t push(std::span<rte_mbuf*> frames) {
    const std::size_t n = std::min(frames.size(), frames_.size() - size_);
    std::copy_n(frames.begin(), n, frames_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += n;
    return n;
  }

  // The first n of them found their way.
  void pop(std::size_t n) {
    std::copy(frames_.begin() + static_cast<std::ptrdiff_t>(n),
              frames_.begin() + static_cast<std::ptrdiff_t>(size_), frames_.begin());
    size_ -= n;
  }

  std::span<rte_mbuf*> frames() { return std::span(frames_).first(size_); }

 private:
  std::array<rte_mbuf*, 256> frames_{};
  std::size_t size_ = 0;
};

}  // namespace causeway
