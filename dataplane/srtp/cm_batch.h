// Packets of the AES-CM suites gathered for IPsec-MB's multi-buffer ciphers, which work on many at once.
// Nothing here allocates: the jobs are filled in place and handed over by the synchronous burst calls. (Not
// by IMB_SUBMIT_BURST: IPsec-MB 1.3 miscounts its queue once its ring of jobs has wrapped.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <intel-ipsec-mb.h>

#include "dataplane/srtp/ipsec_mb_keys.h"
#include "dataplane/srtp/managers.h"

namespace causeway::srtp {

class CmBatch {
 public:
  static constexpr std::size_t kCapacity = 64;  // packets
  static_assert(kCapacity <= IMB_MAX_BURST_SIZE);

  // HMAC-SHA1-96: IPsec-MB's shortest output of HMAC-SHA1, of which SRTP keeps 10 or 4 bytes.
  static constexpr std::size_t kTagLength = 12;

  CmBatch();

  void clear();

  // `length` bytes of `from` are to be enciphered (or deciphered: it is the same) to `to`, which may be the
  // same place.
  void add_cipher(const CmKey& key, std::size_t key_length, std::uint32_t ssrc, std::uint64_t index,
                  const std::uint8_t* from, std::uint8_t* to, std::uint32_t length);
  // `length` bytes are to be hashed, and kTagLength bytes written to `tag` when that is done: it may overlap
  // the message.
  void add_hash(const CmKey& key, const std::uint8_t* message, std::uint32_t length, std::uint8_t* tag);
  std::size_t hash_count() const { return hash_count_; }

  bool run_ciphers(Managers& managers);  // false: the library refused, and nothing of the batch may be used
  bool run_hashes(Managers& managers);

 private:
  struct Ciphers {
    std::array<IMB_JOB, kCapacity> jobs;
    alignas(16) std::array<std::array<std::uint8_t, 16>, kCapacity> ivs;
    std::size_t count = 0;
  };

  static bool run(IMB_MGR& manager, Ciphers& ciphers, IMB_KEY_SIZE_BYTES key_length);

  Ciphers aes128_;
  Ciphers aes256_;
  std::array<IMB_JOB, kCapacity> hashes_;
  std::size_t hash_count_ = 0;
};

inline void CmBatch::clear() {
  aes128_.count = 0;
  aes256_.count = 0;
  hash_count_ = 0;
}

inline void CmBatch::add_cipher(const CmKey& key, std::size_t key_length, std::uint32_t ssrc,
                                std::uint64_t index, const std::uint8_t* from, std::uint8_t* to,
                                std::uint32_t length) {
  if (length == 0) return;  // the library takes an empty message for an error
  Ciphers& ciphers = key_length == 16 ? aes128_ : aes256_;
  cm_iv(key.salt, ssrc, index, ciphers.ivs[ciphers.count].data());
  IMB_JOB& job = ciphers.jobs[ciphers.count++];
  job.enc_keys = key.schedule.data();
  job.dec_keys = key.schedule.data();
  job.src = from;
  job.dst = to;
  job.msg_len_to_cipher_in_bytes = length;
}

inline void CmBatch::add_hash(const CmKey& key, const std::uint8_t* message, std::uint32_t length,
                              std::uint8_t* tag) {
  IMB_JOB& job = hashes_[hash_count_++];
  job.src = message;
  job.msg_len_to_hash_in_bytes = length;
  job.auth_tag_output = tag;
  job.u.HMAC._hashed_auth_key_xor_ipad = key.inner.data();
  job.u.HMAC._hashed_auth_key_xor_opad = key.outer.data();
}

}  // namespace causeway::srtp
