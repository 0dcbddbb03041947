// A token bucket that may be overdrawn by what is being sent: nothing is split, and the rate holds in the
// long run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "control/wire/ids.h"

namespace causeway::control::directory {

class Budget {
 public:
  // percent: of kbit_per_s. burst_us: for how long it saves up when nothing is sent.
  Budget(unsigned kbit_per_s, unsigned percent, TimeUs burst_us, TimeUs now_us)
      : rate_(static_cast<std::int64_t>(kbit_per_s) * percent),
        most_(rate_ * burst_us),
        credit_(most_),
        at_us_(now_us) {}

  void refill(TimeUs now_us) {
    const TimeUs elapsed_us = std::clamp<TimeUs>(now_us - at_us_, 0, kMostUs);
    credit_ = std::min(credit_ + rate_ * elapsed_us, most_);
    at_us_ = std::max(at_us_, now_us);
  }
  bool is_ready() const { return credit_ > 0; }
  TimeUs ready_at_us() const { return credit_ > 0 ? at_us_ : at_us_ + -credit_ / rate_ + 1; }
  void spend(std::size_t bytes) { credit_ -= static_cast<std::int64_t>(bytes) * kPerByte; }

 private:
  // kbit/s times percent times microseconds: 10^3 bit/s * 10^-2 * 10^-6 s, so a byte is 8 * 10^5 of them.
  static constexpr std::int64_t kPerByte = 800'000;
  static constexpr TimeUs kMostUs =
      1'000'000'000;  // a longer time fills any bucket; the product stays in 64 bits

  std::int64_t rate_;
  std::int64_t most_;
  std::int64_t credit_;
  TimeUs at_us_;
};

}  // namespace causeway::control::directory
