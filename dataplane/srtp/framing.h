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
#include <optional>
#include <span>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/suite.h"

namespace causeway::srtp {

inline constexpr std::uint32_t kRtpHeaderMin = 12;  // RFC 3550, 5.1
inline constexpr std::uint32_t kRtcpHeader = 8;     // what SRTCP leaves clear (RFC 3711, 3.4)
inline constexpr std::uint32_t kWordLength = 4;     // rollover counter, or E flag and SRTCP index
inline constexpr std::uint32_t kEncryptedFlag = 1u << 31;
inline constexpr std::uint32_t kRtcpIndexMask = kEncryptedFlag - 1;
// The longest UDP payload over IPv4. Also keeps the AES-CM block counter within its 16 bits (RFC 3711,
// 4.1.1) and a hashed message within the 65534 bytes that multi-buffer hashes count to.
inline constexpr std::uint32_t kMaxPacketLength = 65507;

// AES-CM counter block: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 (RFC 3711, 4.1.1). The index has 48
// bits, or SRTCP's 31. `salt` has 14 bytes.
inline void cm_iv(const std::uint8_t* salt, std::uint32_t ssrc, std::uint64_t index, std::uint8_t* iv) {
  std::memcpy(iv, salt, 14);
  iv[14] = 0;
  iv[15] = 0;
  net::store_be32(iv + 4, net::load_be32(iv + 4) ^ ssrc);
  net::store_be64(iv + 8, net::load_be64(iv + 8) ^ index << 16);
}

// GCM IV: (0 0 | SSRC | ROC | SEQ) XOR salt (RFC 7714, 8.1). SRTCP's (0 0 | SSRC | 0 0 | index) is the same
// with a 31-bit index (RFC 7714, 9.1). `salt` has 12 bytes.
inline void gcm_iv(const std::uint8_t* salt, std::uint32_t ssrc, std::uint64_t index, std::uint8_t* iv) {
  std::memcpy(iv, salt, 12);
  net::store_be32(iv + 2, net::load_be32(iv + 2) ^ ssrc);
  net::store_be16(iv + 6, static_cast<std::uint16_t>(net::load_be16(iv + 6) ^ index >> 32));
  net::store_be32(iv + 8, net::load_be32(iv + 8) ^ static_cast<std::uint32_t>(index));
}

// The additional data of an encrypted SRTCP packet: its clear header and the trailer word (RFC 7714, 9.2).
inline std::array<std::uint8_t, kRtcpHeader + kWordLength> gcm_rtcp_aad(const std::uint8_t* packet,
                                                                        std::uint32_t word) {
  std::array<std::uint8_t, kRtcpHeader + kWordLength> aad;
  std::memcpy(aad.data(), packet, kRtcpHeader);
  net::store_be32(aad.data() + kRtcpHeader, word);
  return aad;
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
std::optional<Layout> rtp_layout(std::uint32_t tag_length, std::uint32_t header_length, std::uint32_t length);
std::optional<Layout> rtcp_layout(std::uint32_t tag_length, bool aead, std::uint32_t length);

}  // namespace causeway::srtp
