#include "tools/sim/network.h"

#include <map>

#include <gtest/gtest.h>

#include "tools/sim/facts.h"

namespace causeway::sim {
namespace {

constexpr unsigned kFlows = 3;

Backbone backbone(std::size_t sites, Network settings = {}, unsigned nodes_per_site = 1) {
  return {settings, sites, nodes_per_site, kFlows, 1};
}

int arriving(Backbone& net, NodeId from, NodeId to, unsigned flow = 0, int count = 1000) {
  int arrived = 0;
  for (int i = 0; i < count; ++i)
    arrived += net.send(from, to, flow, Lane::datagrams).copies > 0;
  return arrived;
}

TEST(Backbone, DelaysByDistanceAndJitter) {
  Network settings;
  settings.delays_us = {{0, 10'000}, {30'000, 0}};
  settings.jitter_us = 1000;
  Backbone net = backbone(2, settings);
  for (int i = 0; i < 1000; ++i) {
    const Fate there = net.send(0, 1, 0, Lane::datagrams);
    const Fate back = net.send(1, 0, 0, Lane::media);
    ASSERT_EQ(there.copies, 1U);
    ASSERT_GE(there.after_us[0], 10'000);
    ASSERT_LE(there.after_us[0], 11'000);
    ASSERT_GE(back.after_us[0], 30'000);
  }
  net.set_delay(0, 1, 1000, 0);
  EXPECT_GE(net.send(0, 1, 0, Lane::datagrams).after_us[0], 100'000);
}

TEST(Backbone, CutsBothWaysOneWayOrOneFlow) {
  Backbone net = backbone(3);
  net.cut(0, 1, kAllFlows);
  EXPECT_EQ(arriving(net, 0, 1), 0);
  EXPECT_EQ(arriving(net, 1, 0), 1000);
  EXPECT_EQ(arriving(net, 0, 2), 1000);
  net.heal(0, 1, 5);
  EXPECT_EQ(arriving(net, 0, 1), 1000);
  net.cut(1, 2, 1U << 2);
  EXPECT_EQ(arriving(net, 1, 2, 0), 1000);
  EXPECT_EQ(arriving(net, 1, 2, 2), 0);
}

TEST(Backbone, LosesDoublesAndReorders) {
  Backbone net = backbone(2);
  net.set_loss(0, 1, 30, 0);
  EXPECT_NEAR(arriving(net, 0, 1, 0, 10'000), 7000, 300);
  net.set_loss(0, 1, 100, 0);
  EXPECT_EQ(arriving(net, 0, 1), 0);
  net.set_loss(0, 1, 0, 0);
  net.set_duplicate(0, 1, 50);
  net.set_reorder(0, 1, 10);
  int twice = 0;
  int late = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Fate fate = net.send(0, 1, 0, Lane::media);
    twice += fate.copies == 2;
    late += fate.after_us[0] > 42'000;
    ASSERT_LE(fate.after_us[0], 42'000 + kLateUs);
  }
  EXPECT_NEAR(twice, 5000, 300);
  EXPECT_NEAR(late, 1000, 200);
}

TEST(Backbone, FaultsOfSitesAreFaultsOfAllTheirNodes) {
  Backbone net = backbone(2, {}, 2);
  net.cut(0, 1, kAllFlows);
  EXPECT_EQ(arriving(net, 0, 2), 0);
  EXPECT_EQ(arriving(net, 1, 3), 0);
  EXPECT_EQ(arriving(net, 0, 1), 1000);
}

TEST(Backbone, WhatOneLinkDrawsShiftsNoOther) {
  Backbone a = backbone(3);
  Backbone b = backbone(3);
  for (int i = 0; i < 100; ++i)
    a.send(0, 1, 0, Lane::datagrams);
  EXPECT_EQ(a.send(0, 2, 0, Lane::datagrams).after_us, b.send(0, 2, 0, Lane::datagrams).after_us);
  EXPECT_EQ(a.send(0, 1, 0, Lane::media).after_us, b.send(0, 1, 0, Lane::media).after_us);
}

TEST(Backbone, KnowsSinceWhenAWayIsGood) {
  Backbone net = backbone(2);
  EXPECT_EQ(net.good_since_us(0, 1, 0), 0);
  net.cut(0, 1, 1);
  EXPECT_EQ(net.good_since_us(0, 1, 0), control::kNever);
  EXPECT_EQ(net.good_since_us(0, 1, 1), 0);
  EXPECT_EQ(net.heard_since_us(0, 1), 0);
  net.cut(0, 1, kAllFlows);
  EXPECT_EQ(net.heard_since_us(0, 1), control::kNever);
  net.heal(0, 1, 70);
  EXPECT_EQ(net.heard_since_us(0, 1), 70);
  net.set_loss(0, 1, 60, 80);
  EXPECT_EQ(net.good_since_us(0, 1, 0), control::kNever);
  net.set_loss(0, 1, 0, 90);
  EXPECT_EQ(net.good_since_us(0, 1, 0), 90);
}

class Reachable : public ::testing::Test {
 protected:
  Reachable() : net(backbone(4)) {
    facts.nodes.resize(4);
    facts.publishers.resize(1);
    facts.wants.resize(1);
    facts.publishers[0].push_back({0, 10});
  }
  TimeUs since(NodeId to, unsigned hops) { return reachable_since_us(facts, net, 0, 0, to, hops); }
  void cut_both(SiteId a, SiteId b) {
    net.cut(a, b, kAllFlows);
    net.cut(b, a, kAllFlows);
  }

  Backbone net;
  Facts facts;
};

TEST_F(Reachable, GoesAroundACutWithinTheHopLimit) {
  EXPECT_EQ(since(3, 1), 10);
  cut_both(0, 3);
  EXPECT_EQ(since(3, 1), control::kNever);
  EXPECT_EQ(since(3, 2), 10);
  cut_both(0, 1);
  cut_both(2, 3);  // left: 0 - 2 - 1 - 3
  EXPECT_EQ(since(3, 2), control::kNever);
  EXPECT_EQ(since(3, 3), 10);
}

TEST_F(Reachable, NeedsBothDirectionsAndNodesThatWork) {
  net.cut(3, 0, kAllFlows);  // media would arrive, the question for it does not
  EXPECT_EQ(since(3, 1), control::kNever);
  facts.nodes[1].able_since_us = control::kNever;
  facts.nodes[2].sends_since_us = 500;
  EXPECT_EQ(since(3, 2), 500);
  facts.nodes[0].sends_since_us = control::kNever;
  EXPECT_EQ(since(3, 3), control::kNever);
}

TEST_F(Reachable, TakesThePathWhoseYoungestPartIsOldest) {
  net.cut(0, 3, 1);
  net.heal(0, 3, 900);
  facts.nodes[1].able_since_us = 700;
  facts.nodes[2].able_since_us = 800;
  EXPECT_EQ(since(3, 1), 900);
  EXPECT_EQ(since(3, 2), 700);
}

}  // namespace
}  // namespace causeway::sim
