// A distribution of times, small enough for one of each kind in each run: to a sixteenth of its value.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "control/wire/ids.h"

namespace causeway::sim {

class Times {
 public:
  void add(control::TimeUs time_us) {
    const auto value = static_cast<std::uint64_t>(std::max<control::TimeUs>(time_us, 0));
    ++counts_[slot(value)];
    ++count_;
    most_us_ = std::max(most_us_, static_cast<control::TimeUs>(value));
  }
  void add(const Times& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    count_ += other.count_;
    most_us_ = std::max(most_us_, other.most_us_);
  }

  std::uint64_t count() const { return count_; }
  control::TimeUs most_us() const { return most_us_; }
  // The time that `percent` of all are not above; 0 if there is none.
  control::TimeUs percentile_us(double percent) const {
    const auto wanted = static_cast<std::uint64_t>(std::llround(static_cast<double>(count_) * percent / 100));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted && seen > 0) return std::min(most_us_, static_cast<control::TimeUs>(highest_of(i)));
    }
    return most_us_;
  }

 private:
  static constexpr unsigned kDigits = 5;
  static constexpr std::size_t kHalf = 1U << (kDigits - 1);
  static constexpr std::size_t kSlots = 640;

  static std::size_t slot(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kDigits ? width - kDigits : 0;
    return std::min(kSlots - 1, static_cast<std::size_t>(shift * kHalf + (value >> shift)));
  }
  static std::uint64_t highest_of(std::size_t slot) {
    if (slot < 2 * kHalf) return slot;
    const std::size_t shift = slot / kHalf - 1;
    return ((slot - shift * kHalf + 1) << shift) - 1;
  }

  std::array<std::uint32_t, kSlots> counts_{};
  std::uint64_t count_ = 0;
  control::TimeUs most_us_ = 0;
};

}  // namespace causeway::sim
