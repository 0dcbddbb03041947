#include "control/directory/table.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/seed.h"

namespace causeway::control::directory::test {
namespace {

// Remembers what it was told, and that it may read the table meanwhile.
struct Heard final : Listener {
  void on_claims_changed(const TrackKey& track) override {
    ++changes;
    if (table != nullptr) table->for_each_claim(track, [&](NodeId, Stamp) { ++claims; });
  }
  const Table* table = nullptr;
  std::uint64_t changes = 0;
  std::uint64_t claims = 0;
};

struct Rig {
  Rig(TableLimits limits, std::size_t nodes) : table(limits, nodes, 0, heard, counters) {
    heard.table = &table;
  }
  Heard heard;
  Counters counters;
  Table table;
};

TrackKey spread(std::uint64_t number) {
  std::mt19937_64 random(number);
  const std::uint64_t high = random();
  return {high, random()};
}

using Model = std::map<std::pair<TrackKey, NodeId>, Stamp>;

void expect_equal(const Table& table, const Model& model, std::size_t nodes) {
  ASSERT_EQ(table.size(), model.size());
  std::vector<Summary> summaries(nodes);
  for (const auto& [claim, stamp] : model) {
    Summary& summary = summaries[claim.second];
    ++summary.tracks;
    summary.hash += entry_hash(claim.first, stamp);
    summary.buckets[bucket_of(claim.first)] += entry_hash(claim.first, stamp);
    Stamp found = 0;
    table.for_each_claim(claim.first, [&](NodeId origin, Stamp its) {
      if (origin == claim.second) found = its;
    });
    ASSERT_EQ(found, stamp);
  }
  for (NodeId node = 0; node < nodes; ++node) {
    ASSERT_EQ(table.summary(node).tracks, summaries[node].tracks);
    ASSERT_EQ(table.summary(node).hash, summaries[node].hash);
    ASSERT_EQ(table.summary(node).buckets, summaries[node].buckets);
  }
}

// Any changes, against an ordinary map.
TEST(DirectoryTable, HoldsWhatAMapHolds) {
  constexpr std::size_t kNodes = 4;
  SCOPED_TRACE(causeway::test::seed());
  std::mt19937_64 random(causeway::test::seed());
  Rig rig({.tracks = 5000, .own_tracks = 5000}, kNodes);
  Model model;
  std::uint64_t changes = 0;
  for (int step = 0; step < 20000; ++step) {
    const TrackKey track = spread(random() % 600);
    const auto node = static_cast<NodeId>(random() % kNodes);
    const auto at = model.find({track, node});
    if (random() % 3 != 0) {
      const Stamp stamp = 1 + random() % 5;
      const bool is_change = at == model.end() || at->second != stamp;
      changes += is_change ? 1 : 0;
      ASSERT_EQ(rig.table.put(node, track, stamp), is_change ? Stored::changed : Stored::unchanged);
      model[{track, node}] = stamp;
    } else {
      changes += at == model.end() ? 0 : 1;
      ASSERT_EQ(rig.table.remove(node, track), at != model.end());
      if (at != model.end()) model.erase(at);
    }
    if (step % 1000 == 0) expect_equal(rig.table, model, kNodes);
  }
  expect_equal(rig.table, model, kNodes);
  EXPECT_EQ(rig.heard.changes, changes);
}

TEST(DirectoryTable, KeepsOnlyWhatIsNamedInARange) {
  constexpr std::size_t kNodes = 3;
  SCOPED_TRACE(causeway::test::seed());
  std::mt19937_64 random(causeway::test::seed());
  Rig rig({.tracks = 1 << 20, .own_tracks = 1 << 20}, kNodes);
  Model model;
  for (std::uint64_t i = 0; i < 6000; ++i) {
    const TrackKey track = spread(i);
    const auto node = static_cast<NodeId>(i % kNodes);
    rig.table.put(node, track, i);
    model[{track, node}] = i;
  }
  for (int round = 0; round < 100; ++round) {
    TrackKey from = spread(random() % 6000);
    TrackKey to = spread(random() % 6000);
    if (to < from) std::swap(from, to);
    if (round % 4 != 0) to = {from.high | 0xffffffffffffff, ~std::uint64_t{0}};
    const auto node = static_cast<NodeId>(random() % kNodes);
    std::vector<Entry> keep;
    for (auto at = model.lower_bound({from, 0}); at != model.end() && at->first.first <= to;) {
      const bool stays = random() % 8 != 0;
      if (at->first.second == node && stays) keep.push_back({at->first.first, at->second});
      at = at->first.second == node && !stays ? model.erase(at) : std::next(at);
    }
    rig.table.remove_others(node, from, to, keep);
    ASSERT_EQ(rig.table.size(), model.size());
    std::vector<Entry> found(7000);
    found.resize(rig.table.collect(node, from, to, found));
    ASSERT_EQ(found.size(), keep.size());
    for (std::size_t i = 0; i < keep.size(); ++i)
      ASSERT_EQ(found[i].track, keep[i].track);
  }
  expect_equal(rig.table, model, kNodes);
  rig.table.clear(1);
  std::erase_if(model, [](const auto& claim) { return claim.first.second == 1; });
  expect_equal(rig.table, model, kNodes);
  rig.table.clear_peers();
  std::erase_if(model, [](const auto& claim) { return claim.first.second != 0; });
  expect_equal(rig.table, model, kNodes);
}

TEST(DirectoryTable, CollectsInOrderAndStopsWhenThereIsNoRoom) {
  Rig rig({.tracks = 100000, .own_tracks = 100000}, 2);
  for (std::uint64_t i = 0; i < 1000; ++i)
    rig.table.put(static_cast<NodeId>(i % 2), spread(i), i);
  std::size_t found = 0;
  std::array<Entry, 7> entries;
  for (TrackKey from; true;) {
    const std::size_t count = rig.table.collect(1, from, last_key(255), entries);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_LE(from, entries[i].track);
      from = successor(entries[i].track);
    }
    found += count;
    if (count < entries.size()) break;
  }
  EXPECT_EQ(found, 500U);
}

TEST(DirectoryTable, NobodyGetsMoreThanTheLimits) {
  Rig rig({.tracks = 100, .own_tracks = 60}, 4);
  for (std::uint64_t i = 0; i < 200; ++i)
    rig.table.put(1, spread(i), 1);
  EXPECT_EQ(rig.table.summary(1).tracks, 60U);
  EXPECT_EQ(rig.table.put(1, spread(999), 1), Stored::refused);
  EXPECT_EQ(rig.table.put(1, spread(0), 2), Stored::changed);  // one that it has may change
  for (std::uint64_t i = 200; i < 400; ++i)
    rig.table.put(2, spread(i), 1);
  EXPECT_EQ(rig.table.size(), 100U);
  EXPECT_EQ(rig.table.summary(2).tracks, 50U);
}

TEST(DirectoryTable, WhoAnnouncesMostMakesRoomForWhoHasLess) {
  Rig rig({.tracks = 100, .own_tracks = 100}, 4);
  for (std::uint64_t i = 0; i < 200; ++i)
    rig.table.put(1, spread(i), 1);
  EXPECT_EQ(rig.table.summary(1).tracks, 100U);
  for (std::uint64_t i = 200; i < 400; ++i)
    rig.table.put(2, spread(i), 1);
  EXPECT_EQ(rig.table.summary(1).tracks, 50U);
  EXPECT_EQ(rig.table.summary(2).tracks, 50U);
  // The own node gets it all, if it must.
  for (std::uint64_t i = 400; i < 600; ++i)
    EXPECT_EQ(rig.table.put(0, spread(i), 1), i < 500 ? Stored::changed : Stored::refused);
  EXPECT_EQ(rig.table.summary(0).tracks, 100U);
  EXPECT_EQ(rig.table.size(), 100U);
  EXPECT_EQ(rig.counters.evicted, 50U + 100U);
  EXPECT_EQ(rig.table.put(3, spread(600), 1), Stored::refused);
}

// Whoever makes keys up must not make one place of the table slow.
TEST(DirectoryTable, KeysInOnePlaceAreLimited) {
  Rig rig({.tracks = 1 << 20, .own_tracks = 1 << 20}, 3);
  for (std::uint64_t i = 0; i < 5000; ++i)
    rig.table.put(1, {0x4200000000000000, i}, 1);
  EXPECT_EQ(rig.table.summary(1).tracks, 1024U);
  EXPECT_EQ(rig.table.put(2, {0x4200000000000000, 6000}, 1), Stored::changed);
  EXPECT_EQ(rig.table.put(1, {0x4300000000000000, 1}, 1), Stored::changed);
}

}  // namespace
}  // namespace causeway::control::directory::test
