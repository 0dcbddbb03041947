#include "dataplane/srtp/libsrtp_engine.h"

#include <algorithm>
#include <cstring>
#include <openssl/crypto.h>
#include <stdexcept>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/framing.h"
#include "dataplane/srtp/kdf.h"

namespace causeway::srtp {

namespace {

bool is_rtp(const std::uint8_t* packet, std::uint32_t length, std::uint32_t header_length,
            std::uint64_t index) {
  return rtp_header_length({packet, length}) == header_length &&
         net::load_be16(packet + 2) == static_cast<std::uint16_t>(index);
}

void copy_payload(const SealJob& job) {
  if (job.payload_length > 0) std::memcpy(job.packet + job.header_length, job.payload, job.payload_length);
}

// The lengths one by one, so that their sum cannot wrap.
bool is_datagram(const SealJob& job, std::size_t overhead) {
  return job.keys != nullptr && job.header_length <= kMaxPacketLength &&
         job.payload_length <= kMaxPacketLength &&
         job.header_length + job.payload_length + overhead <= kMaxPacketLength;
}

bool can_make_sessions() {
  try {
    const std::array<std::uint8_t, 28> master{};
    const LibsrtpSession session(Suite::aead_aes_128_gcm, master, LibsrtpSession::Use::seal);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

// libsrtp or the memory failed in making a session or a stream: the packet is refused, the next one tries
// again.
template <typename Run>
auto or_refuse(Run run) -> decltype(run()) {
  try {
    return run();
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

LibsrtpKeys::LibsrtpKeys(Suite suite, std::span<const std::uint8_t> master_key,
                         std::span<const std::uint8_t> master_salt, std::size_t slots)
    : SessionKeys(suite, fingerprint_of(master_key, master_salt)),
      master_length_(master_key.size() + master_salt.size()),
      slot_count_(slots),
      slots_(std::make_unique<Slot[]>(slots)) {
  std::copy(master_salt.begin(), master_salt.end(),
            std::copy(master_key.begin(), master_key.end(), master_.begin()));
}

LibsrtpKeys::~LibsrtpKeys() {
  OPENSSL_cleanse(master_.data(), master_.size());
}

LibsrtpSession* LibsrtpKeys::session(std::size_t slot, LibsrtpSession::Use use) const {
  if (slot >= slot_count_) return nullptr;
  std::unique_ptr<LibsrtpSession>& session = slots_[slot].sessions[static_cast<std::size_t>(use)];
  if (!session)
    session = std::make_unique<LibsrtpSession>(suite(), std::span(master_).first(master_length_), use);
  return session.get();
}

LibsrtpEngine::LibsrtpEngine(std::size_t slot, std::size_t slots) : slot_(slot), slots_(slots) {
  if (slot >= slots) throw std::invalid_argument("libsrtp: an engine's slot is one of its slots");
  // It starts once in a process, and says only by this whether it has.
  if (!can_make_sessions() && (srtp_init() != srtp_err_status_ok || !can_make_sessions())) {
    throw std::runtime_error("libsrtp does not start: a self-test of its ciphers failed");
  }
}

std::unique_ptr<SessionKeys> LibsrtpEngine::expand(Suite suite, std::span<const std::uint8_t> master_key,
                                                   std::span<const std::uint8_t> master_salt) const {
  const SuiteInfo& lengths = info(suite);
  if (master_key.size() != lengths.key_length || master_salt.size() != lengths.salt_length) {
    throw std::invalid_argument("master key or salt length does not fit the SRTP suite");
  }
  if (suite == Suite::none) return std::make_unique<NoKeys>();
  return std::make_unique<LibsrtpKeys>(suite, master_key, master_salt, slots_);
}

LibsrtpSession* LibsrtpEngine::session(const SessionKeys& keys, LibsrtpSession::Use use) const {
  return static_cast<const LibsrtpKeys&>(keys).session(slot_, use);
}

bool LibsrtpEngine::open_rtp(OpenJob& job) const {
  if (job.keys == nullptr) return false;
  const Suite suite = job.keys->suite();
  const auto tag_length = static_cast<std::uint32_t>(info(suite).rtp_tag_length);
  if (!rtp_layout(tag_length, job.header_length, job.length)) return false;
  if (suite == Suite::none) return true;
  if (!is_rtp(job.packet, job.length - tag_length, job.header_length, job.index)) return false;
  LibsrtpSession* const opener = session(*job.keys, LibsrtpSession::Use::open);
  return opener != nullptr && opener->open_rtp(job.packet, job.length, job.index);
}

bool LibsrtpEngine::open_rtcp(OpenJob& job) const {
  if (job.keys == nullptr) return false;
  if (job.length > kMaxPacketLength) return false;
  const auto trailer = rtcp_trailer(job.keys->suite(), {job.packet, job.length});
  if (!trailer) return false;
  const Suite suite = job.keys->suite();
  if (suite == Suite::none) return true;
  const bool clear = !trailer->encrypted && !info(suite).aead;
  LibsrtpSession* const opener =
      session(*job.keys, clear ? LibsrtpSession::Use::open_clear_rtcp : LibsrtpSession::Use::open);
  return opener != nullptr && opener->open_rtcp(job.packet, job.length);
}

std::uint32_t LibsrtpEngine::seal_rtp(const SealJob& job) const {
  if (job.keys == nullptr || !is_datagram(job, info(job.keys->suite()).rtp_tag_length)) return 0;
  if (job.header_length < kRtpHeaderMin) return 0;
  std::uint32_t length = job.header_length + job.payload_length;
  copy_payload(job);
  if (job.keys->suite() == Suite::none) return length;
  if (!is_rtp(job.packet, length, job.header_length, job.index)) return 0;
  LibsrtpSession* const sealer = session(*job.keys, LibsrtpSession::Use::seal);
  return sealer != nullptr && sealer->seal_rtp(job.packet, length, job.index) ? length : 0;
}

std::uint32_t LibsrtpEngine::seal_rtcp(const SealJob& job) const {
  if (job.keys == nullptr || !is_datagram(job, rtcp_overhead(job.keys->suite()))) return 0;
  if (job.header_length != kRtcpHeader) return 0;
  std::uint32_t length = job.header_length + job.payload_length;
  copy_payload(job);
  if (job.keys->suite() == Suite::none) return length;
  const std::uint32_t index = static_cast<std::uint32_t>(job.index) & kRtcpIndexMask;
  if (index == kRtcpIndexMask) return 0;  // the next one is not an index
  LibsrtpSession* const sealer = session(*job.keys, LibsrtpSession::Use::seal);
  return sealer != nullptr && sealer->seal_rtcp(job.packet, length, index + 1) ? length : 0;
}

void LibsrtpEngine::open_rtp(std::span<OpenJob> jobs) {
  for (OpenJob& job : jobs)
    job.authentic = or_refuse([&] { return open_rtp(job); });
}

void LibsrtpEngine::open_rtcp(std::span<OpenJob> jobs) {
  for (OpenJob& job : jobs)
    job.authentic = or_refuse([&] { return open_rtcp(job); });
}

void LibsrtpEngine::seal_rtp(std::span<SealJob> jobs) {
  for (SealJob& job : jobs)
    job.length = or_refuse([&] { return seal_rtp(job); });
}

void LibsrtpEngine::seal_rtcp(std::span<SealJob> jobs) {
  for (SealJob& job : jobs)
    job.length = or_refuse([&] { return seal_rtcp(job); });
}

std::unique_ptr<Engine> make_libsrtp_engine(std::size_t slot, std::size_t slots) {
  return std::make_unique<LibsrtpEngine>(slot, slots);
}

}  // namespace causeway::srtp
