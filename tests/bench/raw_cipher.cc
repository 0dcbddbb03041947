#include "tests/bench/raw_cipher.h"

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>

#include <intel-ipsec-mb.h>

#include "tests/bench/memory.h"
#include "tools/measure/tsc.h"

namespace causeway::bench {

namespace {

using measure::read_tsc;

constexpr std::size_t kHeader = 12;  // RTP's
constexpr std::size_t kBatch = 64;
constexpr std::size_t kOutputs = 128;  // buffers that are written again and again, as a port's free ones
constexpr std::size_t kRoom = 2048 + 64;

struct FreeManager {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

Manager make_manager(srtp::Isa isa) {
  Manager manager(alloc_mb_mgr(0));
  if (!manager) throw std::bad_alloc();
  if (isa == srtp::Isa::sse) {
    init_mb_mgr_sse(manager.get());
  } else {
    init_mb_mgr_auto(manager.get(), nullptr);
  }
  if (imb_get_errno(manager.get()) != 0) throw std::runtime_error("IPsec-MB lacks instructions here");
  return manager;
}

struct Output {
  alignas(64) std::array<std::uint8_t, kRoom> bytes;
};

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes(std::mt19937_64& random) {
  std::array<std::uint8_t, N> bytes;
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

class Gcm128 final : public RawCipher {
 public:
  Gcm128(std::size_t bytes, std::size_t legs)
      : manager_(make_manager(srtp::Isa::best)),
        payload_length_(bytes - kHeader),
        legs_(legs),
        keys_(legs),
        ivs_(legs),
        plain_(1),
        outputs_(kOutputs) {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < legs; ++i) {
      IMB_AES128_GCM_PRE(manager_.get(), random_bytes<16>(random).data(), &keys_[i]);
      ivs_[i] = random_bytes<12>(random);
    }
  }

  Sample round(std::size_t outputs) override {
    const std::size_t rounds = (outputs + legs_ - 1) / legs_;
    const std::uint64_t begin = read_tsc();
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < legs_; ++i) {
        std::uint8_t* out = outputs_[i % kOutputs].bytes.data();
        IMB_AES128_GCM_ENC(manager_.get(), &keys_[i], &context_, out + kHeader, plain_[0].bytes.data(),
                           payload_length_, ivs_[i].data(), out, kHeader, out + kHeader + payload_length_,
                           16);
      }
    }
    return {read_tsc() - begin, rounds * legs_};
  }

 private:
  Manager manager_;
  std::size_t payload_length_;
  std::size_t legs_;
  HugeArray<gcm_key_data> keys_;
  HugeArray<std::array<std::uint8_t, 12>> ivs_;
  HugeArray<Output> plain_;
  HugeArray<Output> outputs_;
  gcm_context_data context_{};
};

struct CmLeg {
  alignas(64) std::array<std::uint8_t, 16 * 15> schedule;
  alignas(16) std::array<std::uint8_t, 20> inner;
  alignas(16) std::array<std::uint8_t, 20> outer;
  alignas(16) std::array<std::uint8_t, 16> iv;
};

class Cm128 final : public RawCipher {
 public:
  Cm128(std::size_t bytes, std::size_t legs, srtp::Isa isa)
      : manager_(make_manager(isa)),
        bytes_(bytes),
        count_(legs),
        legs_(legs),
        ciphers_(legs),
        hashes_(legs),
        plain_(1),
        outputs_(kOutputs) {
    std::mt19937_64 random(1);
    alignas(16) std::array<std::uint8_t, 16 * 15> unused;
    for (std::size_t i = 0; i < legs; ++i) {
      IMB_AES_KEYEXP_128(manager_.get(), random_bytes<16>(random).data(), legs_[i].schedule.data(),
                         unused.data());
      IMB_SHA1_ONE_BLOCK(manager_.get(), random_bytes<64>(random).data(), legs_[i].inner.data());
      IMB_SHA1_ONE_BLOCK(manager_.get(), random_bytes<64>(random).data(), legs_[i].outer.data());
      legs_[i].iv = random_bytes<16>(random);
      prepare(i);
    }
  }

  Sample round(std::size_t outputs) override {
    const std::size_t rounds = (outputs + count_ - 1) / count_;
    const std::uint64_t begin = read_tsc();
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t at = 0; at < count_; at += kBatch)
        run(at, static_cast<std::uint32_t>(std::min(kBatch, count_ - at)));
    }
    return {read_tsc() - begin, rounds * count_};
  }

 private:
  void prepare(std::size_t i) {
    std::uint8_t* out = outputs_[i % kOutputs].bytes.data();
    IMB_JOB& cipher = ciphers_[i];
    cipher.cipher_mode = IMB_CIPHER_CNTR;
    cipher.cipher_direction = IMB_DIR_ENCRYPT;
    cipher.hash_alg = IMB_AUTH_NULL;
    cipher.chain_order = IMB_ORDER_CIPHER_HASH;
    cipher.key_len_in_bytes = IMB_KEY_128_BYTES;
    cipher.enc_keys = cipher.dec_keys = legs_[i].schedule.data();
    cipher.iv = legs_[i].iv.data();
    cipher.iv_len_in_bytes = 16;
    cipher.src = plain_[0].bytes.data();
    cipher.dst = out + kHeader;
    cipher.msg_len_to_cipher_in_bytes = bytes_ - kHeader;
    IMB_JOB& hash = hashes_[i];
    hash.cipher_mode = IMB_CIPHER_NULL;
    hash.cipher_direction = IMB_DIR_ENCRYPT;
    hash.hash_alg = IMB_AUTH_HMAC_SHA_1;
    hash.chain_order = IMB_ORDER_HASH_CIPHER;
    hash.src = out;
    hash.msg_len_to_hash_in_bytes = bytes_ + 4;  // and the rollover counter (RFC 3711, 4.2)
    hash.u.HMAC._hashed_auth_key_xor_ipad = legs_[i].inner.data();
    hash.u.HMAC._hashed_auth_key_xor_opad = legs_[i].outer.data();
    hash.auth_tag_output = out + bytes_;
    hash.auth_tag_output_len_in_bytes = 12;
  }

  void run(std::size_t at, std::uint32_t n) {
    if (IMB_SUBMIT_CIPHER_BURST(manager_.get(), &ciphers_[at], n, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                IMB_KEY_128_BYTES) != n ||
        IMB_SUBMIT_HASH_BURST(manager_.get(), &hashes_[at], n, IMB_AUTH_HMAC_SHA_1) != n) {
      throw std::runtime_error("IPsec-MB refuses its jobs");
    }
  }

  Manager manager_;
  std::size_t bytes_;
  std::size_t count_;
  HugeArray<CmLeg> legs_;
  HugeArray<IMB_JOB> ciphers_;
  HugeArray<IMB_JOB> hashes_;
  HugeArray<Output> plain_;
  HugeArray<Output> outputs_;
};

}  // namespace

std::unique_ptr<RawCipher> make_raw_cipher(srtp::Suite suite, std::size_t bytes, std::size_t legs,
                                           srtp::Isa isa) {
  if (suite == srtp::Suite::aead_aes_128_gcm) return std::make_unique<Gcm128>(bytes, legs);
  if (suite == srtp::Suite::aes_cm_128_hmac_sha1_80) return std::make_unique<Cm128>(bytes, legs, isa);
  throw std::invalid_argument("no raw loop of this suite");
}

}  // namespace causeway::bench
