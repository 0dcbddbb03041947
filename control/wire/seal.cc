#include "control/wire/seal.h"

#include <algorithm>
#include <new>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace causeway::control::wire {
namespace {

constexpr std::size_t kCipherKeyBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kBootOffset = 4;
constexpr std::size_t kSequenceOffset = 20;

using Nonce = std::array<std::uint8_t, kNonceBytes>;

Nonce nonce_of(std::span<const std::uint8_t> frame) {
  Nonce nonce{};
  std::copy_n(frame.data() + kSequenceOffset, 8, nonce.data() + 4);
  return nonce;
}

int length(std::size_t bytes) {
  return static_cast<int>(bytes);  // at most a frame
}

// The key of one boot and direction: who, whom and when.
Cipher make_cipher(const PairKey& key, NodeId from, NodeId to, BootId boot, bool seals) {
  std::array<std::uint8_t, 10> context{from, to};
  net::store_be64(&context[2], boot);
  PairKey derived = derive(key, "causeway frame", context);
  static_assert(kCipherKeyBytes <= kPairKeyBytes);
  Cipher cipher(EVP_CIPHER_CTX_new());
  const bool ready = cipher && EVP_CipherInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, derived.data(),
                                                 nullptr, seals ? 1 : 0) == 1;
  OPENSSL_cleanse(derived.data(), derived.size());
  if (!ready) throw std::bad_alloc();
  return cipher;
}

}  // namespace

PairKey derive(const PairKey& key, std::string_view label, std::span<const std::uint8_t> context) {
  std::array<std::uint8_t, 64> text;
  Writer writer(text);
  writer.bytes({reinterpret_cast<const std::uint8_t*>(label.data()), label.size()});
  writer.bytes(context);
  PairKey derived;
  unsigned size = 0;
  if (writer.failed() || HMAC(EVP_sha256(), key.data(), length(key.size()), text.data(), writer.size(),
                              derived.data(), &size) == nullptr)
    throw std::bad_alloc();
  return derived;
}

void CipherDeleter::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

Sealer::Sealer(const PairKey& key, NodeId from, NodeId to, BootId boot)
    : cipher_(make_cipher(key, from, to, boot, true)) {}

std::size_t Sealer::seal(std::span<const std::uint8_t> frame, std::span<std::uint8_t> out) {
  if (frame.size() < kHeaderBytes || frame.size() > kMaxPlainBytes || out.size() < frame.size() + kTagBytes) {
    return 0;
  }
  const Nonce nonce = nonce_of(frame);
  const auto records = frame.subspan(kHeaderBytes);
  std::copy_n(frame.data(), kHeaderBytes, out.data());
  int written = 0;
  const bool sealed =
      EVP_EncryptInit_ex(cipher_.get(), nullptr, nullptr, nullptr, nonce.data()) == 1 &&
      EVP_EncryptUpdate(cipher_.get(), nullptr, &written, frame.data(), length(kHeaderBytes)) == 1 &&
      EVP_EncryptUpdate(cipher_.get(), out.data() + kHeaderBytes, &written, records.data(),
                        length(records.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher_.get(), out.data() + frame.size(), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, length(kTagBytes),
                          out.data() + frame.size()) == 1;
  return sealed ? frame.size() + kTagBytes : 0;
}

Opener::Opener(const PairKey& key, NodeId from, NodeId to) : key_(key), from_(from), to_(to) {}

Opener::~Opener() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::optional<std::span<const std::uint8_t>> Opener::open(std::span<const std::uint8_t> sealed,
                                                          std::span<std::uint8_t> out) {
  if (sealed.size() < kHeaderBytes + kTagBytes || sealed.size() > kMaxFrameBytes) return std::nullopt;
  const std::size_t size = sealed.size() - kTagBytes;
  if (out.size() < size) return std::nullopt;
  const BootId boot = net::load_be64(sealed.data() + kBootOffset);
  Cipher other;
  if (!cipher_ || boot != boot_) other = make_cipher(key_, from_, to_, boot, false);
  evp_cipher_ctx_st* cipher = other ? other.get() : cipher_.get();

  std::array<std::uint8_t, kTagBytes> tag;
  std::copy_n(sealed.data() + size, kTagBytes, tag.data());
  const Nonce nonce = nonce_of(sealed);
  std::copy_n(sealed.data(), kHeaderBytes, out.data());
  int written = 0;
  const bool opened =
      EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
      EVP_DecryptUpdate(cipher, nullptr, &written, sealed.data(), length(kHeaderBytes)) == 1 &&
      EVP_DecryptUpdate(cipher, out.data() + kHeaderBytes, &written, sealed.data() + kHeaderBytes,
                        length(size - kHeaderBytes)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, length(kTagBytes), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher, out.data() + size, &written) == 1;
  if (!opened) {
    OPENSSL_cleanse(out.data(), size);  // what is not authentic is nobody's to read
    return std::nullopt;
  }
  // An old boot's late frame does not push the new boot's key out.
  if (other && boot > boot_) {
    cipher_ = std::move(other);
    boot_ = boot;
  }
  return out.first(size);
}

}  // namespace causeway::control::wire
