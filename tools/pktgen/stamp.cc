#include "tools/pktgen/stamp.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "dataplane/net/bytes.h"

namespace causeway::pktgen {

namespace {

constexpr std::uint32_t kMagic = 0x43575047;  // CWPG
constexpr std::size_t kFillerPeriod = 1021;   // a prime: what is cut or moved by a power of two shows

// Any bytes will do that do not repeat at a power of two.
constexpr auto kFiller = [] {
  std::array<std::uint8_t, 2 * kFillerPeriod> bytes{};
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < kFillerPeriod; ++i) {
    state = state * 1664525 + 1013904223;
    bytes[i] = bytes[i + kFillerPeriod] = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}();

std::size_t filler_begin(const Stamp& stamp) {
  return (stamp.number * 31 + stamp.stream * 7) % kFillerPeriod;
}

// Of the stamp in front of its last word: on a plain leg nothing else guards it. 31 bits.
std::uint32_t check_word(const std::uint8_t* at) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < kStampLength - 4; i += 4) {
    hash = (hash ^ net::load_be32(at + i)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return static_cast<std::uint32_t>(hash >> 33);
}

// Calls visit(filler bytes, where they stand) for the payload behind the stamp.
template <class Visit>
bool for_filler(const Stamp& stamp, std::size_t length, Visit&& visit) {
  std::size_t from = filler_begin(stamp);
  for (std::size_t at = kStampLength; at < length;) {
    const std::size_t part = std::min(length - at, kFillerPeriod);
    if (!visit(kFiller.data() + from, at, part)) return false;
    at += part;
    from = (from + part) % kFillerPeriod;
  }
  return true;
}

}  // namespace

void write_stamp(const Stamp& stamp, std::span<std::uint8_t> payload) {
  std::uint8_t* at = payload.data();
  net::store_be32(at, kMagic);
  net::store_be32(at + 4, stamp.phase);
  net::store_be32(at + 8, stamp.stream);
  net::store_be32(at + 12, stamp.timestamp);
  net::store_be64(at + 16, stamp.number);
  net::store_be64(at + 24, stamp.tsc);
  net::store_be32(at + 32, static_cast<std::uint32_t>(payload.size()));
  net::store_be32(at + 36, check_word(at) << 1 | (stamp.marker ? 1 : 0));
  for_filler(stamp, payload.size(), [&](const std::uint8_t* filler, std::size_t where, std::size_t part) {
    std::memcpy(at + where, filler, part);
    return true;
  });
}

std::optional<Stamp> read_stamp(std::span<const std::uint8_t> payload) {
  if (payload.size() < kStampLength) return std::nullopt;
  const std::uint8_t* at = payload.data();
  if (net::load_be32(at) != kMagic || net::load_be32(at + 32) != payload.size()) return std::nullopt;
  const std::uint32_t last = net::load_be32(at + 36);
  if (last >> 1 != check_word(at)) return std::nullopt;
  const Stamp stamp{.phase = net::load_be32(at + 4),
                    .stream = net::load_be32(at + 8),
                    .number = net::load_be64(at + 16),
                    .tsc = net::load_be64(at + 24),
                    .timestamp = net::load_be32(at + 12),
                    .marker = (last & 1) != 0};
  const bool same =
      for_filler(stamp, payload.size(), [&](const std::uint8_t* filler, std::size_t where, std::size_t part) {
        return std::memcmp(at + where, filler, part) == 0;
      });
  return same ? std::optional(stamp) : std::nullopt;
}

}  // namespace causeway::pktgen
