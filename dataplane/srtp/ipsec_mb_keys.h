// Session keys as IPsec-MB's ciphers want them: key schedules, hash states and tables, aligned for vector
// loads.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <openssl/crypto.h>

#include <intel-ipsec-mb.h>

#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/framing.h"
#include "dataplane/srtp/kdf.h"

namespace causeway::srtp {

// The key of one cipher and, for CM, of HMAC-SHA1. Of SRTP or SRTCP in one direction.
struct CmKey {
  alignas(16) std::array<std::uint8_t, 16 * 15> schedule;  // AES round keys
  alignas(16) std::array<std::uint8_t, 20> inner;          // SHA-1 state after key XOR ipad
  alignas(16) std::array<std::uint8_t, 20> outer;          // and after key XOR opad
  PaddedSalt salt;
};

struct GcmKey {
  PaddedSalt salt;
  alignas(64) gcm_key_data data;
};

class CmKeys final : public SessionKeys {
 public:
  CmKeys(IMB_MGR& manager, Suite suite, const SessionSecrets& rtp, const SessionSecrets& rtcp);
  ~CmKeys() override;
  CmKeys(const CmKeys&) = delete;
  CmKeys& operator=(const CmKeys&) = delete;

  CmKey rtp;
  CmKey rtcp;
};

class GcmKeys final : public SessionKeys {
 public:
  GcmKeys(IMB_MGR& manager, Suite suite, const SessionSecrets& rtp, const SessionSecrets& rtcp);
  ~GcmKeys() override;
  GcmKeys(const GcmKeys&) = delete;
  GcmKeys& operator=(const GcmKeys&) = delete;

  GcmKey rtp;
  GcmKey rtcp;
};

// From the session keys themselves; not for none. Any thread may call it: of the manager it only reads the
// table of functions.
std::unique_ptr<SessionKeys> expand_secrets(IMB_MGR& manager, Suite suite, const SessionSecrets& rtp,
                                            const SessionSecrets& rtcp);

}  // namespace causeway::srtp
