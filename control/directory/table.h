// Who claims which track: the own claims and what is known of those of the peers, in one table, since a track
// has mostly one claim and a node asks for all claims of a track.
//
// Sorted arrays of some sixty rows, by the first bits of the key. Against a hash table: memory grows by
// a quarter of one array and not by all at once, and a bucket's rows stand together, which repair needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "control/directory/counters.h"
#include "control/directory/message.h"
#include "control/wire/ids.h"

namespace causeway::control::directory {

class Listener {
 public:
  virtual ~Listener() = default;
  // Once for each change of a track's claims, after it. It may read the directory, and not change it.
  virtual void on_claims_changed(const TrackKey& track) = 0;
};

struct Claim {
  NodeId origin = kNoNode;
  Stamp stamp = 0;
};

// What one node claims, in short.
struct Summary {
  std::uint32_t tracks = 0;
  std::uint64_t hash = 0;
  std::array<std::uint64_t, kBuckets> buckets{};  // hashes; they sum up to `hash`
};

struct TableLimits {
  std::size_t tracks = 0;      // of all nodes together
  std::size_t own_tracks = 0;  // of any one node
};

enum class Stored : std::uint8_t { unchanged, changed, refused };

class Table {
 public:
  Table(const TableLimits& limits, std::size_t nodes, NodeId self, Listener& listener, Counters& counters);

  // If the table is full, the peer that claims most makes room for who claims less; the own node gets what it
  // needs, up to own_tracks. So a peer that announces too much leaves each other one an equal share.
  Stored put(NodeId owner, const TrackKey& track, Stamp stamp);
  bool remove(NodeId owner, const TrackKey& track);  // false: there was none
  // Removes what owner claims in [from, to] and is not in `keep`, which is ascending.
  void remove_others(NodeId owner, const TrackKey& from, const TrackKey& to, std::span<const Entry> keep);
  void clear(NodeId owner);
  void clear_peers();

  // The first tracks of owner in [from, to], ascending. Returns how many.
  std::size_t collect(NodeId owner, const TrackKey& from, const TrackKey& to, std::span<Entry> out) const;
  // visit(NodeId origin, Stamp), in ascending order of the origin.
  template <class Visit>
  void for_each_claim(const TrackKey& track, Visit&& visit) const {
    const Cell& cell = cells_[cell_of(track)];
    for (auto row = lower_bound(cell, track, 0); row != cell.end() && row->track == track; ++row)
      visit(row->owner, row->stamp);
  }

  const Summary& summary(NodeId owner) const { return summaries_[owner]; }
  std::size_t size() const { return size_; }

 private:
  struct Row {
    TrackKey track;
    Stamp stamp = 0;
    NodeId owner = kNoNode;
  };
  using Cell = std::vector<Row>;

  std::size_t cell_of(const TrackKey& track) const { return track.high >> cell_shift_; }
  static Cell::const_iterator lower_bound(const Cell& cell, const TrackKey& track, NodeId owner);
  bool make_room(NodeId owner, const Cell& cell);
  bool evict_one(std::size_t more_than);
  void count(const Row& row, bool is_added);
  template <class Goes>
  void sweep(std::size_t first_cell, std::size_t last_cell, Goes&& goes);

  const TableLimits limits_;
  const NodeId self_;
  Listener& listener_;
  Counters& counters_;
  unsigned cell_shift_;
  std::vector<Cell> cells_;
  std::vector<Summary> summaries_;  // by node
  std::size_t size_ = 0;
  std::size_t evict_at_ = 0;    // the cell in which the last eviction found something
  std::vector<TrackKey> gone_;  // of the cell that is being swept
};

}  // namespace causeway::control::directory
