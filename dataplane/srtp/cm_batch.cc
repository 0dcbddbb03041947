#include "dataplane/srtp/cm_batch.h"

#include <cstring>

#include "dataplane/srtp/framing.h"

namespace causeway::srtp {

// What never changes from job to job is written here, once.
CmBatch::CmBatch() : tags_{} {
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
  for (std::size_t i = 0; i < kCapacity; ++i) {
    IMB_JOB& job = hashes_[i];
    std::memset(&job, 0, sizeof job);
    job.cipher_mode = IMB_CIPHER_NULL;
    job.cipher_direction = IMB_DIR_ENCRYPT;
    job.hash_alg = IMB_AUTH_HMAC_SHA_1;
    job.chain_order = IMB_ORDER_HASH_CIPHER;
    job.auth_tag_output = tags_[i].data();
    job.auth_tag_output_len_in_bytes = kHashLength;
  }
}

void CmBatch::clear() {
  aes128_.count = 0;
  aes256_.count = 0;
  hash_count_ = 0;
}

void CmBatch::add_cipher(const CmKey& key, std::size_t key_length, std::uint32_t ssrc, std::uint64_t index,
                         const std::uint8_t* from, std::uint8_t* to, std::uint32_t length) {
  if (length == 0) return;  // the library takes an empty message for an error
  Ciphers& ciphers = key_length == 16 ? aes128_ : aes256_;
  cm_iv(key.salt.data(), ssrc, index, ciphers.ivs[ciphers.count].data());
  IMB_JOB& job = ciphers.jobs[ciphers.count++];
  job.enc_keys = key.schedule.data();
  job.dec_keys = key.schedule.data();
  job.src = from;
  job.dst = to;
  job.msg_len_to_cipher_in_bytes = length;
}

void CmBatch::add_hash(const CmKey& key, const std::uint8_t* message, std::uint32_t length) {
  IMB_JOB& job = hashes_[hash_count_++];
  job.src = message;
  job.msg_len_to_hash_in_bytes = length;
  job.u.HMAC._hashed_auth_key_xor_ipad = key.inner.data();
  job.u.HMAC._hashed_auth_key_xor_opad = key.outer.data();
}

bool CmBatch::run(IMB_MGR& manager, Ciphers& ciphers, IMB_KEY_SIZE_BYTES key_length) {
  if (ciphers.count == 0) return true;
  const auto count = static_cast<std::uint32_t>(ciphers.count);
  return IMB_SUBMIT_CIPHER_BURST(&manager, ciphers.jobs.data(), count, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                 key_length) == count;
}

bool CmBatch::run_ciphers(IMB_MGR& manager) {
  const bool short_keys_done = run(manager, aes128_, IMB_KEY_128_BYTES);
  return run(manager, aes256_, IMB_KEY_256_BYTES) && short_keys_done;
}

bool CmBatch::run_hashes(IMB_MGR& manager) {
  if (hash_count_ == 0) return true;
  const auto count = static_cast<std::uint32_t>(hash_count_);
  return IMB_SUBMIT_HASH_BURST(&manager, hashes_.data(), count, IMB_AUTH_HMAC_SHA_1) == count;
}

}  // namespace causeway::srtp
