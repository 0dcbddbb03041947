#include "control/directory/table.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace causeway::control::directory {
namespace {

constexpr std::size_t kRowsPerCell = 64;  // to 128, when the table is full
// Of one node. Keys are hashes, so none has so many in one place unless it makes them up.
constexpr std::size_t kMaxRowsPerCell = 1024;
constexpr std::size_t kMinCells = kBuckets;  // a bucket is a whole number of cells
constexpr std::size_t kMaxCells = std::size_t{1} << 17;

std::size_t cells_for(std::size_t tracks) {
  return std::bit_floor(std::clamp(tracks / kRowsPerCell, kMinCells, kMaxCells));
}

// A quarter at a time: doubling would leave a third of the memory unused.
template <class Cell>
void grow(Cell& cell) {
  if (cell.size() == cell.capacity()) cell.reserve(cell.size() + cell.size() / 4 + 4);
}
template <class Cell>
void shrink(Cell& cell) {
  if (cell.capacity() > 2 * cell.size() + 16) cell.shrink_to_fit();
}

}  // namespace

Table::Table(const TableLimits& limits, std::size_t nodes, NodeId self, Listener& listener,
             Counters& counters)
    : limits_{limits.tracks, std::min(limits.own_tracks, limits.tracks)},
      self_(self),
      listener_(listener),
      counters_(counters),
      cell_shift_(64 - static_cast<unsigned>(std::countr_zero(cells_for(limits.tracks)))),
      cells_(cells_for(limits.tracks)),
      summaries_(nodes) {}

Table::Cell::const_iterator Table::lower_bound(const Cell& cell, const TrackKey& track, NodeId owner) {
  return std::ranges::lower_bound(cell, std::tie(track, owner), {},
                                  [](const Row& row) { return std::tie(row.track, row.owner); });
}

void Table::count(const Row& row, bool is_added) {
  Summary& summary = summaries_[row.owner];
  const std::uint64_t hash = entry_hash(row.track, row.stamp);
  const std::uint64_t difference = is_added ? hash : 0 - hash;
  summary.hash += difference;
  summary.buckets[bucket_of(row.track)] += difference;
  if (is_added) {
    ++summary.tracks;
    ++size_;
  } else {
    --summary.tracks;
    --size_;
  }
}

Stored Table::put(NodeId owner, const TrackKey& track, Stamp stamp) {
  Cell& cell = cells_[cell_of(track)];
  auto at = cell.begin() + (lower_bound(cell, track, owner) - cell.cbegin());
  if (at != cell.end() && at->track == track && at->owner == owner) {
    if (at->stamp == stamp) return Stored::unchanged;
    count(*at, false);
    at->stamp = stamp;
    count(*at, true);
  } else {
    if (!make_room(owner, cell)) return Stored::refused;
    grow(cell);
    const Row row{track, stamp, owner};
    cell.insert(lower_bound(cell, track, owner), row);
    count(row, true);
  }
  listener_.on_claims_changed(track);
  return Stored::changed;
}

bool Table::make_room(NodeId owner, const Cell& cell) {
  if (summaries_[owner].tracks >= limits_.own_tracks) return false;
  if (cell.size() >= kMaxRowsPerCell &&
      std::ranges::count(cell, owner, &Row::owner) >= static_cast<std::ptrdiff_t>(kMaxRowsPerCell)) {
    return false;
  }
  if (size_ < limits_.tracks) return true;
  // Both still have as many afterwards, or they would take turns for ever.
  return evict_one(owner == self_ ? 0 : summaries_[owner].tracks + 1);
}

// Of the peer that claims most, if that is more than this.
bool Table::evict_one(std::size_t more_than) {
  std::size_t most = self_;
  for (std::size_t node = 0; node < summaries_.size(); ++node) {
    const bool is_more = most == self_ || summaries_[node].tracks > summaries_[most].tracks;
    if (node != self_ && is_more) most = node;
  }
  if (most == self_ || summaries_[most].tracks <= more_than) return false;
  const auto is_its = [&](const Row& row) { return row.owner == most; };
  while (std::ranges::none_of(cells_[evict_at_], is_its))
    evict_at_ = (evict_at_ + 1) % cells_.size();
  Cell& cell = cells_[evict_at_];
  const auto at = std::ranges::find_if(cell, is_its);
  const Row row = *at;
  cell.erase(at);
  count(row, false);
  ++counters_.evicted;
  listener_.on_claims_changed(row.track);
  return true;
}

bool Table::remove(NodeId owner, const TrackKey& track) {
  Cell& cell = cells_[cell_of(track)];
  const auto at = lower_bound(cell, track, owner);
  if (at == cell.end() || at->track != track || at->owner != owner) return false;
  count(*at, false);
  cell.erase(at);
  shrink(cell);
  listener_.on_claims_changed(track);
  return true;
}

// The listener hears of a cell's removals when the cell is in order again.
template <class Goes>
void Table::sweep(std::size_t first_cell, std::size_t last_cell, Goes&& goes) {
  for (std::size_t i = first_cell; i <= last_cell; ++i) {
    gone_.clear();
    const auto leave = [&](const Row& row) {
      if (!goes(row)) return false;
      count(row, false);
      gone_.push_back(row.track);
      return true;
    };
    if (std::erase_if(cells_[i], leave) == 0) continue;
    shrink(cells_[i]);
    for (const TrackKey& track : gone_)
      listener_.on_claims_changed(track);
  }
}

void Table::remove_others(NodeId owner, const TrackKey& from, const TrackKey& to,
                          std::span<const Entry> keep) {
  sweep(cell_of(from), cell_of(to), [&](const Row& row) {
    if (row.owner != owner || row.track < from || to < row.track) return false;
    return !std::ranges::binary_search(keep, row.track, {}, &Entry::track);
  });
}

void Table::clear(NodeId owner) {
  if (summaries_[owner].tracks == 0) return;
  sweep(0, cells_.size() - 1, [&](const Row& row) { return row.owner == owner; });
}

void Table::clear_peers() {
  sweep(0, cells_.size() - 1, [&](const Row& row) { return row.owner != self_; });
}

std::size_t Table::collect(NodeId owner, const TrackKey& from, const TrackKey& to,
                           std::span<Entry> out) const {
  std::size_t found = 0;
  for (std::size_t i = cell_of(from); i <= cell_of(to) && found < out.size(); ++i) {
    for (auto row = lower_bound(cells_[i], from, 0); row != cells_[i].end() && found < out.size(); ++row) {
      if (to < row->track) return found;
      if (row->owner == owner) out[found++] = {row->track, row->stamp};
    }
  }
  return found;
}

}  // namespace causeway::control::directory
