// The directory: which node is the origin of which track. A hint, never trusted for safety: a wrong one costs
// a NACK (docs/relay-protocol.md). So there is no consensus, and it works inside an islanded site.
//
// Each node owns a log of the tracks that it originates and pushes its changes to its peers. Digests find
// what got lost; missing changes are sent again, and what is too old for that is repaired bucket by bucket.
// Datagrams may be lost, doubled, late: message.h has them, copy.h why a copy comes out right.
//
// Files in the order of a change's way: log (own changes), sender (to the peers, and to who missed some),
// copy (a peer's log here), table (who claims what).
//
// Thread: one, the caller's. `now_us` is the node's monotonic clock. Memory is bounded by max_tracks and
// log_entries; what does not fit is counted and not stored.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/timers.h"
#include "control/directory/copy.h"
#include "control/directory/counters.h"
#include "control/directory/sender.h"
#include "control/directory/stamps.h"
#include "control/directory/table.h"
#include "control/journal/entry.h"
#include "control/wire/ids.h"
#include "control/wire/membership.h"
#include "control/wire/outbox.h"

namespace causeway::control::directory {

enum class RecordError : std::uint8_t {
  none,
  sender,     // no peer
  type,       // no record of the directory
  malformed,  // what it says cannot be meant
  lie,        // it can be read and cannot be true; what is plausible of it was taken
};

class Directory {
 public:
  // boot: of this node. seed: of the jitter. The listener hears of own claims, too.
  Directory(const config::DirectoryTimers& config, const Membership& membership, NodeId self, BootId boot,
            std::uint64_t seed, Outbox& outbox, Listener& listener, TimeUs now_us);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // Own claims. False: nothing was changed, for it is so already or there is no room (max_own_tracks).
  bool put(const TrackKey& track, Stamp stamp, TimeUs now_us);
  bool remove(const TrackKey& track, TimeUs now_us);

  // A record of an authenticated peer. Answers are sent by tick(), which may be due at once.
  RecordError on_record(NodeId from, wire::RecordType type, std::span<const std::uint8_t> body,
                        TimeUs now_us);
  // The peer's boot is known now, or is a newer one. Records of its older boots must not come here any more.
  void on_peer_boot(NodeId peer, BootId boot, TimeUs now_us);
  // To whom changes are sent. The others get a digest now and then; who comes back gets one at once.
  void set_reachable(const NodeSet& reachable, TimeUs now_us);
  // The highest stamp known from any source: one far above it is refused.
  void set_clock(Stamp clock) { stamps_.set_clock(clock); }
  // Drops what the peers announced, and asks them anew.
  void forget_peers(TimeUs now_us);

  void tick(TimeUs now_us);
  TimeUs next_due_us() const;  // when tick() has something to do

  // Who claims the track: the highest stamp first, then the highest origin. As many as there is room for;
  // returns how many. Type: {NodeId origin, Stamp stamp}, the caller's own.
  template <class Type>
  std::size_t claims(const TrackKey& track, std::span<Type> out) const {
    std::size_t found = 0;
    table_.for_each_claim(track, [&](NodeId origin, Stamp stamp) {
      std::size_t at = found;
      while (at > 0 && is_before(stamp, origin, out[at - 1].stamp, out[at - 1].origin))
        --at;
      if (at == out.size()) return;
      found = std::min(found + 1, out.size());
      std::move_backward(out.begin() + at, out.begin() + (found - 1), out.begin() + found);
      out[at] = Type{origin, stamp};
    });
    return found;
  }

  // Of all own and believed claims, ever. The next own stamp must be above it (Lamport).
  Stamp highest_stamp() const { return stamps_.highest(); }
  const Summary& summary(NodeId node) const { return table_.summary(node); }
  std::size_t tracks() const { return table_.size(); }  // claims of all nodes
  // All that the peer announced, as far as is known, is here.
  bool is_synced(NodeId peer) const { return copies_[peer].is_synced(); }
  const Counters& counters() const { return counters_; }
  // What peers said that cannot be true, seldom enough to be read. The owner takes it away.
  Journal& journal() { return journal_; }

 private:
  static bool is_before(Stamp stamp, NodeId origin, Stamp than, NodeId than_origin) {
    return stamp != than ? stamp > than : origin > than_origin;
  }
  bool is_peer(NodeId node) const { return node < copies_.size() && node != self_; }
  RecordError take(NodeId from, wire::RecordType type, std::span<const std::uint8_t> body, TimeUs now_us,
                   Lie& lie);
  void note(NodeId peer, Lie lie, TimeUs now_us);
  TimeUs ask_at_us() const;

  const NodeId self_;
  Counters counters_;
  Stamps stamps_;
  Table table_;
  Sender sender_;
  CopyContext context_;
  std::vector<Copy> copies_;  // by node; the own one is not used
  NodeSet asking_;            // copies that have a question
  std::vector<BootId> boots_;
  std::vector<TimeUs> noted_us_;  // by node: its last entry in the journal
  Journal journal_;
};

}  // namespace causeway::control::directory
