// SipHash-2-4 of 16 bytes: a keyed hash, so that a stranger who does not know the key cannot choose
// collisions (Aumasson, Bernstein: SipHash, a fast short-input PRF, 2012).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace causeway::guard {

using HashKey = std::array<std::uint64_t, 2>;

inline std::uint64_t siphash(const HashKey& key, const std::array<std::uint8_t, 16>& message) {
  std::uint64_t v0 = key[0] ^ 0x736f6d6570736575;
  std::uint64_t v1 = key[1] ^ 0x646f72616e646f6d;
  std::uint64_t v2 = key[0] ^ 0x6c7967656e657261;
  std::uint64_t v3 = key[1] ^ 0x7465646279746573;
  const auto round = [&] {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  };
  const auto absorb = [&](std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  std::array<std::uint64_t, 2> words;
  std::memcpy(words.data(), message.data(), message.size());  // little-endian machines only (net/bytes.h)
  absorb(words[0]);
  absorb(words[1]);
  absorb(std::uint64_t{message.size()} << 56);
  v2 ^= 0xff;
  for (int i = 0; i < 4; ++i)
    round();
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace causeway::guard
