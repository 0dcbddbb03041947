// Packets of the AES-GCM suites gathered, then sealed or opened one by one by IPsec-MB's direct calls: one
// packet fills the vector units already. Gathered all the same, because a cipher that reads an IV which was
// written just before it waits for the store.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <intel-ipsec-mb.h>

#include "dataplane/srtp/ipsec_mb_keys.h"

namespace causeway::srtp {

class GcmBatch {
 public:
  static constexpr std::size_t kCapacity = 64;  // packets
  static constexpr std::size_t kTagLength = 16;

  struct Job {
    const GcmKey* key;
    std::uint8_t* to;  // may be the same place as `from`
    const std::uint8_t* from;
    const std::uint8_t* aad;
    std::uint8_t* tag;  // where the computed one goes, kTagLength bytes
    std::uint32_t length;
    std::uint32_t aad_length;
    bool long_key;  // AES-256
    alignas(16) std::array<std::uint8_t, 16> iv;
  };

  void clear() { count_ = 0; }
  std::size_t size() const { return count_; }
  // The caller fills all of it.
  Job& add() { return jobs_[count_++]; }

  void seal(IMB_MGR& manager);
  void open(IMB_MGR& manager);

 private:
  std::array<Job, kCapacity> jobs_{};
  std::size_t count_ = 0;
};

}  // namespace causeway::srtp
