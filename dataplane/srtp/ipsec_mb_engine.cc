#include "dataplane/srtp/ipsec_mb_engine.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "dataplane/net/bytes.h"

namespace causeway::srtp {

namespace {

std::uint32_t tag_length_of(bool rtcp, const SuiteInfo& suite) {
  return static_cast<std::uint32_t>(rtcp ? suite.rtcp_tag_length : suite.rtp_tag_length);
}

// The lengths are known to the compiler: of the CM suites they are 4 and 10 (RFC 4568, 6.2).
void copy_tag(const std::uint8_t* from, std::uint32_t length, std::uint8_t* to) {
  if (length == 10) {
    std::memcpy(to, from, 10);
  } else {
    std::memcpy(to, from, 4);
  }
}

// The library failed: nothing of what it was given may be sent.
void refuse_cm(std::span<SealJob> jobs) {
  for (SealJob& job : jobs) {
    if (job.keys != nullptr && job.keys->suite() != Suite::none && !info(job.keys->suite()).aead)
      job.length = 0;
  }
}

bool equal_tags(const std::uint8_t* a, const std::uint8_t* b, std::size_t length) {
  return CRYPTO_memcmp(a, b, length) == 0;
}

}  // namespace

IpsecMbEngine::IpsecMbEngine(Isa isa, ShaExtensions sha) : managers_(isa, sha) {}

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
  return expand_secrets(managers_.widest(), suite, rtp, rtcp);
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

void IpsecMbEngine::open_rtp(std::span<OpenJob> jobs) {
  open(Kind::rtp, jobs);
}

void IpsecMbEngine::open_rtcp(std::span<OpenJob> jobs) {
  open(Kind::rtcp, jobs);
}

void IpsecMbEngine::seal_rtp(std::span<SealJob> jobs) {
  seal<Kind::rtp>(jobs);
}

void IpsecMbEngine::seal_rtcp(std::span<SealJob> jobs) {
  seal<Kind::rtcp>(jobs);
}

void IpsecMbEngine::open(Kind kind, std::span<OpenJob> jobs) {
  while (!jobs.empty()) {
    const std::size_t count = std::min(jobs.size(), kChunk);
    cm_.clear();
    gcm_.clear();
    for (OpenJob& job : jobs.first(count))
      gather_open(kind, job);
    finish_open_gcm();
    finish_open_cm();
    jobs = jobs.subspan(count);
  }
}

void IpsecMbEngine::gather_open(Kind kind, OpenJob& job) {
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
    gather_open_gcm(kind, job, *frame);
  } else {
    gather_open_cm(kind, job, *frame);
  }
}

void IpsecMbEngine::gather_open_gcm(Kind kind, OpenJob& job, const Frame& frame) {
  const auto& keys = static_cast<const GcmKeys&>(*job.keys);
  RtcpAad& rtcp_aad = rtcp_aads_[gcm_.size()];
  OpenGcm& opening = opening_gcm_[gcm_.size()];
  opening.job = &job;
  opening.plain_length = frame.at.body_end;
  std::memcpy(opening.received.data(), job.packet + frame.at.tag, opening.received.size());

  GcmBatch::Job& call = gcm_.add();
  call.key = kind == Kind::rtp ? &keys.rtp : &keys.rtcp;
  call.from = call.to = job.packet + frame.at.header_length;
  call.length = frame.at.body_end - frame.at.header_length;
  call.aad = job.packet;
  call.aad_length = frame.at.header_length;
  if (kind == Kind::rtcp && frame.encrypted) {
    rtcp_aad = gcm_rtcp_aad(job.packet, frame.word);
    call.aad = rtcp_aad.data();
    call.aad_length = kRtcpHeader + kWordLength;
  } else if (kind == Kind::rtcp) {
    // Not enciphered: all of it is additional data, and then the word (RFC 7714, 9.3), which goes where the
    // tag was to follow without a gap.
    net::store_be32(job.packet + frame.at.body_end, frame.word);
    call.aad_length = frame.at.body_end + kWordLength;
    call.length = 0;
  }
  call.tag = opening.computed.data();
  call.long_key = job.keys->suite() == Suite::aead_aes_256_gcm;
  gcm_iv(call.key->salt, frame.ssrc, frame.index, call.iv.data());
}

void IpsecMbEngine::finish_open_gcm() {
  gcm_.open(managers_.widest());
  for (const OpenGcm& opening : std::span(opening_gcm_).first(gcm_.size())) {
    if (!equal_tags(opening.computed.data(), opening.received.data(), opening.computed.size())) continue;
    opening.job->authentic = true;
    opening.job->length = opening.plain_length;
  }
}

void IpsecMbEngine::gather_open_cm(Kind kind, OpenJob& job, const Frame& frame) {
  const auto& keys = static_cast<const CmKeys&>(*job.keys);
  OpenCm& opening = opening_cm_[cm_.hash_count()];
  opening.job = &job;
  opening.key = kind == Kind::rtp ? &keys.rtp : &keys.rtcp;
  opening.frame = frame;
  const std::uint32_t tag_length = job.length - frame.at.tag;
  copy_tag(job.packet + frame.at.tag, tag_length, opening.received.data());
  // SRTP's hash runs on over the rollover counter, which is not on the wire (RFC 3711, 4.2): it takes the
  // tag's place, whose shortest has these 4 bytes. SRTCP's word stands there already.
  net::store_be32(job.packet + frame.at.body_end, frame.word);
  cm_.add_hash(*opening.key, job.packet, frame.at.body_end + kWordLength, opening.computed.data());
}

// Verifies first; only what is authentic is deciphered.
void IpsecMbEngine::finish_open_cm() {
  if (!cm_.run_hashes(managers_)) return;
  const std::span<OpenCm> gathered = std::span(opening_cm_).first(cm_.hash_count());
  for (const OpenCm& opening : gathered) {
    OpenJob& job = *opening.job;
    const Layout& at = opening.frame.at;
    if (!equal_tags(opening.computed.data(), opening.received.data(), job.length - at.tag)) continue;
    job.authentic = true;
    job.length = at.body_end;
    if (!opening.frame.encrypted) continue;
    std::uint8_t* const body = job.packet + at.header_length;
    cm_.add_cipher(*opening.key, info(job.keys->suite()).key_length, opening.frame.ssrc, opening.frame.index,
                   body, body, at.body_end - at.header_length);
  }
  if (cm_.run_ciphers(managers_)) return;
  for (const OpenCm& opening : gathered)
    opening.job->authentic = false;
}

template <IpsecMbEngine::Kind kind>
void IpsecMbEngine::seal(std::span<SealJob> jobs) {
  while (!jobs.empty()) {
    const std::size_t count = std::min(jobs.size(), kChunk);
    cm_.clear();
    gcm_.clear();
    for (SealJob& job : jobs.first(count))
      gather_seal<kind>(job);
    gcm_.seal(managers_.widest());
    if (!cm_.run_ciphers(managers_) || !cm_.run_hashes(managers_)) refuse_cm(jobs.first(count));
    jobs = jobs.subspan(count);
  }
}

template <IpsecMbEngine::Kind kind>
void IpsecMbEngine::gather_seal(SealJob& job) {
  job.length = 0;
  if (job.keys == nullptr) return;
  const SuiteInfo& suite = info(job.keys->suite());
  const std::uint32_t tag_length = tag_length_of(kind == Kind::rtcp, suite);
  // Bounded one by one, so that their sum cannot wrap.
  if (job.header_length > kMaxPacketLength || job.payload_length > kMaxPacketLength) return;
  if (kind == Kind::rtp ? job.header_length < kRtpHeaderMin : job.header_length != kRtcpHeader) return;
  const std::uint32_t body_end = job.header_length + job.payload_length;
  const bool with_word = kind == Kind::rtcp && suite.suite != Suite::none;
  const std::uint32_t length = body_end + tag_length + (with_word ? kWordLength : 0);
  if (length > kMaxPacketLength) return;
  job.length = length;
  if (suite.aead) {
    gather_seal_gcm<kind>(job, body_end);
  } else if (suite.suite != Suite::none) {
    gather_seal_cm<kind>(job, suite.key_length, body_end);
  } else if (job.payload_length > 0) {
    std::memcpy(job.packet + job.header_length, job.payload, job.payload_length);
  }
}

template <IpsecMbEngine::Kind kind>
void IpsecMbEngine::gather_seal_gcm(const SealJob& job, std::uint32_t body_end) {
  const auto& keys = static_cast<const GcmKeys&>(*job.keys);
  const GcmKey& key = kind == Kind::rtp ? keys.rtp : keys.rtcp;
  RtcpAad& rtcp_aad = rtcp_aads_[gcm_.size()];
  GcmBatch::Job& call = gcm_.add();
  call.key = &key;
  call.from = job.payload;
  call.to = job.packet + job.header_length;
  call.length = job.payload_length;
  call.tag = job.packet + body_end;
  call.long_key = job.keys->suite() == Suite::aead_aes_256_gcm;
  if constexpr (kind == Kind::rtp) {
    call.aad = job.packet;
    call.aad_length = job.header_length;
    gcm_iv(key.salt, net::load_be32(job.packet + 8), job.index & kRtpIndexMask, call.iv.data());
  } else {
    const std::uint32_t index = static_cast<std::uint32_t>(job.index) & kRtcpIndexMask;
    rtcp_aad = gcm_rtcp_aad(job.packet, index | kEncryptedFlag);
    call.aad = rtcp_aad.data();
    call.aad_length = kRtcpHeader + kWordLength;
    net::store_be32(job.packet + body_end + GcmBatch::kTagLength, index | kEncryptedFlag);
    gcm_iv(key.salt, net::load_be32(job.packet + 4), index, call.iv.data());
  }
}

template <IpsecMbEngine::Kind kind>
void IpsecMbEngine::gather_seal_cm(const SealJob& job, std::size_t key_length, std::uint32_t body_end) {
  const auto& keys = static_cast<const CmKeys&>(*job.keys);
  const CmKey& key = kind == Kind::rtp ? keys.rtp : keys.rtcp;
  const std::uint64_t index = job.index & (kind == Kind::rtp ? kRtpIndexMask : kRtcpIndexMask);
  const std::uint32_t ssrc = net::load_be32(job.packet + (kind == Kind::rtp ? 8 : 4));
  cm_.add_cipher(key, key_length, ssrc, index, job.payload, job.packet + job.header_length,
                 job.payload_length);
  // Behind the body as in gather_open_cm(). The tag, written when the hash is done, takes SRTP's counter's
  // place; the library writes a few bytes more of it than SRTP keeps, for which there is room.
  std::uint8_t* const word = job.packet + body_end;
  net::store_be32(word, kind == Kind::rtp ? static_cast<std::uint32_t>(index >> 16)
                                          : static_cast<std::uint32_t>(index) | kEncryptedFlag);
  static_assert(CmBatch::kTagLength <= kMaxRtpOverhead &&
                kWordLength + CmBatch::kTagLength <= kMaxRtcpOverhead);
  cm_.add_hash(key, job.packet, body_end + kWordLength, kind == Kind::rtp ? word : word + kWordLength);
}

std::unique_ptr<Engine> make_ipsec_mb_engine(Isa isa) {
  return std::make_unique<IpsecMbEngine>(isa);
}

}  // namespace causeway::srtp
