// What SRTP and SRTCP put around a payload (RFC 3711, RFC 7714), without any cipher: IVs, additional data,
// and where body, trailer word and tag lie. Both packet kinds of a suite come down to the same three pieces:
//
//            SRTP                                SRTCP
//   CM       header | body | tag                 header | body | word | tag
//            (the tag also covers the word,
//            the rollover counter, not sent)     word = E flag and index
//   GCM      header | body | tag                 header | body | tag | word
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <emmintrin.h>
#include <optional>
#include <span>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/suite.h"

namespace causeway::srtp {

inline constexpr std::uint32_t kRtpHeaderMin = 12;  // RFC 3550, 5.1
inline constexpr std::uint32_t kRtcpHeader = 8;     // what SRTCP leaves clear (RFC 3711, 3.4)
inline constexpr std::uint32_t kWordLength = 4;     // rollover counter, or E flag and SRTCP index
inline constexpr std::uint32_t kEncryptedFlag = 1u << 31;
inline constexpr std::uint64_t kRtpIndexMask = (std::uint64_t{1} << 48) - 1;
inline constexpr std::uint32_t kRtcpIndexMask = kEncryptedFlag - 1;
// The longest UDP payload over IPv4. Also keeps the AES-CM block counter within its 16 bits (RFC 3711,
// 4.1.1) and a hashed message within the 65534 bytes that multi-buffer hashes count to.
inline constexpr std::uint32_t kMaxPacketLength = 65507;

// A session salt with zeros behind it, as the IVs take it.
using PaddedSalt = std::array<std::uint8_t, 16>;

// Both IVs are put together in a register and stored at once, so that the cipher's load need not wait for
// several stores to reach the cache. Either is 16 bytes.

// AES-CM counter block: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 (RFC 3711, 4.1.1). The index has 48
// bits, or SRTCP's 31. The salt has 14 bytes.
inline void cm_iv(const PaddedSalt& salt, std::uint32_t ssrc, std::uint64_t index, std::uint8_t* iv) {
  const __m128i blank = _mm_loadu_si128(reinterpret_cast<const __m128i*>(salt.data()));
  const std::uint64_t low = std::uint64_t{__builtin_bswap32(ssrc)} << 32;
  const __m128i block =
      _mm_set_epi64x(static_cast<long long>(__builtin_bswap64(index << 16)), static_cast<long long>(low));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(iv), _mm_xor_si128(blank, block));
}

// GCM IV: (0 0 | SSRC | ROC | SEQ) XOR salt (RFC 7714, 8.1). SRTCP's (0 0 | SSRC | 0 0 | index) is the same
// with a 31-bit index (RFC 7714, 9.1). The salt has 12 bytes, and so has the IV; the 4 behind it are zeros.
inline void gcm_iv(const PaddedSalt& salt, std::uint32_t ssrc, std::uint64_t index, std::uint8_t* iv) {
  const __m128i blank = _mm_loadu_si128(reinterpret_cast<const __m128i*>(salt.data()));
  const std::uint64_t low = __builtin_bswap64(std::uint64_t{ssrc} << 16 | index >> 32);
  const __m128i block =
      _mm_set_epi64x(__builtin_bswap32(static_cast<std::uint32_t>(index)), static_cast<long long>(low));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(iv), _mm_xor_si128(blank, block));
}

// The additional data of an encrypted SRTCP packet: its clear header and the trailer word (RFC 7714, 9.2).
inline std::array<std::uint8_t, kRtcpHeader + kWordLength> gcm_rtcp_aad(const std::uint8_t* packet,
                                                                        std::uint32_t word) {
  std::array<std::uint8_t, kRtcpHeader + kWordLength> aad;
  std::memcpy(aad.data(), packet, kRtcpHeader);
  net::store_be32(aad.data() + kRtcpHeader, word);
  return aad;
}

// What an RTP packet says of the length of its own header: with CSRCs and extension (RFC 3550, 5.1
// and 5.3.1). nullopt if it is longer than the packet.
inline std::optional<std::uint32_t> rtp_header_length(std::span<const std::uint8_t> packet) {
  if (packet.size() < kRtpHeaderMin) return std::nullopt;
  std::size_t length = kRtpHeaderMin + 4 * (packet[0] & 0x0fU);
  if ((packet[0] & 0x10U) != 0) {
    if (packet.size() < length + 4) return std::nullopt;
    length += 4 + 4U * net::load_be16(&packet[length + 2]);
  }
  if (packet.size() < length) return std::nullopt;
  return static_cast<std::uint32_t>(length);
}

// Where a sealed packet's pieces lie, in bytes from its start; the body reaches from header_length to
// body_end.
struct Layout {
  std::uint32_t header_length = 0;
  std::uint32_t body_end = 0;
  std::uint32_t tag = 0;
  std::uint32_t word = 0;  // SRTCP only
};

// Of a sealed packet of `length` bytes; nullopt if it is too short or too long for its suite. Not for none.
inline std::optional<Layout> rtp_layout(std::uint32_t tag_length, std::uint32_t header_length,
                                        std::uint32_t length) {
  if (header_length < kRtpHeaderMin || length > kMaxPacketLength || header_length > length ||
      length - header_length < tag_length) {
    return std::nullopt;
  }
  const std::uint32_t body_end = length - tag_length;
  return Layout{.header_length = header_length, .body_end = body_end, .tag = body_end, .word = 0};
}

inline std::optional<Layout> rtcp_layout(std::uint32_t tag_length, bool aead, std::uint32_t length) {
  const std::uint32_t trailer_length = tag_length + kWordLength;
  if (length > kMaxPacketLength || length < kRtcpHeader + trailer_length) return std::nullopt;
  const std::uint32_t body_end = length - trailer_length;
  if (aead) {
    return Layout{
        .header_length = kRtcpHeader, .body_end = body_end, .tag = body_end, .word = body_end + tag_length};
  }
  return Layout{
      .header_length = kRtcpHeader, .body_end = body_end, .tag = body_end + kWordLength, .word = body_end};
}

}  // namespace causeway::srtp
