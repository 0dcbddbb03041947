// What a directory did, for metrics. Numbers only grow.
#pragma once

#include <cstdint>

namespace causeway::control::directory {

struct Counters {
  // The own log.
  std::uint64_t own_changes = 0;
  std::uint64_t refused_own = 0;     // the node announces no more than max_own_tracks
  std::uint64_t skipped = 0;         // changes never sent as such: the backlog outgrew log_entries
  std::uint64_t deltas_sent = 0;     // to each peer
  std::uint64_t digests_sent = 0;    // likewise
  std::uint64_t changes_resent = 0;  // asked for by a peer that missed them
  std::uint64_t parts_sent = 0;      // of buckets
  std::uint64_t bytes_sent = 0;      // as datagrams count them
  std::uint64_t repair_bytes_sent = 0;

  // Peers' logs.
  std::uint64_t changes_applied = 0;
  std::uint64_t deltas_late = 0;   // known already
  std::uint64_t deltas_early = 0;  // something before them is missing
  std::uint64_t requests_sent = 0;
  std::uint64_t repairs = 0;  // begun: a copy was not what its owner's digest says
  std::uint64_t parts_applied = 0;
  std::uint64_t parts_ignored = 0;   // nobody asked, or the copy is newer
  std::uint64_t refused_full = 0;    // tracks for which there is no room
  std::uint64_t refused_stamps = 0;  // that no node can have issued
  std::uint64_t evicted = 0;         // tracks of who announces most, for one who announces less
  std::uint64_t malformed = 0;
  std::uint64_t contradictions = 0;  // logs that went back without a restart
};

}  // namespace causeway::control::directory
