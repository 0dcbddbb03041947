#include "tools/pktgen/frame.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/unit/tools/pktgen/support.h"

namespace causeway::pktgen {
namespace {

net::IpAddress ip(const char* text) {
  return net::IpAddress::parse(text).value();
}

Bytes arp_request() {
  Bytes frame(42, 0);
  std::ranges::fill_n(frame.begin(), 6, 0xff);
  std::ranges::copy(kApplianceMac.bytes, &frame[6]);
  const Bytes arp{8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
  std::ranges::copy(arp, &frame[12]);
  std::ranges::copy(kApplianceMac.bytes, &frame[22]);
  std::ranges::copy(ip("10.77.0.1").wire(), &frame[28]);
  std::ranges::copy(ip("10.77.1.3").wire(), &frame[38]);
  return frame;
}

Bytes solicitation() {
  Bytes frame(14 + 40 + 32, 0);
  std::ranges::copy(kApplianceMac.bytes, &frame[6]);
  frame[12] = 0x86;
  frame[13] = 0xdd;
  std::uint8_t* at = &frame[14];
  at[0] = 0x60;
  at[5] = 32;
  at[6] = 58;
  at[7] = 255;
  std::ranges::copy(ip("fd77::1").bytes, at + 8);
  std::ranges::copy(ip("ff02::1:ff00:3").bytes, at + 24);
  at[40] = 135;
  std::ranges::copy(ip("fd77::1:3").bytes, at + 48);
  return frame;
}

TEST(Frame, AnswersArp) {
  Bytes request = arp_request();
  const Frame question = read_frame(request, 0, true);
  ASSERT_EQ(question.kind, Frame::Kind::arp_request);
  EXPECT_EQ(question.own.address, ip("10.77.1.3"));
  std::array<std::uint8_t, kMostReply> reply;
  ASSERT_EQ(write_reply(question, 0, kOwnMac, reply.data()), 42u);
  EXPECT_TRUE(std::equal(kApplianceMac.bytes.begin(), kApplianceMac.bytes.end(), reply.begin()));
  EXPECT_EQ(reply[21], 2);  // reply
  EXPECT_TRUE(std::equal(kOwnMac.bytes.begin(), kOwnMac.bytes.end(), &reply[22]));
  EXPECT_TRUE(std::ranges::equal(ip("10.77.1.3").wire(), std::span(reply).subspan(28, 4)));
  EXPECT_TRUE(std::ranges::equal(ip("10.77.0.1").wire(), std::span(reply).subspan(38, 4)));
}

TEST(Frame, AnswersNeighbourSolicitationsWithARightChecksum) {
  Bytes request = solicitation();
  const Frame question = read_frame(request, 0, true);
  ASSERT_EQ(question.kind, Frame::Kind::neighbour_query);
  EXPECT_EQ(question.own.address, ip("fd77::1:3"));
  std::array<std::uint8_t, kMostReply> reply;
  ASSERT_EQ(write_reply(question, 7, kOwnMac, reply.data()), 18u + 40 + 32);
  EXPECT_EQ(net::load_be16(&reply[12]), 0x8100);
  EXPECT_EQ(net::load_be16(&reply[14]), 7);
  EXPECT_EQ(reply[58], 136);
  // RFC 4443, 2.3: with the pseudo header of protocol 58 the sum is all ones.
  const Bytes pseudo{0, 0, 0, 32, 0, 0, 0, 58};
  std::uint32_t sum = net::ones_sum(pseudo);
  sum = net::ones_sum(std::span(reply).subspan(26, 32), sum);
  sum = net::ones_sum(std::span(reply).subspan(58, 32), sum);
  EXPECT_EQ(sum, 0xffffu);
  request[14 + 7] = 64;  // it came through a router
  EXPECT_EQ(read_frame(request, 0, true).kind, Frame::Kind::other);
}

// Cut and changed frames of every kind: nothing is read outside (the sanitizers look), nothing throws.
TEST(Frame, HostileFramesAreOther) {
  const HeaderTemplate header =
      make_header_template({.mac = kApplianceMac}, {ip("fd77::1"), 20000}, {ip("fd77::9"), 9});
  Bytes datagram(header.length + 100);
  write_headers(header, kOwnMac, 100, {}, datagram.data());
  std::mt19937_64 random(1);
  for (const Bytes& good : {arp_request(), solicitation(), datagram}) {
    for (std::size_t length = 0; length < good.size(); ++length) {
      Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(read_frame(cut, 0, true).kind, Frame::Kind::other) << length;
    }
    for (int i = 0; i < 20'000; ++i) {
      Bytes changed = good;
      for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips)
        changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
      const Frame frame = read_frame(changed, i % 2 == 0 ? 0 : 5, true);
      if (frame.kind != Frame::Kind::datagram) continue;
      ASSERT_GE(frame.payload, changed.data());
      ASSERT_LE(frame.payload + frame.length, changed.data() + changed.size());
    }
  }
}

TEST(EndpointIndex, FindsEveryTransportAndNoOther) {
  LoadShape shape = every_suite();
  shape.transports = 5000;
  shape.ipv6 = true;
  const config::Config config = load(shape);
  const auto engine = srtp::make_ipsec_mb_engine();
  const Plan plan = plan_of(config, *engine);
  const EndpointIndex index(plan);
  for (Id id = 0; id < plan.transports.size(); ++id) {
    const PlanTransport& each = plan.transports[id];
    EXPECT_EQ(index.find(each.own, each.appliance), id);
    net::Endpoint other = each.own;
    other.port = static_cast<std::uint16_t>(other.port + 1000);
    EXPECT_EQ(index.find(other, each.appliance), kNoId);
    EXPECT_EQ(index.find(each.appliance, each.own), kNoId);
  }
}

}  // namespace
}  // namespace causeway::pktgen
