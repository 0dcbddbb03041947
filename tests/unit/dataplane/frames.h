// Frames built layer by layer, correct by default, wrong where a test says so.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/net/address.h"
#include "dataplane/net/bytes.h"
#include "dataplane/net/checksum.h"

namespace causeway::frames {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& out, std::uint16_t v) {
  out.resize(out.size() + 2);
  net::store_be16(&out[out.size() - 2], v);
}
inline void put32(Bytes& out, std::uint32_t v) {
  out.resize(out.size() + 4);
  net::store_be32(&out[out.size() - 4], v);
}
inline void append(Bytes& out, std::span<const std::uint8_t> more) {
  out.insert(out.end(), more.begin(), more.end());
}
inline Bytes join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) {
    append(out, part);
  }
  return out;
}

inline net::IpAddress ip(std::string_view text) {
  return net::IpAddress::parse(text).value();
}
inline const net::MacAddress kMac{{0x02, 0, 0, 0, 0, 1}};
inline const net::MacAddress kRemoteMac{{0x02, 0, 0, 0, 0, 2}};
inline const net::IpAddress kLocal4 = ip("192.0.2.1");
inline const net::IpAddress kRemote4 = ip("198.51.100.7");
inline const net::IpAddress kLocal6 = ip("2001:db8::1");
inline const net::IpAddress kRemote6 = ip("2001:db8:ffff::7");
inline constexpr std::uint16_t kLocalPort = 20000;
inline constexpr std::uint16_t kRemotePort = 40000;

struct Rtp {
  std::uint8_t first = 0x80;
  std::uint8_t payload_type = 96;
  std::uint16_t sequence = 1;
  std::uint32_t timestamp = 2;
  std::uint32_t ssrc = 3;
};
inline Bytes rtp(const Rtp& with = {}, Bytes behind = Bytes(20, 0xab)) {
  Bytes out{with.first, with.payload_type};
  put16(out, with.sequence);
  put32(out, with.timestamp);
  put32(out, with.ssrc);
  append(out, behind);
  return out;
}

struct Udp {
  net::IpAddress source = kRemote4;
  net::IpAddress destination = kLocal4;
  std::uint16_t source_port = kRemotePort;
  std::uint16_t destination_port = kLocalPort;
  std::optional<std::uint16_t> length = {};
  std::optional<std::uint16_t> checksum = {};
};
inline const Udp kUdp6{.source = kRemote6, .destination = kLocal6};
inline Bytes udp(const Udp& with = {}, Bytes payload = rtp()) {
  Bytes out;
  put16(out, with.source_port);
  put16(out, with.destination_port);
  put16(out, with.length.value_or(static_cast<std::uint16_t>(8 + payload.size())));
  put16(out, 0);
  append(out, payload);
  net::store_be16(&out[6], with.checksum.value_or(net::udp_checksum(with.source, with.destination, out)));
  return out;
}

struct Ipv4 {
  net::IpAddress source = kRemote4;
  net::IpAddress destination = kLocal4;
  std::uint8_t protocol = 17;
  std::uint8_t ttl = 64;
  std::uint16_t fragment = 0x4000;  // DF
  Bytes options = {};               // a multiple of 4
  std::optional<std::uint8_t> version_and_ihl = {};
  std::optional<std::uint16_t> total_length = {};
  std::optional<std::uint16_t> checksum = {};
};
inline Bytes ipv4(const Ipv4& with = {}, Bytes payload = udp()) {
  const std::size_t header = 20 + with.options.size();
  Bytes out{with.version_and_ihl.value_or(static_cast<std::uint8_t>(0x40 | header / 4)), 0};
  put16(out, with.total_length.value_or(static_cast<std::uint16_t>(header + payload.size())));
  put16(out, 0x1234);
  put16(out, with.fragment);
  append(out, Bytes{with.ttl, with.protocol, 0, 0});
  append(out, with.source.wire());
  append(out, with.destination.wire());
  append(out, with.options);
  net::store_be16(&out[10], with.checksum.value_or(net::ipv4_header_checksum(out)));
  append(out, payload);
  return out;
}

struct Ipv6 {
  net::IpAddress source = kRemote6;
  net::IpAddress destination = kLocal6;
  std::uint8_t next_header = 17;
  std::uint8_t hop_limit = 64;
  std::uint8_t version = 6;
  std::optional<std::uint16_t> payload_length = {};
};
inline Bytes ipv6(const Ipv6& with = {}, Bytes payload = udp(kUdp6)) {
  Bytes out{static_cast<std::uint8_t>(with.version << 4), 0, 0, 0};
  put16(out, with.payload_length.value_or(static_cast<std::uint16_t>(payload.size())));
  append(out, Bytes{with.next_header, with.hop_limit});
  append(out, with.source.bytes);
  append(out, with.destination.bytes);
  append(out, payload);
  return out;
}

struct Ethernet {
  net::MacAddress destination = kMac;
  std::uint16_t type = 0x0800;
  Bytes tags = {};  // whole tags of 4 bytes: {0x81, 0x00, tci, tci}
};
inline Bytes ethernet(const Ethernet& with, Bytes payload) {
  Bytes out;
  append(out, with.destination.bytes);
  append(out, kRemoteMac.bytes);
  append(out, with.tags);
  put16(out, with.type);
  append(out, payload);
  return out;
}
inline Bytes over4(Bytes packet) {
  return ethernet({}, packet);
}
inline Bytes over6(Bytes packet) {
  return ethernet({.type = 0x86dd}, packet);
}
inline Bytes media4(Bytes payload) {
  return over4(ipv4({}, udp({}, payload)));
}
inline Bytes media6(Bytes payload) {
  return over6(ipv6({}, udp(kUdp6, payload)));
}

}  // namespace causeway::frames
