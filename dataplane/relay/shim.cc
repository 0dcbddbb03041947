#include "dataplane/relay/shim.h"

#include <cstring>

#include "dataplane/net/bytes.h"
#include "dataplane/rtcp.h"

namespace causeway::relay {
namespace {

using net::load_be16;
using net::load_be32;
using net::store_be16;
using net::store_be32;

constexpr std::uint32_t kFixedHeader = 12;
constexpr std::uint8_t kExtensionBit = 0x10;
constexpr std::uint16_t kProfile = 0x4357;  // "CW": no profile of RFC 8285
constexpr std::uint16_t kShimWords = (kShimBytes - 4) / 4;
constexpr std::uint8_t kHasExtension = 1;  // flag: the publisher's own extension follows

constexpr std::uint8_t kKeepaliveSubtype = 1;
constexpr std::uint32_t kKeepaliveName = 0x43574b41;  // "CWKA"

std::uint32_t end_of_csrcs(const std::uint8_t* rtp) {
  return kFixedHeader + 4 * (rtp[0] & 0x0fU);
}

std::uint64_t load_be64(const std::uint8_t* p) {
  return std::uint64_t{load_be32(p)} << 32 | load_be32(p + 4);
}

void store_label(const Label& label, std::uint8_t* p) {
  store_be32(p, static_cast<std::uint32_t>(label.stamp >> 32));
  store_be32(p + 4, static_cast<std::uint32_t>(label.stamp));
  p[8] = label.origin;
  p[9] = label.depth;
}

Label load_label(const std::uint8_t* p) {
  return {.stamp = load_be64(p), .origin = p[8], .depth = p[9]};
}

}  // namespace

// Of the publisher's extension, profile and length stand behind the shim, as if they were its data.
std::uint32_t insert_shim(const Shim& shim, std::uint32_t length, std::uint8_t* rtp) {
  const std::uint32_t at = end_of_csrcs(rtp);
  const bool has_extension = (rtp[0] & kExtensionBit) != 0;
  std::uint8_t* p = rtp + at;
  if (has_extension) std::memmove(p + kShimBytes, p, length - at);
  rtp[0] |= kExtensionBit;
  store_be16(p, kProfile);
  store_be16(p + 2, static_cast<std::uint16_t>(kShimWords + (length - at) / 4));
  store_label(shim.label, p + 4);
  p[14] = has_extension ? kHasExtension : 0;
  p[15] = shim.epoch;
  store_be32(p + 16, shim.rollover);
  return length + kShimBytes;
}

std::optional<Shim> read_shim(std::span<const std::uint8_t> rtp) {
  if (rtp.size() < kFixedHeader || (rtp[0] & kExtensionBit) == 0) return std::nullopt;
  const std::uint32_t at = end_of_csrcs(rtp.data());
  if (rtp.size() < at + kShimBytes) return std::nullopt;
  const std::uint8_t* p = rtp.data() + at;
  if (load_be16(p) != kProfile) return std::nullopt;
  // What follows the shim is an extension of its own, whole, or nothing.
  const std::uint32_t words = load_be16(p + 2);
  const bool has_extension = (p[14] & kHasExtension) != 0;
  if (words < kShimWords) return std::nullopt;
  const std::uint32_t rest = words - kShimWords;
  if (has_extension) {
    if (rest == 0 || rtp.size() < at + kShimBytes + 4) return std::nullopt;
    if (rest != 1U + load_be16(p + kShimBytes + 2)) return std::nullopt;
  } else if (rest != 0) {
    return std::nullopt;
  }
  return Shim{.label = load_label(p + 4), .rollover = load_be32(p + 16), .epoch = p[15]};
}

void strip_shim(Packet& packet) {
  std::uint8_t* rtp = packet.payload;
  const std::uint32_t at = end_of_csrcs(rtp);
  const bool has_extension = (rtp[at + 14] & kHasExtension) != 0;
  if (!has_extension) rtp[0] &= static_cast<std::uint8_t>(~kExtensionBit);
  std::memmove(rtp + kShimBytes, rtp, at);
  packet.payload += kShimBytes;
  packet.payload_length -= kShimBytes;
  packet.rtp.length = static_cast<std::uint16_t>(packet.rtp.length - kShimBytes);
}

void write_keepalive(const Label& label, std::uint32_t ssrc, std::span<std::uint8_t, kKeepaliveBytes> out) {
  out[0] = 0x80 | kKeepaliveSubtype;
  out[1] = rtcp::kApp;
  store_be16(&out[2], kKeepaliveBytes / 4 - 1);
  store_be32(&out[4], ssrc);
  store_be32(&out[8], kKeepaliveName);
  store_label(label, &out[12]);
  store_be16(&out[22], 0);
}

std::optional<Label> read_keepalive(std::span<const std::uint8_t> compound) {
  if (compound.size() != kKeepaliveBytes || compound[1] != rtcp::kApp ||
      (compound[0] & 0x1f) != kKeepaliveSubtype || load_be32(&compound[8]) != kKeepaliveName) {
    return std::nullopt;
  }
  return load_label(&compound[12]);
}

}  // namespace causeway::relay
