// Key derivation (RFC 3711 4.3, RFC 6188 for 256 bits, RFC 7714 11 for GCM): session keys from a master key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/srtp/suite.h"

namespace causeway::srtp {

inline constexpr std::size_t kAuthKeyLength = 20;  // HMAC-SHA1's n_a (RFC 3711, 5.2)

enum class KeyLabel : std::uint8_t {  // RFC 3711, 4.3.1 and 4.3.2
  rtp_encryption = 0,
  rtp_authentication = 1,
  rtp_salt = 2,
  rtcp_encryption = 3,
  rtcp_authentication = 4,
  rtcp_salt = 5,
};

// Fills `derived` (any length) with PRF_n(master_key, x) at key derivation rate 0: AES in counter mode under
// the master key of 16 or 32 bytes. A master salt of 12 bytes (GCM) is padded with zeros behind it. Throws
// std::invalid_argument for other lengths, std::runtime_error if the cipher fails.
void derive_key(std::span<const std::uint8_t> master_key, std::span<const std::uint8_t> master_salt,
                KeyLabel label, std::span<std::uint8_t> derived);

// The secrets of SRTP or of SRTCP. How many bytes count is the suite's matter; the rest are zero.
struct SessionSecrets {
  std::array<std::uint8_t, kMaxMasterKey> encryption_key{};
  std::array<std::uint8_t, kAuthKeyLength> authentication_key{};
  std::array<std::uint8_t, kMaxMasterSalt> salt{};

  SessionSecrets() = default;
  SessionSecrets(const SessionSecrets&) = delete;
  SessionSecrets& operator=(const SessionSecrets&) = delete;
  ~SessionSecrets();  // wipes
};

// Of a key and its salt: a part of their SHA-256. Throws std::runtime_error if there is none.
std::uint64_t fingerprint_of(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt);

// Both from one master key; throws std::invalid_argument unless its lengths are info(suite)'s. The suite is
// not none.
void derive_secrets(Suite suite, std::span<const std::uint8_t> master_key,
                    std::span<const std::uint8_t> master_salt, SessionSecrets& rtp, SessionSecrets& rtcp);

}  // namespace causeway::srtp
