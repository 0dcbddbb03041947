// What the control core is asked for by people and for metrics: values, of one moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "control/beat/message.h"
#include "control/relay/tally.h"
#include "control/verdict/drain.h"
#include "control/verdict/verdict.h"
#include "control/verdict/view.h"
#include "control/wire/ids.h"

namespace causeway::control {

// The link to one peer, and what is concluded of it.
struct PeerReport {
  beat::LinkState link = beat::LinkState::down;
  bool is_reachable = false;  // something of it arrived within suspect_ms
  bool is_two_way = false;    // and it hears this node
  bool is_settled = false;    // up for the whole of its hold
  TimeUs silent_us = 0;       // since the last beat or media, or since the start
  TimeUs round_trip_us = 0;   // smoothed; 0: not known yet
  TimeUs least_round_trip_us = 0;
  unsigned lost_from_peer_ppm = 0;  // of beats, one way
  unsigned lost_to_peer_ppm = 0;
  std::uint8_t broken_flows = 0;  // bit f: the pair's source port f
  unsigned flaps = 0;             // that are not forgotten
  TimeUs hold_us = 0;             // the penalty: how long it must be up to be settled
  std::uint64_t beats_sent = 0;
  std::uint64_t beats_received = 0;  // modulo 2^32
  std::uint64_t beats_doubled = 0;
  std::uint64_t implausible = 0;  // echoes of what was never sent
  verdict::Verdict verdict{};
  DrainState drain{};  // what its last beat said of itself, as the rest
  unsigned load_percent = 0;
  bool is_stalled = false;
  bool is_synced = false;  // all that it announced, as far as is known, is in the directory
};

// What is concluded of the node itself.
struct SelfReport {
  verdict::SelfVerdict verdict{};
  DrainState drain{};
  bool is_frozen = false;    // it stalled: nothing is concluded for a while
  bool is_starting = false;  // within heartbeat.startup_ms
  verdict::DrainCounts drains;
  // How often each began.
  std::array<std::uint64_t, verdict::kVerdicts> verdicts{};
  std::array<std::uint64_t, verdict::kSelfVerdicts> self_verdicts{};
};

}  // namespace causeway::control
