#include "dataplane/classify.h"

#include <functional>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/frames.h"

namespace causeway {
namespace {

using namespace frames;

PortPolicy port() {
  PortPolicy policy;
  policy.mac = kMac;
  for (const char* text : {"192.0.2.1/24", "203.0.113.2/31", "2001:db8::1/64"}) {
    policy.addresses.push_back(net::InterfaceAddress::parse(text).value());
  }
  policy.media_port_first = 20000;
  policy.media_port_last = 20099;
  return policy;
}

// The frame stands in a heap block of exactly its size, so that the address sanitizer sees a read behind it.
struct Classified {
  std::unique_ptr<std::uint8_t[]> frame;
  Packet packet;
};
Classified run(const PortPolicy& policy, const Bytes& bytes, RxHints hints = {}) {
  Classified result{std::make_unique<std::uint8_t[]>(bytes.size()), {}};
  std::copy(bytes.begin(), bytes.end(), result.frame.get());
  result.packet.frame = result.frame.get();
  result.packet.frame_length = static_cast<std::uint32_t>(bytes.size());
  result.packet.port_index = 5;
  result.packet.hints = hints;
  classify(policy, result.packet);
  return result;
}

struct Case {
  std::string name;
  Bytes frame;
  Drop drop = Drop::none;
  Kind kind = Kind::unclassified;
  RxHints hints = {};
  std::function<void(PortPolicy&)> with = {};
};
using Cases = std::vector<Case>;

void expect(const Cases& cases) {
  for (const Case& c : cases) {
    PortPolicy policy = port();
    if (c.with) c.with(policy);
    const Classified result = run(policy, c.frame, c.hints);
    EXPECT_EQ(info(result.packet.drop).name, info(c.drop).name) << c.name;
    EXPECT_EQ(result.packet.kind, c.kind) << c.name;
  }
}

constexpr Kind kNone = Kind::unclassified;
const Bytes kArp(28, 0);

Bytes tag(std::uint16_t tci, std::uint16_t type = 0x8100) {
  Bytes out;
  put16(out, type);
  put16(out, tci);
  return out;
}

Bytes cut(Bytes bytes, std::size_t length) {
  bytes.resize(length);
  return bytes;
}

Cases ethernet_cases() {
  const Bytes good = ipv4();
  const auto vlan7 = [](PortPolicy& p) { p.vlan = 7; };
  const RxHints stripped7{.vlan_stripped = true, .vlan_tci = 0x2007};
  const RxHints stripped0{.vlan_stripped = true, .vlan_tci = 0x6000};
  const net::MacAddress broadcast = net::MacAddress::from_u48(0xffffffffffff);
  const net::MacAddress other = net::MacAddress::from_u48(0x020000000009);
  return {
      {"no frame", {}, Drop::frame_truncated},
      {"inside the Ethernet header", Bytes(13, 2), Drop::frame_truncated},
      {"another station's", ethernet({.destination = other}, good), Drop::mac_not_ours},
      {"broadcast ARP", ethernet({.destination = broadcast, .type = 0x0806}, kArp), Drop::none,
       Kind::neighbour},
      {"ARP to us, padded", ethernet({.type = 0x0806}, Bytes(46, 0)), Drop::none, Kind::neighbour},
      {"short ARP", ethernet({.type = 0x0806}, Bytes(27, 0)), Drop::frame_truncated},
      {"unknown EtherType", ethernet({.type = 0x88cc}, good), Drop::ethertype_unknown},
      {"IEEE 802.3 length", ethernet({.type = 46}, good), Drop::ethertype_unknown},
      {"priority tag", ethernet({.tags = tag(0xe000)}, good), Drop::none, Kind::rtp},
      {"stripped priority tag", over4(good), Drop::none, Kind::rtp, stripped0},
      {"tag on an untagged port", ethernet({.tags = tag(7)}, good), Drop::vlan_not_ours},
      {"stripped tag on an untagged port", over4(good), Drop::vlan_not_ours, kNone, stripped7},
      {"tagged", ethernet({.tags = tag(0xa007)}, good), Drop::none, Kind::rtp, {}, vlan7},
      {"stripped tag", over4(good), Drop::none, Kind::rtp, stripped7, vlan7},
      {"another VLAN", ethernet({.tags = tag(8)}, good), Drop::vlan_not_ours, kNone, {}, vlan7},
      {"untagged on a tagged port", over4(good), Drop::vlan_not_ours, kNone, {}, vlan7},
      {"priority tag on a tagged port",
       ethernet({.tags = tag(0)}, good),
       Drop::vlan_not_ours,
       kNone,
       {},
       vlan7},
      {"two tags", ethernet({.tags = join({tag(7), tag(7)})}, good), Drop::vlan_not_ours, kNone, {}, vlan7},
      {"a tag behind the stripped one", ethernet({.tags = tag(7)}, good), Drop::vlan_not_ours, kNone,
       stripped7, vlan7},
      {"a service tag", ethernet({.tags = tag(7, 0x88a8)}, good), Drop::vlan_not_ours, kNone, {}, vlan7},
      {"a service tag behind ours",
       ethernet({.tags = join({tag(7), tag(7, 0x88a8)})}, good),
       Drop::vlan_not_ours,
       kNone,
       {},
       vlan7},
      {"an old stack", ethernet({.tags = tag(0, 0x9100)}, good), Drop::vlan_not_ours},
      {"inside the tag", cut(ethernet({.tags = tag(0)}, {}), 17), Drop::frame_truncated},
      {"nothing behind the tag", ethernet({.tags = tag(0)}, {}), Drop::frame_truncated},
  };
}

Cases ipv4_cases() {
  const auto of = [](Ipv4 with) { return over4(ipv4(with)); };
  const auto from = [](const char* source) {
    return over4(ipv4({.source = ip(source)}, udp({.source = ip(source)})));
  };
  const auto to = [](const char* to_address) { return over4(ipv4({.destination = ip(to_address)})); };
  const auto mtu = [](std::uint16_t v) { return [v](PortPolicy& p) { p.mtu = v; }; };
  const auto size = static_cast<std::uint16_t>(ipv4().size());
  const RxHints bad{.ip_checksum_bad = true}, good{.ip_checksum_good = true};
  return {
      {"plain", of({}), Drop::none, Kind::rtp},
      {"with Ethernet padding", over4(join({ipv4(), Bytes(30, 0xff)})), Drop::none, Kind::rtp},
      {"inside the header", over4(cut(ipv4(), 19)), Drop::frame_truncated},
      {"inside the options", over4(cut(ipv4({.options = Bytes(8, 1)}), 24)), Drop::frame_truncated},
      {"version 6", of({.version_and_ihl = 0x65}), Drop::ip_wrong_version},
      {"header length below 20", of({.version_and_ihl = 0x44}), Drop::ip_bad_length},
      {"total length below the header", of({.total_length = 19}), Drop::ip_bad_length},
      {"total length beyond the frame", of({.total_length = static_cast<std::uint16_t>(size + 1)}),
       Drop::ip_bad_length},
      {"as long as the MTU", of({}), Drop::none, Kind::rtp, {}, mtu(size)},
      {"longer than the MTU",
       of({}),
       Drop::frame_oversized,
       kNone,
       {},
       mtu(static_cast<std::uint16_t>(size - 1))},
      {"wrong checksum", of({.checksum = 0x1111}), Drop::ip_checksum},
      {"wrong checksum, vouched for", of({.checksum = 0x1111}), Drop::none, Kind::rtp, good},
      {"checksum refused by the NIC", of({}), Drop::ip_checksum, kNone, bad},
      {"TTL 0", of({.ttl = 0}), Drop::ip_ttl_expired},
      {"TTL 1", of({.ttl = 1}), Drop::none, Kind::rtp},
      {"no-operation options", of({.options = Bytes(40, 1)}), Drop::none, Kind::rtp},
      {"end of options, then anything", of({.options = {0, 131, 255, 255}}), Drop::none, Kind::rtp},
      {"router alert", of({.options = {148, 4, 0, 0}}), Drop::none, Kind::rtp},
      {"option of length 1", of({.options = {148, 1, 0, 0}}), Drop::ip_bad_options},
      {"option of length 0", of({.options = {148, 0, 0, 0}}), Drop::ip_bad_options},
      {"option beyond the header", of({.options = {148, 5, 0, 0}}), Drop::ip_bad_options},
      {"option without length", of({.options = {1, 1, 1, 148}}), Drop::ip_bad_options},
      {"loose source route", of({.options = {1, 131, 3, 4}}), Drop::ip_source_route},
      {"strict source route", of({.options = {137, 3, 4, 0}}), Drop::ip_source_route},
      {"from our address", from("192.0.2.1"), Drop::ip_spoofed_source},
      {"from our other address", from("203.0.113.2"), Drop::ip_spoofed_source},
      {"from multicast", from("224.0.0.1"), Drop::ip_spoofed_source},
      {"from the last multicast", from("239.255.255.255"), Drop::ip_spoofed_source},
      {"from broadcast", from("255.255.255.255"), Drop::ip_spoofed_source},
      {"from our network's broadcast", from("192.0.2.255"), Drop::ip_spoofed_source},
      {"from the peer of a /31", from("203.0.113.3"), Drop::none, Kind::rtp},
      {"from loopback", from("127.1.2.3"), Drop::ip_spoofed_source},
      {"from nowhere", from("0.0.0.0"), Drop::ip_spoofed_source},
      {"from this network", from("0.1.2.3"), Drop::ip_spoofed_source},
      {"to a neighbour", to("192.0.2.2"), Drop::ip_not_ours},
      {"to multicast", to("224.0.0.1"), Drop::ip_not_ours},
      {"to broadcast", to("255.255.255.255"), Drop::ip_not_ours},
      {"to our network's broadcast", to("192.0.2.255"), Drop::ip_not_ours},
      {"first fragment", of({.fragment = 0x2000}), Drop::ip_fragment},
      {"last fragment", of({.fragment = 0x0001}), Drop::ip_fragment},
      {"fragment of TCP", of({.protocol = 6, .fragment = 0x2000}), Drop::ip_fragment},
      {"may be fragmented", of({.fragment = 0}), Drop::none, Kind::rtp},
      {"ICMP", of({.protocol = 1}), Drop::none, Kind::punt},
      {"TCP", of({.protocol = 6}), Drop::none, Kind::punt},
      {"TCP to a neighbour", of({.destination = ip("192.0.2.2"), .protocol = 6}), Drop::ip_not_ours},
      {"SCTP", of({.protocol = 132}), Drop::ip_protocol_unknown},
      {"ICMPv6 over IPv4", of({.protocol = 58}), Drop::ip_protocol_unknown},
  };
}

// An extension header of 8 * (more + 1) bytes.
Bytes extension(std::uint8_t next, Bytes contents, std::uint8_t more = 0) {
  Bytes out{next, more};
  append(out, contents);
  out.resize(8 * (std::size_t{more} + 1));
  return out;
}

Bytes chain(std::uint8_t type, unsigned count) {
  Bytes out;
  for (unsigned i = 0; i < count; ++i) {
    append(out, extension(i + 1 == count ? 17 : type, {}));
  }
  return out;
}

Cases ipv6_header_cases() {
  const auto of = [](Ipv6 with) { return over6(ipv6(with)); };
  const auto size = static_cast<std::uint16_t>(ipv6().size());
  const auto icmp = [](const char* source, const char* destination) {
    return over6(ipv6({.source = ip(source), .destination = ip(destination), .next_header = 58}));
  };
  net::IpAddress mapped = kRemote4, mapped_own = kLocal4;
  return {
      {"plain", of({}), Drop::none, Kind::rtp},
      {"with Ethernet padding", over6(join({ipv6(), Bytes(9, 0xff)})), Drop::none, Kind::rtp},
      {"inside the header", over6(cut(ipv6(), 39)), Drop::frame_truncated},
      {"version 4", of({.version = 4}), Drop::ip_wrong_version},
      {"jumbogram", of({.payload_length = 0}), Drop::ip_bad_length},
      {"payload beyond the frame", of({.payload_length = static_cast<std::uint16_t>(size - 39)}),
       Drop::ip_bad_length},
      {"longer than the MTU",
       of({}),
       Drop::frame_oversized,
       kNone,
       {},
       [size](PortPolicy& p) { p.mtu = static_cast<std::uint16_t>(size - 1); }},
      {"hop limit 0", of({.hop_limit = 0}), Drop::ip_ttl_expired},
      {"from our address", of({.source = kLocal6}), Drop::ip_spoofed_source},
      {"from multicast", of({.source = ip("ff02::1")}), Drop::ip_spoofed_source},
      {"from loopback", of({.source = ip("::1")}), Drop::ip_spoofed_source},
      {"from nowhere", of({.source = ip("::")}), Drop::ip_spoofed_source},
      {"from an IPv4-mapped address", of({.source = mapped}), Drop::ip_spoofed_source},
      {"to our IPv4 address, mapped", of({.destination = mapped_own}), Drop::ip_not_ours},
      {"to a neighbour", of({.destination = ip("2001:db8::2")}), Drop::ip_not_ours},
      {"UDP to multicast", of({.destination = ip("ff02::1")}), Drop::ip_not_ours},
      {"UDP to link-local", of({.destination = ip("fe80::1")}), Drop::ip_not_ours},
      {"neighbour solicitation", icmp("2001:db8::2", "ff02::1:ff00:1"), Drop::none, Kind::punt},
      {"duplicate address detection", icmp("::", "ff02::1:ff00:1"), Drop::none, Kind::punt},
      {"the duplicate's answer", icmp("2001:db8::1", "ff02::1"), Drop::none, Kind::punt},
      {"ICMPv6 from our address to it", icmp("2001:db8::1", "2001:db8::1"), Drop::ip_spoofed_source},
      {"ICMPv6 to us", icmp("2001:db8::2", "2001:db8::1"), Drop::none, Kind::punt},
      {"ICMPv6 to link-local", icmp("fe80::2", "fe80::1"), Drop::none, Kind::punt},
      {"ICMPv6 to a neighbour", icmp("2001:db8::2", "2001:db8::3"), Drop::ip_not_ours},
      {"TCP", of({.next_header = 6}), Drop::none, Kind::punt},
      {"ICMP over IPv6", of({.next_header = 1}), Drop::ip_protocol_unknown},
  };
}

Cases ipv6_extension_cases() {
  const auto of = [](std::uint8_t type, Bytes extensions) {
    return over6(ipv6({.next_header = type}, join({extensions, udp(kUdp6)})));
  };
  const auto alone = [](std::uint8_t type, Bytes payload) {
    return over6(ipv6({.next_header = type}, payload));
  };
  return {
      {"hop-by-hop, Pad1 only", of(0, extension(17, {})), Drop::none, Kind::rtp},
      {"hop-by-hop, PadN", of(0, extension(17, {1, 4})), Drop::none, Kind::rtp},
      {"router alert", of(0, extension(17, {5, 2, 0, 0, 1, 0})), Drop::none, Kind::rtp},
      {"hop-by-hop not first", of(60, join({extension(0, {}), extension(17, {})})), Drop::ip_bad_options},
      {"hop-by-hop twice", of(0, join({extension(0, {}), extension(17, {})})), Drop::ip_bad_options},
      {"option beyond its header", of(0, extension(17, {1, 5})), Drop::ip_bad_options},
      {"option without length", of(60, extension(17, {0, 0, 0, 0, 0, 1})), Drop::ip_bad_options},
      {"unknown option to discard", of(60, extension(17, {0xc2, 4})), Drop::ip_bad_options},
      {"destination options of 16 bytes", of(60, extension(17, {1, 12}, 1)), Drop::none, Kind::rtp},
      {"extension header beyond the packet", of(60, {17, 255, 1, 4, 0, 0, 0, 0}), Drop::ip_bad_options},
      {"extension header of 7 bytes", alone(60, {17, 0, 1, 3, 0, 0, 0}), Drop::ip_bad_options},
      {"8 extension headers", of(60, chain(60, 8)), Drop::none, Kind::rtp},
      {"9 extension headers", of(60, chain(60, 9)), Drop::ip_bad_options},
      {"routing header at its end", of(43, extension(17, {0, 0})), Drop::none, Kind::rtp},
      {"routing header with segments left", of(43, extension(17, {0, 1})), Drop::ip_source_route},
      {"fragment", of(44, extension(17, {0, 1})), Drop::ip_fragment},
      {"atomic fragment", of(44, extension(17, {})), Drop::ip_fragment},
      {"fragment behind options", of(60, join({extension(44, {}), extension(17, {})})), Drop::ip_fragment},
      {"authentication header", of(51, extension(17, {})), Drop::ip_protocol_unknown},
      {"ESP", of(50, extension(17, {})), Drop::ip_protocol_unknown},
      {"no next header", of(59, {}), Drop::ip_protocol_unknown},
      {"MLD",
       over6(ipv6({.source = ip("fe80::2"), .destination = ip("ff02::16"), .next_header = 0},
                  extension(58, {5, 2, 0, 0, 1, 0}))),
       Drop::none, Kind::punt},
      {"no room for UDP", of(60, extension(17, {})), Drop::none, Kind::rtp},
      {"nothing behind options", alone(60, extension(17, {})), Drop::frame_truncated},
  };
}

Cases udp_cases() {
  const auto v4 = [](Udp with) { return over4(ipv4({}, udp(with))); };
  const auto v6 = [](Udp with) {
    with.source = kRemote6;
    with.destination = kLocal6;
    return over6(ipv6({}, udp(with)));
  };
  const auto size = static_cast<std::uint16_t>(udp().size());
  const RxHints good{.l4_checksum_good = true}, bad{.l4_checksum_bad = true};
  const auto tolerate = [](PortPolicy& p) { p.verify_udp_checksum = false; };
  Bytes longer_packet = udp();
  longer_packet.resize(longer_packet.size() + 5, 0xee);
  return {
      {"IP payload below 8", over4(ipv4({}, Bytes(7, 0))), Drop::frame_truncated},
      {"length below 8", v4({.length = 7}), Drop::udp_bad_length},
      {"length beyond the packet", v4({.length = static_cast<std::uint16_t>(size + 1)}),
       Drop::udp_bad_length},
      {"bytes behind the datagram", over4(ipv4({}, longer_packet)), Drop::none, Kind::rtp},
      {"no checksum over IPv4", v4({.checksum = 0}), Drop::none, Kind::rtp},
      {"no checksum over IPv4, refused by the NIC", v4({.checksum = 0}), Drop::none, Kind::rtp, bad},
      {"no checksum over IPv6", v6({.checksum = 0}), Drop::udp_checksum},
      {"no checksum over IPv6, tolerated", v6({.checksum = 0}), Drop::udp_checksum, kNone, {}, tolerate},
      {"wrong checksum", v4({.checksum = 1}), Drop::udp_checksum},
      {"wrong checksum over IPv6", v6({.checksum = 1}), Drop::udp_checksum},
      {"wrong checksum, vouched for", v4({.checksum = 1}), Drop::none, Kind::rtp, good},
      {"wrong checksum, tolerated", v6({.checksum = 1}), Drop::none, Kind::rtp, {}, tolerate},
      {"refused by the NIC", v4({}), Drop::udp_checksum, kNone, bad},
      {"first media port", v4({.destination_port = 20000}), Drop::none, Kind::rtp},
      {"last media port", v4({.destination_port = 20099}), Drop::none, Kind::rtp},
      {"below the media ports", v4({.destination_port = 19999}), Drop::udp_not_media_port},
      {"above the media ports", v6({.destination_port = 20100}), Drop::udp_not_media_port},
      {"no payload", media4({}), Drop::media_empty},
  };
}

// RFC 7983: every first byte, behind which everything looks like an RTP header.
Drop by_first_byte(unsigned first) {
  if (first <= 3) return Drop::stun_unsupported;
  if (first >= 16 && first <= 19) return Drop::zrtp_unsupported;
  if (first >= 20 && first <= 63) return Drop::dtls_unsupported;
  if (first >= 64 && first <= 79) return Drop::turn_channel_unsupported;
  if (first >= 80 && first <= 127) return Drop::rtp_wrong_version;
  if (first >= 192) return Drop::rtp_wrong_version;
  return first >= 128 ? Drop::none : Drop::first_byte_unknown;
}

Cases media_cases() {
  Cases cases{
      {"one byte of STUN", media4({0}), Drop::stun_unsupported},
      {"one byte of RTP", media4({0x80}), Drop::rtp_truncated},
      {"11 bytes of RTP", media4(cut(rtp(), 11)), Drop::rtp_truncated},
      {"12 bytes of RTP", media6(rtp({}, {})), Drop::none, Kind::rtp},
      {"15 CSRCs", media4(rtp({.first = 0x8f}, Bytes(60, 1))), Drop::none, Kind::rtp},
      {"CSRC list cut", media4(rtp({.first = 0x8f}, Bytes(59, 1))), Drop::rtp_truncated},
      {"extension", media4(rtp({.first = 0x90}, {0xbe, 0xde, 0, 1, 0, 0, 0, 0})), Drop::none, Kind::rtp},
      {"extension cut", media4(rtp({.first = 0x90}, {0xbe, 0xde, 0, 1, 0, 0, 0})), Drop::rtp_truncated},
      {"extension without length", media4(rtp({.first = 0x90}, {0xbe, 0xde, 0})), Drop::rtp_truncated},
      {"extension of 65535 words", media4(rtp({.first = 0x90}, {0xbe, 0xde, 255, 255})), Drop::rtp_truncated},
      {"7 bytes of RTCP", media4({0x80, 200, 0, 1, 0, 0, 0}), Drop::rtcp_truncated},
      {"8 bytes of RTCP", media6({0x80, 201, 0, 1, 0, 0, 0, 1}), Drop::none, Kind::rtcp},
      {"2 bytes of RTCP", media4({0x80, 201}), Drop::rtcp_truncated},
  };
  for (unsigned second : {0u, 96u, 127u, 128u, 191u, 192u, 200u, 223u, 224u, 255u}) {
    const bool rtcp = second >= 192 && second <= 223;
    cases.push_back({"second byte " + std::to_string(second),
                     media4(rtp({.payload_type = static_cast<std::uint8_t>(second)})), Drop::none,
                     rtcp ? Kind::rtcp : Kind::rtp});
  }
  for (unsigned first = 0; first < 256; ++first) {
    const Drop drop = by_first_byte(first);
    const Bytes payload = rtp({.first = static_cast<std::uint8_t>(first)}, Bytes(64, 0));
    cases.push_back({"first byte " + std::to_string(first), media4(payload), drop,
                     drop == Drop::none ? Kind::rtp : kNone});
  }
  return cases;
}

TEST(Classify, EthernetAndVlan) {
  expect(ethernet_cases());
}
TEST(Classify, Ipv4) {
  expect(ipv4_cases());
}
TEST(Classify, Ipv6Header) {
  expect(ipv6_header_cases());
}
TEST(Classify, Ipv6ExtensionHeaders) {
  expect(ipv6_extension_cases());
}
TEST(Classify, Udp) {
  expect(udp_cases());
}
TEST(Classify, MediaIsToldApartByItsFirstTwoBytes) {
  expect(media_cases());
}

TEST(Classify, EveryReasonOfTheStageIsProduced) {
  std::set<std::string_view> produced, listed;
  for (const auto& cases : {ethernet_cases(), ipv4_cases(), ipv6_header_cases(), ipv6_extension_cases(),
                            udp_cases(), media_cases()}) {
    for (const Case& c : cases) {
      PortPolicy policy = port();
      if (c.with) c.with(policy);
      produced.insert(info(run(policy, c.frame, c.hints).packet.drop).name);
    }
  }
  for (std::size_t i = 1; i < kDrops; ++i) {
    const DropInfo& reason = info(static_cast<Drop>(i));
    if (reason.stage == "classify") listed.insert(reason.name);
  }
  produced.erase("none");
  EXPECT_EQ(produced, listed);
}

TEST(Classify, KeyAndPayloadAreFilled) {
  struct {
    Bytes frame;
    net::IpAddress local, remote;
    std::size_t payload_at;
  } const cases[] = {
      {over4(ipv4({.options = Bytes(4, 1)}, udp())), kLocal4, kRemote4, 14 + 24 + 8},
      {over6(ipv6({.next_header = 60}, join({extension(17, {}), udp(kUdp6)}))), kLocal6, kRemote6,
       14 + 40 + 8 + 8},
  };
  for (const auto& c : cases) {
    const Classified result = run(port(), join({c.frame, Bytes(3, 0)}));
    const Packet& packet = result.packet;
    ASSERT_EQ(packet.kind, Kind::rtp);
    EXPECT_EQ(packet.key, (TransportKey{.local = c.local,
                                        .remote = c.remote,
                                        .local_port = kLocalPort,
                                        .remote_port = kRemotePort,
                                        .port_index = 5}));
    EXPECT_EQ(packet.payload, packet.frame + c.payload_at);
    EXPECT_EQ(packet.payload_length, rtp().size());
  }
}

TEST(Classify, APacketOfTheLastBurstLeavesNoTrace) {
  const Bytes first = over4(ipv4());
  Classified result = run(port(), first);
  ASSERT_EQ(result.packet.kind, Kind::rtp);
  result.packet.frame_length = 13;
  classify(port(), result.packet);
  EXPECT_EQ(result.packet.kind, Kind::unclassified);
  EXPECT_EQ(result.packet.drop, Drop::frame_truncated);
}

TEST(Classify, EveryCutFrameEndsWithAReason) {
  for (const Bytes& frame : {over4(ipv4({.options = Bytes(8, 1)}, udp())),
                             over6(ipv6({.next_header = 60}, join({chain(60, 3), udp(kUdp6)})))}) {
    for (std::size_t length = 0; length < frame.size(); ++length) {
      EXPECT_NE(run(port(), cut(frame, length)).packet.drop, Drop::none) << length;
    }
  }
}

TEST(ParseRtpHeader, FieldsAreInHostOrder) {
  Bytes packet = rtp({.first = 0xb2,
                      .payload_type = 0x80 | 111,
                      .sequence = 0x1234,
                      .timestamp = 0x56789abc,
                      .ssrc = 0xdeadbeef},
                     Bytes(8, 7));
  append(packet, Bytes{0xbe, 0xde, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 99});
  RtpHeader header;
  ASSERT_EQ(parse_rtp_header(packet, header), Drop::none);
  EXPECT_EQ(header.ssrc, 0xdeadbeefu);
  EXPECT_EQ(header.timestamp, 0x56789abcu);
  EXPECT_EQ(header.sequence, 0x1234);
  EXPECT_EQ(header.length, 12 + 8 + 4 + 8);
  EXPECT_EQ(header.payload_type, 111);
  EXPECT_TRUE(header.padding);
  EXPECT_TRUE(header.marker);
}

TEST(ParseRtpHeader, AHeaderLongerThanADatagramIsTruncated) {
  Bytes packet = rtp({.first = 0x90}, {0xbe, 0xde, 0xff, 0xff});
  packet.resize(300000);
  RtpHeader header;
  EXPECT_EQ(parse_rtp_header(packet, header), Drop::rtp_truncated);
}

}  // namespace
}  // namespace causeway
