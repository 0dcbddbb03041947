// Own stamps must be above all that were seen (Lamport), so what peers announce drives them. One that is too
// far above cannot have been issued, and would use up the numbers.
#pragma once

#include <algorithm>

#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::control::directory {

class Stamps {
 public:
  void set_clock(Stamp clock) { clock_ = std::max(clock_, clock); }
  // False: it cannot be true.
  bool see(Stamp stamp) {
    if (stamp > clock_ && stamp - clock_ > kMaxStampJump) return false;
    highest_ = std::max(highest_, stamp);
    clock_ = std::max(clock_, highest_);
    return true;
  }
  Stamp highest() const { return highest_; }

 private:
  Stamp clock_ = 0;  // the highest known from any source
  Stamp highest_ = 0;
};

}  // namespace causeway::control::directory
