#include <gtest/gtest.h>

#include "tests/support/wan/frame.h"
#include "tests/unit/support/wan_frames.h"

namespace causeway::wan {
namespace {

Kind kind_of(const Frame& frame) {
  return read_frame(frame).kind;
}

Kind kind_of_payload(const Frame& payload) {
  const Kind over4 = kind_of(ethernet(mac(1), mac(2), 0x0800, ipv4(kUdp, udp(1, 2, payload))));
  EXPECT_EQ(over4, kind_of(ethernet(mac(1), mac(2), 0x86dd, ipv6(kUdp, udp(1, 2, payload)))));
  return over4;
}

TEST(WanFrame, TellsMediaFromControlByTheFirstByte) {
  for (unsigned first = 0; first < 256; ++first) {
    const Kind expected = first < 64                    ? Kind::control
                          : first >= 128 && first < 192 ? Kind::media
                                                        : Kind::other_udp;
    EXPECT_EQ(kind_of_payload({static_cast<std::uint8_t>(first), 0}), expected) << first;
  }
  EXPECT_EQ(kind_of_payload({}), Kind::other_udp);
}

TEST(WanFrame, ReadsPorts) {
  const auto info = read_frame(rtp(mac(1), mac(2)));
  EXPECT_TRUE(info.has_ports);
  EXPECT_EQ(info.source_port, 20000);
  EXPECT_EQ(info.destination_port, 6000);
}

TEST(WanFrame, SkipsIpv4Options) {
  EXPECT_EQ(kind_of(ethernet(mac(1), mac(2), 0x0800, ipv4(kUdp, udp(1, 2, {0x80}), 3))), Kind::media);
}

TEST(WanFrame, SeesUdpInTheFirstFragmentOnly) {
  constexpr std::uint16_t kMoreFollow = 0x2000;
  const auto fragment = [](std::uint16_t bits) {
    return read_frame(ethernet(mac(1), mac(2), 0x0800, ipv4(kUdp, udp(1, 2, {0x80}), 0, bits)));
  };
  EXPECT_EQ(fragment(kMoreFollow).kind, Kind::media);
  EXPECT_EQ(fragment(100).kind, Kind::other_ip);
  EXPECT_FALSE(fragment(100).has_ports);
}

TEST(WanFrame, PaddingIsNoPayload) {
  auto frame = ethernet(mac(1), mac(2), 0x0800, ipv4(kUdp, udp(1, 2, {})));
  frame.resize(60);
  EXPECT_EQ(kind_of(frame), Kind::other_udp);
}

TEST(WanFrame, KnowsNeighbours) {
  EXPECT_EQ(kind_of(arp(kBroadcast, mac(2))), Kind::neighbour);
  EXPECT_EQ(kind_of(ethernet(mac(1), mac(2), 0x86dd, ipv6(58, {135, 0}))), Kind::neighbour);
  EXPECT_EQ(kind_of(ethernet(mac(1), mac(2), 0x86dd, ipv6(58, {128, 0}))), Kind::other_ip);  // echo
  EXPECT_EQ(kind_of(ethernet(mac(1), mac(2), 0x88cc, {1, 2})), Kind::other);
}

TEST(WanFrame, ReadsNothingBehindTheEnd) {
  for (const auto& frame :
       {rtp(mac(1), mac(2)), ethernet(mac(1), mac(2), 0x86dd, ipv6(kUdp, udp(1, 2, {0x80}))),
        ethernet(mac(1), mac(2), 0x86dd, ipv6(58, {135}))}) {
    for (std::size_t length = 0; length < frame.size(); ++length) {
      const Frame exactly(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_NE(kind_of(exactly), Kind::control) << length;
    }
  }
}

}  // namespace
}  // namespace causeway::wan
