// What the SRTP tests share: hex, seeded randomness, random packets, one packet through an engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <random>
#include <string_view>
#include <vector>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/engine.h"

namespace causeway::srtp {

using Bytes = std::vector<std::uint8_t>;

inline Bytes hex(std::initializer_list<std::string_view> parts) {
  Bytes bytes;
  int high = -1;
  for (const std::string_view part : parts) {
    for (const char c : part) {
      if (c == ' ') continue;
      const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      if (high < 0) {
        high = digit;
      } else {
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
        high = -1;
      }
    }
  }
  return bytes;
}

// CAUSEWAY_SEED replays one seed.
inline std::vector<std::uint64_t> seeds() {
  if (const char* replay = std::getenv("CAUSEWAY_SEED")) return {std::strtoull(replay, nullptr, 10)};
  return {1, 2, 3};
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // Both bounds included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(engine_);
  }
  bool percent(unsigned chance) { return between(1, 100) <= chance; }
  Bytes bytes(std::size_t count) {
    Bytes result(count);
    for (std::uint8_t& byte : result)
      byte = static_cast<std::uint8_t>(engine_());
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

struct PlainPacket {
  Bytes bytes;
  std::uint32_t header_length = 0;
};

// With CSRCs and a header extension now and then (RFC 3550, 5.1 and 5.3.1).
inline PlainPacket random_rtp(Random& random, std::uint32_t ssrc, std::uint16_t sequence) {
  const std::size_t csrcs = random.percent(30) ? random.between(0, 15) : 0;
  const bool extended = random.percent(40);
  const std::size_t extension_words = extended ? random.between(0, 9) : 0;
  const std::size_t header_length = 12 + 4 * csrcs + (extended ? 4 + 4 * extension_words : 0);
  const std::size_t payload_length = random.percent(10) ? random.between(0, 17) : random.between(0, 1400);
  PlainPacket packet{random.bytes(header_length + payload_length), static_cast<std::uint32_t>(header_length)};
  packet.bytes[0] = static_cast<std::uint8_t>(0x80 | (extended ? 0x10 : 0) | csrcs);
  net::store_be16(&packet.bytes[2], sequence);
  net::store_be32(&packet.bytes[8], ssrc);
  if (extended)
    net::store_be16(&packet.bytes[12 + 4 * csrcs + 2], static_cast<std::uint16_t>(extension_words));
  return packet;
}

inline PlainPacket random_rtcp(Random& random, std::uint32_t ssrc) {
  const std::size_t body_words = random.percent(10) ? 0 : random.between(0, 300);
  PlainPacket packet{random.bytes(8 + 4 * body_words), 8};
  packet.bytes[0] = 0x80;
  packet.bytes[1] = 200;
  net::store_be16(&packet.bytes[2], static_cast<std::uint16_t>(1 + body_words));
  net::store_be32(&packet.bytes[4], ssrc);
  return packet;
}

inline Bytes sealed(Engine& engine, const SessionKeys& keys, bool rtcp, const PlainPacket& plain,
                    std::uint64_t index) {
  Bytes packet(plain.bytes.begin(), plain.bytes.begin() + plain.header_length);
  packet.resize(plain.bytes.size() + kMaxRtcpOverhead);
  SealJob job{.keys = &keys,
              .payload = plain.bytes.data() + plain.header_length,
              .payload_length = static_cast<std::uint32_t>(plain.bytes.size()) - plain.header_length,
              .packet = packet.data(),
              .header_length = plain.header_length,
              .index = index};
  rtcp ? engine.seal_rtcp({&job, 1}) : engine.seal_rtp({&job, 1});
  packet.resize(job.length);
  return packet;
}

// The plain packet, which has a header at least; empty if it did not open.
inline Bytes opened(Engine& engine, const SessionKeys& keys, bool rtcp, Bytes packet,
                    std::uint32_t header_length, std::uint64_t index) {
  OpenJob job{.keys = &keys,
              .packet = packet.data(),
              .length = static_cast<std::uint32_t>(packet.size()),
              .header_length = header_length,
              .index = index};
  rtcp ? engine.open_rtcp({&job, 1}) : engine.open_rtp({&job, 1});
  if (!job.authentic) return {};
  packet.resize(job.length);
  return packet;
}

}  // namespace causeway::srtp
