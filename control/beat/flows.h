// Which of a pair's source ports are heard. Equal-cost paths are chosen by ports, so that one bad path among
// several shows as a silent flow of a peer that is heard by others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "control/wire/frame.h"
#include "control/wire/ids.h"

namespace causeway::control::beat {

class Flows {
 public:
  Flows(unsigned count, unsigned misses, TimeUs now_us) : count_(static_cast<std::uint8_t>(count)) {
    others_ = misses * (count - 1);
    restart(now_us);
  }
  void restart(TimeUs now_us) {
    arrived_us_.fill(now_us);
    marks_.fill(0);
    total_ = 0;
    broken_ = 0;
  }

  // A beat came by a flow. True: that flow was broken, and is mended. What comes by a flow that this node
  // does not use counts only as one of the others.
  bool on_beat(std::uint8_t flow, TimeUs arrived_us) {
    ++total_;
    if (flow >= count_) return false;
    arrived_us_[flow] = arrived_us;
    marks_[flow] = total_;
    const bool was_broken = is_broken(flow);
    broken_ = static_cast<std::uint8_t>(broken_ & ~(1U << flow));
    return was_broken;
  }

  // Looks at one flow, in turn. True: it broke. The beats that came by others are what is counted, not the
  // numbers that are missing: a cut of all flows breaks none of them.
  bool look(TimeUs now_us, TimeUs silent_us) {
    looked_at_ = static_cast<std::uint8_t>(looked_at_ + 1 < count_ ? looked_at_ + 1 : 0);
    if (count_ < 2 || total_ - marks_[looked_at_] < others_ || is_broken(looked_at_)) return false;
    if (now_us - arrived_us_[looked_at_] < silent_us) return false;
    broken_ = static_cast<std::uint8_t>(broken_ | 1U << looked_at_);
    return true;
  }
  std::uint8_t looked_at() const { return looked_at_; }

  bool is_broken(std::uint8_t flow) const { return flow < count_ && (broken_ >> flow & 1) != 0; }
  std::uint8_t broken() const { return broken_; }  // bit f: flow f
  TimeUs arrived_us(std::uint8_t flow) const { return arrived_us_[flow]; }
  std::uint32_t by_others(std::uint8_t flow) const { return total_ - marks_[flow]; }

 private:
  std::array<TimeUs, wire::kMaxFlows> arrived_us_{};
  std::array<std::uint32_t, wire::kMaxFlows> marks_{};  // total_ when it was heard
  std::uint32_t total_ = 0;
  std::uint32_t others_ = 0;  // beats by others, until a flow counts as broken
  std::uint8_t count_;
  std::uint8_t broken_ = 0;
  std::uint8_t looked_at_ = 0;
};

}  // namespace causeway::control::beat
