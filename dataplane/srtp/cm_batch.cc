#include "dataplane/srtp/cm_batch.h"

#include <cstring>

namespace causeway::srtp {

// What never changes from job to job is written here, once.
CmBatch::CmBatch() {
  for (Ciphers* ciphers : {&aes128_, &aes256_}) {
    ciphers->ivs = {};
    for (std::size_t i = 0; i < kCapacity; ++i) {
      IMB_JOB& job = ciphers->jobs[i];
      std::memset(&job, 0, sizeof job);
      job.cipher_mode = IMB_CIPHER_CNTR;
      job.cipher_direction = IMB_DIR_ENCRYPT;
      job.hash_alg = IMB_AUTH_NULL;
      job.chain_order = IMB_ORDER_CIPHER_HASH;
      job.key_len_in_bytes = ciphers == &aes128_ ? IMB_KEY_128_BYTES : IMB_KEY_256_BYTES;
      job.iv = ciphers->ivs[i].data();
      job.iv_len_in_bytes = 16;
    }
  }
  for (IMB_JOB& job : hashes_) {
    std::memset(&job, 0, sizeof job);
    job.cipher_mode = IMB_CIPHER_NULL;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.hash_alg = IMB_AUTH_HMAC_SHA_1;
    job.chain_order = IMB_ORDER_HASH_CIPHER;
    job.auth_tag_output_len_in_bytes = kTagLength;
  }
}

bool CmBatch::run(IMB_MGR& manager, Ciphers& ciphers, IMB_KEY_SIZE_BYTES key_length) {
  if (ciphers.count == 0) return true;
  const auto count = static_cast<std::uint32_t>(ciphers.count);
  return IMB_SUBMIT_CIPHER_BURST(&manager, ciphers.jobs.data(), count, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                 key_length) == count;
}

bool CmBatch::run_ciphers(Managers& managers) {
  const bool short_keys_done = run(managers.widest(), aes128_, IMB_KEY_128_BYTES);
  return run(managers.widest(), aes256_, IMB_KEY_256_BYTES) && short_keys_done;
}

bool CmBatch::run_hashes(Managers& managers) {
  return managers.hash(std::span(hashes_).first(hash_count_));
}

}  // namespace causeway::srtp
