// What is wrong with a peer's messages, said soon and then seldom: who forges them must not fill the log.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "control/wire/ids.h"

namespace causeway::control::fleet {

struct Complaint {
  NodeId peer = kNoNode;
  std::uint64_t messages = 0;  // since the last time
};

// Pure.
class Complaints {
 public:
  static constexpr TimeUs kIntervalUs = 60'000'000;  // of one peer

  void note(NodeId peer) { ++noted_[peer]; }
  // What is to be said now.
  std::vector<Complaint> due(TimeUs now_us) {
    std::vector<Complaint> complaints;
    for (std::size_t peer = 0; peer < noted_.size(); ++peer) {
      if (noted_[peer] == 0 || now_us < quiet_until_us_[peer]) continue;
      complaints.push_back({static_cast<NodeId>(peer), noted_[peer]});
      noted_[peer] = 0;
      quiet_until_us_[peer] = now_us + kIntervalUs;
    }
    return complaints;
  }

 private:
  std::array<std::uint64_t, kMaxNodes> noted_{};
  std::array<TimeUs, kMaxNodes> quiet_until_us_{};
};

}  // namespace causeway::control::fleet
