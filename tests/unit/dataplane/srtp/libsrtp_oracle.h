// libsrtp as the oracle of the SRTP tests.
#pragma once

#include <cstring>
#include <stdexcept>
#include <utility>

#include <srtp2/srtp.h>

#include "dataplane/srtp/suite.h"
#include "support.h"

namespace causeway::srtp {

class Libsrtp {
 public:
  enum class Direction { seals, opens };
  enum class Rtcp { encrypted, authenticated_only };

  Libsrtp(Suite suite, const Bytes& key, const Bytes& salt, Direction direction,
          Rtcp rtcp = Rtcp::encrypted) {
    // Fails if somebody else in this process did it before; without it srtp_create fails.
    [[maybe_unused]] static const srtp_err_status_t initialized = srtp_init();
    Bytes key_and_salt = key;
    key_and_salt.insert(key_and_salt.end(), salt.begin(), salt.end());
    srtp_policy_t policy;
    std::memset(&policy, 0, sizeof policy);
    set_suite(suite, policy);
    if (rtcp == Rtcp::authenticated_only) policy.rtcp.sec_serv = sec_serv_auth;
    policy.ssrc.type = direction == Direction::seals ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key_and_salt.data();
    policy.window_size = 1024;
    if (srtp_create(&session_, &policy) != srtp_err_status_ok) throw std::runtime_error("srtp_create");
  }
  ~Libsrtp() { srtp_dealloc(session_); }
  Libsrtp(const Libsrtp&) = delete;
  Libsrtp& operator=(const Libsrtp&) = delete;

  Bytes seal_rtp(const Bytes& plain) { return must(run(srtp_protect, plain)); }
  Bytes seal_rtcp(const Bytes& plain) { return must(run(srtp_protect_rtcp, plain)); }
  std::pair<srtp_err_status_t, Bytes> open_rtp(const Bytes& sealed) { return run(srtp_unprotect, sealed); }
  std::pair<srtp_err_status_t, Bytes> open_rtcp(const Bytes& sealed) {
    return run(srtp_unprotect_rtcp, sealed);
  }

 private:
  using Function = srtp_err_status_t (*)(srtp_t, void*, int*);

  static void set_suite(Suite suite, srtp_policy_t& policy) {
    switch (suite) {
      case Suite::none:
        throw std::logic_error("libsrtp knows no such suite");
      case Suite::aes_cm_128_hmac_sha1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        break;
      case Suite::aes_cm_128_hmac_sha1_32:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        break;
      case Suite::aes_256_cm_hmac_sha1_80:
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtcp);
        break;
      case Suite::aes_256_cm_hmac_sha1_32:
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtcp);
        break;
      case Suite::aead_aes_128_gcm:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        break;
      case Suite::aead_aes_256_gcm:
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
        break;
    }
  }

  std::pair<srtp_err_status_t, Bytes> run(Function function, const Bytes& packet) {
    Bytes buffer = packet;
    buffer.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    int length = static_cast<int>(packet.size());
    const srtp_err_status_t status = function(session_, buffer.data(), &length);
    buffer.resize(static_cast<std::size_t>(length));
    return {status, buffer};
  }

  static Bytes must(std::pair<srtp_err_status_t, Bytes> result) {
    if (result.first != srtp_err_status_ok) throw std::runtime_error("libsrtp does not seal");
    return result.second;
  }

  srtp_t session_ = nullptr;
};

}  // namespace causeway::srtp
