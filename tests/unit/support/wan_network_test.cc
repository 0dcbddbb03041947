#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include "tests/support/wan/network.h"
#include "tests/unit/support/wan_frames.h"

namespace causeway::wan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::size_t kMostQueued = 100;

TEST(WanQueue, TheEarliestFirstAndEqualOnesInOrder) {
  TimedQueue<int> queue;
  for (const auto& [due_ns, value] : {std::pair{30, 1}, {10, 2}, {20, 3}, {10, 4}, {30, 5}, {10, 6}})
    queue.push(due_ns, value);
  EXPECT_EQ(queue.next_due_ns(), 10);
  std::vector<int> order;
  while (!queue.empty())
    order.push_back(queue.pop());
  EXPECT_THAT(order, ElementsAre(2, 4, 6, 3, 1, 5));
}

// Sites 0, 1 and 2; each has the host of its number.
class WanNetwork : public testing::Test {
 protected:
  void SetUp() override { introduce(network_); }

  static void introduce(Network& network) {
    for (std::uint8_t site = 0; site < 3; ++site)
      network.take(site, arp(mac(site), mac(site)), 0);
    drain(network);
    network.clear_counters();
  }

  static std::vector<Delivery> drain(Network& network) {
    std::vector<Delivery> all;
    while (!network.empty()) {
      all.push_back(network.pop());
      network.sent(all.back(), 0);
    }
    return all;
  }

  // "TO:last byte" of all that waits, as it falls due.
  std::vector<std::string> arrivals() {
    std::vector<std::string> all;
    while (!network_.empty()) {
      const auto delivery = network_.pop();
      all.push_back(std::to_string(delivery.to) + ":" + std::to_string(network_.frame(delivery).back()));
      network_.sent(delivery, 5);
    }
    return all;
  }

  Network network_{{"a", "b", "c"}, 1, kMostQueued};
};

TEST_F(WanNetwork, KnownHostsGetTheirFramesAlone) {
  network_.take(0, rtp(mac(1), mac(0), 7), 0);
  EXPECT_THAT(arrivals(), ElementsAre("1:7"));
}

TEST_F(WanNetwork, UnknownAndMulticastFramesFlood) {
  network_.take(0, rtp(mac(9), mac(0), 1), 0);
  network_.take(1, rtp(kBroadcast, mac(1), 2), 0);
  network_.take(2, rtp({0x33, 0x33, 0, 0, 0, 1}, mac(2), 3), 0);
  EXPECT_THAT(arrivals(), ElementsAre("1:1", "2:1", "0:2", "2:2", "0:3", "1:3"));
}

TEST_F(WanNetwork, FramesToTheirOwnSiteGoNowhere) {
  network_.take(0, rtp(mac(0), mac(5)), 0);
  EXPECT_THAT(arrivals(), IsEmpty());
}

TEST_F(WanNetwork, HostsMove) {
  network_.take(2, rtp(mac(0), mac(1)), 0);
  arrivals();
  network_.take(0, rtp(mac(1), mac(0), 4), 0);
  EXPECT_THAT(arrivals(), ElementsAre("2:4"));
}

TEST_F(WanNetwork, AMulticastSourceIsNotLearned) {
  network_.take(0, rtp(mac(1), kBroadcast, 1), 0);
  arrivals();
  network_.take(1, rtp(kBroadcast, mac(1), 2), 0);
  EXPECT_THAT(arrivals(), ElementsAre("0:2", "2:2"));
}

TEST_F(WanNetwork, FramesThatAreNoneAreIgnored) {
  network_.take(0, Frame(13, 0xff), 0);
  EXPECT_THAT(arrivals(), IsEmpty());
}

TEST_F(WanNetwork, EachCopyOfABroadcastHasTheRuleOfItsPair) {
  network_.change(0, 1, {.delay_ns = 30 * kMs});
  network_.change(0, 2, {.delay_ns = 10 * kMs});
  network_.take(0, rtp(kBroadcast, mac(0)), 5 * kMs);
  auto delivery = network_.pop();
  EXPECT_EQ(delivery.to, 2);
  EXPECT_EQ(delivery.due_ns, 15 * kMs);
  delivery = network_.pop();
  EXPECT_EQ(delivery.to, 1);
  EXPECT_EQ(delivery.due_ns, 35 * kMs);
}

TEST_F(WanNetwork, JitterKeepsTheOrderAndItsBounds) {
  network_.change(0, 1, {.delay_ns = 40 * kMs, .jitter_ns = 5 * kMs});
  for (int i = 0; i < 50; ++i)
    network_.take(0, rtp(mac(1), mac(0), static_cast<std::uint8_t>(i)), i * 20 * kMs);
  std::int64_t least = INT64_MAX;
  std::int64_t most = 0;
  for (int i = 0; i < 50; ++i) {
    const auto delivery = network_.pop();
    EXPECT_EQ(network_.frame(delivery).back(), i);
    least = std::min(least, delivery.due_ns - i * 20 * kMs);
    most = std::max(most, delivery.due_ns - i * 20 * kMs);
  }
  EXPECT_GE(least, 35 * kMs);
  EXPECT_LT(least, 37 * kMs);
  EXPECT_LE(most, 45 * kMs);
  EXPECT_GT(most, 43 * kMs);
}

TEST_F(WanNetwork, DenseFramesShareTheJitter) {
  network_.change(0, 1, {.delay_ns = 40 * kMs, .jitter_ns = 20 * kMs});
  std::int64_t last = INT64_MIN;
  std::int64_t least = INT64_MAX;
  for (int i = 0; i < 1000; ++i) {
    network_.take(0, rtp(mac(1), mac(0)), i * kMs);
    const auto delivery = network_.pop();
    network_.sent(delivery, 0);
    EXPECT_GE(delivery.due_ns, last);
    last = delivery.due_ns;
    least = std::min(least, delivery.due_ns - i * kMs);
  }
  EXPECT_LT(least, 30 * kMs);  // although the order is kept
}

TEST_F(WanNetwork, ANewDelayIsANewPath) {
  network_.change(0, 1, {.delay_ns = 100 * kMs});
  network_.take(0, rtp(mac(1), mac(0), 1), 0);
  network_.change(0, 1, {.delay_ns = 10 * kMs});
  network_.take(0, rtp(mac(1), mac(0), 2), kMs);
  EXPECT_THAT(arrivals(), ElementsAre("1:2", "1:1"));
}

TEST_F(WanNetwork, ReorderedFramesSkipTheDelay) {
  network_.change(0, 1, {.delay_ns = 10 * kMs});
  network_.take(0, rtp(mac(1), mac(0), 1), 0);
  network_.change(0, 1, {.reorder = 1});
  network_.take(0, rtp(mac(1), mac(0), 2), kMs);
  network_.change(0, 1, {.reorder = 0});
  network_.take(0, rtp(mac(1), mac(0), 3), 2 * kMs);
  EXPECT_THAT(arrivals(), ElementsAre("1:2", "1:1", "1:3"));
  EXPECT_EQ(network_.counters(0, 1).reordered, 1u);
}

TEST_F(WanNetwork, DuplicatesFollowAtOnce) {
  network_.change(0, 1, {.duplicate = 1});
  network_.take(0, rtp(mac(1), mac(0), 1), 0);
  network_.take(0, rtp(mac(1), mac(0), 2), 0);
  EXPECT_THAT(arrivals(), ElementsAre("1:1", "1:1", "1:2", "1:2"));
  EXPECT_EQ(network_.counters(0, 1).duplicated, 2u);
  EXPECT_EQ(network_.counters(0, 1).forwarded, 4u);
}

TEST_F(WanNetwork, CutsAreOneWayAndOfTheirKind) {
  network_.change(0, 1, {.cut = Cut{.what = Cut::What::media}});
  network_.change(0, 2, {.cut = Cut{.what = Cut::What::control}});
  for (std::uint8_t to = 1; to <= 2; ++to) {
    network_.take(0, rtp(mac(to), mac(0), 1), 0);
    network_.take(0, control(mac(to), mac(0), 2), 0);
    network_.take(0, arp(mac(to), mac(0)), 0);
    network_.take(to, rtp(mac(0), mac(to), 3), 0);
    network_.take(to, control(mac(0), mac(to), 4), 0);
  }
  EXPECT_THAT(arrivals(), ElementsAre("1:2", "1:0", "0:3", "0:4", "2:1", "2:0", "0:3", "0:4"));
  EXPECT_EQ(network_.counters(0, 1).cut, 1u);
  EXPECT_EQ(network_.counters(0, 2).cut, 1u);
}

TEST_F(WanNetwork, CutsByPortAtEitherEnd) {
  network_.change(0, 1, {.cut = Cut{Cut::What::ports, 20000, 20001}});
  network_.take(0, rtp(mac(1), mac(0)), 0);
  network_.change(0, 1, {.cut = Cut{Cut::What::ports, 5999, 6000}});
  network_.take(0, rtp(mac(1), mac(0)), 0);
  network_.change(0, 1, {.cut = Cut{Cut::What::ports, 6001, 19999}});
  network_.take(0, rtp(mac(1), mac(0)), 0);
  EXPECT_EQ(network_.counters(0, 1).cut, 2u);
  EXPECT_EQ(arrivals().size(), 1u);
}

TEST_F(WanNetwork, CutAllCutsNeighboursToo) {
  network_.change(0, 1, {.cut = Cut{.what = Cut::What::all}});
  network_.take(0, arp(kBroadcast, mac(0)), 0);
  EXPECT_THAT(arrivals(), ElementsAre("2:0"));
}

// The numbers of the frames that are lost.
std::vector<int> lost_of(std::uint64_t seed, const Change& change, bool between) {
  Network network({"a", "b"}, seed, 1u << 20);
  network.change(0, 1, change);
  std::vector<int> lost;
  for (int i = 0; i < 2000; ++i) {
    const auto before = network.counters(0, 1).lost;
    network.take(0, rtp(mac(1), mac(0)), i * kMs);
    if (network.counters(0, 1).lost != before) lost.push_back(i);
    if (!between) continue;
    network.take(0, arp(kBroadcast, mac(0)), i * kMs);
    network.take(0, control(mac(1), mac(0)), i * kMs);
    network.take(1, rtp(mac(0), mac(1)), i * kMs);
  }
  return lost;
}

TEST(WanLoss, DependsOnTheSeedAndOnFramesOfTheSameKindAlone) {
  const Change ten{.loss = 0.1};
  const auto lost = lost_of(1, ten, false);
  EXPECT_GT(lost.size(), 150u);
  EXPECT_LT(lost.size(), 250u);
  EXPECT_EQ(lost_of(1, ten, true), lost);
  EXPECT_EQ(lost_of(1, {.delay_ns = 5, .jitter_ns = 3, .loss = 0.1, .duplicate = 0.5, .reorder = 0.5}, true),
            lost);
  EXPECT_NE(lost_of(2, ten, false), lost);
}

TEST_F(WanNetwork, NeighboursAreNotLost) {
  network_.change(0, 1, {.loss = 1.0, .duplicate = 1.0});
  network_.take(0, arp(mac(1), mac(0)), 0);
  network_.take(0, rtp(mac(1), mac(0)), 0);
  EXPECT_EQ(arrivals().size(), 1u);
  EXPECT_EQ(network_.counters(0, 1).lost, 1u);
}

TEST_F(WanNetwork, AFullQueueOverflowsForItsPairAlone) {
  for (std::size_t i = 0; i < kMostQueued + 3; ++i)
    network_.take(0, rtp(mac(1), mac(0)), 0);
  network_.take(2, rtp(mac(1), mac(2)), 0);
  EXPECT_EQ(network_.queued(0, 1), kMostQueued);
  EXPECT_EQ(network_.counters(0, 1).overflowed, 3u);
  EXPECT_EQ(network_.counters(2, 1).overflowed, 0u);
  EXPECT_EQ(arrivals().size(), kMostQueued + 1);
  EXPECT_EQ(network_.queued(0, 1), 0u);
  network_.take(0, rtp(mac(1), mac(0), 8), 0);
  EXPECT_THAT(arrivals(), ElementsAre("1:8"));
}

TEST_F(WanNetwork, CountsWhatCameOfEachDelivery) {
  network_.take(0, rtp(mac(1), mac(0)), 0);
  network_.take(0, rtp(mac(1), mac(0)), 0);
  network_.sent(network_.pop(), 30);
  network_.refused(network_.pop());
  EXPECT_EQ(network_.counters(0, 1).forwarded, 1u);
  EXPECT_EQ(network_.counters(0, 1).unsent, 1u);
  EXPECT_EQ(network_.counters(0, 1).worst_late_ns, 30);
  EXPECT_EQ(network_.queued(0, 1), 0u);
}

}  // namespace
}  // namespace causeway::wan
