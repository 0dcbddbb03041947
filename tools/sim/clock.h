// A node's own clock: it began at another time than the world's, is a little fast or slow, and can be made to
// jump.
#pragma once

#include <algorithm>
#include <cmath>

#include "control/wire/ids.h"

namespace causeway::sim {

using control::TimeUs;

class Clock {
 public:
  Clock() = default;
  Clock(TimeUs offset_us, double drift_ppm) : own_us_(offset_us), rate_(1 + drift_ppm / 1e6) {}

  TimeUs own(TimeUs world_us) const {
    return own_us_ + static_cast<TimeUs>(static_cast<double>(world_us - world_us_) * rate_);
  }
  // The first moment at which the clock shows own_us or more.
  TimeUs world(TimeUs own_us) const {
    const double until = std::ceil(static_cast<double>(own_us - own_us_) / rate_);
    TimeUs world_us = world_us_ + static_cast<TimeUs>(until);
    while (own(world_us) < own_us)  // at most once, by rounding
      ++world_us;
    return world_us;
  }

  void step(TimeUs world_us, TimeUs by_us) {
    const TimeUs now_us = own(world_us);
    highest_us_ = std::max(highest_us_, now_us);
    own_us_ = now_us + by_us;
    world_us_ = world_us;
  }
  // The world's time until which whoever takes no step back stands still.
  TimeUs caught_up_us() const { return highest_us_ <= own_us_ ? world_us_ : world(highest_us_); }

 private:
  TimeUs own_us_ = 0;  // at world_us_
  TimeUs world_us_ = 0;
  TimeUs highest_us_ = control::kLongAgo;  // that it showed before a step
  double rate_ = 1;
};

}  // namespace causeway::sim
