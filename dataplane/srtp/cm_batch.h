// Packets of the AES-CM suites gathered for IPsec-MB's multi-buffer ciphers, which work on many at once.
// Nothing here allocates: the jobs are filled in place and handed over by the synchronous burst calls. (Not
// by IMB_SUBMIT_BURST: IPsec-MB 1.3 miscounts its queue once its ring of jobs has wrapped.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <intel-ipsec-mb.h>

#include "dataplane/srtp/ipsec_mb_keys.h"

namespace causeway::srtp {

class CmBatch {
 public:
  static constexpr std::size_t kCapacity = 64;  // packets
  static_assert(kCapacity <= IMB_MAX_BURST_SIZE);

  CmBatch();

  void clear();

  // `length` bytes of `from` are to be enciphered (or deciphered: it is the same) to `to`, which may be the
  // same place.
  void add_cipher(const CmKey& key, std::size_t key_length, std::uint32_t ssrc, std::uint64_t index,
                  const std::uint8_t* from, std::uint8_t* to, std::uint32_t length);
  // `length` bytes are to be hashed; the tag is tag(n) of the n-th call.
  void add_hash(const CmKey& key, const std::uint8_t* message, std::uint32_t length);

  bool run_ciphers(IMB_MGR& manager);  // false: the library refused, and nothing of the batch may be used
  bool run_hashes(IMB_MGR& manager);
  const std::uint8_t* tag(std::size_t n) const { return tags_[n].data(); }

 private:
  // HMAC-SHA1-96: IPsec-MB's shortest output of HMAC-SHA1, of which SRTP keeps 10 or 4 bytes.
  static constexpr std::size_t kHashLength = 12;

  struct Ciphers {
    std::array<IMB_JOB, kCapacity> jobs;
    alignas(16) std::array<std::array<std::uint8_t, 16>, kCapacity> ivs;
    std::size_t count = 0;
  };

  static bool run(IMB_MGR& manager, Ciphers& ciphers, IMB_KEY_SIZE_BYTES key_length);

  Ciphers aes128_;
  Ciphers aes256_;
  std::array<IMB_JOB, kCapacity> hashes_;
  std::array<std::array<std::uint8_t, kHashLength>, kCapacity> tags_;
  std::size_t hash_count_ = 0;
};

}  // namespace causeway::srtp
