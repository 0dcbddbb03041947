#include "dataplane/srtp/libsrtp_session.h"

#include <array>
#include <cstring>
#include <openssl/crypto.h>
#include <stdexcept>
#include <string>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/framing.h"

namespace causeway::srtp {

namespace {

constexpr std::uint64_t kHalfSequence = 1U << 15;

void set_suite(Suite suite, srtp_crypto_policy_t& rtp, srtp_crypto_policy_t& rtcp) {
  switch (suite) {
    case Suite::aes_cm_128_hmac_sha1_80:
    case Suite::aes_cm_128_hmac_sha1_32:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&rtp);
      break;
    case Suite::aes_256_cm_hmac_sha1_80:
    case Suite::aes_256_cm_hmac_sha1_32:
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&rtp);
      break;
    case Suite::aead_aes_128_gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&rtp);
      break;
    case Suite::aead_aes_256_gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&rtp);
      break;
    case Suite::none:
      throw std::runtime_error("libsrtp: the suite none needs no session");
  }
  rtcp = rtp;
  rtp.auth_tag_len = static_cast<int>(info(suite).rtp_tag_length);
}

bool seen_before(srtp_err_status_t status) {
  return status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old ||
         status == srtp_err_status_pkt_idx_old;
}

// The index that libsrtp takes an RTP packet to have.
std::uint64_t libsrtps_estimate(std::uint64_t highest, std::uint32_t pending_roc, std::uint16_t sequence) {
  if (pending_roc != 0) return std::uint64_t{pending_roc} << 16 | sequence;
  return highest > kHalfSequence ? estimate_index(highest, sequence) : sequence;
}

}  // namespace

LibsrtpSession::LibsrtpSession(Suite suite, std::span<const std::uint8_t> master_key_and_salt, Use use)
    : suite_(suite), use_(use), master_(master_key_and_salt) {
  start();
}

LibsrtpSession::~LibsrtpSession() {
  if (session_ != nullptr) srtp_dealloc(session_);
}

void LibsrtpSession::start() {
  if (session_ != nullptr) srtp_dealloc(session_);
  session_ = nullptr;
  streams_.clear();
  std::array<std::uint8_t, kMaxMasterKey + kMaxMasterSalt> master{};  // the policy wants it writable
  std::memcpy(master.data(), master_.data(), master_.size());
  srtp_policy_t policy;
  std::memset(&policy, 0, sizeof policy);
  set_suite(suite_, policy.rtp, policy.rtcp);
  if (use_ == Use::open_clear_rtcp) policy.rtcp.sec_serv = sec_serv_auth;
  policy.ssrc.type = use_ == Use::seal ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = master.data();
  policy.window_size = ReplayWindow::kSize;
  const srtp_err_status_t status = srtp_create(&session_, &policy);
  OPENSSL_cleanse(master.data(), master.size());
  if (status == srtp_err_status_ok) return;
  session_ = nullptr;
  throw std::runtime_error("libsrtp: srtp_create: error " + std::to_string(status));
}

bool LibsrtpSession::make_room(std::uint32_t ssrc) {
  if (streams_.size() < kMostStreams || streams_.contains(ssrc)) return true;
  if (use_ == Use::seal) return false;  // what was sealed must not be forgotten
  start();
  return true;
}

// libsrtp makes its stream for an SSRC with the first packet, and gives that one rollover counter 0. Where it
// is another, the stream must be there before: protecting under a master key identifier that does not exist
// makes it and fails after that, without any use of the key.
LibsrtpSession::Stream* LibsrtpSession::stream(std::uint32_t ssrc, const std::uint8_t* header,
                                               std::uint64_t index) {
  if (!make_room(ssrc)) return nullptr;
  Stream& stream = streams_[ssrc];
  if (!stream.made && index >> 16 != 0) {
    std::array<std::uint8_t, kRtpHeaderMin + SRTP_MAX_TRAILER_LEN> packet{};
    std::memcpy(packet.data(), header, kRtpHeaderMin);
    packet[0] = 0x80;  // no CSRC, no extension
    int length = kRtpHeaderMin;
    const unsigned no_such_key = SRTP_MAX_NUM_MASTER_KEYS;
    if (srtp_protect_mki(session_, packet.data(), &length, 1, no_such_key) != srtp_err_status_bad_mki) {
      throw std::runtime_error("libsrtp: made no stream");
    }
    stream.made = true;
  }
  return &stream;
}

// False: libsrtp would take the packet for another one.
bool LibsrtpSession::follow(Stream& stream, std::uint32_t ssrc, std::uint64_t index) {
  const auto sequence = static_cast<std::uint16_t>(index);
  if (libsrtps_estimate(stream.highest, stream.pending_roc, sequence) == index) return true;
  const auto roc = static_cast<std::uint32_t>(index >> 16);
  const bool set = srtp_set_stream_roc(session_, ssrc, roc) == srtp_err_status_ok;
  if (set) stream.pending_roc = roc;
  return set && libsrtps_estimate(stream.highest, stream.pending_roc, sequence) == index;
}

void LibsrtpSession::forget(std::uint32_t ssrc) {
  streams_.erase(ssrc);
  if (srtp_remove_stream(session_, __builtin_bswap32(ssrc)) != srtp_err_status_ok) start();
}

bool LibsrtpSession::seal_rtp(std::uint8_t* packet, std::uint32_t& length, std::uint64_t index) {
  const std::uint32_t ssrc = net::load_be32(packet + 8);
  Stream* const known = stream(ssrc, packet, index);
  if (known == nullptr || index + ReplayWindow::kSize <= known->highest) return false;
  if (!follow(*known, ssrc, index)) return false;
  int sealed = static_cast<int>(length);
  if (srtp_protect(session_, packet, &sealed) != srtp_err_status_ok) return false;
  known->took(index);
  length = static_cast<std::uint32_t>(sealed);
  return true;
}

// Uses up the indices before `index`.
bool LibsrtpSession::skip_rtcp(Stream& stream, std::uint32_t ssrc, std::uint32_t index) {
  for (std::uint32_t skipped = 0; stream.rtcp_index + 1 < index; ++skipped) {
    if (skipped == kMostSkipped) return false;
    std::array<std::uint8_t, kRtcpHeader + SRTP_MAX_TRAILER_LEN + kWordLength> packet{0x80, 201, 0, 1};
    net::store_be32(packet.data() + 4, ssrc);
    int length = kRtcpHeader;
    if (srtp_protect_rtcp(session_, packet.data(), &length) != srtp_err_status_ok) return false;
    ++stream.rtcp_index;
  }
  return true;
}

bool LibsrtpSession::seal_rtcp(std::uint8_t* packet, std::uint32_t& length, std::uint32_t index) {
  const std::uint32_t ssrc = net::load_be32(packet + 4);
  if (!make_room(ssrc)) return false;
  Stream& stream = streams_[ssrc];
  if (index <= stream.rtcp_index || !skip_rtcp(stream, ssrc, index)) return false;
  int sealed = static_cast<int>(length);
  if (srtp_protect_rtcp(session_, packet, &sealed) != srtp_err_status_ok) return false;
  // What it says is what was used, whatever we think.
  const auto trailer = rtcp_trailer(suite_, {packet, static_cast<std::size_t>(sealed)});
  if (!trailer) return false;
  stream.made = true;
  stream.rtcp_index = trailer->index;
  length = static_cast<std::uint32_t>(sealed);
  return trailer->index == index;
}

bool LibsrtpSession::open_rtp(std::uint8_t* packet, std::uint32_t& length, std::uint64_t index) {
  const std::uint32_t ssrc = net::load_be32(packet + 8);
  for (int attempt = 0; attempt < 2; ++attempt) {
    Stream* const known = stream(ssrc, packet, index);
    if (known == nullptr) return false;
    int opened = static_cast<int>(length);
    srtp_err_status_t status = srtp_err_status_replay_old;
    if (index + ReplayWindow::kSize > known->highest && follow(*known, ssrc, index)) {
      status = srtp_unprotect(session_, packet, &opened);
    }
    if (status == srtp_err_status_ok) {
      known->took(index);
      length = static_cast<std::uint32_t>(opened);
      return true;
    }
    if (!seen_before(status)) return false;
    forget(ssrc);  // and take it as the first one; the packet is untouched
  }
  return false;
}

bool LibsrtpSession::open_rtcp(std::uint8_t* packet, std::uint32_t& length) {
  const std::uint32_t ssrc = net::load_be32(packet + 4);
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!make_room(ssrc)) return false;
    int opened = static_cast<int>(length);
    const srtp_err_status_t status = srtp_unprotect_rtcp(session_, packet, &opened);
    if (status == srtp_err_status_ok) {
      streams_[ssrc].made = true;
      length = static_cast<std::uint32_t>(opened);
      return true;
    }
    if (!seen_before(status)) return false;
    forget(ssrc);
  }
  return false;
}

void LibsrtpSession::Stream::took(std::uint64_t index) {
  made = true;
  if (index <= highest) return;
  if (index - highest > kHalfSequence) pending_roc = 0;
  highest = index;
}

}  // namespace causeway::srtp
