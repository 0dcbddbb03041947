#include "dataplane/emit.h"

#include <algorithm>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"
#include "dataplane/net/checksum.h"

namespace causeway {
namespace {

const net::MacAddress kOurs = *net::MacAddress::parse("02:00:00:00:00:01");
const net::MacAddress kNextHop = *net::MacAddress::parse("02:00:00:00:00:99");

struct Shape {
  const char* name;
  const char* local;
  const char* remote;
  std::uint16_t vlan;
  std::size_t header_length;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

class Emit : public testing::TestWithParam<Shape> {
 protected:
  Emit() {
    policy.mac = kOurs;
    policy.vlan = GetParam().vlan;
    header = make_header_template(policy, *net::Endpoint::parse(GetParam().local),
                                  *net::Endpoint::parse(GetParam().remote));
  }

  // A frame with a payload of this length; the payload's bytes count up.
  std::vector<std::uint8_t> frame(std::uint32_t payload_length, TxChecksums checksums = {}) const {
    std::vector<std::uint8_t> bytes(header.length + payload_length);
    for (std::size_t i = 0; i < payload_length; ++i)
      bytes[header.length + i] = static_cast<std::uint8_t>(i);
    write_headers(header, kNextHop, payload_length, checksums, bytes.data());
    return bytes;
  }

  PortPolicy policy;
  HeaderTemplate header;
};

// The frame is looked at by the stage that would receive it: whatever classify accepts with all checks on is
// right.
TEST_P(Emit, TheOtherEndAcceptsEveryFrame) {
  const auto local = *net::Endpoint::parse(GetParam().local);
  const auto remote = *net::Endpoint::parse(GetParam().remote);
  PortPolicy peer;
  peer.mac = kNextHop;
  peer.addresses = {{remote.address, 8}};
  peer.vlan = GetParam().vlan;
  peer.media_port_first = remote.port;
  peer.media_port_last = remote.port;
  for (const std::uint32_t length : {12U, 13U, 160U, 161U, 1200U, 1400U}) {
    auto bytes = frame(length);
    bytes[header.length] = 0x80;
    write_headers(header, kNextHop, length, {}, bytes.data());
    Packet packet;
    packet.frame = bytes.data();
    packet.frame_length = static_cast<std::uint32_t>(bytes.size());
    classify(peer, packet);
    EXPECT_EQ(packet.drop, Drop::none) << info(packet.drop).name << " at " << length;
    EXPECT_EQ(packet.payload_length, length);
    EXPECT_EQ(packet.key.remote, local.address);
    EXPECT_EQ(packet.key.remote_port, local.port);
    EXPECT_EQ(packet.key.local_port, remote.port);
  }
}

// Whatever stood in the buffer before: header and checksum depend on none of it, nothing else is written.
TEST_P(Emit, NothingButTheHeaderIsWritten) {
  for (const std::uint32_t length : {12U, 13U, 64U, 160U, 1200U, 1401U}) {
    const auto clean = frame(length);
    std::vector<std::uint8_t> dirty(header.length, 0xee);
    dirty.insert(dirty.end(), clean.begin() + header.length, clean.end());
    dirty.insert(dirty.end(), 64, 0xee);
    write_headers(header, kNextHop, length, {}, dirty.data());
    EXPECT_TRUE(std::equal(clean.begin(), clean.end(), dirty.begin())) << length;
    EXPECT_EQ(std::count(dirty.end() - 64, dirty.end(), 0xee), 64) << length;
    const std::span<const std::uint8_t> udp(dirty.data() + header.length - 8, length + 8);
    const auto local = *net::Endpoint::parse(GetParam().local);
    const auto remote = *net::Endpoint::parse(GetParam().remote);
    const auto udp_length = static_cast<std::uint16_t>(udp.size());
    EXPECT_EQ(net::ones_sum(udp, net::udp_pseudo_header_sum(local.address, remote.address, udp_length)),
              0xffff);
  }
}

TEST_P(Emit, TheHeaderIsAsLongAsItsParts) {
  EXPECT_EQ(header.length, GetParam().header_length);
  EXPECT_EQ(ip_length(header, 100), GetParam().header_length - header.l3_offset + 100);
}

TEST_P(Emit, APortThatComputesChecksumsGetsThePseudoHeaderSum) {
  const auto bytes = frame(100, {.ipv4_by_port = true, .udp_by_port = true});
  const std::uint8_t* udp = bytes.data() + header.length - 8;
  EXPECT_EQ(net::load_be16(udp + 6),
            net::udp_pseudo_header_sum(net::Endpoint::parse(GetParam().local)->address,
                                       net::Endpoint::parse(GetParam().remote)->address, 108));
  if (!header.v6) {
    EXPECT_EQ(net::load_be16(bytes.data() + header.l3_offset + 10), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Emit,
                         testing::Values(Shape{"ipv4", "192.0.2.1:20000", "198.51.100.7:5004", 0, 42},
                                         Shape{"ipv4_vlan", "192.0.2.1:20000", "198.51.100.7:5004", 100, 46},
                                         Shape{"ipv6", "[2001:db8::1]:20000", "[2001:db8::7]:5004", 0, 62},
                                         Shape{"ipv6_vlan", "[2001:db8::1]:20000", "[2001:db8::7]:5004", 4094,
                                               66}),
                         [](const auto& shape) { return shape.param.name; });

// RFC 768: a computed checksum of zero is sent as all ones, for zero means "none".
TEST(EmitChecksum, ZeroIsSentAsAllOnes) {
  PortPolicy policy;
  policy.mac = kOurs;
  const auto local = *net::Endpoint::parse("192.0.2.1:20000");
  const auto remote = *net::Endpoint::parse("198.51.100.7:5004");
  const HeaderTemplate header = make_header_template(policy, local, remote);
  std::vector<std::uint8_t> bytes(header.length + 2);
  write_headers(header, kNextHop, 2, {}, bytes.data());
  const std::uint16_t with_zero_payload = net::load_be16(bytes.data() + header.length - 2);
  net::store_be16(bytes.data() + header.length, with_zero_payload);  // makes the sum come out as zero
  write_headers(header, kNextHop, 2, {}, bytes.data());
  EXPECT_EQ(net::load_be16(bytes.data() + header.length - 2), 0xffff);
}

}  // namespace
}  // namespace causeway
