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
#include "dataplane/srtp/kdf.h"

namespace causeway::srtp {

class IpsecMbEngine final : public Engine {
 public:
  explicit IpsecMbEngine(Isa isa);

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

  struct FreeManager {
    void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
  };

  // One job of either kind brought to what the ciphers need.
  struct Frame {
    Layout at;
    std::uint32_t word;  // of SRTP: the rollover counter; of SRTCP: E flag and index
    std::uint32_t ssrc;
    std::uint64_t index;
    bool encrypted;
  };

  // CM jobs between their hashes and their ciphers.
  struct OpenPending {
    OpenJob* job;
    const CmKey* key;
    Frame frame;
    std::array<std::uint8_t, 10> tag;  // as received
  };
  struct SealPending {
    SealJob* job;
    std::uint32_t tag;  // where it goes
    std::size_t tag_length;
  };

  void open(Kind kind, std::span<OpenJob> jobs);
  void open_one(Kind kind, OpenJob& job);
  void open_gcm(Kind kind, OpenJob& job, const Frame& frame);
  void gather_open_cm(Kind kind, OpenJob& job, const Frame& frame);
  void finish_open_cm();

  void seal(Kind kind, std::span<SealJob> jobs);
  void seal_one(Kind kind, SealJob& job);
  void seal_gcm(Kind kind, const SealJob& job, const Frame& frame);
  void gather_seal_cm(Kind kind, SealJob& job, const Frame& frame);
  void finish_seal_cm();

  static std::optional<Frame> frame_of(Kind kind, const OpenJob& job, const SuiteInfo& suite);
  static std::optional<Frame> frame_of(Kind kind, const SealJob& job, const SuiteInfo& suite);

  std::unique_ptr<IMB_MGR, FreeManager> manager_;
  CmBatch batch_;
  std::array<OpenPending, CmBatch::kCapacity> opening_;
  std::array<SealPending, CmBatch::kCapacity> sealing_;
  std::size_t pending_ = 0;
};

}  // namespace causeway::srtp
