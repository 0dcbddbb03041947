// Rule R2: the one number on disk that is at least every stamp that this node issued or adopted.
#pragma once

#include <algorithm>
#include <optional>

#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::control::relay {

inline constexpr Stamp kLastStamp = ~Stamp{0} - kMaxStampJump;  // no sum wraps

class Watermark {
 public:
  // on_disk: what an earlier boot left. reserve: stamps that one write is ahead.
  Watermark(Stamp on_disk, Stamp reserve)
      : floor_(on_disk), clock_(on_disk), on_disk_(on_disk), asked_(on_disk), reserve_(reserve) {
    need(on_disk);
  }

  // FD of a track that this node knows nothing of: only newer stamps are feasible.
  Label floor() const { return {floor_, kNoNode, 0}; }
  void forget(const Label& fd) { floor_ = std::max(floor_, fd.stamp); }

  // The highest stamp seen anywhere.
  Stamp clock() const { return clock_; }
  bool is_plausible(Stamp stamp) const { return stamp <= clock_ || stamp - clock_ <= kMaxStampJump; }
  void see(Stamp stamp) {
    if (stamp <= clock_) return;
    // Of a stamp that is too far above, only a leap is believed: a lie that somebody fell for would part the
    // fleet for ever if the others could not follow.
    clock_ = is_plausible(stamp) ? stamp : std::min(clock_ + kMaxStampJump, kLastStamp);
    need(clock_);
  }

  // May a label with this stamp be adopted now? If not, it may be when more is on disk.
  bool covers(Stamp stamp) const { return stamp <= on_disk_; }

  // A stamp above `above` and all that were seen; nullopt while the disk is behind, or if there is none.
  std::optional<Stamp> issue(Stamp above) {
    if (std::max(clock_, above) >= kLastStamp) return std::nullopt;
    const Stamp stamp = std::max(clock_, above) + 1;
    need(stamp);
    if (!covers(stamp)) return std::nullopt;
    clock_ = stamp;
    return stamp;
  }

  void wrote(Stamp on_disk) {
    on_disk_ = std::max(on_disk_, on_disk);
    need(clock_);
  }
  // What is to be written, once for each new value.
  std::optional<Stamp> take_request() {
    if (asked_ <= requested_) return std::nullopt;
    requested_ = asked_;
    return asked_;
  }

 private:
  void need(Stamp stamp) {
    stamp = std::min(stamp, kLastStamp);
    if (stamp + reserve_ / 2 >= asked_) asked_ = stamp + reserve_;
  }

  Stamp floor_;
  Stamp clock_;
  Stamp on_disk_;
  Stamp asked_;
  Stamp requested_ = 0;
  Stamp reserve_;
};

}  // namespace causeway::control::relay
