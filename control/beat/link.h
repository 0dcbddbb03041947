// The link to one peer: the states of RFC 5880, who hears whom, and what is measured on the way.
//
// Four different things are asked of a link, by whom needs what:
//   reachable  something of the peer arrived within suspect_ms. Relays go by it, at once.
//   two-way    and its beats echo ours.
//   up         RFC 5880's Up: the peer says so, too. After a flap only with up_beats beats without a gap.
//   settled    up for so long that it may be preferred; the longer, the more it flapped.
#pragma once

#include <cstdint>

#include "config/timers.h"
#include "control/beat/flows.h"
#include "control/beat/gauges.h"
#include "control/beat/message.h"
#include "control/wire/ids.h"

namespace causeway::control::beat {

// RFC 5880, 6.8.6 (6.2 draws it), for a beat that says `remote`. Until this end may be up it stays in Init.
LinkState next_state(LinkState local, LinkState remote, bool may_be_up);

// config::Heartbeat as a link uses it.
struct LinkTimers {
  explicit LinkTimers(const config::Heartbeat& heartbeat);

  TimeUs interval_us;
  TimeUs suspect_us;
  TimeUs detect_us;  // down_ms, from when the first missing beat should have come
  TimeUs hold_min_us;
  TimeUs hold_max_us;
  TimeUs flap_forget_us;
  unsigned up_beats;
  unsigned flows;
  unsigned flow_misses;  // of its own beats, until a flow is broken
};

// The hold after so many flaps: hold_min, then 2.4 times as long each time (2, 5, 12 ... s), up to hold_max.
TimeUs hold_us(const LinkTimers& timers, unsigned flaps);

// What a call changed; most often nothing.
struct Changes {
  static constexpr unsigned kHeard = 1U << 0;  // reachable again
  static constexpr unsigned kSuspected = 1U << 1;
  static constexpr unsigned kTwoWay = 1U << 2;  // is two-way now, or no longer
  static constexpr unsigned kUp = 1U << 3;
  static constexpr unsigned kDown = 1U << 4;
  static constexpr unsigned kSettled = 1U << 5;
  static constexpr unsigned kFlowBroken = 1U << 6;
  static constexpr unsigned kFlowMended = 1U << 7;
  static constexpr unsigned kNewest = 1U << 8;  // the beat is newer than any before: what it says counts

  unsigned bits = 0;
  std::uint8_t broken_flow = 0;
  std::uint8_t mended_flow = 0;

  bool has(unsigned which) const { return (bits & which) != 0; }
  bool any() const { return (bits & ~kNewest) != 0; }
};

// After its own stall a node cannot tell who was silent.
struct Patience {
  TimeUs resumed_us = kLongAgo;       // silence counts from here for suspicions
  TimeUs frozen_until_us = kLongAgo;  // no link goes down by silence before this
};

class Link {
 public:
  Link(const LinkTimers& timers, TimeUs now_us);  // the timers must outlive it

  // arrived_us: when a worker got it, at most now_us. A beat that came before already changes nothing; one
  // that others overtook is a sign of life and no more. Below 100 ns.
  Changes on_beat(const Beat& beat, std::uint8_t flow, TimeUs arrived_us, TimeUs now_us);
  // Authenticated media of the peer.
  Changes on_media(TimeUs arrived_us, TimeUs now_us);
  // Judges silence. When it must be called again is wake_us(), kNever if only a beat can change something.
  Changes expire(TimeUs now_us, const Patience& patience);
  TimeUs wake_us(const Patience& patience) const;
  // The peer runs as a newer boot. Not a flap: only silence, or the peer's word, is one. The penalty stays.
  Changes restart(TimeUs now_us);

  // The next beat to the peer: all of it but what is the same to every peer (row, clock).
  void next_beat(Beat& beat, TimeUs now_us);
  std::uint64_t sent() const { return sent_; }  // its number

  bool is_reachable() const { return beats_.fresh || media_.fresh; }
  bool hears_beats() const { return beats_.fresh; }
  bool hears_media() const { return media_.fresh; }
  bool is_two_way() const { return echoes_.fresh && beats_.fresh; }
  bool is_up() const { return state_ == LinkState::up; }
  bool is_settled() const { return settled_ && is_reachable(); }
  LinkState state() const { return state_; }
  LinkState remote_state() const { return remote_; }
  TimeUs silent_since_us() const { return std::max(beats_.at_us, media_.at_us); }
  TimeUs beat_at_us() const { return beats_.at_us; }

  const RoundTrip& round_trip() const { return round_trip_; }
  const Flows& flows() const { return flows_; }
  // Bit f: the pair's source port f is broken in one direction at least.
  std::uint8_t broken_flows() const { return flows_.broken() | broken_there_; }
  unsigned lost_from_peer_ppm() const { return lost_in_.lost_ppm(); }
  unsigned lost_to_peer_ppm() const { return lost_out_.lost_ppm(); }
  double phi(TimeUs now_us) const { return phi_.phi(now_us - beats_.at_us); }
  std::uint32_t received() const { return received_; }
  std::uint64_t doubled() const { return doubled_; }          // beats that had come before
  std::uint64_t implausible() const { return implausible_; }  // echoes of what was never sent
  unsigned flaps() const { return flaps_; }                   // that are not forgotten
  TimeUs hold_us() const { return beat::hold_us(timers_, flaps_); }

 private:
  struct Evidence {
    TimeUs at_us;        // of the newest; at first, when the node started
    bool fresh = false;  // lately, as far as was judged
  };
  enum class Order : std::uint8_t { newest, late, seen };

  Order take_number(std::uint64_t number);
  void hear(Evidence& evidence, TimeUs arrived_us, TimeUs now_us) const;
  void take_echo(const Beat& beat, TimeUs arrived_us, TimeUs now_us);
  void step(const Beat& beat, std::uint64_t missing, TimeUs now_us, Changes& changes);
  void go_down(TimeUs now_us, Changes& changes);
  void note_changes(bool was_reachable, bool was_two_way, Changes& changes) const;

  const LinkTimers& timers_;
  Evidence beats_;
  Evidence media_;
  Evidence echoes_;  // beats that showed that a newer one of ours had arrived
  LinkState state_ = LinkState::down;
  LinkState remote_ = LinkState::down;
  bool settled_ = false;
  bool needs_clean_ = false;  // it went down from Up: up_beats before the next time
  unsigned clean_ = 0;        // two-way beats without a gap, lately
  unsigned flaps_ = 0;
  TimeUs flap_at_us_ = kLongAgo;
  TimeUs up_at_us_ = 0;

  std::uint64_t sent_ = 0;  // the number of our newest beat
  std::uint64_t echoed_ = 0;
  std::uint64_t newest_ = 0;  // the number of the peer's newest beat, of its present boot
  std::uint64_t window_ = 0;  // bit i: newest_ - i arrived
  TimeUs newest_sent_us_ = 0;
  TimeUs newest_arrived_us_ = 0;
  std::uint32_t received_ = 0;

  Flows flows_;
  std::uint8_t broken_there_ = 0;  // flows of this node that the peer does not hear
  RoundTrip round_trip_;
  LossWindow lost_in_;
  LossWindow lost_out_;
  Phi phi_;
  std::uint64_t doubled_ = 0;
  std::uint64_t implausible_ = 0;
};

}  // namespace causeway::control::beat
