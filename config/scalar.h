// Single values as texts: how each type is written, read exactly, and described.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/text.h"

namespace causeway::config {

// Decimal or 0x hexadecimal, all of the text, no sign, no space. nullopt also if it is above 64 bits.
std::optional<std::uint64_t> parse_integer(std::string_view text);
std::optional<bool> parse_bool(std::string_view text);
std::optional<PortRange> parse_port_range(std::string_view text);

// A type that is written as one word of its own form. `kExample` is what a message tells to give.
template <class T>
struct WordFormat;

template <>
struct WordFormat<net::IpAddress> {
  static constexpr std::string_view kWords = "IP address";
  static constexpr std::string_view kExample = "an address such as 192.0.2.1 or 2001:db8::1";
  static constexpr std::string_view kPattern = "^[0-9A-Fa-f:.]+$";
  static std::optional<net::IpAddress> parse(std::string_view text) { return net::IpAddress::parse(text); }
};

template <>
struct WordFormat<net::InterfaceAddress> {
  static constexpr std::string_view kWords = "address/prefix length";
  static constexpr std::string_view kExample =
      "an address with its prefix length, such as 192.0.2.1/24 or 2001:db8::1/64";
  static constexpr std::string_view kPattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$";
  static std::optional<net::InterfaceAddress> parse(std::string_view text) {
    return net::InterfaceAddress::parse(text);
  }
};

template <>
struct WordFormat<net::Endpoint> {
  static constexpr std::string_view kWords = "address:port";
  static constexpr std::string_view kExample =
      "an address and a port from 1 to 65535, such as 192.0.2.1:5004 or \"[2001:db8::1]:5004\" (in quotes)";
  static constexpr std::string_view kPattern = "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$";
  static std::optional<net::Endpoint> parse(std::string_view text) { return net::Endpoint::parse(text); }
};

template <>
struct WordFormat<net::MacAddress> {
  static constexpr std::string_view kWords = "MAC address";
  static constexpr std::string_view kExample = "a MAC address such as 02:00:00:00:00:01";
  static constexpr std::string_view kPattern = "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$";
  static std::optional<net::MacAddress> parse(std::string_view text) { return net::MacAddress::parse(text); }
};

template <>
struct WordFormat<PortRange> {
  static constexpr std::string_view kWords = "first-last";
  static constexpr std::string_view kExample =
      "two ports from 1 to 65535, the lower one first, such as 20000-29999";
  static constexpr std::string_view kPattern = "^[0-9]{1,5}-[0-9]{1,5}$";
  static std::optional<PortRange> parse(std::string_view text) { return parse_port_range(text); }
};

inline std::string to_word(const PortRange& range) {
  return std::to_string(range.first) + "-" + std::to_string(range.last);
}

// An enumeration by its words.
template <class E>
std::vector<std::pair<std::string_view, E>> names_of();
template <>
std::vector<std::pair<std::string_view, UdpChecksum>> names_of<UdpChecksum>();
template <>
std::vector<std::pair<std::string_view, Priority>> names_of<Priority>();
template <>
std::vector<std::pair<std::string_view, SrtpEngine>> names_of<SrtpEngine>();
template <>
std::vector<std::pair<std::string_view, srtp::Suite>> names_of<srtp::Suite>();
template <>
std::vector<std::pair<std::string_view, PatternFlags>> names_of<PatternFlags>();
template <>
std::vector<std::pair<std::string_view, Drop>> names_of<Drop>();  // what a signature may be counted as

}  // namespace causeway::config
