// Each invariant finds the case that was made to break it, and nothing else.
#include <gtest/gtest.h>

#include "tests/unit/tools/sim/support.h"

namespace causeway::sim::test {
namespace {

// The first violation of a world in which every site takes every other one's track.
std::optional<Violation> first_violation(Toybox& box, const std::vector<Action>& actions = {}) {
  Plan plan = quiet_plan(box.frames_us.size(), 40 * kSecond);
  add_canaries(plan);
  plan.actions.insert(plan.actions.end(), actions.begin(), actions.end());
  World world(plan, toys(box));
  world.run();
  if (world.violations().empty()) return std::nullopt;
  return world.violations()[0];
}

const TrackKey kTrack = control::track_key("canary/s0");

TEST(Invariants, HoldInAWorldThatWorks) {
  Toybox box(4);
  EXPECT_FALSE(first_violation(box));
}

TEST(Invariants, I1FindsACycle) {
  Toybox box(3);
  box.twist = [](NodeId node, const TrackKey& key, RelayView& view) {
    if (key != kTrack || node == 0) return;
    view.label = {7, 0, 5};
    view.active = Edge{static_cast<NodeId>(3 - node), true, true};
  };
  const auto found = first_violation(box);
  ASSERT_TRUE(found);
  // The second of two edges that make it has labels that are not better either.
  EXPECT_TRUE(found->invariant == Invariant::I1 || found->invariant == Invariant::I2) << found->text;
}

TEST(Invariants, I1FindsACycleThroughAnEdgeThatIsOnlyAcknowledged) {
  struct Same final : Truth {
    Label label_now(NodeId node, TrackIndex) const override { return {9U - node, 0, 0}; }
    bool is_claimed(NodeId, TrackIndex) const override { return true; }
  } truth;
  Checker checker(4, 1, {"a", "b", "c", "d"}, {"t"}, truth);
  const auto view = [&](NodeId node) {
    RelayView made;
    made.label = truth.label_now(node, 0);
    return made;
  };
  RelayView c = view(2);
  c.active = Edge{1, true, true};
  checker.on_view(2, 0, c, 1);
  RelayView b = view(1);
  b.active = Edge{0, true, true};
  checker.on_view(1, 0, b, 2);
  EXPECT_TRUE(checker.violations().empty());
  RelayView a = view(0);
  a.pending = Edge{2, false, false};
  checker.on_view(0, 0, a, 3);
  EXPECT_TRUE(checker.violations().empty());  // only asked
  a.pending->acknowledged = true;
  checker.on_view(0, 0, a, 4);
  ASSERT_FALSE(checker.violations().empty());
  EXPECT_EQ(checker.violations()[0].invariant, Invariant::I1);
  EXPECT_EQ(checker.violations()[0].text, "a cycle: a takes it from c takes it from b takes it from a");
}

TEST(Invariants, I2FindsALabelThatGetsWorse) {
  Toybox box(2);
  bool is_on = false;
  box.at_tick = [&](NodeId node, TimeUs, Effects& effects) {
    if (node == 0 && box.ticks_us[0].size() > 20) {
      is_on = true;
      effects.tracks.push_back(kTrack);
    }
  };
  box.twist = [&](NodeId node, const TrackKey& key, RelayView& view) {
    if (is_on && node == 0 && key == kTrack) view.label = {0, 0, 0};
  };
  const auto found = first_violation(box);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::I2) << found->text;
  EXPECT_EQ(found->node, 0);
}

TEST(Invariants, I2FindsAnEdgeToALabelThatIsNotBetter) {
  Toybox box(2);
  box.twist = [](NodeId node, const TrackKey& key, RelayView& view) {
    if (node == 1 && key == kTrack && view.active) view.label = {100'000, 0, 1};
  };
  const auto found = first_violation(box);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::I2) << found->text;
}

TEST(Invariants, I3FindsAnOriginWithAnUpstreamAndAnUpstreamThatIsNone) {
  Toybox origin(2);
  origin.twist = [](NodeId, const TrackKey&, RelayView& view) {
    if (view.is_origin) view.active = Edge{1, true, true};
  };
  EXPECT_EQ(first_violation(origin)->invariant, Invariant::I3);
  Toybox self(2);
  self.twist = [](NodeId node, const TrackKey&, RelayView& view) {
    if (view.pending) view.pending->upstream = node;
  };
  EXPECT_EQ(first_violation(self)->invariant, Invariant::I3);
}

TEST(Invariants, I4FindsAnAckOfANodeThatIsNotFed) {
  Toybox box(2);
  box.twist = [](NodeId node, const TrackKey& key, RelayView& view) {
    if (node == 0 && key == kTrack && !view.legs.empty()) view.is_fed = false;
  };
  const auto found = first_violation(box);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::I4) << found->text;
}

TEST(Invariants, I5FindsPacketsThatGetWorse) {
  struct None final : Truth {
    Label label_now(NodeId, TrackIndex) const override { return {}; }
    bool is_claimed(NodeId, TrackIndex) const override { return true; }
  } truth;
  Checker checker(3, 1, {"a", "b", "c"}, {"t"}, truth);
  checker.on_forward(1, 0, {5, 0, 0}, {5, 0, 1}, 1);
  checker.on_forward(1, 0, {6, 0, 0}, {6, 0, 1}, 2);
  EXPECT_TRUE(checker.violations().empty());
  checker.on_forward(1, 0, {5, 0, 0}, {6, 0, 1}, 3);
  ASSERT_EQ(checker.violations().size(), 1U);
  EXPECT_EQ(checker.violations()[0].invariant, Invariant::I5);
  checker.on_send(2, 0, {6, 0, 1}, 4);
  checker.on_send(2, 0, {5, 0, 1}, 5);
  EXPECT_EQ(checker.violations().size(), 2U);
}

TEST(Invariants, I6FindsAnEdgeThatOutlivesItsOrigin) {
  Toybox box(2);
  box.are_patient = true;
  const auto found = first_violation(box, {at(5 * kSecond, ActionKind::unpublish, 0, -1, 0, "canary/s0")});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::I6) << found->text;
  EXPECT_GE(found->at_us, 35 * kSecond);
}

TEST(Invariants, I7FindsASecondDrainAndTheLastButOneSite) {
  const auto drained = [](Toybox& box, std::vector<NodeId> nodes) {
    box.drain = [&box, nodes](NodeId node, TimeUs) {
      const bool is_now = box.ticks_us[node].size() > 50 && std::ranges::count(nodes, node) > 0;
      return is_now ? DrainState::hard : DrainState::none;
    };
  };
  Toybox one(4);
  drained(one, {1});
  EXPECT_FALSE(first_violation(one));
  Toybox two(4);
  drained(two, {1, 2});
  EXPECT_EQ(first_violation(two)->invariant, Invariant::I7);
  Toybox last(2);
  drained(last, {1});
  EXPECT_EQ(first_violation(last)->invariant, Invariant::I7);
}

TEST(Invariants, I8FindsALegToTheUpstream) {
  Toybox box(2);
  box.twist = [](NodeId, const TrackKey&, RelayView& view) {
    if (view.active) view.legs.push_back(view.active->upstream);
  };
  EXPECT_EQ(first_violation(box)->invariant, Invariant::I8);
}

TEST(Invariants, DFindsANodeThatBelievesItselfFed) {
  Toybox box(2);
  box.are_stubborn = true;
  const auto found = first_violation(box, {at(5 * kSecond, ActionKind::freeze_media, 0)});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::D) << found->text;
  EXPECT_LT(found->at_us, 6 * kSecond);
}

TEST(Invariants, L1AndL2FindMediaThatDoesNotComeThoughItCould) {
  Toybox direct(3);
  direct.twist = [](NodeId node, const TrackKey& key, RelayView& view) {
    if (node == 0 && key == kTrack) view.legs.clear();
  };
  const auto found = first_violation(direct);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::L2) << found->text;

  Toybox around(3);  // a toy knows no way around
  const auto cut = first_violation(around, {at(5 * kSecond, ActionKind::cut, 0, 1)});
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->invariant, Invariant::L1) << cut->text;
}

TEST(Invariants, L1ExcusesWhoHasNoPathThatLasts) {
  std::vector<Action> actions;
  for (TimeUs at_us = 5 * kSecond; at_us < 35 * kSecond; at_us += 2 * kSecond) {
    actions.push_back(at(at_us, ActionKind::cut, 0, 1));
    actions.push_back(at(at_us + kSecond, ActionKind::heal, 0, 1));
  }
  Toybox box(2);
  EXPECT_FALSE(first_violation(box, actions));
}

TEST(Invariants, TablesFindsAChangeThatWasNotNamed) {
  Toybox box(2);
  box.twist = [&](NodeId node, const TrackKey& key, RelayView& view) {
    if (node == 1 && key == kTrack && box.ticks_us[1].size() > 100) view.pending = Edge{0, false, true};
  };
  const auto found = first_violation(box);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->invariant, Invariant::tables) << found->text;
}

TEST(Invariants, SizeFindsAFrameThatIsNone) {
  Toybox box(2);
  box.at_tick = [&](NodeId, TimeUs, Effects& effects) {
    effects.datagrams.push_back({1, 0, static_cast<std::uint32_t>(effects.bytes.size()), 3});
    effects.bytes.insert(effects.bytes.end(), {1, 2, 3});
  };
  EXPECT_EQ(first_violation(box)->invariant, Invariant::size);
}

}  // namespace
}  // namespace causeway::sim::test
