#include "tools/pktgen/frame.h"

#include <algorithm>
#include <cstring>

#include "dataplane/net/bytes.h"
#include "dataplane/net/checksum.h"

namespace causeway::pktgen {

namespace {

using Bytes = std::span<std::uint8_t>;

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeArp = 0x0806;
constexpr std::uint16_t kEtherTypeVlan = 0x8100;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::size_t kEthernet = 14;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kArp = 28;
constexpr std::size_t kNeighbourMessage = 24;  // RFC 4861, 4.3
constexpr std::size_t kLinkLayerOption = 8;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kSolicitation = 135;
constexpr std::uint8_t kAdvertisement = 136;

net::IpAddress v4_at(const std::uint8_t* at) {
  return net::IpAddress::v4(std::span<const std::uint8_t, 4>(at, 4));
}
net::IpAddress v6_at(const std::uint8_t* at) {
  return net::IpAddress::v6(std::span<const std::uint8_t, 16>(at, 16));
}

void read_udp(Bytes udp, bool verify, Frame& out) {
  if (udp.size() < kUdpHeader) return;
  const std::size_t length = net::load_be16(&udp[4]);
  if (length < kUdpHeader || length > udp.size()) return;
  out.kind = Frame::Kind::datagram;
  out.peer.port = net::load_be16(udp.data());
  out.own.port = net::load_be16(&udp[2]);
  out.payload = udp.data() + kUdpHeader;
  out.length = static_cast<std::uint32_t>(length - kUdpHeader);
  if (!verify) return;
  const std::uint16_t pseudo =
      net::udp_pseudo_header_sum(out.peer.address, out.own.address, static_cast<std::uint16_t>(length));
  out.broken |= net::load_be16(&udp[6]) == 0 || net::ones_sum(udp.first(length), pseudo) != 0xffff;
}

void read_ipv4(Bytes ip, bool verify, Frame& out) {
  if (ip.size() < kIpv4Header || ip[0] != 0x45) return;  // the appliance sends no options
  const std::size_t total = net::load_be16(&ip[2]);
  const bool fragment = (net::load_be16(&ip[6]) & 0x3fff) != 0;
  if (total < kIpv4Header || total > ip.size() || ip[9] != kUdp || fragment) return;
  out.peer.address = v4_at(&ip[12]);
  out.own.address = v4_at(&ip[16]);
  out.broken = verify && net::ones_sum(ip.first(kIpv4Header)) != 0xffff;
  read_udp(ip.subspan(kIpv4Header, total - kIpv4Header), verify, out);
}

void read_solicitation(Bytes icmp, Frame& out) {
  if (icmp.size() < kNeighbourMessage || icmp[0] != kSolicitation) return;
  out.kind = Frame::Kind::neighbour_query;
  out.own.address = v6_at(&icmp[8]);
}

void read_ipv6(Bytes ip, bool verify, Frame& out) {
  if (ip.size() < kIpv6Header || ip[0] >> 4 != 6) return;
  const std::size_t length = net::load_be16(&ip[4]);
  if (length > ip.size() - kIpv6Header) return;
  out.peer.address = v6_at(&ip[8]);
  out.own.address = v6_at(&ip[24]);
  const Bytes inner = ip.subspan(kIpv6Header, length);
  if (ip[6] == kUdp) read_udp(inner, verify, out);
  if (ip[6] == kIcmpv6 && ip[7] == 255) read_solicitation(inner, out);  // RFC 4861, 7.1.1
}

void read_arp(Bytes arp, Frame& out) {
  constexpr std::array<std::uint8_t, 8> kRequest{0, 1, 8, 0, 6, 4, 0, 1};
  if (arp.size() < kArp || !std::ranges::equal(kRequest, arp.first(kRequest.size()))) return;
  out.kind = Frame::Kind::arp_request;
  out.peer.address = v4_at(&arp[14]);
  out.own.address = v4_at(&arp[24]);
}

std::uint8_t* put_ethernet(const Frame& question, std::uint16_t vlan, const net::MacAddress& mac,
                           std::uint16_t type, std::uint8_t* at) {
  at = std::ranges::copy(question.source_mac.bytes, at).out;
  at = std::ranges::copy(mac.bytes, at).out;
  if (vlan != 0) {
    net::store_be16(at, kEtherTypeVlan);
    net::store_be16(at + 2, vlan);
    at += 4;
  }
  net::store_be16(at, type);
  return at + 2;
}

std::uint8_t* put_arp_reply(const Frame& question, const net::MacAddress& mac, std::uint8_t* at) {
  constexpr std::array<std::uint8_t, 8> kReply{0, 1, 8, 0, 6, 4, 0, 2};
  at = std::ranges::copy(kReply, at).out;
  at = std::ranges::copy(mac.bytes, at).out;
  at = std::ranges::copy(question.own.address.wire(), at).out;
  at = std::ranges::copy(question.source_mac.bytes, at).out;
  return std::ranges::copy(question.peer.address.wire(), at).out;
}

std::uint8_t* put_advertisement(const Frame& question, const net::MacAddress& mac, std::uint8_t* ip) {
  constexpr std::size_t kLength = kNeighbourMessage + kLinkLayerOption;
  std::memset(ip, 0, kIpv6Header + kLength);
  ip[0] = 0x60;
  net::store_be16(ip + 4, kLength);
  ip[6] = kIcmpv6;
  ip[7] = 255;
  std::ranges::copy(question.own.address.bytes, ip + 8);
  std::ranges::copy(question.peer.address.bytes, ip + 24);
  std::uint8_t* icmp = ip + kIpv6Header;
  icmp[0] = kAdvertisement;
  icmp[4] = 0x60;  // solicited, override
  std::ranges::copy(question.own.address.bytes, icmp + 8);
  icmp[24] = 2;  // target's link-layer address, 8 bytes
  icmp[25] = 1;
  std::ranges::copy(mac.bytes, icmp + 26);
  // The pseudo header has the form of UDP's with another protocol (RFC 8200, 8.1).
  const std::uint32_t pseudo =
      std::uint32_t{net::udp_pseudo_header_sum(question.own.address, question.peer.address, kLength)} +
      kIcmpv6 - kUdp;
  net::store_be16(icmp + 2, static_cast<std::uint16_t>(~net::ones_sum({icmp, kLength}, pseudo)));
  return icmp + kLength;
}

}  // namespace

Frame read_frame(std::span<std::uint8_t> frame, std::uint16_t vlan, bool verify) {
  Frame out;
  if (frame.size() < kEthernet) return out;
  std::copy_n(&frame[6], out.source_mac.bytes.size(), out.source_mac.bytes.begin());
  std::uint16_t type = net::load_be16(&frame[12]);
  Bytes rest = frame.subspan(kEthernet);
  if (vlan != 0) {
    if (type != kEtherTypeVlan || rest.size() < 4 || (net::load_be16(rest.data()) & 0xfff) != vlan)
      return out;
    type = net::load_be16(&rest[2]);
    rest = rest.subspan(4);
  }
  if (type == kEtherTypeIpv4) read_ipv4(rest, verify, out);
  if (type == kEtherTypeIpv6) read_ipv6(rest, verify, out);
  if (type == kEtherTypeArp) read_arp(rest, out);
  return out;
}

std::size_t write_reply(const Frame& question, std::uint16_t vlan, const net::MacAddress& mac,
                        std::uint8_t* out) {
  const bool arp = question.kind == Frame::Kind::arp_request;
  std::uint8_t* at = put_ethernet(question, vlan, mac, arp ? kEtherTypeArp : kEtherTypeIpv6, out);
  at = arp ? put_arp_reply(question, mac, at) : put_advertisement(question, mac, at);
  return static_cast<std::size_t>(at - out);
}

}  // namespace causeway::pktgen
