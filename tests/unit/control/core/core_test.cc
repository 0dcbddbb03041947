// The parts together: what one says reaches the others, in this node and the next.
#include "control/core/core.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "control/core/post.h"
#include "control/core/replay.h"
#include "tests/unit/control/core/pair.h"

namespace causeway::control::test {
namespace {

std::ptrdiff_t count(const Journal& journal, JournalKind kind) {
  return std::ranges::count(journal, kind, &JournalEntry::kind);
}

TEST(Core, FindsATrackByTheDirectoryAndTakesItFromItsOrigin) {
  Group group(3);
  group.run(500'000);
  group.tell(0, [&](Core& core, Effects& effects) { core.publish(group.track, group.now_us, effects); });
  group.tell(2, [&](Core& core, Effects& effects) { core.want(group.track, group.now_us, effects); });
  group.run(500'000);
  const RelayView view = group.core(2).relay(group.track);
  ASSERT_TRUE(view.active);
  EXPECT_EQ(view.active->upstream, 0);
  EXPECT_TRUE(view.is_fed);
}

TEST(Core, TellsPeopleOfItsPeersAndTracks) {
  Group group(3);
  group.tell(0, [&](Core& core, Effects& effects) { core.publish(group.track, group.now_us, effects); });
  group.tell(2, [&](Core& core, Effects& effects) {
    core.want(group.track, group.now_us, effects);
    core.want(track_key("nowhere"), group.now_us, effects);
  });
  group.run(8'000'000);
  const PeerReport peer = group.core(2).peer(0, group.now_us);
  EXPECT_EQ(peer.link, beat::LinkState::up);
  EXPECT_TRUE(peer.is_reachable && peer.is_two_way && peer.is_synced);
  EXPECT_LE(peer.silent_us, 200'000);
  EXPECT_GT(peer.beats_sent, 50U);
  EXPECT_EQ(peer.verdict, verdict::Verdict::none);
  EXPECT_EQ(group.core(2).peer(2, group.now_us).beats_sent, 0U);
  EXPECT_EQ(group.core(2).peer(77, group.now_us).beats_sent, 0U);
  EXPECT_EQ(group.core(2).own().drain, DrainState::none);
  EXPECT_TRUE(group.core(2).own().is_starting);

  const relay::Tally tally = group.core(2).relay_tally();
  EXPECT_EQ(tally.tracks, 2U);
  EXPECT_EQ(tally.wanted, 2U);
  EXPECT_EQ(tally.fed, 1U);
  EXPECT_EQ(tally.up, 1U);
  EXPECT_EQ(tally.starving, 1U);
  EXPECT_EQ(tally.alarmed, 1U);
  EXPECT_EQ(group.core(0).relay_tally().origins, 1U);
  EXPECT_EQ(group.core(0).relay_tally().legs, 1U);
  EXPECT_EQ(group.core(2).claims(), 1U);
}

TEST(Core, CarriesRecordsOfTheSessionLayer) {
  Group group(2);
  group.run(500'000);
  const std::vector<std::uint8_t> body{1, 2, 3};
  group.tell(0, [&](Core& core, Effects& effects) {
    core.send(1, wire::RecordType::describe, body, group.now_us, effects);
    core.send(0, wire::RecordType::describe, body, group.now_us, effects);
    core.send(77, wire::RecordType::describe, body, group.now_us, effects);
  });
  ASSERT_EQ(group.received(1).size(), 1U);
  EXPECT_EQ(group.received(1)[0].from, 0);
  EXPECT_EQ(group.received(1)[0].type, wire::RecordType::describe);
  EXPECT_EQ(group.received(1)[0].body, body);
  EXPECT_TRUE(group.received(0).empty()) << "not to itself, nor to nobody";
}

TEST(Core, TellsItsPeersThatAnOperatorDrainsIt) {
  Group group(2);
  group.run(500'000);
  group.core(0).drain_by_operator(true);
  group.run(1'000'000);
  EXPECT_EQ(group.core(1).peer(0, group.now_us).drain, DrainState::soft);
  EXPECT_EQ(group.core(0).drain(), DrainState::none) << "no verdict";
  group.core(0).drain_by_operator(false);
  group.run(1'000'000);
  EXPECT_EQ(group.core(1).peer(0, group.now_us).drain, DrainState::none);
}

TEST(Core, NamesItsTracksInPages) {
  Group group(1);
  std::vector<TrackKey> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(track_key(std::to_string(i)));
  group.tell(0, [&](Core& core, Effects& effects) {
    for (const TrackKey& key : all)
      core.want(key, group.now_us, effects);
  });
  std::ranges::sort(all);
  std::vector<TrackKey> seen;
  for (TrackKey after; seen.size() < all.size(); after = seen.back()) {
    const std::vector<TrackKey> page = group.core(0).relayed(after, 7);
    ASSERT_FALSE(page.empty());
    seen.insert(seen.end(), page.begin(), page.end());
  }
  EXPECT_EQ(seen, all);
  EXPECT_TRUE(group.core(0).relayed(all.back(), 7).empty());
  EXPECT_TRUE(group.core(0).relayed({}, 0).empty());
}

TEST(Core, ARestartOfThePeerIsNoticedByItsFirstFrame) {
  Group group(2);
  group.tell(0, [&](Core& core, Effects& effects) { core.publish(group.track, group.now_us, effects); });
  group.tell(1, [&](Core& core, Effects& effects) { core.want(group.track, group.now_us, effects); });
  group.run(1'000'000);
  ASSERT_TRUE(group.core(1).relay(group.track).is_fed);
  group.start(0);
  group.run(200'000);
  EXPECT_FALSE(group.core(1).relay(group.track).active);
  EXPECT_EQ(count(group.journal(1), JournalKind::peer_started), 1);
  group.tell(0, [&](Core& core, Effects& effects) { core.publish(group.track, group.now_us, effects); });
  group.run(1'000'000);
  EXPECT_TRUE(group.core(1).relay(group.track).is_fed);
}

TEST(Core, TakesEachFrameOnce) {
  Group group(2);
  group.run(300'000);
  const NodeId to = group.last_from == 0 ? 1 : 0;
  const std::vector<std::uint8_t> frame = group.last_frame;
  const std::uint64_t taken = group.core(to).frame_counters().taken;
  group.tell(to, [&](Core& core, Effects& effects) {
    core.on_frame(group.last_from, frame, group.now_us, group.now_us, effects);
  });
  EXPECT_EQ(group.core(to).frame_counters().taken, taken);
  EXPECT_EQ(group.core(to).frame_counters().replayed, 1U);
}

TEST(Core, DropsFramesForAnotherBootOfItself) {
  Group group(2);
  group.run(300'000);
  const NodeId from = group.last_from;
  const NodeId to = from == 0 ? 1 : 0;
  const std::vector<std::uint8_t> frame = group.last_frame;
  group.start(to);
  const std::uint64_t before = group.core(to).frame_counters().of_another_boot;
  group.tell(to, [&](Core& core, Effects& effects) {
    core.on_frame(from, frame, group.now_us, group.now_us, effects);
  });
  EXPECT_EQ(group.core(to).frame_counters().of_another_boot, before + 1);
}

TEST(Core, CountsWhatIsNoFrameAndWhoIsNoPeer) {
  Group group(2);
  const std::vector<std::uint8_t> garbage(40, 0xee);
  for (const NodeId from : {NodeId{0}, NodeId{1}, NodeId{9}, kNoNode}) {
    group.tell(0, [&](Core& core, Effects& effects) {
      core.on_frame(from, garbage, group.now_us, group.now_us, effects);
    });
  }
  EXPECT_EQ(group.core(0).frame_counters().malformed, 4U);
}

TEST(Core, TimeGoesOnAfterAClockThatStepsBack) {
  Group group(2);
  group.run(1'000'000);
  group.step_back(0, 900'000);
  group.run(3'000'000);
  EXPECT_EQ(count(group.journal(1), JournalKind::link_suspected), 0) << "its beats go on";
  EXPECT_EQ(count(group.journal(0), JournalKind::link_suspected), 0);
  EXPECT_EQ(count(group.journal(0), JournalKind::stalled), 0);
}

TEST(Core, SaysSoWhenThereIsNoRoomForATrack) {
  Group group(1);
  Effects effects;
  bool has_room = true;
  for (int i = 0; has_room && i <= 131072; ++i)
    has_room = group.core(0).want(track_key(std::to_string(i)), group.now_us, effects);
  EXPECT_FALSE(has_room);
}

TEST(ReplayWindow, TakesEachOnceInAnyOrderWithinTheWindow) {
  ReplayWindow window;
  for (const std::uint64_t sequence : {5U, 3U, 4U, 900U, 1U})
    EXPECT_TRUE(window.take(sequence)) << sequence;
  for (const std::uint64_t sequence : {5U, 3U, 900U})
    EXPECT_FALSE(window.take(sequence)) << sequence;
  EXPECT_TRUE(window.take(5 + 1024));
  EXPECT_FALSE(window.take(5)) << "too old";
  EXPECT_TRUE(window.take(6));
  EXPECT_TRUE(window.take(1'000'000));
  EXPECT_TRUE(window.take(1'000'000 - 1023));
  EXPECT_FALSE(window.take(1'000'000 - 1024));
}

TEST(Post, RecordsForOneNodeShareAFrameAndBeatsKeepTheirFlow) {
  Post post(0, 3, 7, 3);
  const std::array<std::uint8_t, 4> body{1, 2, 3, 4};
  post.send(1, wire::RecordType::nack, body, kAnyFlow);
  post.send(1, wire::RecordType::ack, body, kAnyFlow);
  post.send(2, wire::RecordType::beat, body, 2);
  post.send(2, wire::RecordType::beat, body, 1);
  post.send(0, wire::RecordType::beat, body, 1);  // to oneself
  Effects effects;
  post.flush(effects);
  ASSERT_EQ(effects.datagrams.size(), 3U);
  EXPECT_EQ(effects.datagrams[0].to, 2);  // was closed first, for its flow
  EXPECT_EQ(effects.datagrams[0].flow, 2);
  EXPECT_EQ(effects.datagrams[1].to, 1);
  EXPECT_EQ(effects.datagrams[1].size, wire::kHeaderBytes + 2 * (wire::kRecordHeaderBytes + 4));
  EXPECT_EQ(effects.datagrams[2].flow, 1);
  EXPECT_EQ(post.dropped(), 1U);
}

TEST(Post, AvoidsFlowsThatAreBrokenUnlessAllAre) {
  Post post(0, 2, 7, 4);
  const std::array<std::uint8_t, 4> body{1, 2, 3, 4};
  const auto flows = [&] {
    std::vector<int> used;
    for (int i = 0; i < 4; ++i) {
      Effects effects;
      post.send(1, wire::RecordType::nack, body, kAnyFlow);
      post.flush(effects);
      used.push_back(effects.datagrams.at(0).flow);
    }
    return used;
  };
  EXPECT_EQ(flows(), (std::vector<int>{0, 1, 2, 3}));
  post.set_broken_flows(1, 0b0101);
  EXPECT_EQ(flows(), (std::vector<int>{1, 3, 1, 3}));
  post.set_broken_flows(1, 0b1111);
  EXPECT_EQ(flows(), (std::vector<int>{0, 1, 2, 3}));
}

TEST(Post, LongMailFillsSeveralFrames) {
  Post post(0, 2, 7, 1);
  const std::vector<std::uint8_t> body(500);
  for (int i = 0; i < 5; ++i)
    post.send(1, wire::RecordType::directory_delta, body, kAnyFlow);
  Effects effects;
  post.flush(effects);
  EXPECT_EQ(effects.datagrams.size(), 3U);
  for (const Effects::Datagram& datagram : effects.datagrams)
    EXPECT_LE(datagram.size, wire::kMaxPlainBytes);
}

}  // namespace
}  // namespace causeway::control::test
