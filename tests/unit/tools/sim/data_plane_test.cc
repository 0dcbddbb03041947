#include "tools/sim/data_plane.h"

#include <gtest/gtest.h>

namespace causeway::sim {
namespace {

using control::Edge;

constexpr NodeId kSelf = 1;
constexpr NodeId kUp = 2;
constexpr NodeId kAsked = 3;

RelayView fed_by(NodeId upstream, Label label) {
  RelayView view;
  view.is_fed = true;
  view.active = Edge{upstream, true, true};
  view.label = label;
  view.legs = {7, 8};
  return view;
}

Packet packet(NodeId from, Label label) {
  return {.track = 0, .from = from, .maker = 9, .hops = 1, .label = label};
}

class DataPlaneTest : public ::testing::Test {
 protected:
  DataPlaneTest() : plane(2, 3, 100'000) {}
  DataPlane plane;
};

TEST_F(DataPlaneTest, ForwardsPacketsOfTheUpstreamOnly) {
  plane.sync(0, fed_by(kUp, {5, 9, 1}));
  const auto arrival = plane.receive(kSelf, packet(kUp, {5, 9, 0}), 0);
  EXPECT_EQ(arrival.end, PacketEnd::forwarded);
  ASSERT_NE(arrival.table, nullptr);
  EXPECT_EQ(arrival.table->label, (Label{5, 9, 1}));  // which they leave with (R7)
  EXPECT_EQ(arrival.table->legs, (std::vector<NodeId>{7, 8}));
  EXPECT_EQ(plane.receive(kSelf, packet(kAsked, {5, 9, 0}), 0).end, PacketEnd::stranger);
  EXPECT_EQ(plane.receive(kSelf, {.track = 1, .from = kUp}, 0).end, PacketEnd::stranger);
}

TEST_F(DataPlaneTest, DropsWhatIsNotBetterThanTheOwnLabel) {
  plane.sync(0, fed_by(kUp, {5, 9, 1}));
  EXPECT_EQ(plane.receive(kSelf, packet(kUp, {5, 9, 1}), 0).end, PacketEnd::stale);
  EXPECT_EQ(plane.receive(kSelf, packet(kUp, {4, 9, 0}), 0).end, PacketEnd::stale);
  EXPECT_EQ(plane.receive(kSelf, packet(kUp, {6, 9, 2}), 0).end, PacketEnd::forwarded);
}

TEST_F(DataPlaneTest, CountsHopsAndItsOwnPackets) {
  plane.sync(0, fed_by(kUp, {5, 9, 1}));
  Packet far = packet(kUp, {5, 9, 0});
  far.hops = 4;
  EXPECT_EQ(plane.receive(kSelf, far, 0).end, PacketEnd::too_far);
  Packet own = packet(kUp, {5, 9, 0});
  own.maker = kSelf;
  EXPECT_EQ(plane.receive(kSelf, own, 0).end, PacketEnd::own);
}

TEST_F(DataPlaneTest, ReportsOncePerIntervalAndEachNewLabel) {
  plane.sync(0, fed_by(kUp, {5, 9, 1}));
  const Label label{5, 9, 0};
  EXPECT_TRUE(plane.receive(kSelf, packet(kUp, label), 100'000).is_report);
  EXPECT_FALSE(plane.receive(kSelf, packet(kUp, label), 150'000).is_report);
  EXPECT_TRUE(plane.receive(kSelf, packet(kUp, {6, 9, 0}), 160'000).is_report);
  EXPECT_TRUE(plane.receive(kSelf, packet(kUp, {6, 9, 0}), 200'000).is_report);
}

TEST_F(DataPlaneTest, ReportsTheFirstPacketOfWhoIsAskedAndOfWhoSaidYes) {
  RelayView view = fed_by(kUp, {5, 9, 1});
  view.pending = Edge{kAsked, false, false};
  plane.sync(0, view);
  auto arrival = plane.receive(kSelf, packet(kAsked, {6, 9, 0}), 100'000);
  EXPECT_EQ(arrival.end, PacketEnd::reported);
  EXPECT_TRUE(arrival.is_report);
  EXPECT_EQ(arrival.table, nullptr);
  EXPECT_FALSE(plane.receive(kSelf, packet(kAsked, {6, 9, 0}), 110'000).is_report);
  view.pending->acknowledged = true;
  plane.sync(0, view);
  EXPECT_TRUE(plane.receive(kSelf, packet(kAsked, {6, 9, 0}), 120'000).is_report);
  EXPECT_EQ(plane.find(0)->promised_us, 120'000);
}

TEST_F(DataPlaneTest, IsASourceOnceItsStampIsIssued) {
  RelayView view;
  view.is_origin = true;
  EXPECT_FALSE(plane.sync(0, view));
  view.is_fed = true;
  EXPECT_TRUE(plane.sync(0, view));
  EXPECT_FALSE(plane.sync(0, view));
  const std::uint16_t life = plane.find(0)->life;
  plane.clear();
  EXPECT_FALSE(plane.find(0)->is_source);
  EXPECT_NE(plane.find(0)->life, life);  // its timer is out of date
}

}  // namespace
}  // namespace causeway::sim
