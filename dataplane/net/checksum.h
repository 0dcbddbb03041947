// The Internet checksum (RFC 1071).
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/net/address.h"

namespace causeway::net {

// One's-complement sum of the bytes, folded to 16 bits, not inverted; `initial` is an earlier such sum. Data
// of odd length is padded with a zero byte, so only the last of several pieces may be odd.
std::uint16_t ones_sum(std::span<const std::uint8_t> data, std::uint32_t initial = 0);

// Sum of the pseudo header of UDP: RFC 768 for IPv4, RFC 8200 8.1 for IPv6 (both addresses of one family).
std::uint16_t udp_pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                    std::uint16_t udp_length);

// The checksum to write into a UDP header whose checksum field is zero: never 0 (RFC 768: sent as 0xffff).
std::uint16_t udp_checksum(const IpAddress& source, const IpAddress& destination,
                           std::span<const std::uint8_t> udp);

// The checksum to write into an IPv4 header whose checksum field is zero.
std::uint16_t ipv4_header_checksum(std::span<const std::uint8_t> header);

// The ways to sum up, which ones_sum() chooses from by what the machine has: the words in the machine's byte
// order, not folded. The vectors' functions must not be called without their instructions.
namespace detail {
std::uint64_t sum_scalar(std::span<const std::uint8_t> data);
std::uint64_t sum_avx2(std::span<const std::uint8_t> data);  // AVX2
}  // namespace detail

}  // namespace causeway::net
