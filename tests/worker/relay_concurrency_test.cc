// Workers relay while control changes upstreams, labels and legs as fast as it can: nothing is forwarded
// twice, nothing is lost track of, and control hears of media all the time.
#include <chrono>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"
#include "dataplane/relay/shim.h"
#include "tests/unit/dataplane/seed.h"
#include "tests/worker/rig.h"

namespace causeway::test {
namespace {

constexpr std::uint32_t kRelaySsrc = 777;
constexpr std::uint32_t kSubscriberSsrc = 4711;
constexpr std::uint16_t kAdaPort = 5001;
constexpr std::uint16_t kBobPort = 5002;
constexpr std::uint16_t kAlicePort = 5010;
constexpr std::uint32_t kPackets = 4000;
constexpr auto kDeadline = std::chrono::seconds(60);

std::vector<std::uint8_t> relayed(std::uint32_t number, const Label& label, std::uint32_t rollover) {
  std::vector<std::uint8_t> packet(20 + relay::kShimBytes);
  packet[0] = 0x80;
  packet[1] = 96;
  net::store_be16(&packet[2], static_cast<std::uint16_t>(number));
  net::store_be32(&packet[8], kRelaySsrc);
  relay::insert_shim({label, rollover}, 12, packet.data());
  net::store_be32(&packet[12 + relay::kShimBytes + 4], number);
  return packet;
}

class RelayConcurrency : public testing::TestWithParam<std::size_t> {
 protected:
  RelayConcurrency()
      : rig_({.workers = GetParam(),
              .ring_size = 8192,
              .buffers = 32767,
              .relays = 16,
              .node = 0,
              .keepalive_ms = 5}) {
    rig_.add_transport(Rig::transport("node:ada", kAdaPort), {.node = 1});
    rig_.add_transport(Rig::transport("node:bob", kBobPort), {.node = 2});
    rig_.add_transport(Rig::transport("node:eve", 5003), {.node = 3});
    rig_.add_transport(Rig::transport("alice", kAlicePort));
    rig_.add_transport(Rig::transport("camera", 5020));
    rig_.publisher.add_track(
        {.id = "cam", .transport = "", .layers = {{.name = "main", .ssrc = kRelaySsrc}}});
    rig_.publisher.add_upstream("cam", 1, "node:ada");
    rig_.publisher.add_upstream("cam", 2, "node:bob");
    rig_.publisher.add_leg(Rig::leg("alice", "cam", "alice", kSubscriberSsrc));
    // Silent, and this node's own: it is kept alive.
    rig_.add_track("own", "camera", 5);
    rig_.publisher.set_relay("own", kNoNode, {.stamp = 3, .origin = 0, .depth = 0});
    rig_.publisher.add_leg(Rig::leg("own to eve", "own", "node:eve", 888));
  }

  // Stamps only grow, as control has them.
  void change() {
    control::Publisher& publisher = rig_.publisher;
    try {
      switch (random_() % 6) {
        case 0:
          publisher.set_relay("cam", 1, {.stamp = ++stamp_, .origin = 1, .depth = 1});
          break;
        case 1:
          publisher.set_relay("cam", 2, {.stamp = ++stamp_, .origin = 1, .depth = 2});
          break;
        case 2:
          publisher.add_leg(Rig::leg("eve", "cam", "node:eve", kRelaySsrc));
          break;
        case 3:
          publisher.remove_leg("eve");
          break;
        case 4:
          publisher.set_relay("own", kNoNode, {.stamp = ++stamp_, .origin = 0, .depth = 0});
          break;
        default:
          if (random_() % 8 != 0) break;
          publisher.remove_upstream("cam", 2);
          publisher.add_upstream("cam", 2, "node:bob");
      }
    } catch (const std::invalid_argument&) {  // the leg is there, or still going
    }
    publisher.reclaim();
  }

  void send(std::uint32_t number) {
    const Label label{.stamp = stamp_ + 1'000'000, .origin = 1, .depth = 0};
    rig_.send(0, kAdaPort, relayed(number, label, number >> 16));
    rig_.send(0, kBobPort, relayed(number, {label.stamp, 1, 1}, 7));
  }

  void look() {
    for (const Sent& sent : rig_.take()) {
      if (sent.rtcp || sent.port != kAlicePort) continue;
      EXPECT_EQ(sent.ssrc, kSubscriberSsrc);
      EXPECT_TRUE(arrived_.insert(sent.number).second) << sent.number << " came twice";
    }
    rig_.nodes().reports([this](const RelayReport&) { ++reports_; });
  }

  Rig rig_;
  std::mt19937 random_{static_cast<std::mt19937::result_type>(seed())};
  std::uint64_t stamp_ = 10;
  std::set<std::uint32_t> arrived_;
  std::size_t reports_ = 0;
};

TEST_P(RelayConcurrency, NothingIsForwardedTwiceWhateverControlChanges) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << seed());
  rig_.publisher.set_relay("cam", 1, {.stamp = stamp_, .origin = 1, .depth = 1});
  rig_.run_workers();
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  for (std::uint32_t number = 1; number <= kPackets; ++number) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    send(number);
    if (number % 3 == 0) change();
    // The rings are no longer than they are: who sends waits for who forwards.
    while (rig_.sum(&WorkerCounters::received) + 512 < std::uint64_t{2} * number) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      look();
      std::this_thread::yield();
    }
  }
  while (rig_.sum(&WorkerCounters::received) < std::uint64_t{2} * kPackets &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  rig_.end_workers();
  for (std::size_t turn = 0; turn < 64; ++turn) {  // what waits between workers comes to its end
    for (std::size_t i = 0; i < rig_.options.workers; ++i) {
      rig_.worker(i).enter();
      rig_.worker(i).turn();
      rig_.worker(i).leave();
    }
  }
  look();
  rig_.expect_conservation();
  EXPECT_GT(arrived_.size(), kPackets / 2);
  EXPECT_GT(reports_, 0U);
  EXPECT_EQ(rig_.dropped(Drop::relay_own_node) + rig_.dropped(Drop::relay_old_label), 0U);
  EXPECT_EQ(rig_.lost_buffers(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Workers, RelayConcurrency, testing::Values(1, 3));

}  // namespace
}  // namespace causeway::test
