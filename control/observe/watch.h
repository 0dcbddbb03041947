// Does everything still turn? Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "control/wire/ids.h"

namespace causeway::control {

// The longest pause between two turns of the control thread in the last half to whole minute.
class GapWatch {
 public:
  static constexpr TimeUs kHalfUs = from_ms(30000);

  void turn(TimeUs now_us) {
    const TimeUs gap_us = last_us_ == kNever ? 0 : std::max<TimeUs>(now_us - last_us_, 0);
    if (last_us_ == kNever) since_us_ = now_us;
    last_us_ = now_us;
    if (now_us - since_us_ >= kHalfUs) {
      before_us_ = longest_us_;
      longest_us_ = 0;
      since_us_ = now_us;
    }
    longest_us_ = std::max(longest_us_, gap_us);
  }
  TimeUs longest_us() const { return std::max(longest_us_, before_us_); }

 private:
  TimeUs last_us_ = kNever;
  TimeUs since_us_ = 0;
  TimeUs longest_us_ = 0;
  TimeUs before_us_ = 0;
};

// Whether each worker's turn counter advances. A worker polls: it turns whether packets come or not.
class WorkerWatch {
 public:
  static constexpr TimeUs kPatienceUs = from_ms(2000);

  // turns: by worker. To be called about once a second, or more often.
  void look(std::span<const std::uint64_t> turns, TimeUs now_us) {
    const std::size_t known = seen_.size();
    seen_.resize(turns.size());
    // After a pause of the control thread's own, a worker is given its time again.
    const bool is_late = now_us - looked_us_ >= kPatienceUs;
    looked_us_ = now_us;
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (i >= known || is_late || seen_[i].turns != turns[i]) seen_[i] = {turns[i], now_us};
    }
  }
  // Those that stood still for kPatienceUs, at the last look.
  std::vector<std::size_t> stuck() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      if (looked_us_ - seen_[i].at_us >= kPatienceUs) found.push_back(i);
    }
    return found;
  }

 private:
  struct Seen {
    std::uint64_t turns = 0;
    TimeUs at_us = 0;
  };
  std::vector<Seen> seen_;
  TimeUs looked_us_ = kLongAgo;
};

}  // namespace causeway::control
