#include "tests/bench/libsrtp_engine.h"

#include <array>
#include <cstring>
#include <dlfcn.h>
#include <stdexcept>

#include <srtp2/srtp.h>

namespace causeway::bench {

namespace {

using srtp::OpenJob;
using srtp::SealJob;
using srtp::Suite;

// Both directions: whoever made the keys uses one of them.
class Keys final : public srtp::SessionKeys {
 public:
  Keys(Suite suite, std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt)
      : SessionKeys(suite) {
    std::array<std::uint8_t, srtp::kMaxMasterKey + srtp::kMaxMasterSalt> both{};
    std::memcpy(both.data(), key.data(), key.size());
    std::memcpy(both.data() + key.size(), salt.data(), salt.size());
    srtp_policy_t policy{};
    if (suite == Suite::aead_aes_128_gcm) {
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else if (suite == Suite::aes_cm_128_hmac_sha1_80) {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    } else {
      throw std::runtime_error("libsrtp is not compared in this suite");
    }
    policy.key = both.data();
    policy.window_size = 1024;
    policy.ssrc.type = ssrc_any_outbound;
    if (srtp_create(&seals, &policy) != srtp_err_status_ok) throw std::runtime_error("srtp_create");
    policy.ssrc.type = ssrc_any_inbound;
    if (srtp_create(&opens, &policy) != srtp_err_status_ok) throw std::runtime_error("srtp_create");
  }
  ~Keys() override {
    srtp_dealloc(seals);
    srtp_dealloc(opens);
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  srtp_t seals = nullptr;
  srtp_t opens = nullptr;
};

class LibsrtpEngine final : public srtp::Engine {
 public:
  LibsrtpEngine() {
    static const srtp_err_status_t initialized = srtp_init();
    if (initialized != srtp_err_status_ok) throw std::runtime_error("srtp_init");
  }
  std::unique_ptr<srtp::SessionKeys> expand(Suite suite, std::span<const std::uint8_t> key,
                                            std::span<const std::uint8_t> salt) const override {
    return std::make_unique<Keys>(suite, key, salt);
  }
  void open_rtp(std::span<OpenJob> jobs) override { open(srtp_unprotect, jobs); }
  void open_rtcp(std::span<OpenJob> jobs) override { open(srtp_unprotect_rtcp, jobs); }
  void seal_rtp(std::span<SealJob> jobs) override { seal(srtp_protect, jobs); }
  void seal_rtcp(std::span<SealJob> jobs) override { seal(srtp_protect_rtcp, jobs); }

 private:
  using Function = srtp_err_status_t (*)(srtp_t, void*, int*);

  static void open(Function function, std::span<OpenJob> jobs) {
    for (OpenJob& job : jobs) {
      int length = static_cast<int>(job.length);
      const auto& keys = static_cast<const Keys&>(*job.keys);
      job.authentic = function(keys.opens, job.packet, &length) == srtp_err_status_ok;
      if (job.authentic) job.length = static_cast<std::uint32_t>(length);
    }
  }
  static void seal(Function function, std::span<SealJob> jobs) {
    for (SealJob& job : jobs) {
      std::memcpy(job.packet + job.header_length, job.payload, job.payload_length);
      int length = static_cast<int>(job.header_length + job.payload_length);
      const auto& keys = static_cast<const Keys&>(*job.keys);
      const bool sealed = function(keys.seals, job.packet, &length) == srtp_err_status_ok;
      job.length = sealed ? static_cast<std::uint32_t>(length) : 0;
    }
  }
};

}  // namespace

std::unique_ptr<srtp::Engine> make_libsrtp_engine() {
  return std::make_unique<LibsrtpEngine>();
}

std::string libsrtp_description() {
  Dl_info where{};
  std::string text = srtp_get_version_string();
  if (dladdr(reinterpret_cast<const void*>(&srtp_protect), &where) != 0) {
    text += std::string(" from ") + where.dli_fname;
  }
  return text + (dlsym(RTLD_DEFAULT, "NSS_NoDB_Init") == nullptr ? "" : ", on NSS");
}

}  // namespace causeway::bench
