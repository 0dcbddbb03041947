// What sealing costs: the bare ciphers (the same library calls over prebuilt jobs), our engine and libsrtp
// over the same buffers in the same run. Prints nanoseconds per packet, the least of many short rounds; only
// ratios within one run are worth comparing.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include <intel-ipsec-mb.h>
#include <srtp2/srtp.h>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/framing.h"
#include "dataplane/srtp/ipsec_mb_keys.h"

namespace causeway::srtp {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMost = 64;
constexpr int kRounds = 200;
constexpr int kPacketsPerRound = 512;

struct FreeManager {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

Manager make_manager(void (*init)(IMB_MGR*)) {
  Manager manager(alloc_mb_mgr(0));
  init(manager.get());
  return manager;
}

void init_best(IMB_MGR* manager) {
  init_mb_mgr_auto(manager, nullptr);
}

// N packets of one plaintext under N keys, as fan-out has them.
struct Rig {
  Rig(Suite with_suite, std::size_t payload_length) : suite(with_suite), payload(payload_length, 0x5a) {
    std::mt19937 random(1);
    const SuiteInfo& lengths = info(suite);
    for (std::size_t i = 0; i < kMost; ++i) {
      std::vector<std::uint8_t> key(lengths.key_length + lengths.salt_length);
      for (std::uint8_t& byte : key)
        byte = static_cast<std::uint8_t>(random());
      keys.push_back(engine->expand(suite, std::span(key).first(lengths.key_length),
                                    std::span(key).subspan(lengths.key_length)));
      masters.push_back(key);
      auto& packet = packets.emplace_back(kHeader + payload_length + SRTP_MAX_TRAILER_LEN);
      packet[0] = 0x80;
      net::store_be32(&packet[8], static_cast<std::uint32_t>(i + 1));
    }
  }

  Suite suite;
  std::unique_ptr<Engine> engine = make_ipsec_mb_engine();
  std::vector<std::uint8_t> payload;
  std::vector<std::vector<std::uint8_t>> packets;
  std::vector<std::vector<std::uint8_t>> masters;
  std::vector<std::unique_ptr<SessionKeys>> keys;
};

template <typename Run>
double measure(std::size_t n, Run run) {
  const int repeats = std::max(1, kPacketsPerRound / static_cast<int>(n));
  double least = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i)
      run();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    least = std::min(least, took.count() / repeats / static_cast<double>(n));
  }
  return least;
}

double raw_gcm(Rig& rig, std::size_t n) {
  const Manager manager = make_manager(init_best);
  std::array<std::array<std::uint8_t, 12>, kMost> ivs{};
  return measure(n, [&] {
    for (std::size_t i = 0; i < n; ++i) {
      gcm_context_data context;
      std::uint8_t* const packet = rig.packets[i].data();
      IMB_AES128_GCM_ENC(manager.get(), &static_cast<const GcmKeys&>(*rig.keys[i]).rtp.data, &context,
                         packet + kHeader, rig.payload.data(), rig.payload.size(), ivs[i].data(), packet,
                         kHeader, packet + kHeader + rig.payload.size(), 16);
    }
  });
}

// The least that any one manager needs for the hashes, and the best one for the ciphers.
double raw_cm(Rig& rig, std::size_t n) {
  const Manager best = make_manager(init_best);
  const Manager sse = make_manager(init_mb_mgr_sse);
  std::vector<IMB_JOB> ciphers(n);
  std::vector<IMB_JOB> hashes(n);
  alignas(16) std::array<std::array<std::uint8_t, 16>, kMost> ivs{};
  std::array<std::array<std::uint8_t, 12>, kMost> tags;
  for (std::size_t i = 0; i < n; ++i) {
    const CmKey& key = static_cast<const CmKeys&>(*rig.keys[i]).rtp;
    IMB_JOB& cipher = ciphers[i];
    std::memset(&cipher, 0, sizeof cipher);
    cipher.cipher_mode = IMB_CIPHER_CNTR;
    cipher.cipher_direction = IMB_DIR_ENCRYPT;
    cipher.hash_alg = IMB_AUTH_NULL;
    cipher.chain_order = IMB_ORDER_CIPHER_HASH;
    cipher.key_len_in_bytes = IMB_KEY_128_BYTES;
    cipher.iv = ivs[i].data();
    cipher.iv_len_in_bytes = 16;
    cipher.enc_keys = cipher.dec_keys = key.schedule.data();
    cipher.src = rig.payload.data();
    cipher.dst = rig.packets[i].data() + kHeader;
    cipher.msg_len_to_cipher_in_bytes = rig.payload.size();
    IMB_JOB& hash = hashes[i];
    std::memset(&hash, 0, sizeof hash);
    hash.cipher_mode = IMB_CIPHER_NULL;
    hash.cipher_direction = IMB_DIR_ENCRYPT;
    hash.hash_alg = IMB_AUTH_HMAC_SHA_1;
    hash.chain_order = IMB_ORDER_HASH_CIPHER;
    hash.auth_tag_output = tags[i].data();
    hash.auth_tag_output_len_in_bytes = 12;
    hash.src = rig.packets[i].data();
    hash.msg_len_to_hash_in_bytes = kHeader + rig.payload.size() + kWordLength;
    hash.u.HMAC._hashed_auth_key_xor_ipad = key.inner.data();
    hash.u.HMAC._hashed_auth_key_xor_opad = key.outer.data();
  }
  double least = 1e9;
  for (IMB_MGR* const hasher : {best.get(), sse.get()}) {
    least = std::min(least, measure(n, [&] {
                       const auto count = static_cast<std::uint32_t>(n);
                       IMB_SUBMIT_CIPHER_BURST(best.get(), ciphers.data(), count, IMB_CIPHER_CNTR,
                                               IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES);
                       IMB_SUBMIT_HASH_BURST(hasher, hashes.data(), count, IMB_AUTH_HMAC_SHA_1);
                     }));
  }
  return least;
}

double ours(Rig& rig, std::size_t n) {
  std::vector<SealJob> jobs(n);
  for (std::size_t i = 0; i < n; ++i) {
    jobs[i] = {.keys = rig.keys[i].get(),
               .payload = rig.payload.data(),
               .payload_length = static_cast<std::uint32_t>(rig.payload.size()),
               .packet = rig.packets[i].data(),
               .header_length = kHeader};
  }
  return measure(n, [&] {
    for (SealJob& job : jobs)
      ++job.index;
    rig.engine->seal_rtp(jobs);
    if (jobs[n - 1].length == 0) std::abort();
  });
}

// One session for each leg; libsrtp seals in place, so the payload is copied first.
double libsrtp(Rig& rig, std::size_t n) {
  srtp_init();
  std::vector<srtp_t> sessions(n);
  for (std::size_t i = 0; i < n; ++i) {
    srtp_policy_t policy;
    std::memset(&policy, 0, sizeof policy);
    if (rig.suite == Suite::aead_aes_128_gcm) {
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    policy.ssrc.type = ssrc_any_outbound;
    policy.key = rig.masters[i].data();
    policy.window_size = 1024;
    if (srtp_create(&sessions[i], &policy) != srtp_err_status_ok) std::abort();
  }
  std::uint16_t sequence = 0;
  const double least = measure(n, [&] {
    ++sequence;
    for (std::size_t i = 0; i < n; ++i) {
      std::uint8_t* const packet = rig.packets[i].data();
      net::store_be16(packet + 2, sequence);
      std::memcpy(packet + kHeader, rig.payload.data(), rig.payload.size());
      int length = static_cast<int>(kHeader + rig.payload.size());
      if (srtp_protect(sessions[i], packet, &length) != srtp_err_status_ok) std::abort();
    }
  });
  for (const srtp_t session : sessions)
    srtp_dealloc(session);
  return least;
}

void table(const char* name, Suite suite) {
  for (const std::size_t length : {std::size_t{1200}, std::size_t{160}}) {
    Rig rig(suite, length);
    for (const std::size_t n : {1, 4, 8, 16, 20, 64}) {
      const double raw = suite == Suite::aead_aes_128_gcm ? raw_gcm(rig, n) : raw_cm(rig, n);
      const double sealed = ours(rig, n);
      const double reference = libsrtp(rig, n);
      std::printf("%-12s %5zu bytes %3zu packets: raw %7.1f  ours %7.1f (x %.2f)  libsrtp %7.1f\n", name,
                  length, n, raw, sealed, sealed / raw, reference);
    }
  }
}

}  // namespace
}  // namespace causeway::srtp

int main() {
  causeway::srtp::table("GCM128", causeway::srtp::Suite::aead_aes_128_gcm);
  causeway::srtp::table("CM_SHA1_80", causeway::srtp::Suite::aes_cm_128_hmac_sha1_80);
}
