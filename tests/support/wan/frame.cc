#include "tests/support/wan/frame.h"

#include <algorithm>

namespace causeway::wan {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kIpv6Header = 40;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp6 = 58;

std::uint16_t read16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

FrameInfo read_udp(Bytes udp) {
  if (udp.size() < kUdpHeader) return {.kind = Kind::other_ip};
  FrameInfo info{.kind = Kind::other_udp,
                 .has_ports = true,
                 .source_port = read16(udp, 0),
                 .destination_port = read16(udp, 2)};
  // Behind the end of the datagram there may be padding (RFC 894).
  if (udp.size() == kUdpHeader || read16(udp, 4) <= kUdpHeader) return info;
  const std::uint8_t first = udp[kUdpHeader];
  if (first < 64) info.kind = Kind::control;
  if (first >= 128 && first <= 191) info.kind = Kind::media;
  return info;
}

FrameInfo read_ipv4(Bytes ip) {
  const FrameInfo other{.kind = Kind::other_ip};
  if (ip.size() < 20 || ip[0] >> 4 != 4) return other;
  const std::size_t header = (ip[0] & 15u) * 4;
  const bool later_fragment = (read16(ip, 6) & 0x1fff) != 0;
  if (header < 20 || header > ip.size() || ip[9] != kUdp || later_fragment) return other;
  return read_udp(ip.subspan(header));
}

FrameInfo read_ipv6(Bytes ip) {
  const FrameInfo other{.kind = Kind::other_ip};
  if (ip.size() < kIpv6Header || ip[0] >> 4 != 6) return other;
  const Bytes payload = ip.subspan(kIpv6Header);
  if (ip[6] == kUdp) return read_udp(payload);
  // RFC 4861, 4: from router solicitations to redirects.
  const bool neighbour = ip[6] == kIcmp6 && !payload.empty() && payload[0] >= 133 && payload[0] <= 137;
  return neighbour ? FrameInfo{.kind = Kind::neighbour} : other;
}

Mac mac_at(Bytes frame, std::size_t at) {
  Mac mac;
  std::ranges::copy(frame.subspan(at, mac.size()), mac.begin());
  return mac;
}

}  // namespace

FrameInfo read_frame(Bytes frame) {
  if (frame.size() < kEthernetHeader) return {};
  const Bytes payload = frame.subspan(kEthernetHeader);
  switch (read16(frame, 12)) {
    case 0x0800:
      return read_ipv4(payload);
    case 0x86dd:
      return read_ipv6(payload);
    case 0x0806:
      return {.kind = Kind::neighbour};
    default:
      return {};
  }
}

Mac destination_of(Bytes frame) {
  return mac_at(frame, 0);
}

Mac source_of(Bytes frame) {
  return mac_at(frame, 6);
}

}  // namespace causeway::wan
