// The SRTP crypto suites by their SDES names (RFC 4568 6.2, RFC 6188, RFC 7714), and their sizes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace causeway::srtp {

enum class Suite : std::uint8_t {
  none,  // plain RTP and RTCP
  aes_cm_128_hmac_sha1_80,
  aes_cm_128_hmac_sha1_32,
  aes_256_cm_hmac_sha1_80,
  aes_256_cm_hmac_sha1_32,
  aead_aes_128_gcm,
  aead_aes_256_gcm,
};

struct SuiteInfo {
  Suite suite;
  std::string_view name;       // as in SDES; "none" for none
  std::size_t key_length;      // bytes of the master key
  std::size_t salt_length;     // bytes of the master salt: 14 for CM (RFC 3711), 12 for GCM (RFC 7714)
  std::size_t rtp_tag_length;  // bytes that sealing adds to an RTP packet
  std::size_t
      rtcp_tag_length;  // bytes of the tag on RTCP: 10 for every CM suite (RFC 4568, 6.2.2), 16 for GCM
  bool aead;
};

// Bytes that sealing adds at most: a tag of 16 and, on RTCP, the 4-byte E flag and index.
inline constexpr std::size_t kMaxRtpOverhead = 16;
inline constexpr std::size_t kMaxRtcpOverhead = 20;
inline constexpr std::size_t kMaxMasterKey = 32;
inline constexpr std::size_t kMaxMasterSalt = 14;

inline constexpr std::array<SuiteInfo, 7> kSuites{{
    {Suite::none, "none", 0, 0, 0, 0, false},
    {Suite::aes_cm_128_hmac_sha1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 10, false},
    {Suite::aes_cm_128_hmac_sha1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 10, false},
    {Suite::aes_256_cm_hmac_sha1_80, "AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 10, false},
    {Suite::aes_256_cm_hmac_sha1_32, "AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 10, false},
    {Suite::aead_aes_128_gcm, "AEAD_AES_128_GCM", 16, 12, 16, 16, true},
    {Suite::aead_aes_256_gcm, "AEAD_AES_256_GCM", 32, 12, 16, 16, true},
}};

inline const SuiteInfo& info(Suite suite) {  // asked for each packet
  return kSuites[static_cast<std::size_t>(suite)];
}

// Bytes that sealing adds to an RTCP packet: the tag, and the E flag and index (RFC 3711, 3.4).
inline std::size_t rtcp_overhead(Suite suite) {
  return suite == Suite::none ? 0 : info(suite).rtcp_tag_length + 4;
}

std::span<const SuiteInfo> all_suites();  // in enum order, none first
std::optional<Suite> parse_suite(std::string_view name);

}  // namespace causeway::srtp
