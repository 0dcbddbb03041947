#include "dataplane/srtp/kdf.h"

#include <algorithm>
#include <memory>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdexcept>

#include "dataplane/net/bytes.h"

namespace causeway::srtp {

void derive_key(std::span<const std::uint8_t> master_key, std::span<const std::uint8_t> master_salt,
                KeyLabel label, std::span<std::uint8_t> derived) {
  if (master_key.size() != 16 && master_key.size() != 32)
    throw std::invalid_argument("SRTP master key length");
  if (master_salt.size() != 12 && master_salt.size() != 14)
    throw std::invalid_argument("SRTP master salt length");

  // x = key_id XOR master_salt, key_id = label || index DIV 0 = label || 0^48 (4.3.1); the counter block is
  // x * 2^16 (4.3.3). The label stands in front of 6 bytes of index: byte 7 of 14.
  std::array<std::uint8_t, 16> counter{};
  std::copy(master_salt.begin(), master_salt.end(), counter.begin());
  counter[7] ^= static_cast<std::uint8_t>(label);

  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  const EVP_CIPHER* cipher = master_key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  std::fill(derived.begin(), derived.end(), std::uint8_t{0});
  int written = 0;
  if (!context ||
      EVP_EncryptInit_ex(context.get(), cipher, nullptr, master_key.data(), counter.data()) != 1 ||
      EVP_EncryptUpdate(context.get(), derived.data(), &written, derived.data(),
                        static_cast<int>(derived.size())) != 1 ||
      static_cast<std::size_t>(written) != derived.size()) {
    throw std::runtime_error("SRTP key derivation failed");
  }
}

std::uint64_t fingerprint_of(std::span<const std::uint8_t> key, std::span<const std::uint8_t> salt) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), key.data(), key.size()) != 1 ||
      EVP_DigestUpdate(context.get(), salt.data(), salt.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 of an SRTP key failed");
  }
  return net::load_be64(digest.data());
}

SessionSecrets::~SessionSecrets() {
  OPENSSL_cleanse(encryption_key.data(), encryption_key.size());
  OPENSSL_cleanse(authentication_key.data(), authentication_key.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

void derive_secrets(Suite suite, std::span<const std::uint8_t> master_key,
                    std::span<const std::uint8_t> master_salt, SessionSecrets& rtp, SessionSecrets& rtcp) {
  const SuiteInfo& lengths = info(suite);
  if (master_key.size() != lengths.key_length || master_salt.size() != lengths.salt_length) {
    throw std::invalid_argument("master key or salt length does not fit the SRTP suite");
  }
  const auto derive = [&](SessionSecrets& secrets, KeyLabel encryption, KeyLabel authentication,
                          KeyLabel salt) {
    derive_key(master_key, master_salt, encryption,
               std::span(secrets.encryption_key).first(lengths.key_length));
    if (!lengths.aead) derive_key(master_key, master_salt, authentication, secrets.authentication_key);
    derive_key(master_key, master_salt, salt, std::span(secrets.salt).first(lengths.salt_length));
  };
  derive(rtp, KeyLabel::rtp_encryption, KeyLabel::rtp_authentication, KeyLabel::rtp_salt);
  derive(rtcp, KeyLabel::rtcp_encryption, KeyLabel::rtcp_authentication, KeyLabel::rtcp_salt);
}

}  // namespace causeway::srtp
