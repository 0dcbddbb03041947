// What this node knows of all others by heartbeats: it sends and takes beats, keeps a link to each peer and
// everybody's row of the who-hears-whom matrix, asks helpers about who is silent, and mistrusts itself after
// a pause of its own. It concludes nothing: that is what control/verdict does with fill()'s View.
//
// Thread: the control thread. Times are of the node's monotonic clock; one that steps back is taken to stand
// still. A stall is seen by the first call after it, so whatever arrived meanwhile may be given with its
// arrival times in any order, if only before tick(). No call but the constructor, and the first fill(),
// allocates, other than by what it appends to Output.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/timers.h"
#include "control/beat/link.h"
#include "control/beat/message.h"
#include "control/beat/probes.h"
#include "control/beat/random.h"
#include "control/beat/stall.h"
#include "control/beat/words.h"
#include "control/journal/entry.h"
#include "control/verdict/view.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"
#include "control/wire/outbox.h"

namespace causeway::control::beat {

enum class EventKind : std::uint8_t {
  heard_again,     // a peer that was not reachable is
  suspected,       // nothing arrived from it for suspect_ms
  down,            // its link left Up
  up,              // RFC 5880's Up
  settled,         // up for the whole of its hold
  matrix_changed,  // its row says something else, but for load and hear_us; of this node: its own row
  probed,          // helpers' word on it changed
};
struct Event {
  NodeId peer = kNoNode;
  EventKind kind{};
};

// Appended to. A call for one peer adds at most 6 events and journal entries, tick() that for each.
struct Output {
  Outbox& outbox;
  std::vector<Event>& events;
  Journal& journal;
};

class Detector {
 public:
  // names: of the nodes, for people. seed: of the jitter and the choice of helpers.
  Detector(const config::Heartbeat& heartbeat, const Membership& membership,
           const std::vector<std::string>& names, NodeId self, std::uint64_t seed, TimeUs now_us);
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  // `from` is a member, and not this node. arrived_us: when a worker received it; what is later than now_us
  // is taken as now_us.
  void on_beat(NodeId from, std::uint8_t flow, const Beat& beat, TimeUs arrived_us, TimeUs now_us,
               const Output& out);
  void on_media(NodeId from, TimeUs arrived_us, TimeUs now_us, const Output& out);  // authenticated
  void on_probe_request(NodeId from, const ProbeRequest& request, TimeUs now_us, const Output& out);
  void on_probe_reply(NodeId from, const ProbeReply& reply, TimeUs now_us, const Output& out);
  // A newer boot of a peer that was heard before; its first frame's records come next. Not in the journal.
  void on_peer_boot(NodeId from, TimeUs now_us, const Output& out);
  void on_local_media(TimeUs arrived_us);
  void on_overflow(TimeUs now_us, const Output& out);  // a ring of beats was full: some are lost

  void tick(TimeUs now_us, const Output& out);
  TimeUs next_due_us() const { return next_beat_us_ < next_check_us_ ? next_beat_us_ : next_check_us_; }

  // What the own beats say from now on. Until it is told, the load is full, so that nobody counts on room.
  void set_drain(DrainState drain) { own_.drain = drain; }
  void set_load(unsigned percent) {
    own_.load_percent = static_cast<std::uint8_t>(percent < 100 ? percent : 100);
  }
  void set_clock(Stamp clock) { clock_ = clock; }

  // For the verdicts. view.membership points into the detector.
  void fill(View& view, TimeUs now_us) const;

  // For relays. False, or 0, of this node itself and of who is no member, but for hears().
  const NodeSet& reachable() const { return own_.heard; }
  bool is_reachable(NodeId node) const { return own_.heard.contains(node); }
  bool is_two_way(NodeId node) const { return own_.two_way.contains(node); }
  bool is_up(NodeId node) const { return is_peer(node) && peers_[node].link.is_up(); }
  bool is_settled(NodeId node) const { return is_peer(node) && peers_[node].link.is_settled(); }
  TimeUs round_trip_us(NodeId node) const {  // smoothed; 0: not known yet
    return is_peer(node) ? peers_[node].link.round_trip().smoothed_us() : 0;
  }
  // Both ways, as node's last row has it; false if that row is stale. Also if its node stalled: it convicts
  // nobody then, and may well be a way around.
  bool hears(NodeId node, NodeId other) const;
  bool is_row_fresh(NodeId node) const;  // arrived within down_ms
  bool is_frozen() const { return stall_.is_frozen(); }
  bool is_starting() const { return stall_.now_us() < starts_until_us_; }

  const Link& link(NodeId peer) const { return peers_[peer].link; }  // for metrics; a member
  const Row& row(NodeId peer) const { return peers_[peer].row; }     // of its last beat; likewise
  ProbeResult probe(NodeId peer) const { return peers_[peer].inquiry.result(); }
  std::uint64_t replies_refused() const { return replies_refused_; }  // of helpers: not asked for, or twice
  std::uint64_t requests_refused() const { return requests_refused_; }

 private:
  struct Peer {
    Link link;
    Row row;
    TimeUs wake_us = 0;  // when to look at it; never later than needed, often earlier
    Inquiry inquiry;
  };

  bool is_peer(NodeId node) const { return node != self_ && node < peers_.size(); }
  void turn(TimeUs now_us, const Output& out);
  void stalled(TimeUs gap_us, bool overflow, const Output& out);
  void take_row(NodeId from, const Beat& beat, TimeUs arrived_us, const Output& out);
  void apply(NodeId id, const Changes& changes, const Output& out);
  void note(NodeId id, const Changes& changes, const Output& out) const;
  void update_own_row(NodeId id, const Output& out);
  void check_peers(const Output& out);
  TimeUs inquire(NodeId id, const Output& out);
  void ask(NodeId id, const Output& out);
  NodeSet possible_helpers() const;
  void answer(const HelpDesk::Task& task, ProbeAnswer answer, const Output& out) const;
  void end_tasks(const Output& out);
  void send_beats(const Output& out);
  void send_beat(NodeId id, const Output& out);
  void note_hearers(NodeId from, const NodeSet& before, const NodeSet& now);
  NodeSet rows_that_count() const;
  void refresh_own_row(const Output& out);
  bool is_local_media() const;

  LinkTimers link_timers_;
  ProbeTimers probe_timers_;
  TimeUs jitter_us_;
  Membership membership_;
  NodeSet members_;
  NodeId self_;
  Random random_;
  Words words_;
  Stall stall_;
  TimeUs started_us_;
  TimeUs starts_until_us_;
  TimeUs local_media_at_us_ = kLongAgo;

  std::vector<Peer> peers_;       // by NodeId; the own one is not used
  std::vector<NodeSet> hearers_;  // by NodeId: who hears it, by the last rows
  NodeSet counting_;              // whose rows counted in the last turn
  Row own_;
  Stamp clock_ = 0;
  HelpDesk desk_;
  TimeUs next_beat_us_;
  TimeUs next_check_us_ = kNever;
  std::uint64_t replies_refused_ = 0;
  std::uint64_t requests_refused_ = 0;
};

}  // namespace causeway::control::beat
