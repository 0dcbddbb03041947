// The node's suspicion of itself (SELF_STALLED): after a pause of its own it cannot tell who was silent.
#pragma once

#include <algorithm>

#include "config/timers.h"
#include "control/beat/link.h"
#include "control/wire/ids.h"

namespace causeway::control::beat {

class Stall {
 public:
  // A node that stood still for longer knows as little as one that has just started, and no less.
  static constexpr TimeUs kMostFrozenUs = from_ms(60000);

  Stall(const config::Heartbeat& heartbeat, TimeUs now_us)
      : stall_us_(from_ms(heartbeat.stall_ms)),
        suspect_us_(from_ms(heartbeat.suspect_ms)),
        latest_us_(now_us) {}

  // A turn of the control thread. Returns how long it had stood still, or 0 if that is no stall. A clock that
  // steps forward looks the same, and is treated so; one that steps back stands still until it has caught up.
  TimeUs turn(TimeUs now_us) {
    if (now_us <= latest_us_) return 0;
    const TimeUs gap_us = now_us - latest_us_;
    latest_us_ = now_us;
    return gap_us > stall_us_ ? gap_us : 0;
  }

  // Nothing is concluded for twice the pause or twice suspect_ms, whichever is longer. Returns that.
  TimeUs freeze(TimeUs gap_us) {
    const TimeUs most_us = std::max(kMostFrozenUs, 2 * suspect_us_);
    const TimeUs frozen_us = std::max(2 * std::min(gap_us, most_us / 2), 2 * suspect_us_);
    patience_.resumed_us = latest_us_;
    patience_.frozen_until_us = std::max(patience_.frozen_until_us, latest_us_ + frozen_us);
    return frozen_us;
  }

  TimeUs now_us() const { return latest_us_; }
  bool is_frozen() const { return latest_us_ < patience_.frozen_until_us; }
  const Patience& patience() const { return patience_; }

 private:
  TimeUs stall_us_;
  TimeUs suspect_us_;
  TimeUs latest_us_;
  Patience patience_;
};

}  // namespace causeway::control::beat
