#include "dataplane/net/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstddef>
#include <cstring>

#include "dataplane/net/bytes.h"

namespace causeway::net {
namespace {

constexpr std::array<std::uint8_t, 16> kV6Loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::size_t kV4Offset = 12;  // of the IPv4 bytes in a mapped address

// Decimal digits only: no sign, no space, no leading zero, nothing behind.
std::optional<unsigned> parse_number(std::string_view text, unsigned highest) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (value > highest) return std::nullopt;
  return value;
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

IpAddress IpAddress::v4(std::span<const std::uint8_t, 4> network_order) {
  return v4(load_be32(network_order.data()));
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton reads up to a zero byte, so one inside the text must not hide what stands behind it.
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (text.size() >= buffer.size() || text.find('\0') != text.npos) return std::nullopt;
  std::copy(text.begin(), text.end(), buffer.begin());

  std::array<std::uint8_t, 4> v4_bytes;
  if (inet_pton(AF_INET, buffer.data(), v4_bytes.data()) == 1) return v4(v4_bytes);
  IpAddress address;
  if (inet_pton(AF_INET6, buffer.data(), address.bytes.data()) != 1) return std::nullopt;
  if (address.is_v4()) return std::nullopt;
  return address;
}

bool IpAddress::is_unspecified() const {
  return is_v4() ? v4_host_order() == 0 : bytes == std::array<std::uint8_t, 16>{};
}

bool IpAddress::is_multicast() const {
  return is_v4() ? (bytes[12] & 0xf0) == 0xe0 : bytes[0] == 0xff;
}

bool IpAddress::is_loopback() const {
  return is_v4() ? bytes[12] == 127 : bytes == kV6Loopback;
}

bool IpAddress::is_link_local() const {
  return is_v4() ? bytes[12] == 169 && bytes[13] == 254 : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

bool IpAddress::is_broadcast() const {
  return is_v4() && v4_host_order() == 0xffffffff;
}

std::span<const std::uint8_t> IpAddress::wire() const {
  return is_v4() ? std::span(bytes).subspan(kV4Offset) : std::span(bytes);
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, wire().data(), buffer.data(), buffer.size());
  return buffer.data();
}

std::optional<InterfaceAddress> InterfaceAddress::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = parse_number(text.substr(slash + 1), address->is_v4() ? 32 : 128);
  if (!length) return std::nullopt;
  return InterfaceAddress{*address, static_cast<std::uint8_t>(*length)};
}

bool InterfaceAddress::on_link(const IpAddress& other) const {
  if (address.is_v4() != other.is_v4()) return false;
  const auto a = address.wire();
  const auto b = other.wire();
  const std::size_t whole = std::min<std::size_t>(prefix_length / 8, a.size());
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = prefix_length % 8u;
  if (rest == 0 || whole == a.size()) return true;
  return ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

std::string InterfaceAddress::to_string() const {
  return address.to_string() + "/" + std::to_string(prefix_length);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const auto port = parse_number(text.substr(colon + 1), 65535);
  if (!port || *port == 0) return std::nullopt;

  // The brackets of RFC 3986 tell an IPv6 address from its port; IPv4 has none.
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || address->is_v4() == bracketed) return std::nullopt;
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::string Endpoint::to_string() const {
  const std::string number = std::to_string(port);
  return address.is_v4() ? address.to_string() + ":" + number : "[" + address.to_string() + "]:" + number;
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  MacAddress mac;
  if (text.size() != mac.bytes.size() * 3 - 1) return std::nullopt;
  for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
    const auto high = hex_digit(text[3 * i]);
    const auto low = hex_digit(text[3 * i + 1]);
    const bool separated = i == mac.bytes.size() - 1 || text[3 * i + 2] == ':';
    if (!high || !low || !separated) return std::nullopt;
    mac.bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return mac;
}

std::string MacAddress::to_string() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

}  // namespace causeway::net
