#include "control/next_hops.h"

#include <gtest/gtest.h>

namespace causeway::control {
namespace {

const net::IpAddress kGateway = *net::IpAddress::parse("192.0.2.1");
const net::IpAddress kOther = *net::IpAddress::parse("2001:db8::1");
const net::MacAddress kMac = *net::MacAddress::parse("02:00:00:00:00:01");
const net::MacAddress kNewMac = *net::MacAddress::parse("02:00:00:00:00:02");

TEST(NextHops, ATransportIsUnresolvedUntilTheKernelKnowsItsNeighbour) {
  NextHops hops;
  const auto routed = hops.route(7, Hop{0, kGateway});
  ASSERT_EQ(routed.size(), 1U);
  EXPECT_FALSE(routed[0].mac.has_value());
  EXPECT_EQ(hops.unresolved(), 1U);

  const auto resolved = hops.neighbour({0, kGateway}, kMac);
  ASSERT_EQ(resolved.size(), 1U);
  EXPECT_EQ(resolved[0].transport, 7U);
  EXPECT_EQ(resolved[0].mac, kMac);
  EXPECT_EQ(hops.unresolved(), 0U);
}

TEST(NextHops, ANeighbourAnnouncedBeforeItsRouteIsUsed) {
  NextHops hops;
  EXPECT_TRUE(hops.neighbour({0, kGateway}, kMac).empty());
  EXPECT_EQ(hops.route(1, Hop{0, kGateway}).at(0).mac, kMac);
}

TEST(NextHops, AllTransportsBehindAHopFollowItsMac) {
  NextHops hops;
  hops.route(1, Hop{0, kGateway});
  hops.route(2, Hop{0, kGateway});
  hops.route(3, Hop{1, kGateway});  // the same address on another port is another hop
  EXPECT_EQ(hops.neighbour({0, kGateway}, kMac).size(), 2U);
  EXPECT_TRUE(hops.neighbour({0, kGateway}, kMac).empty()) << "nothing changed";
  EXPECT_EQ(hops.neighbour({0, kGateway}, kNewMac).size(), 2U);
}

TEST(NextHops, ALostNeighbourKeepsItsAddressForAWhileAndIsAskedForMeanwhile) {
  NextHops hops;
  hops.route(1, Hop{0, kGateway});
  hops.route(2, Hop{0, kGateway});
  hops.neighbour({0, kGateway}, kMac);
  EXPECT_EQ(hops.due(1000, 10).size(), 1U);
  EXPECT_TRUE(hops.neighbour({0, kGateway}, std::nullopt).empty());
  EXPECT_TRUE(hops.expire(1000).empty());
  EXPECT_EQ(hops.due(1000 + NextHops::kRetry_ms, 10).size(), 1U) << "as often as an unresolved one";
  EXPECT_TRUE(hops.expire(1000 + NextHops::kKeep_ms - 1).empty());
  const auto lost = hops.expire(1000 + NextHops::kKeep_ms);
  ASSERT_EQ(lost.size(), 2U);
  EXPECT_FALSE(lost[0].mac.has_value());
  EXPECT_EQ(hops.unresolved(), 1U);
  EXPECT_TRUE(hops.expire(1000 + 2 * NextHops::kKeep_ms).empty()) << "once";
}

TEST(NextHops, ANeighbourThatIsFoundAgainIsNotLost) {
  NextHops hops;
  hops.route(1, Hop{0, kGateway});
  hops.neighbour({0, kGateway}, kMac);
  hops.neighbour({0, kGateway}, std::nullopt);
  hops.expire(1000);
  EXPECT_TRUE(hops.neighbour({0, kGateway}, kMac).empty()) << "at the address that it had";
  EXPECT_TRUE(hops.expire(1000 + 2 * NextHops::kKeep_ms).empty());
  hops.neighbour({0, kGateway}, std::nullopt);
  EXPECT_EQ(hops.neighbour({0, kGateway}, kNewMac).size(), 1U) << "or at another one";
  EXPECT_TRUE(hops.expire(1000 + 4 * NextHops::kKeep_ms).empty());
}

TEST(NextHops, AChangedRouteMovesTheTransport) {
  NextHops hops;
  hops.neighbour({0, kGateway}, kMac);
  hops.route(1, Hop{0, kGateway});
  EXPECT_TRUE(hops.route(1, Hop{0, kGateway}).empty()) << "the same route again";
  EXPECT_FALSE(hops.route(1, Hop{0, kOther}).at(0).mac.has_value());
  EXPECT_TRUE(hops.neighbour({0, kGateway}, kNewMac).empty()) << "nobody uses it any more";
  EXPECT_FALSE(hops.route(1, std::nullopt).at(0).mac.has_value());
  EXPECT_EQ(hops.unresolved(), 0U) << "no hop is in use";
}

TEST(NextHops, UnresolvedHopsAreAskedForEachSecondAndResolvedOnesRarely) {
  NextHops hops;
  hops.route(1, Hop{0, kGateway});
  EXPECT_EQ(hops.due(0, 10).size(), 1U);
  EXPECT_TRUE(hops.due(NextHops::kRetry_ms - 1, 10).empty());
  EXPECT_EQ(hops.due(NextHops::kRetry_ms, 10).size(), 1U);
  hops.neighbour({0, kGateway}, kMac);
  EXPECT_TRUE(hops.due(2 * NextHops::kRetry_ms, 10).empty());
  EXPECT_EQ(hops.due(NextHops::kRetry_ms + NextHops::kRefresh_ms, 10).size(), 1U);
}

TEST(NextHops, OnlySoManyAreAskedForAtOnceAndTheOthersNextTime) {
  NextHops hops;
  for (Id id = 0; id < 5; ++id)
    hops.route(id, Hop{static_cast<std::uint16_t>(id), kGateway});
  EXPECT_EQ(hops.due(0, 3).size(), 3U);
  EXPECT_EQ(hops.due(0, 3).size(), 2U);
}

TEST(NextHops, APinnedNeighbourIsNeverAskedForAndTheKernelCannotTakeItAway) {
  NextHops hops;
  hops.route(1, Hop{0, kGateway});
  EXPECT_EQ(hops.pin({0, kGateway}, kMac).at(0).mac, kMac);
  EXPECT_TRUE(hops.due(0, 10).empty());
  EXPECT_TRUE(hops.neighbour({0, kGateway}, std::nullopt).empty());
  EXPECT_EQ(hops.route(2, Hop{0, kGateway}).at(0).mac, kMac);
}

}  // namespace
}  // namespace causeway::control
