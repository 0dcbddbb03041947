#include "dataplane/classify.h"

#include <algorithm>
#include <cstddef>

#include "dataplane/net/bytes.h"
#include "dataplane/net/checksum.h"

// One function per layer, each numbered as its checks follow. A function returns the reason of the drop, or
// Drop::none once the packet's kind is set.

namespace causeway {
namespace {

using Bytes = std::span<std::uint8_t>;
using net::IpAddress;
using net::load_be16;

constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kVlanTag = 4;
constexpr std::size_t kArpPacket = 28;  // RFC 826 over Ethernet and IPv4
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kRtpHeader = 12;
constexpr std::size_t kRtcpHeader = 8;  // with the sender's SSRC
constexpr unsigned kMaxExtensionHeaders = 8;
constexpr std::uint16_t kAllOnes = 0xffff;  // what data with its correct checksum sums up to (RFC 1071)

namespace ethertype {
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kArp = 0x0806;
constexpr std::uint16_t kVlan = 0x8100;         // IEEE 802.1Q C-tag
constexpr std::uint16_t kServiceVlan = 0x88a8;  // IEEE 802.1ad S-tag
constexpr std::uint16_t kOldStackedVlan = 0x9100;
constexpr std::uint16_t kIpv6 = 0x86dd;
}  // namespace ethertype

// IANA protocol numbers, which are IPv6's next header values too.
namespace protocol {
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kDestinationOptions = 60;
}  // namespace protocol

// RFC 4861: router and neighbour messages and redirects. Hop limit 255 shows that no router passed them on,
// so that nobody far away can speak with their urgency.
bool is_neighbour_discovery(std::uint8_t hop_limit, Bytes icmpv6) {
  return hop_limit == 255 && !icmpv6.empty() && icmpv6[0] >= 133 && icmpv6[0] <= 137;
}

Drop neighbour(Packet& packet) {
  packet.kind = Kind::neighbour;
  return Drop::none;
}

Drop punt(Packet& packet) {
  packet.kind = Kind::punt;
  return Drop::none;
}

// The payload of an accepted IP packet, and what the UDP checksum covers of its header.
struct IpPayload {
  Bytes bytes;
  Bytes addresses;  // source and destination as they stand in the header
  bool v6;
};

bool ours(const PortPolicy& port, const IpAddress& address) {
  return std::ranges::any_of(port.addresses, [&](const auto& own) { return own.address == address; });
}

// RFC 3550, 5.1, and RFC 5761, 4, behind RFC 7983's first byte.
Drop media(Bytes payload, Packet& packet) {
  const std::uint8_t first = payload[0];
  if (first < 128 || first > 191) {
    if (first <= 3) return Drop::stun_unsupported;
    if (first <= 15) return Drop::first_byte_unknown;
    if (first <= 19) return Drop::zrtp_unsupported;
    if (first <= 63) return Drop::dtls_unsupported;
    if (first <= 79) return Drop::turn_channel_unsupported;
    return Drop::rtp_wrong_version;
  }
  if (payload.size() >= 2 && payload[1] >= 192 && payload[1] <= 223) {
    if (payload.size() < kRtcpHeader) return Drop::rtcp_truncated;
    packet.kind = Kind::rtcp;
    return Drop::none;
  }
  const Drop reason = parse_rtp_header(payload, packet.rtp);
  if (reason == Drop::none) packet.kind = Kind::rtp;
  return reason;
}

// Where nodes talk, the first bytes that RFC 7983 gives to STUN are those of frames (their version), and DTLS
// is welcome.
Drop node(Bytes payload, Packet& packet) {
  const std::uint8_t first = payload[0];
  if (first > 3 && (first < 20 || first > 63)) return media(payload, packet);
  packet.kind = Kind::node;
  return Drop::none;
}

bool udp_checksum_is_wrong(const IpPayload& ip, Bytes datagram) {
  const std::uint32_t pseudo_header = protocol::kUdp + static_cast<std::uint32_t>(datagram.size());
  return net::ones_sum(datagram, net::ones_sum(ip.addresses, pseudo_header)) != kAllOnes;
}

Drop udp(const PortPolicy& port, const IpPayload& ip, Packet& packet) {
  // 1. Lengths: an IP packet may be longer than its datagram, not shorter.
  if (ip.bytes.size() < kUdpHeader) return Drop::frame_truncated;
  const std::uint8_t* header = ip.bytes.data();
  const std::size_t length = load_be16(header + 4);
  if (length < kUdpHeader || length > ip.bytes.size()) return Drop::udp_bad_length;
  const Bytes datagram = ip.bytes.first(length);

  // 2. Checksum: 0 is "none" over IPv4 (RFC 768) and forbidden over IPv6 (RFC 8200, 8.1; RFC 6935 excepts
  // tunnels only).
  if (load_be16(header + 6) == 0) {
    if (ip.v6) return Drop::udp_checksum;
  } else if (port.verify_udp_checksum) {
    if (packet.hints.l4_checksum_bad) return Drop::udp_checksum;
    if (!packet.hints.l4_checksum_good && udp_checksum_is_wrong(ip, datagram)) return Drop::udp_checksum;
  }

  // 3. Ports and payload; the guard wants the payload of other ports, too.
  packet.key.remote_port = load_be16(header);
  packet.key.local_port = load_be16(header + 2);
  const Bytes payload = datagram.subspan(kUdpHeader);
  packet.payload = payload.data();
  packet.payload_length = static_cast<std::uint32_t>(payload.size());
  const auto is_within = [&packet](std::uint16_t first, std::uint16_t last) {
    return packet.key.local_port >= first && packet.key.local_port <= last;
  };
  const bool is_node_port = port.node_port_first != 0 && is_within(port.node_port_first, port.node_port_last);
  if (!is_node_port && !is_within(port.media_port_first, port.media_port_last))
    return Drop::udp_not_media_port;
  if (payload.empty()) return Drop::media_empty;
  return is_node_port ? node(payload, packet) : media(payload, packet);
}

// RFC 791, 3.1; RFC 7126, 4.3 and 4.4.
Drop ipv4_options(Bytes options) {
  constexpr std::uint8_t kEndOfList = 0, kNoOperation = 1, kLooseSourceRoute = 131, kStrictSourceRoute = 137;
  while (!options.empty()) {
    const std::uint8_t type = options[0];
    if (type == kEndOfList) return Drop::none;
    if (type == kNoOperation) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return Drop::ip_bad_options;
    if (type == kLooseSourceRoute || type == kStrictSourceRoute) return Drop::ip_source_route;
    options = options.subspan(options[1]);
  }
  return Drop::none;
}

// Sources that RFC 1122, 3.2.1.3, forbids, and our own.
bool ipv4_source_is_spoofed(const PortPolicy& port, std::uint32_t source) {
  const std::uint32_t net = source >> 24;
  if (net == 0 || net == 127 || (net & 0xf0) == 0xe0 || source == 0xffffffff) return true;
  return std::ranges::any_of(port.addresses, [&](const net::InterfaceAddress& own) {
    if (!own.address.is_v4()) return false;
    if (own.address.v4_host_order() == source) return true;
    // The prefix's directed broadcast; prefixes of 31 and 32 bits have none (RFC 3021).
    if (own.prefix_length > 30) return false;
    const std::uint32_t hosts = 0xffffffffu >> own.prefix_length;
    return (own.address.v4_host_order() | hosts) == source;
  });
}

Drop ipv4(const PortPolicy& port, Bytes bytes, Packet& packet) {
  // 1. Version and lengths.
  if (bytes.size() < kIpv4Header) return Drop::frame_truncated;
  const std::uint8_t* header = bytes.data();
  if (header[0] >> 4 != 4) return Drop::ip_wrong_version;
  const std::size_t header_length = std::size_t{header[0] & 0xfu} * 4;
  const std::size_t total_length = load_be16(header + 2);
  if (header_length < kIpv4Header) return Drop::ip_bad_length;
  if (header_length > bytes.size()) return Drop::frame_truncated;
  if (total_length < header_length || total_length > bytes.size()) return Drop::ip_bad_length;
  if (total_length > port.mtu) return Drop::frame_oversized;

  // 2. Header checksum.
  if (packet.hints.ip_checksum_bad) return Drop::ip_checksum;
  if (!packet.hints.ip_checksum_good && net::ones_sum(bytes.first(header_length)) != kAllOnes) {
    return Drop::ip_checksum;
  }

  // 3. Time to live, options.
  if (header[8] == 0) return Drop::ip_ttl_expired;
  if (header_length > kIpv4Header) {
    const Drop reason = ipv4_options(bytes.subspan(kIpv4Header, header_length - kIpv4Header));
    if (reason != Drop::none) return reason;
  }

  // 4. Addresses.
  const std::uint32_t source = net::load_be32(header + 12);
  if (ipv4_source_is_spoofed(port, source)) return Drop::ip_spoofed_source;
  packet.key.remote = IpAddress::v4(source);
  packet.key.local = IpAddress::v4(net::load_be32(header + 16));
  if (!ours(port, packet.key.local)) return Drop::ip_not_ours;

  // 5. Fragments: MF set, or an offset.
  if ((load_be16(header + 6) & 0x3fff) != 0) return Drop::ip_fragment;

  // 6. Protocol.
  switch (header[9]) {
    case protocol::kUdp:
      return udp(port,
                 {.bytes = bytes.subspan(header_length, total_length - header_length),
                  .addresses = bytes.subspan(12, 8),
                  .v6 = false},
                 packet);
    case protocol::kIcmp:
    case protocol::kTcp:
      return punt(packet);
    default:
      return Drop::ip_protocol_unknown;
  }
}

// The options of a hop-by-hop or destination options header (RFC 8200, 4.2). None is known here but the
// padding, so the two highest bits of a type say whether it may be skipped.
bool ipv6_options_are_good(Bytes options) {
  constexpr std::uint8_t kPad1 = 0;
  while (!options.empty()) {
    const std::uint8_t type = options[0];
    if (type == kPad1) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options.size() - 2 < options[1]) return false;
    if (type >> 6 != 0) return false;
    options = options.subspan(2 + std::size_t{options[1]});
  }
  return true;
}

// Takes the extension headers off `payload`, up to the first header that is none of those that end here
// without effect. `next` is then that header's type: a fragment header too, which is judged later.
Drop ipv6_extension_headers(std::uint8_t& next, Bytes& payload) {
  for (unsigned count = 0;; ++count) {
    const bool options = next == protocol::kHopByHop || next == protocol::kDestinationOptions;
    if (!options && next != protocol::kRouting) return Drop::none;
    if (count == kMaxExtensionHeaders) return Drop::ip_bad_options;
    if (next == protocol::kHopByHop && count > 0) return Drop::ip_bad_options;  // RFC 8200, 4.1
    if (payload.size() < 8) return Drop::ip_bad_options;
    const std::size_t length = (std::size_t{payload[1]} + 1) * 8;
    if (length > payload.size()) return Drop::ip_bad_options;
    if (options && !ipv6_options_are_good(payload.subspan(2, length - 2))) return Drop::ip_bad_options;
    if (!options && payload[3] != 0) return Drop::ip_source_route;
    next = payload[0];
    payload = payload.subspan(length);
  }
}

// IPv4-mapped addresses are this program's shape of IPv4: one on an IPv6 wire would be taken for it.
bool ipv6_source_is_spoofed(const PortPolicy& port, const IpAddress& source, const IpAddress& destination,
                            bool icmpv6) {
  if (source.is_v4() || source.is_multicast() || source.is_loopback()) return true;
  // RFC 4862, 5.4: duplicate address detection asks from ::, and who holds our address answers from it.
  if (source.is_unspecified()) return !icmpv6;
  return ours(port, source) && !(icmpv6 && destination.is_multicast());
}

Drop ipv6(const PortPolicy& port, Bytes bytes, Packet& packet) {
  // 1. Version and lengths. Payload length 0 would be a jumbogram (RFC 2675): none fits a port's MTU.
  if (bytes.size() < kIpv6Header) return Drop::frame_truncated;
  const std::uint8_t* header = bytes.data();
  if (header[0] >> 4 != 6) return Drop::ip_wrong_version;
  const std::size_t payload_length = load_be16(header + 4);
  if (payload_length == 0 || payload_length > bytes.size() - kIpv6Header) return Drop::ip_bad_length;
  if (kIpv6Header + payload_length > port.mtu) return Drop::frame_oversized;

  // 2. Hop limit, extension headers.
  if (header[7] == 0) return Drop::ip_ttl_expired;
  std::uint8_t next = header[6];
  Bytes payload = bytes.subspan(kIpv6Header, payload_length);
  const Drop reason = ipv6_extension_headers(next, payload);
  if (reason != Drop::none) return reason;

  // 3. Addresses. The kernel has link-local addresses of its own, and NDP and MLD live on multicast.
  const bool icmpv6 = next == protocol::kIcmpv6;
  const IpAddress& source = packet.key.remote = IpAddress::v6(bytes.subspan<8, 16>());
  const IpAddress& destination = packet.key.local = IpAddress::v6(bytes.subspan<24, 16>());
  if (ipv6_source_is_spoofed(port, source, destination, icmpv6)) return Drop::ip_spoofed_source;
  const bool kernels = icmpv6 && (destination.is_multicast() || destination.is_link_local());
  if (destination.is_v4() || !(ours(port, destination) || kernels)) return Drop::ip_not_ours;

  // 4. Fragments and protocol. An atomic fragment is one as well (RFC 8021).
  switch (next) {
    case protocol::kFragment:
      return Drop::ip_fragment;
    case protocol::kUdp:
      return udp(port, {.bytes = payload, .addresses = bytes.subspan(8, 32), .v6 = true}, packet);
    case protocol::kIcmpv6:
      return is_neighbour_discovery(header[7], payload) ? neighbour(packet) : punt(packet);
    case protocol::kTcp:
      return punt(packet);
    default:
      return Drop::ip_protocol_unknown;
  }
}

Drop ethernet(const PortPolicy& port, Packet& packet) {
  const Bytes frame(packet.frame, packet.frame_length);

  // 1. Destination.
  if (frame.size() < kEthernetHeader) return Drop::frame_truncated;
  const bool group = (frame[0] & 1) != 0;
  if (!group && !std::ranges::equal(frame.first(port.mac.bytes.size()), port.mac.bytes)) {
    return Drop::mac_not_ours;
  }

  // 2. VLAN: at most one tag, on the wire or taken out by the NIC. No tag and a priority tag are VLAN 0
  // (IEEE 802.1Q, 6.9.1).
  std::uint16_t type = load_be16(frame.data() + 12);
  Bytes payload = frame.subspan(kEthernetHeader);
  std::uint16_t tag = packet.hints.vlan_stripped ? packet.hints.vlan_tci : std::uint16_t{0};
  if (type == ethertype::kVlan && !packet.hints.vlan_stripped) {
    if (payload.size() < kVlanTag) return Drop::frame_truncated;
    tag = load_be16(payload.data());
    type = load_be16(payload.data() + 2);
    payload = payload.subspan(kVlanTag);
  }
  const bool stacked =
      type == ethertype::kVlan || type == ethertype::kServiceVlan || type == ethertype::kOldStackedVlan;
  if (stacked || (tag & 0xfff) != port.vlan) return Drop::vlan_not_ours;

  // 3. EtherType.
  switch (type) {
    case ethertype::kIpv4:
      return ipv4(port, payload, packet);
    case ethertype::kIpv6:
      return ipv6(port, payload, packet);
    case ethertype::kArp:
      return payload.size() < kArpPacket ? Drop::frame_truncated : neighbour(packet);
    default:
      return Drop::ethertype_unknown;
  }
}

}  // namespace

Drop parse_rtp_header(std::span<const std::uint8_t> packet, RtpHeader& out) {
  if (packet.size() < kRtpHeader) return Drop::rtp_truncated;
  const std::uint8_t* p = packet.data();
  if (p[0] >> 6 != 2) return Drop::rtp_wrong_version;

  std::size_t length = kRtpHeader + std::size_t{p[0] & 0xfu} * 4;
  const bool extension = (p[0] & 0x10) != 0;
  if (extension) {
    if (packet.size() < length + 4) return Drop::rtp_truncated;
    length += 4 + std::size_t{load_be16(p + length + 2)} * 4;
  }
  // The second bound holds for spans longer than a datagram can be.
  if (packet.size() < length || length > 0xffff) return Drop::rtp_truncated;

  out.ssrc = net::load_be32(p + 8);
  out.timestamp = net::load_be32(p + 4);
  out.sequence = load_be16(p + 2);
  out.length = static_cast<std::uint16_t>(length);
  out.payload_type = p[1] & 0x7f;
  out.padding = (p[0] & 0x20) != 0;
  out.marker = (p[1] & 0x80) != 0;
  return Drop::none;
}

void classify(const PortPolicy& port, Packet& packet) {
  packet.kind = Kind::unclassified;
  packet.key = {};
  packet.key.port_index = packet.port_index;
  packet.drop = ethernet(port, packet);
}

}  // namespace causeway
