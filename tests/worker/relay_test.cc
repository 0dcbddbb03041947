// Tracks between nodes: this node takes them from its upstream, gives them to subscribers and to peers, and
// tells control what it sees. Peers are remotes without SRTP here.
#include <algorithm>
#include <chrono>
#include <map>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"
#include "dataplane/relay/shim.h"
#include "tests/worker/rig.h"

namespace causeway::test {
namespace {

constexpr std::uint8_t kSelf = 0;
constexpr std::uint8_t kAda = 1;  // upstreams
constexpr std::uint8_t kBob = 2;
constexpr std::uint8_t kEve = 3;  // downstream
constexpr std::uint32_t kRelaySsrc = 777;
constexpr std::uint32_t kSubscriberSsrc = 4711;
constexpr Label kOurs{.stamp = 10, .origin = kAda, .depth = 1};
constexpr Label kAdas{.stamp = 10, .origin = kAda, .depth = 0};

using Bytes = std::vector<std::uint8_t>;

Bytes rtp(std::uint16_t sequence, std::uint32_t ssrc, const Bytes& extension = {}) {
  Bytes packet{0x80, 96};
  packet.resize(12);
  net::store_be16(&packet[2], sequence);
  net::store_be32(&packet[8], ssrc);
  if (!extension.empty()) packet[0] |= 0x10;
  packet.insert(packet.end(), extension.begin(), extension.end());
  packet.insert(packet.end(), {'m', 'e', 'd', 'i', 'a'});
  return packet;
}

Bytes relayed(std::uint16_t sequence, const Label& label, const Bytes& extension = {},
              std::uint32_t rollover = 0) {
  Bytes packet = rtp(sequence, kRelaySsrc, extension);
  const auto length = static_cast<std::uint32_t>(12 + extension.size());
  packet.resize(packet.size() + relay::kShimBytes);
  std::copy_backward(packet.begin() + length, packet.end() - relay::kShimBytes, packet.end());
  relay::insert_shim({label, rollover}, length, packet.data());
  return packet;
}

Bytes keepalive(const Label& label) {
  std::array<std::uint8_t, relay::kKeepaliveBytes> bytes;
  relay::write_keepalive(label, kRelaySsrc, bytes);
  return {bytes.begin(), bytes.end()};
}

// A node that relays "cam" from Ada or Bob to one subscriber and to Eve.
struct Transit {
  explicit Transit(std::size_t workers = 1) : rig({.workers = workers, .relays = 16, .node = kSelf}) {
    add_peer("node:ada", 5001, kAda);
    add_peer("node:bob", 5002, kBob);
    add_peer("node:eve", 5003, kEve);
    rig.add_transport(Rig::transport("alice", 5010));
    rig.publisher.add_track({.id = "cam", .transport = "", .layers = {{.name = "main", .ssrc = kRelaySsrc}}});
    rig.publisher.add_upstream("cam", kAda, "node:ada");
    rig.publisher.add_upstream("cam", kBob, "node:bob");
    rig.publisher.set_relay("cam", kAda, kOurs);
    rig.publisher.add_leg(Rig::leg("alice", "cam", "alice", kSubscriberSsrc));
    rig.publisher.add_leg(Rig::leg("eve", "cam", "node:eve", kRelaySsrc));
    for (std::size_t i = 0; i < workers; ++i)
      rig.worker(i).enter();
  }
  ~Transit() {
    for (std::size_t i = 0; i < rig.options.workers; ++i)
      rig.worker(i).leave();
    rig.expect_conservation();
    EXPECT_EQ(rig.lost_buffers(), 0U);
  }
  void add_peer(const std::string& name, std::uint16_t port, std::uint8_t node) {
    rig.add_transport(Rig::transport(name, port), {.node = node});
  }
  void receive(std::uint16_t port, const Bytes& packet) {
    ASSERT_TRUE(rig.send(0, port, packet));
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < rig.options.workers; ++i)
        rig.worker(i).turn();
    }
  }
  std::map<std::uint16_t, Bytes> sent() {
    std::map<std::uint16_t, Bytes> all;
    for (const Rig::Datagram& datagram : rig.take_datagrams())
      all[datagram.port] = datagram.payload;
    return all;
  }
  std::vector<RelayReport> reports() {
    std::vector<RelayReport> all;
    rig.nodes().reports([&](const RelayReport& report) { all.push_back(report); });
    return all;
  }
  Rig rig;
};

TEST(Relays, MediaOfTheUpstreamGoesToSubscribersAsItWasPublishedAndToPeersWithOurLabel) {
  for (const Bytes& extension : {Bytes{}, Bytes{0xbe, 0xde, 0, 1, 0x10, 7, 0, 0}}) {
    for (const std::size_t workers : {1U, 2U}) {
      Transit transit(workers);
      transit.receive(5001, relayed(5, kAdas, extension, 3));
      auto sent = transit.sent();
      ASSERT_EQ(sent.size(), 2U);
      EXPECT_EQ(sent[5010], rtp(5, kSubscriberSsrc, extension));
      EXPECT_EQ(sent[5003], relayed(5, kOurs, extension, 0)) << "the leg's rollover counter is its own";
      EXPECT_EQ(transit.rig.sum(&WorkerCounters::relayed), 1U);
    }
  }
}

TEST(Relays, WhatIsNotTheUpstreamsIsReportedAndNotForwarded) {
  Transit transit;
  transit.receive(5002, relayed(5, {.stamp = 11, .origin = kBob, .depth = 0}));
  EXPECT_TRUE(transit.sent().empty());
  EXPECT_EQ(transit.rig.dropped(Drop::relay_not_upstream), 1U);
  const auto reports = transit.reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].label, (Label{.stamp = 11, .origin = kBob, .depth = 0}));
  EXPECT_EQ(transit.rig.publisher.inventory().inlets[reports[0].inlet].node, kBob);
  EXPECT_EQ(transit.rig.publisher.inventory().inlets[reports[0].inlet].track, "cam");
}

TEST(Relays, EachLabelIsReportedOnceAndThenNowAndThen) {
  Transit transit;
  for (std::uint16_t i = 0; i < 10; ++i)
    transit.receive(5001, relayed(i, kAdas));
  EXPECT_LE(transit.reports().size(), 2U);
  transit.receive(5001, relayed(10, {.stamp = 12, .origin = kAda, .depth = 0}));
  const auto reports = transit.reports();
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back().label.stamp, 12U);
}

TEST(Relays, AnotherUpstreamGoesOnWithTheSameNumbersAndNothingIsForwardedTwice) {
  Transit transit;
  transit.receive(5001, relayed(5, kAdas));
  transit.receive(5001, relayed(6, kAdas));
  transit.sent();
  transit.rig.publisher.set_relay("cam", kBob, {.stamp = 11, .origin = kAda, .depth = 2});
  const Label bobs{.stamp = 11, .origin = kAda, .depth = 1};
  transit.receive(5002, relayed(6, bobs, {}, 9));
  EXPECT_TRUE(transit.sent().empty());
  EXPECT_EQ(transit.rig.dropped(Drop::relay_repeated), 1U);
  transit.receive(5002, relayed(7, bobs, {}, 9));
  EXPECT_EQ(transit.sent()[5010], rtp(7, kSubscriberSsrc));
  transit.receive(5001, relayed(8, kAdas));
  EXPECT_TRUE(transit.sent().empty()) << "the old one is no upstream any more";
}

TEST(Relays, APublisherThatMovedToAnotherOriginGoesOnWithItsOwnNumbers) {
  for (const std::uint16_t sequence : {std::uint16_t{4}, std::uint16_t{900}, std::uint16_t{40000}}) {
    Transit transit;
    transit.receive(5001, relayed(1000, kAdas));
    const Bytes before = transit.sent()[5010];
    const Label bobs{.stamp = 12, .origin = kBob, .depth = 0};
    transit.rig.publisher.set_relay("cam", kBob, below(bobs));
    transit.receive(5002, relayed(sequence, bobs));
    transit.receive(5002, relayed(static_cast<std::uint16_t>(sequence + 1), bobs));
    auto sent = transit.sent();
    ASSERT_TRUE(sent.contains(5010)) << sequence;
    EXPECT_EQ(net::load_be16(&sent[5010][2]), net::load_be16(&before[2]) + 2) << "the subscriber sees no gap";
    EXPECT_EQ(net::load_be16(&sent[5003][2]), sequence + 1) << "the peer gets the publisher's own";
  }
}

TEST(Relays, LoopsAndLabelsThatAreNotBetterEndHere) {
  Transit transit;
  transit.receive(5001, relayed(1, {.stamp = 99, .origin = kSelf, .depth = 0}));
  EXPECT_EQ(transit.rig.dropped(Drop::relay_own_node), 1U);
  transit.receive(5001, relayed(2, {.stamp = 99, .origin = kAda, .depth = 3}));
  EXPECT_EQ(transit.rig.dropped(Drop::relay_hop_limit), 1U);
  EXPECT_TRUE(transit.reports().empty());
  transit.receive(5001, relayed(3, {.stamp = 9, .origin = kAda, .depth = 0}));
  EXPECT_EQ(transit.rig.dropped(Drop::relay_old_label), 1U);
  transit.receive(5001, rtp(4, kRelaySsrc));
  EXPECT_EQ(transit.rig.dropped(Drop::relay_without_shim), 1U);
  EXPECT_TRUE(transit.sent().empty());
}

TEST(Relays, AKeepaliveGoesOnToPeersAndTellsControlThatTheWayLives) {
  Transit transit;
  transit.receive(5001, keepalive(kAdas));
  auto sent = transit.sent();
  ASSERT_EQ(sent.size(), 1U) << "not to subscribers";
  EXPECT_EQ(sent[5003], keepalive(kOurs));
  EXPECT_EQ(transit.reports().size(), 1U);
  transit.receive(5002, keepalive({.stamp = 11, .origin = kBob, .depth = 0}));
  EXPECT_TRUE(transit.sent().empty());
  EXPECT_EQ(transit.reports().size(), 1U);
}

TEST(Relays, FeedbackOfSubscribersGoesToTheUpstreamOfTheMoment) {
  Transit transit;
  transit.receive(5001, relayed(5, kAdas));
  transit.sent();
  Bytes picture_loss{0x81, 206, 0, 2};  // RFC 4585, 6.3.1
  picture_loss.resize(12);
  net::store_be32(&picture_loss[8], kSubscriberSsrc);
  transit.receive(5010, picture_loss);
  auto sent = transit.sent();
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_TRUE(sent.contains(5001));
  const Bytes& compound = sent[5001];
  EXPECT_EQ(net::load_be32(&compound[compound.size() - 4]), kRelaySsrc);
}

TEST(Relays, WhatThePublisherSaysOfItsStreamGoesDown) {
  Transit transit;
  transit.receive(5001, relayed(5, kAdas));
  transit.sent();
  Bytes report{0x80, 200, 0, 6};
  report.resize(28);
  net::store_be32(&report[4], kRelaySsrc);
  transit.receive(5001, report);
  auto sent = transit.sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(net::load_be32(&sent[5010][4]), kSubscriberSsrc);
  EXPECT_EQ(net::load_be32(&sent[5003][4]), kRelaySsrc);
  transit.receive(5002, report);
  EXPECT_TRUE(transit.sent().empty()) << "not from who is no upstream";
}

TEST(Relays, WhatNodesSayReachesControlWithItsFlowAndTime) {
  Transit transit;
  config::Transport peer = Rig::transport("node:far", 5020);
  peer.local.port = 9000;
  const Id id = transit.rig.add_transport(peer, {.node = 9, .flows = 3});
  std::vector<NodeDatagram> got;
  ASSERT_TRUE(transit.rig.send_to(0, 5022, 9002, Bytes{1, 2, 3}));
  transit.rig.worker(0).turn();
  transit.rig.nodes().receive(32, [&](const NodeDatagram& datagram) {
    EXPECT_EQ(datagram.transport, id);
    EXPECT_EQ(datagram.local_port, 9002);
    EXPECT_NE(datagram.arrival_tsc, 0U);
    EXPECT_TRUE(std::ranges::equal(datagram.bytes, Bytes{1, 2, 3}));
    got.push_back(datagram);
  });
  EXPECT_EQ(got.size(), 1U);
  ASSERT_TRUE(transit.rig.send_to(0, 5023, 9003, Bytes{1, 2, 3}));
  transit.rig.worker(0).turn();
  EXPECT_EQ(transit.rig.dropped(Drop::no_transport), 1U) << "a flow that the pair does not have";
}

TEST(Relays, SilenceOfAnOwnTrackIsFilledAndANewStampIsSaidAtOnce) {
  Rig rig({.relays = 4, .node = kSelf, .keepalive_ms = 20});
  rig.add_transport(Rig::transport("node:eve", 5003), {.node = kEve});
  rig.add_transport(Rig::transport("camera", 5000));
  rig.add_track("cam", "camera", 5);
  rig.publisher.set_relay("cam", kNoNode, {.stamp = 3, .origin = kSelf, .depth = 0});
  rig.publisher.add_leg(Rig::leg("eve", "cam", "node:eve", kRelaySsrc));
  rig.worker(0).enter();
  const auto count = [&](int ms) {
    std::size_t n = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
    while (std::chrono::steady_clock::now() < end) {
      rig.worker(0).turn();
      n += rig.take_datagrams().size();
    }
    return n;
  };
  EXPECT_GE(count(200), 3U);
  rig.publisher.set_relay("cam", kNoNode, {.stamp = 4, .origin = kSelf, .depth = 0});
  std::vector<Rig::Datagram> said;
  while (said.empty() || relay::read_keepalive(said.back().payload)->stamp != 4) {
    rig.worker(0).turn();
    for (Rig::Datagram& datagram : rig.take_datagrams())
      said.push_back(std::move(datagram));
  }
  rig.worker(0).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

}  // namespace
}  // namespace causeway::test
