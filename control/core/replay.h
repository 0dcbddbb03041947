// Which of a peer's frames arrived already: a window behind the highest sequence number (as RFC 4303, 3.4.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace causeway::control {

class ReplayWindow {
 public:
  static constexpr std::uint64_t kFrames = 1024;

  // False: it arrived already, or is too old to tell. Otherwise it counts as arrived now.
  bool take(std::uint64_t sequence) {
    if (sequence > highest_) {
      const std::uint64_t ahead = sequence - highest_;
      // Slots between are those of sequence numbers that did not arrive.
      const std::uint64_t clear = ahead < kFrames ? ahead : kFrames;
      for (std::uint64_t i = 1; i <= clear; ++i)
        bit(highest_ + i, false);
      highest_ = sequence;
    } else if (highest_ - sequence >= kFrames || has(sequence)) {
      return false;
    }
    bit(sequence, true);
    return true;
  }

 private:
  static constexpr std::size_t word(std::uint64_t sequence) { return sequence % kFrames / 64; }
  bool has(std::uint64_t sequence) const { return (bits_[word(sequence)] >> (sequence % 64) & 1) != 0; }
  void bit(std::uint64_t sequence, bool set) {
    const std::uint64_t mask = std::uint64_t{1} << (sequence % 64);
    std::uint64_t& bits = bits_[word(sequence)];
    bits = set ? bits | mask : bits & ~mask;
  }

  std::uint64_t highest_ = 0;
  std::array<std::uint64_t, kFrames / 64> bits_{};
};

}  // namespace causeway::control
