// The SRTP engine over Intel IPsec-MB: AES-CM with HMAC-SHA1 by its multi-buffer bursts, AES-GCM by its
// direct calls (one packet at a time fills the vector units already).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include <intel-ipsec-mb.h>

#include "dataplane/srtp/cm_batch.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/framing.h"
#include "dataplane/srtp/gcm_batch.h"
#include "dataplane/srtp/kdf.h"
#include "dataplane/srtp/managers.h"

namespace causeway::srtp {

class IpsecMbEngine final : public Engine {
 public:
  explicit IpsecMbEngine(Isa isa, ShaExtensions sha = ShaExtensions::use);

  std::unique_ptr<SessionKeys> expand(Suite suite, std::span<const std::uint8_t> master_key,
                                      std::span<const std::uint8_t> master_salt) const override;
  // From session keys instead of a master key; the RFCs' packet vectors start from these.
  std::unique_ptr<SessionKeys> expand_session(Suite suite, const SessionSecrets& rtp,
                                              const SessionSecrets& rtcp) const;

  void open_rtp(std::span<OpenJob> jobs) override;
  void open_rtcp(std::span<OpenJob> jobs) override;
  void seal_rtp(std::span<SealJob> jobs) override;
  void seal_rtcp(std::span<SealJob> jobs) override;

 private:
  enum class Kind : std::uint8_t { rtp, rtcp };

  static constexpr std::size_t kChunk = CmBatch::kCapacity;  // packets worked on at once
  static_assert(kChunk <= GcmBatch::kCapacity);

  // A packet to open of either kind, brought to what the ciphers need.
  struct Frame {
    Layout at;
    std::uint32_t word;  // of SRTP: the rollover counter; of SRTCP: E flag and index
    std::uint32_t ssrc;
    std::uint64_t index;
    bool encrypted;
  };

  // Jobs whose ciphers have not run yet.
  struct OpenCm {
    OpenJob* job;
    const CmKey* key;
    Frame frame;
    std::array<std::uint8_t, 10> received;  // tags; the computed one is as long as the library's shortest
    std::array<std::uint8_t, CmBatch::kTagLength> computed;
  };
  struct OpenGcm {
    OpenJob* job;
    std::uint32_t plain_length;
    std::array<std::uint8_t, GcmBatch::kTagLength> received;  // tags
    std::array<std::uint8_t, GcmBatch::kTagLength> computed;
  };
  using RtcpAad = std::array<std::uint8_t, kRtcpHeader + kWordLength>;

  void open(Kind kind, std::span<OpenJob> jobs);
  void gather_open(Kind kind, OpenJob& job);
  void gather_open_gcm(Kind kind, OpenJob& job, const Frame& frame);
  void gather_open_cm(Kind kind, OpenJob& job, const Frame& frame);
  void finish_open_gcm();
  void finish_open_cm();

  template <Kind kind>
  void seal(std::span<SealJob> jobs);
  template <Kind kind>
  void gather_seal(SealJob& job);
  template <Kind kind>
  void gather_seal_gcm(const SealJob& job, std::uint32_t body_end);
  template <Kind kind>
  void gather_seal_cm(const SealJob& job, std::size_t key_length, std::uint32_t body_end);

  static std::optional<Frame> frame_of(Kind kind, const OpenJob& job, const SuiteInfo& suite);

  Managers managers_;
  CmBatch cm_;
  GcmBatch gcm_;
  std::array<OpenCm, kChunk> opening_cm_{};
  std::array<OpenGcm, kChunk> opening_gcm_{};
  std::array<RtcpAad, kChunk> rtcp_aads_{};  // by place in gcm_
};

}  // namespace causeway::srtp
