// The verdict on each peer, from one View after the other.
#pragma once

#include <array>
#include <cstdint>

#include "control/verdict/evidence.h"
#include "control/verdict/fleet.h"
#include "control/verdict/output.h"
#include "control/verdict/timers.h"
#include "control/verdict/view.h"
#include "control/verdict/words.h"

namespace causeway::control::verdict {

// Thread: one. Nothing allocates but a change, for its words.
class Peers {
 public:
  Peers(const Fleet& fleet, const Timers& timers, const Words& words, NodeId self)
      : fleet_(fleet), timers_(timers), words_(words), self_(self) {}

  // No verdict changes while view.frozen, and none stands while view.starting.
  void turn(const View& view, TimeUs now_us, Output& output);

  Verdict verdict(NodeId peer) const { return peer < kMaxNodes ? states_[peer].verdict : Verdict::none; }
  NodeSet convicted() const { return convicted_; }
  bool is_quiet() const { return is_quiet_; }  // as long as nothing arrives or ends, turns change nothing
  std::uint64_t times(Verdict verdict) const { return times_[static_cast<std::size_t>(verdict)]; }

 private:
  struct State {
    Verdict verdict = Verdict::none;
    Verdict candidate = Verdict::none;  // what was found lately, if it is something else
    TimeUs since_us = 0;
    TimeUs candidate_since_us = 0;
    TimeUs alive_us = kLongAgo;  // when a helper's word that it lives was last there
  };

  void look(const View& view, NodeId id, const NodeSet& heard, TimeUs now_us, Output& output);
  Evidence gather(const View& view, NodeId id, const NodeSet& heard, TimeUs now_us) const;
  NodeSet own_site() const;
  Verdict judge_heard(const PeerView& peer, TimeUs now_us) const;
  Verdict judge_silent(const State& state, const Evidence& evidence, TimeUs now_us) const;
  TimeUs patience_us(Verdict from, Verdict to) const;
  void change(NodeId id, Verdict to, const Evidence& evidence, TimeUs now_us, Output& output);
  void reset(TimeUs now_us, Output& output);

  const Fleet& fleet_;
  const Timers& timers_;
  const Words& words_;
  NodeId self_;
  std::array<State, kMaxNodes> states_{};
  NodeSet convicted_;
  TimeUs alone_us_ = kLongAgo;     // when it heard nobody, the last time
  TimeUs islanded_us_ = kLongAgo;  // and nobody of another site
  bool is_quiet_ = true;
  std::array<std::uint64_t, kVerdicts> times_{};
};

}  // namespace causeway::control::verdict
