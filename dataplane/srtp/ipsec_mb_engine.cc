#include "dataplane/srtp/ipsec_mb_engine.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "dataplane/net/bytes.h"

namespace causeway::srtp {

namespace {

constexpr std::uint64_t kRtpIndexMask = (std::uint64_t{1} << 48) - 1;

struct IsaChoice {
  const char* name;
  std::uint64_t features;  // of the CPU, as IPsec-MB counts them
  void (*init)(IMB_MGR*);
};

void init_best(IMB_MGR* manager) {
  init_mb_mgr_auto(manager, nullptr);
}

IsaChoice choice_of(Isa isa) {
  switch (isa) {
    case Isa::best:
      return {"SSE4.2 and AES", IMB_CPUFLAGS_SSE, init_best};
    case Isa::sse:
      return {"SSE4.2 and AES", IMB_CPUFLAGS_SSE, init_mb_mgr_sse};
    case Isa::avx2:
      return {"AVX2 and AES", IMB_CPUFLAGS_AVX2, init_mb_mgr_avx2};
    case Isa::avx512:
      return {"AVX512 and AES", IMB_CPUFLAGS_AVX512, init_mb_mgr_avx512};
  }
  throw std::runtime_error("unknown instruction set");
}

std::uint32_t tag_length_of(bool rtcp, const SuiteInfo& suite) {
  return static_cast<std::uint32_t>(rtcp ? suite.rtcp_tag_length : suite.rtp_tag_length);
}

bool equal_tags(const std::uint8_t* a, const std::uint8_t* b, std::size_t length) {
  return CRYPTO_memcmp(a, b, length) == 0;
}

}  // namespace

IpsecMbEngine::IpsecMbEngine(Isa isa) : opening_{}, sealing_{} {
  const IsaChoice choice = choice_of(isa);
  // Checked first: the library would fall into instructions that the CPU does not know.
  if ((imb_get_feature_flags() & choice.features) != choice.features) {
    throw std::runtime_error(std::string("SRTP ciphers: this CPU lacks ") + choice.name);
  }
  manager_.reset(alloc_mb_mgr(0));
  if (!manager_) throw std::runtime_error("SRTP ciphers: IPsec-MB has no memory for its manager");
  choice.init(manager_.get());
  if (const int error = imb_get_errno(manager_.get()); error != 0) {
    throw std::runtime_error(std::string("SRTP ciphers: IPsec-MB: ") + imb_get_strerror(error));
  }
}

std::unique_ptr<SessionKeys> IpsecMbEngine::expand(Suite suite, std::span<const std::uint8_t> master_key,
                                                   std::span<const std::uint8_t> master_salt) const {
  if (suite == Suite::none) {
    if (!master_key.empty() || !master_salt.empty())
      throw std::invalid_argument("SRTP suite none has no key");
    return std::make_unique<NoKeys>();
  }
  SessionSecrets rtp;
  SessionSecrets rtcp;
  derive_secrets(suite, master_key, master_salt, rtp, rtcp);
  return expand_session(suite, rtp, rtcp);
}

std::unique_ptr<SessionKeys> IpsecMbEngine::expand_session(Suite suite, const SessionSecrets& rtp,
                                                           const SessionSecrets& rtcp) const {
  return expand_secrets(*manager_, suite, rtp, rtcp);
}

std::optional<IpsecMbEngine::Frame> IpsecMbEngine::frame_of(Kind kind, const OpenJob& job,
                                                            const SuiteInfo& suite) {
  if (kind == Kind::rtp) {
    const auto at = rtp_layout(tag_length_of(false, suite), job.header_length, job.length);
    if (!at) return std::nullopt;
    const std::uint64_t index = job.index & kRtpIndexMask;
    return Frame{*at, static_cast<std::uint32_t>(index >> 16), net::load_be32(job.packet + 8), index, true};
  }
  const auto at = rtcp_layout(tag_length_of(true, suite), suite.aead, job.length);
  if (!at) return std::nullopt;
  const std::uint32_t word = net::load_be32(job.packet + at->word);
  return Frame{*at, word, net::load_be32(job.packet + 4), word & kRtcpIndexMask,
               (word & kEncryptedFlag) != 0};
}

std::optional<IpsecMbEngine::Frame> IpsecMbEngine::frame_of(Kind kind, const SealJob& job,
                                                            const SuiteInfo& suite) {
  // Bounded one by one, so that their sum cannot wrap.
  if (job.header_length > kMaxPacketLength || job.payload_length > kMaxPacketLength) return std::nullopt;
  const std::uint32_t plain_length = job.header_length + job.payload_length;
  if (kind == Kind::rtp) {
    const std::uint32_t tag_length = tag_length_of(false, suite);
    const auto at = rtp_layout(tag_length, job.header_length, plain_length + tag_length);
    if (!at) return std::nullopt;
    const std::uint64_t index = job.index & kRtpIndexMask;
    return Frame{*at, static_cast<std::uint32_t>(index >> 16), net::load_be32(job.packet + 8), index, true};
  }
  if (job.header_length != kRtcpHeader) return std::nullopt;
  const std::uint32_t tag_length = tag_length_of(true, suite);
  const auto at = rtcp_layout(tag_length, suite.aead, plain_length + tag_length + kWordLength);
  if (!at) return std::nullopt;
  const std::uint32_t index = static_cast<std::uint32_t>(job.index) & kRtcpIndexMask;
  return Frame{*at, index | kEncryptedFlag, net::load_be32(job.packet + 4), index, true};
}

void IpsecMbEngine::open_rtp(std::span<OpenJob> jobs) {
  open(Kind::rtp, jobs);
}

void IpsecMbEngine::open_rtcp(std::span<OpenJob> jobs) {
  open(Kind::rtcp, jobs);
}

void IpsecMbEngine::seal_rtp(std::span<SealJob> jobs) {
  seal(Kind::rtp, jobs);
}

void IpsecMbEngine::seal_rtcp(std::span<SealJob> jobs) {
  seal(Kind::rtcp, jobs);
}

void IpsecMbEngine::open(Kind kind, std::span<OpenJob> jobs) {
  while (!jobs.empty()) {
    const std::size_t count = std::min(jobs.size(), CmBatch::kCapacity);
    batch_.clear();
    pending_ = 0;
    for (OpenJob& job : jobs.first(count))
      open_one(kind, job);
    finish_open_cm();
    jobs = jobs.subspan(count);
  }
}

void IpsecMbEngine::open_one(Kind kind, OpenJob& job) {
  job.authentic = false;
  if (job.keys == nullptr) return;
  const SuiteInfo& suite = info(job.keys->suite());
  if (suite.suite == Suite::none) {
    job.authentic = kind == Kind::rtp ? rtp_layout(0, job.header_length, job.length).has_value()
                                      : job.length >= kRtcpHeader && job.length <= kMaxPacketLength;
    return;
  }
  const std::optional<Frame> frame = frame_of(kind, job, suite);
  if (!frame) return;
  if (suite.aead) {
    open_gcm(kind, job, *frame);
  } else {
    gather_open_cm(kind, job, *frame);
  }
}

void IpsecMbEngine::open_gcm(Kind kind, OpenJob& job, const Frame& frame) {
  const auto& keys = static_cast<const GcmKeys&>(*job.keys);
  const GcmKey& key = kind == Kind::rtp ? keys.rtp : keys.rtcp;
  std::array<std::uint8_t, kMaxRtpOverhead> received;
  std::memcpy(received.data(), job.packet + frame.at.tag, received.size());

  const std::uint8_t* aad = job.packet;
  std::uint32_t aad_length = frame.at.header_length;
  std::uint32_t body_length = frame.at.body_end - frame.at.header_length;
  std::array<std::uint8_t, kRtcpHeader + kWordLength> rtcp_aad;
  if (kind == Kind::rtcp && frame.encrypted) {
    rtcp_aad = gcm_rtcp_aad(job.packet, frame.word);
    aad = rtcp_aad.data();
    aad_length = rtcp_aad.size();
  } else if (kind == Kind::rtcp) {
    // Not enciphered: all of it is additional data, and then the word (RFC 7714, 9.3), which goes where the
    // tag was to follow without a gap.
    net::store_be32(job.packet + frame.at.body_end, frame.word);
    aad_length = frame.at.body_end + kWordLength;
    body_length = 0;
  }

  std::array<std::uint8_t, 12> iv;
  gcm_iv(key.salt.data(), frame.ssrc, frame.index, iv.data());
  gcm_context_data context;
  std::array<std::uint8_t, kMaxRtpOverhead> computed{};
  std::uint8_t* const body = job.packet + frame.at.header_length;
  if (job.keys->suite() == Suite::aead_aes_128_gcm) {
    IMB_AES128_GCM_DEC(manager_.get(), &key.data, &context, body, body, body_length, iv.data(), aad,
                       aad_length, computed.data(), computed.size());
  } else {
    IMB_AES256_GCM_DEC(manager_.get(), &key.data, &context, body, body, body_length, iv.data(), aad,
                       aad_length, computed.data(), computed.size());
  }
  job.authentic = equal_tags(computed.data(), received.data(), computed.size());
  if (job.authentic) job.length = frame.at.body_end;
}

void IpsecMbEngine::gather_open_cm(Kind kind, OpenJob& job, const Frame& frame) {
  const auto& keys = static_cast<const CmKeys&>(*job.keys);
  OpenPending& pending = opening_[pending_++];
  pending.job = &job;
  pending.key = kind == Kind::rtp ? &keys.rtp : &keys.rtcp;
  pending.frame = frame;
  const std::uint32_t tag_length = job.length - frame.at.tag;
  std::memcpy(pending.tag.data(), job.packet + frame.at.tag, tag_length);
  // SRTP's hash runs on over the rollover counter, which is not on the wire (RFC 3711, 4.2): it takes the
  // tag's place, whose shortest has these 4 bytes. SRTCP's word stands there already.
  net::store_be32(job.packet + frame.at.body_end, frame.word);
  batch_.add_hash(*pending.key, job.packet, frame.at.body_end + kWordLength);
}

// Verifies first; only what is authentic is deciphered.
void IpsecMbEngine::finish_open_cm() {
  if (!batch_.run_hashes(*manager_)) return;
  const std::span<OpenPending> gathered = std::span(opening_).first(pending_);
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    const OpenPending& pending = gathered[i];
    OpenJob& job = *pending.job;
    const Layout& at = pending.frame.at;
    if (!equal_tags(batch_.tag(i), pending.tag.data(), job.length - at.tag)) continue;
    job.authentic = true;
    job.length = at.body_end;
    if (!pending.frame.encrypted) continue;
    std::uint8_t* const body = job.packet + at.header_length;
    batch_.add_cipher(*pending.key, info(job.keys->suite()).key_length, pending.frame.ssrc,
                      pending.frame.index, body, body, at.body_end - at.header_length);
  }
  if (batch_.run_ciphers(*manager_)) return;
  for (const OpenPending& pending : gathered)
    pending.job->authentic = false;
}

void IpsecMbEngine::seal(Kind kind, std::span<SealJob> jobs) {
  while (!jobs.empty()) {
    const std::size_t count = std::min(jobs.size(), CmBatch::kCapacity);
    batch_.clear();
    pending_ = 0;
    for (SealJob& job : jobs.first(count))
      seal_one(kind, job);
    finish_seal_cm();
    jobs = jobs.subspan(count);
  }
}

void IpsecMbEngine::seal_one(Kind kind, SealJob& job) {
  job.length = 0;
  if (job.keys == nullptr) return;
  const SuiteInfo& suite = info(job.keys->suite());
  const std::optional<Frame> frame = frame_of(kind, job, suite);
  if (!frame) return;
  if (suite.suite == Suite::none) {
    if (job.payload_length > 0) std::memcpy(job.packet + job.header_length, job.payload, job.payload_length);
    job.length = job.header_length + job.payload_length;
    return;
  }
  if (suite.aead) {
    seal_gcm(kind, job, *frame);
  } else {
    gather_seal_cm(kind, job, *frame);
  }
  const std::uint32_t trailer = kind == Kind::rtp ? 0 : kWordLength;
  job.length = frame->at.body_end + tag_length_of(kind == Kind::rtcp, suite) + trailer;
}

void IpsecMbEngine::seal_gcm(Kind kind, const SealJob& job, const Frame& frame) {
  const auto& keys = static_cast<const GcmKeys&>(*job.keys);
  const GcmKey& key = kind == Kind::rtp ? keys.rtp : keys.rtcp;
  const std::uint8_t* aad = job.packet;
  std::uint32_t aad_length = frame.at.header_length;
  std::array<std::uint8_t, kRtcpHeader + kWordLength> rtcp_aad;
  if (kind == Kind::rtcp) {
    rtcp_aad = gcm_rtcp_aad(job.packet, frame.word);
    aad = rtcp_aad.data();
    aad_length = rtcp_aad.size();
    net::store_be32(job.packet + frame.at.word, frame.word);
  }

  std::array<std::uint8_t, 12> iv;
  gcm_iv(key.salt.data(), frame.ssrc, frame.index, iv.data());
  gcm_context_data context;
  std::uint8_t* const body = job.packet + frame.at.header_length;
  std::uint8_t* const tag = job.packet + frame.at.tag;
  if (job.keys->suite() == Suite::aead_aes_128_gcm) {
    IMB_AES128_GCM_ENC(manager_.get(), &key.data, &context, body, job.payload, job.payload_length, iv.data(),
                       aad, aad_length, tag, kMaxRtpOverhead);
  } else {
    IMB_AES256_GCM_ENC(manager_.get(), &key.data, &context, body, job.payload, job.payload_length, iv.data(),
                       aad, aad_length, tag, kMaxRtpOverhead);
  }
}

void IpsecMbEngine::gather_seal_cm(Kind kind, SealJob& job, const Frame& frame) {
  const auto& keys = static_cast<const CmKeys&>(*job.keys);
  const CmKey& key = kind == Kind::rtp ? keys.rtp : keys.rtcp;
  const SuiteInfo& suite = info(job.keys->suite());
  batch_.add_cipher(key, suite.key_length, frame.ssrc, frame.index, job.payload,
                    job.packet + frame.at.header_length, job.payload_length);
  // Behind the body as in gather_open_cm(); SRTP's tag then overwrites it.
  net::store_be32(job.packet + frame.at.body_end, frame.word);
  batch_.add_hash(key, job.packet, frame.at.body_end + kWordLength);
  sealing_[pending_++] = {&job, frame.at.tag, tag_length_of(kind == Kind::rtcp, suite)};
}

void IpsecMbEngine::finish_seal_cm() {
  const bool sealed = batch_.run_ciphers(*manager_) && batch_.run_hashes(*manager_);
  for (std::size_t i = 0; i < pending_; ++i) {
    const SealPending& pending = sealing_[i];
    if (sealed) {
      std::memcpy(pending.job->packet + pending.tag, batch_.tag(i), pending.tag_length);
    } else {
      pending.job->length = 0;
    }
  }
}

std::unique_ptr<Engine> make_ipsec_mb_engine(Isa isa) {
  return std::make_unique<IpsecMbEngine>(isa);
}

}  // namespace causeway::srtp
