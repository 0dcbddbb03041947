#include "dataplane/srtp/ipsec_mb_keys.h"

#include <algorithm>

namespace causeway::srtp {

namespace {

struct Scratch {  // wiped when the expansion is done
  alignas(16) std::array<std::uint8_t, 16 * 15> decryption_schedule;
  std::array<std::uint8_t, IMB_SHA1_BLOCK_SIZE> block;

  ~Scratch() {
    OPENSSL_cleanse(decryption_schedule.data(), decryption_schedule.size());
    OPENSSL_cleanse(block.data(), block.size());
  }
};

// HMAC's first block of each hash depends on the key only (RFC 2104, 4): its state is computed once.
void hash_padded_key(IMB_MGR& manager, const SessionSecrets& secrets, std::uint8_t pad, Scratch& scratch,
                     std::uint8_t* state) {
  scratch.block.fill(pad);
  for (std::size_t i = 0; i < kAuthKeyLength; ++i)
    scratch.block[i] ^= secrets.authentication_key[i];
  IMB_SHA1_ONE_BLOCK(&manager, scratch.block.data(), state);
}

void expand_cm(IMB_MGR& manager, Suite suite, const SessionSecrets& secrets, CmKey& key) {
  Scratch scratch;
  const std::uint8_t* const encryption_key = secrets.encryption_key.data();
  if (info(suite).key_length == 16) {
    IMB_AES_KEYEXP_128(&manager, encryption_key, key.schedule.data(), scratch.decryption_schedule.data());
  } else {
    IMB_AES_KEYEXP_256(&manager, encryption_key, key.schedule.data(), scratch.decryption_schedule.data());
  }
  hash_padded_key(manager, secrets, 0x36, scratch, key.inner.data());
  hash_padded_key(manager, secrets, 0x5c, scratch, key.outer.data());
  std::copy(secrets.salt.begin(), secrets.salt.end(), key.salt.begin());
}

template <class Key>
std::span<const std::uint8_t> bytes_of(const Key& key) {
  return {reinterpret_cast<const std::uint8_t*>(&key), sizeof key};
}

void expand_gcm(IMB_MGR& manager, Suite suite, const SessionSecrets& secrets, GcmKey& key) {
  if (info(suite).key_length == 16) {
    IMB_AES128_GCM_PRE(&manager, secrets.encryption_key.data(), &key.data);
  } else {
    IMB_AES256_GCM_PRE(&manager, secrets.encryption_key.data(), &key.data);
  }
  std::copy(secrets.salt.begin(), secrets.salt.end(), key.salt.begin());
}

}  // namespace

CmKeys::CmKeys(IMB_MGR& manager, Suite suite, const SessionSecrets& rtp_secrets,
               const SessionSecrets& rtcp_secrets)
    : SessionKeys(suite, fingerprint_of(rtp_secrets.encryption_key, rtp_secrets.salt), bytes_of(rtp)),
      rtp(),
      rtcp() {
  expand_cm(manager, suite, rtp_secrets, rtp);
  expand_cm(manager, suite, rtcp_secrets, rtcp);
}

CmKeys::~CmKeys() {
  OPENSSL_cleanse(&rtp, sizeof rtp);
  OPENSSL_cleanse(&rtcp, sizeof rtcp);
}

GcmKeys::GcmKeys(IMB_MGR& manager, Suite suite, const SessionSecrets& rtp_secrets,
                 const SessionSecrets& rtcp_secrets)
    : SessionKeys(suite, fingerprint_of(rtp_secrets.encryption_key, rtp_secrets.salt), bytes_of(rtp)),
      rtp(),
      rtcp() {
  expand_gcm(manager, suite, rtp_secrets, rtp);
  expand_gcm(manager, suite, rtcp_secrets, rtcp);
}

GcmKeys::~GcmKeys() {
  OPENSSL_cleanse(&rtp, sizeof rtp);
  OPENSSL_cleanse(&rtcp, sizeof rtcp);
}

std::unique_ptr<SessionKeys> expand_secrets(IMB_MGR& manager, Suite suite, const SessionSecrets& rtp,
                                            const SessionSecrets& rtcp) {
  if (info(suite).aead) return std::make_unique<GcmKeys>(manager, suite, rtp, rtcp);
  return std::make_unique<CmKeys>(manager, suite, rtp, rtcp);
}

}  // namespace causeway::srtp
