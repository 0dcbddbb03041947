// Addresses as values: what the config names, what a packet carries, what a table is keyed by.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dataplane/net/bytes.h"

namespace causeway::net {

// An IPv4 or IPv6 address in one shape: IPv4 is held as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that tables
// have one key size and comparisons need no branch.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  static IpAddress v4(std::uint32_t host_order);
  static IpAddress v4(std::span<const std::uint8_t, 4> network_order);
  static IpAddress v6(std::span<const std::uint8_t, 16> network_order);
  // Accepts "192.0.2.1" and "2001:db8::1"; no zone, no prefix. nullopt for anything else, also for
  // "::ffff:192.0.2.1": an IPv4 address is written as one.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const;
  std::uint32_t v4_host_order() const;  // only if is_v4()
  bool is_unspecified() const;
  bool is_multicast() const;
  bool is_loopback() const;
  bool is_link_local() const;                  // 169.254/16, fe80::/10
  bool is_broadcast() const;                   // 255.255.255.255
  std::span<const std::uint8_t> wire() const;  // 4 or 16 bytes, network order
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;
};

// Inline, as they run for every packet.
inline bool IpAddress::is_v4() const {
  return load_be64(bytes.data()) == 0 && load_be32(bytes.data() + 8) == 0xffff;
}
inline std::uint32_t IpAddress::v4_host_order() const {
  return load_be32(bytes.data() + 12);
}
inline IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress address;
  store_be32(address.bytes.data() + 8, 0xffff);
  store_be32(address.bytes.data() + 12, host_order);
  return address;
}
inline IpAddress IpAddress::v6(std::span<const std::uint8_t, 16> network_order) {
  IpAddress address;
  std::memcpy(address.bytes.data(), network_order.data(), address.bytes.size());
  return address;
}

// An address with the length of its network's prefix: "192.0.2.1/24", "2001:db8::1/64".
struct InterfaceAddress {
  IpAddress address;
  std::uint8_t prefix_length = 0;  // 0..32 for IPv4, 0..128 for IPv6

  static std::optional<InterfaceAddress> parse(std::string_view text);
  bool on_link(const IpAddress& other) const;  // same family and same prefix
  std::string to_string() const;

  auto operator<=>(const InterfaceAddress&) const = default;
};

// "192.0.2.1:5004", "[2001:db8::1]:5004".
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;  // host order

  static std::optional<Endpoint> parse(std::string_view text);
  std::string to_string() const;

  auto operator<=>(const Endpoint&) const = default;
};

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  static std::optional<MacAddress> parse(std::string_view text);  // "02:00:00:00:00:01"
  bool is_multicast() const { return (bytes[0] & 1) != 0; }       // broadcast included
  std::uint64_t to_u48() const;                                   // big-endian value, upper 16 bits zero
  static MacAddress from_u48(std::uint64_t value);
  std::string to_string() const;

  auto operator<=>(const MacAddress&) const = default;
};

// Inline, as they run for every copy.
inline std::uint64_t MacAddress::to_u48() const {
  return std::uint64_t{load_be16(bytes.data())} << 32 | load_be32(bytes.data() + 2);
}
inline MacAddress MacAddress::from_u48(std::uint64_t value) {
  MacAddress mac;
  store_be16(mac.bytes.data(), static_cast<std::uint16_t>(value >> 32));
  store_be32(mac.bytes.data() + 2, static_cast<std::uint32_t>(value));
  return mac;
}

}  // namespace causeway::net
