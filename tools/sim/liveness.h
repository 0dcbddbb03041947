// The invariants that speak of time: I6, D, L1, L2. Each wanted track, each edge that counts as fed and each
// track without a publisher has a deadline, which is judged by what really was, and set again.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "tools/sim/event_queue.h"
#include "tools/sim/facts.h"
#include "tools/sim/invariants.h"
#include "tools/sim/plan.h"
#include "tools/sim/pool.h"

namespace causeway::sim {

// How long what is promised may take, with the timers of a plan.
struct Patience {
  TimeUs feed_us = 0;  // D: from the last packet until a node knows that it is not fed
  TimeUs path_us = 0;  // L2: from a working path of one hop to media
  TimeUs hop_us = 0;   // L1: likewise, more for each further hop
  TimeUs end_us = 0;   // I6: from the end of the origin to that of each edge
};
Patience patience_of(const Plan& plan);

class Liveness {
 public:
  Liveness(const Plan& plan, std::vector<unsigned> media_flows, const Facts& facts, const Backbone& backbone,
           const Truth& truth, Checker& checker, EventQueue& queue);

  void on_want(NodeId node, TrackIndex track, TimeUs now_us) { arm(Kind::want, node, track, now_us); }
  void on_publishers(TrackIndex track, TimeUs now_us);  // one began or ended
  void on_view(NodeId node, TrackIndex track, TimeUs now_us) {
    if (checker_.held(node, track).is_fed) arm(Kind::feed, node, track, now_us);
  }
  // A deadline of this slot is due. packets: what the node got of the track.
  struct Watch {
    std::uint8_t kind = 0;
    NodeId node = control::kNoNode;
    TrackIndex track = 0;
    TimeUs since_us = 0;
  };
  const Watch& watch(std::uint32_t slot) const { return watches_[slot]; }
  struct Packets {
    TimeUs forwarded_us = control::kLongAgo;  // the last one to its subscribers
    TimeUs any_us = control::kLongAgo;        // the last one by which it may call itself fed
  };
  void on_due(std::uint32_t slot, const Packets& packets, TimeUs now_us);

 private:
  enum class Kind : std::uint8_t { want, feed, end };

  void arm(Kind kind, NodeId node, TrackIndex track, TimeUs now_us);
  void again(std::uint32_t slot, TimeUs at_us, TimeUs now_us);
  void disarm(std::uint32_t slot);
  bool is_claim_near(const Watch& watch, unsigned hops) const;
  // Each returns when to look again; kNever: no more.
  // Since when it could have had the track by a path of so many hops.
  TimeUs reachable_us(const Watch& watch, unsigned hops) const {
    return reachable_since_us(facts_, backbone_, watch.track, media_flows_[watch.track], watch.node, hops);
  }
  TimeUs judge_want(const Watch& watch, const Packets& packets, TimeUs now_us);
  TimeUs judge_feed(const Watch& watch, const Packets& packets, TimeUs now_us);
  TimeUs judge_end(const Watch& watch, TimeUs now_us);
  static std::uint64_t id(Kind kind, NodeId node, TrackIndex track) {
    return static_cast<std::uint64_t>(kind) << 40 | std::uint64_t{node} << 32 | track;
  }

  Patience patience_;
  unsigned hop_limit_;
  std::vector<unsigned> media_flows_;
  const Facts& facts_;
  const Backbone& backbone_;
  const Truth& truth_;
  Checker& checker_;
  EventQueue& queue_;
  Pool<Watch> watches_;
  std::unordered_map<std::uint64_t, std::uint32_t> armed_;  // slots
};

}  // namespace causeway::sim
