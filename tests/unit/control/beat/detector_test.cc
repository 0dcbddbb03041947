#include "control/beat/detector.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/unit/control/beat/fleet.h"

namespace causeway::control::beat {
namespace {

TEST(Detector, AFleetHearsItselfWithinASecond) {
  Fleet fleet(4);
  fleet.run(from_ms(1000));
  for (NodeId node = 0; node < 4; ++node) {
    for (NodeId peer = 0; peer < 4; ++peer) {
      if (peer == node) continue;
      EXPECT_TRUE(fleet[node].is_reachable(peer));
      EXPECT_TRUE(fleet[node].is_two_way(peer));
      EXPECT_TRUE(fleet[node].is_up(peer));
      EXPECT_FALSE(fleet[node].is_settled(peer));
      EXPECT_TRUE(fleet[node].is_row_fresh(peer));
      EXPECT_EQ(fleet[node].round_trip_us(peer), 2 * Fleet::kDelayUs);
    }
    EXPECT_FALSE(fleet[node].is_reachable(node));
    EXPECT_FALSE(fleet[node].is_reachable(200));
    EXPECT_FALSE(fleet[node].is_settled(200));
    EXPECT_EQ(fleet[node].round_trip_us(node), 0);
  }
  EXPECT_EQ(fleet.count(EventKind::heard_again), 12U);
  EXPECT_EQ(fleet.count(EventKind::up), 12U);
  fleet.run(from_ms(2500));
  EXPECT_EQ(fleet.count(EventKind::settled), 12U);
  EXPECT_EQ(fleet.count(EventKind::suspected), 0U);
  EXPECT_EQ(fleet.entries(0, JournalKind::link_up), 3U);
  EXPECT_EQ(fleet.entries(0, JournalKind::link_settled), 3U);
  EXPECT_FALSE(fleet[0].is_frozen());
}

TEST(Detector, BeatsGoToAllPeersInOneTurnByEachFlow) {
  Fleet fleet(4);
  fleet.run(from_ms(1000));
  fleet.records = true;
  fleet.run(from_ms(10'000));
  std::map<TimeUs, int> turns;
  std::map<std::pair<NodeId, int>, int> by_flow;
  for (const Fleet::Sent& sent : fleet.sent) {
    if (sent.from != 0) continue;
    ASSERT_EQ(sent.type, wire::RecordType::beat);
    ++turns[sent.at_us];
    ++by_flow[{sent.to, sent.flow}];
  }
  EXPECT_GE(turns.size(), 100U);
  EXPECT_LE(turns.size(), 134U);
  TimeUs before_us = 0;
  TimeUs least_us = kNever;
  TimeUs most_us = 0;
  for (const auto& [at_us, count] : turns) {
    EXPECT_EQ(count, 3) << "all peers at once";
    if (before_us != 0) {
      least_us = std::min(least_us, at_us - before_us);
      most_us = std::max(most_us, at_us - before_us);
    }
    before_us = at_us;
  }
  EXPECT_GE(least_us, from_ms(75));
  EXPECT_LT(least_us, from_ms(80));
  EXPECT_LE(most_us, from_ms(100)) << "jitter only ever makes a beat earlier";
  EXPECT_GT(most_us, from_ms(95));
  for (NodeId peer = 1; peer < 4; ++peer)
    for (int flow = 0; flow < 3; ++flow)
      EXPECT_NEAR((by_flow[{peer, flow}]), static_cast<double>(turns.size()) / 3, 1);
}

TEST(Detector, TheSameSeedDoesTheSame) {
  const auto run = [](std::uint64_t seed) {
    Fleet fleet(4, 1, Fleet::quick(), seed);
    fleet.records = true;
    fleet.run(from_ms(3000));
    fleet.kill(2);
    fleet.run(from_ms(5000));
    std::vector<std::vector<std::uint8_t>> bodies;
    for (const Fleet::Sent& sent : fleet.sent)
      bodies.push_back(sent.body);
    return bodies;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST(Detector, BeatsTellWhoIsHeardAndHowTheNodeIs) {
  Fleet fleet(4);
  fleet[2].set_drain(DrainState::soft);
  fleet[2].set_load(250);
  fleet[2].set_clock(77);
  fleet[2].on_local_media(fleet.now_us() + from_ms(1900));
  fleet.run(from_ms(2000));
  const View view = fleet.view(0);
  const Row& row = view.peers[2].row;
  EXPECT_EQ(row.heard, NodeSet({0b1011, 0}));
  EXPECT_EQ(row.two_way, NodeSet({0b1011, 0}));
  EXPECT_EQ(row.drain, DrainState::soft);
  EXPECT_EQ(row.load_percent, 100);
  EXPECT_TRUE(row.local_media);
  EXPECT_FALSE(row.stalled);
  EXPECT_NE(row.at_us, kNever);
  EXPECT_GT(row.at_us, fleet.now_us() - from_ms(200));
  EXPECT_FALSE(view.peers[1].row.local_media);
  fleet.run(from_ms(4000));
  EXPECT_FALSE(fleet.view(0).peers[2].row.local_media) << "it ended";
}

TEST(Detector, TheViewIsWhatWasHeard) {
  Fleet fleet(3);
  const TimeUs started_us = fleet.now_us();
  View view = fleet.view(0);
  EXPECT_EQ(view.self, 0);
  EXPECT_TRUE(view.starting);
  EXPECT_FALSE(view.frozen);
  EXPECT_EQ(view.started_us, started_us);
  EXPECT_EQ(view.load_percent, 100) << "nobody told";
  ASSERT_EQ(view.peers.size(), 3U);
  EXPECT_EQ(view.peers[1].silent_since_us, started_us) << "nothing was heard yet";
  EXPECT_EQ(view.peers[1].row.at_us, kNever);
  ASSERT_NE(view.membership, nullptr);
  EXPECT_EQ(view.membership->nodes(), 3U);
  fleet[0].on_local_media(fleet.now_us() + from_ms(1000));
  fleet.run(from_ms(2500));
  view = fleet.view(0);
  EXPECT_FALSE(view.starting);
  EXPECT_TRUE(view.local_media);
  EXPECT_TRUE(view.peers[1].beats_heard);
  EXPECT_TRUE(view.peers[1].beats_two_way);
  EXPECT_FALSE(view.peers[1].media_heard);
  EXPECT_TRUE(view.peers[1].link_up);
  EXPECT_GT(view.peers[1].silent_since_us, fleet.now_us() - from_ms(150));
  fleet.send_media(1, 0);
  fleet.run(from_ms(100));
  EXPECT_TRUE(fleet.view(0).peers[1].media_heard);
}

TEST(Detector, AOneWayCutIsSeenFromBothEnds) {
  Fleet fleet(4);
  fleet.run(from_ms(3000));
  fleet.forget();
  fleet.cut_one_way(1, 0);
  fleet.run(from_ms(1500));
  EXPECT_FALSE(fleet[0].is_reachable(1));
  EXPECT_FALSE(fleet[0].is_two_way(1));
  EXPECT_TRUE(fleet[1].is_reachable(0)) << "its beats arrive";
  EXPECT_FALSE(fleet[1].is_two_way(0)) << "and do not echo ours any more";
  EXPECT_TRUE(fleet[1].is_up(0));
  for (const NodeId witness : {NodeId{2}, NodeId{3}}) {
    const View view = fleet.view(witness);
    EXPECT_FALSE(view.peers[0].row.heard.contains(1));
    EXPECT_TRUE(view.peers[1].row.heard.contains(0));
    EXPECT_FALSE(view.peers[1].row.two_way.contains(0));
    EXPECT_FALSE(fleet[witness].hears(0, 1));
    EXPECT_FALSE(fleet[witness].hears(1, 0));
    EXPECT_TRUE(fleet[witness].hears(0, 3) || witness == 3);
  }
  // Node 1 is told by others that node 0, which it hears, does not hear it; and node 0 that node 1 hears it.
  EXPECT_EQ(fleet.view(1).peers[2].row.hear_us, NodeSet({0b1000, 0}));
  EXPECT_EQ(fleet.view(0).peers[2].row.hear_us, NodeSet({0b1010, 0}));
  EXPECT_TRUE(fleet[0].hears(2, 1)) << "a way around";
  EXPECT_FALSE(fleet[0].hears(0, 1));
  EXPECT_TRUE(fleet[0].hears(0, 2));
  fleet.run(from_ms(2500));
  EXPECT_FALSE(fleet[1].is_up(0)) << "the other end says Down";
  EXPECT_TRUE(fleet[1].is_reachable(0));
  EXPECT_EQ(fleet.events(1, EventKind::suspected).size(), 0U);
  EXPECT_EQ(fleet.convictions(), 0U);
  fleet.heal();
  fleet.run(from_ms(1000));
  EXPECT_TRUE(fleet[0].is_reachable(1)) << "at once, without a hold";
  EXPECT_TRUE(fleet[0].is_two_way(1));
  EXPECT_FALSE(fleet[0].is_up(1)) << "30 clean beats first";
  fleet.run(from_ms(3000));
  EXPECT_TRUE(fleet[0].is_up(1));
  EXPECT_FALSE(fleet[0].is_settled(1));
  fleet.run(from_ms(2500));
  EXPECT_TRUE(fleet[0].is_settled(1));
}

TEST(Detector, ChangesOfTheMatrixAreTold) {
  Fleet fleet(3);
  fleet.run(from_ms(3000));
  fleet.forget();
  fleet.run(from_ms(2000));
  EXPECT_EQ(fleet.count(EventKind::matrix_changed), 0U) << "nothing changed";
  fleet[1].set_load(50);
  fleet.run(from_ms(300));
  EXPECT_EQ(fleet.count(EventKind::matrix_changed), 0U) << "a load is none";
  fleet[1].set_drain(DrainState::hard);
  fleet.run(from_ms(300));
  ASSERT_EQ(fleet.events(0, EventKind::matrix_changed).size(), 1U);
  EXPECT_EQ(fleet.events(0, EventKind::matrix_changed)[0].event.peer, 1);
  fleet.forget();
  fleet.cut(1, 2);
  fleet.run(from_ms(1500));
  EXPECT_EQ(fleet.events(0, EventKind::matrix_changed).size(), 2U) << "both rows";
  ASSERT_EQ(fleet.events(1, EventKind::matrix_changed).size(), 1U);
  EXPECT_EQ(fleet.events(1, EventKind::matrix_changed)[0].event.peer, 1) << "its own";
}

TEST(Detector, OneBadFlowIsThatAndTheLinkStaysUp) {
  Fleet fleet(3);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.pass = [](NodeId from, NodeId to, wire::RecordType, std::uint8_t flow) {
    return !(from == 0 && to == 1 && flow == 2);
  };
  fleet.run(from_ms(20'000));
  EXPECT_EQ(fleet[1].link(0).flows().broken(), 1U << 2);
  EXPECT_EQ(fleet[0].link(1).flows().broken(), 0);
  EXPECT_EQ(fleet[0].link(1).broken_flows(), 1U << 2) << "the peer says so";
  EXPECT_EQ(fleet.entries(1, JournalKind::flow_broken), 1U);
  EXPECT_EQ(fleet.entries(1, JournalKind::link_suspected), 0U);
  EXPECT_TRUE(fleet[1].is_settled(0));
  EXPECT_TRUE(fleet[0].is_settled(1));
  EXPECT_NEAR(fleet[1].link(0).lost_from_peer_ppm(), 333'333, 10'000);
  EXPECT_NEAR(fleet[0].link(1).lost_to_peer_ppm(), 333'333, 10'000);
  EXPECT_EQ(fleet[0].link(1).lost_from_peer_ppm(), 0U);
  fleet.pass = nullptr;
  fleet.run(from_ms(1000));
  EXPECT_EQ(fleet.entries(1, JournalKind::flow_mended), 1U);
  EXPECT_EQ(fleet[0].link(1).broken_flows(), 0);
}

TEST(Detector, ALossyNetworkSuspectsNobody) {
  Fleet fleet(4);
  fleet.set_lost_percent(20);
  fleet.run(from_ms(60'000));
  EXPECT_EQ(fleet.count(EventKind::suspected), 0U);
  EXPECT_EQ(fleet.count(EventKind::down), 0U);
  EXPECT_EQ(fleet.count(EventKind::settled), 12U);
  EXPECT_NEAR(fleet[0].link(1).lost_from_peer_ppm(), 200'000, 120'000);
}

TEST(Detector, APeerThatRestartsBeginsAnewWithoutAFlap) {
  Fleet fleet(3);
  fleet.run(from_ms(5000));
  fleet.forget();
  fleet.kill(1);
  fleet.run(from_ms(500));
  fleet.start(1);
  fleet.run(from_ms(1500));
  EXPECT_EQ(fleet.entries(0, JournalKind::link_down), 0U);
  EXPECT_EQ(fleet.events(0, EventKind::down).size(), 1U);
  EXPECT_TRUE(fleet[0].is_up(1));
  EXPECT_TRUE(fleet[1].is_up(0));
  EXPECT_EQ(fleet[0].link(1).flaps(), 0U);
  EXPECT_EQ(fleet[0].link(1).hold_us(), from_ms(2000));
}

TEST(Detector, NodeIdsOutsideTheMembershipAreMaskedOut) {
  Fleet fleet(3);
  fleet.run(from_ms(1000));
  Beat beat;
  beat.number = 1'000'000;
  beat.state = LinkState::up;
  beat.row.heard = beat.row.two_way = beat.row.hear_us = NodeSet({~std::uint64_t{0}, ~std::uint64_t{0}});
  fleet.give(
      0, [&](Detector& d, const Output& out) { d.on_beat(1, 0, beat, fleet.now_us(), fleet.now_us(), out); });
  EXPECT_EQ(fleet.view(0).peers[1].row.heard, NodeSet({0b111, 0}));
  EXPECT_EQ(fleet.view(0).peers[1].row.hear_us, NodeSet({0b111, 0}));
  EXPECT_FALSE(fleet[0].hears(1, 100));
}

TEST(Detector, ARowGetsStale) {
  Fleet fleet(3);
  fleet.run(from_ms(2000));
  EXPECT_TRUE(fleet[0].hears(1, 2));
  fleet.kill(1);
  fleet.run(from_ms(2500));
  EXPECT_TRUE(fleet[0].hears(1, 2)) << "within down_ms";
  fleet.run(from_ms(1000));
  EXPECT_FALSE(fleet[0].is_row_fresh(1));
  EXPECT_FALSE(fleet[0].hears(1, 2));
}

TEST(Detector, AClockThatStepsBackStandsStill) {
  Fleet fleet(2);
  fleet.run(from_ms(2000));
  fleet.forget();
  const TimeUs now_us = fleet.now_us();
  const TimeUs due_us = fleet[0].next_due_us();
  for (TimeUs back_ms = 5000; back_ms >= 0; back_ms -= 50) {
    fleet.give(0, [&](Detector& d, const Output& out) { d.tick(now_us - from_ms(back_ms), out); });
    EXPECT_EQ(fleet[0].next_due_us(), due_us);
  }
  EXPECT_EQ(fleet.entries(0, JournalKind::stalled), 0U);
  EXPECT_EQ(fleet.count(EventKind::suspected), 0U);
}

TEST(Detector, ANodeAloneIsBoredAndWell) {
  Fleet fleet(1);
  fleet.run(from_ms(10'000));
  EXPECT_FALSE(fleet[0].is_frozen());
  EXPECT_EQ(fleet.journal(0).size(), 0U);
}

}  // namespace
}  // namespace causeway::control::beat
