#include "dataplane/srtp/checked_engine.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/framing.h"

namespace causeway::srtp {

namespace {

std::uint64_t digest_of(const std::uint8_t* bytes, std::size_t length) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes), length});
}

// The header counts, too: it is authenticated under the same index.
std::uint64_t digest_of(const SealJob& job) {
  return digest_of(job.packet, job.header_length) * 31 + digest_of(job.payload, job.payload_length);
}

[[noreturn]] void end_process(const SealJob& job, std::uint32_t ssrc, bool rtcp, std::uint64_t index) {
  std::fprintf(stderr,
               "SRTP: two different packets under one key and index: %s, %s, SSRC %" PRIu32 ", index %" PRIu64
               "\n",
               std::string(info(job.keys->suite()).name).c_str(), rtcp ? "SRTCP" : "SRTP", ssrc, index);
  std::abort();
}

}  // namespace

CheckedEngine::CheckedEngine(std::unique_ptr<Engine> inner) : inner_(std::move(inner)) {}

std::unique_ptr<SessionKeys> CheckedEngine::expand(Suite suite, std::span<const std::uint8_t> master_key,
                                                   std::span<const std::uint8_t> master_salt) const {
  return inner_->expand(suite, master_key, master_salt);
}

void CheckedEngine::open_rtp(std::span<OpenJob> jobs) {
  inner_->open_rtp(jobs);
}

void CheckedEngine::open_rtcp(std::span<OpenJob> jobs) {
  inner_->open_rtcp(jobs);
}

void CheckedEngine::seal_rtp(std::span<SealJob> jobs) {
  inner_->seal_rtp(jobs);
  remember(jobs, false);
}

void CheckedEngine::seal_rtcp(std::span<SealJob> jobs) {
  inner_->seal_rtcp(jobs);
  remember(jobs, true);
}

// After sealing, which leaves header and payload as they were: what was refused does not count.
void CheckedEngine::remember(std::span<const SealJob> jobs, bool rtcp) {
  for (const SealJob& job : jobs) {
    if (job.length == 0 || job.keys->suite() == Suite::none) continue;
    const std::uint64_t index = job.index & (rtcp ? kRtcpIndexMask : kRtpIndexMask);
    const std::uint32_t ssrc = net::load_be32(job.packet + (rtcp ? 4 : 8));
    Sealed& sealed = window({job.keys->fingerprint(), ssrc, rtcp})[index % kWindow];
    const std::uint64_t digest = digest_of(job);
    if (sealed.used && sealed.index == index && sealed.digest != digest) end_process(job, ssrc, rtcp, index);
    sealed = {index, digest, true};
  }
}

CheckedEngine::Window& CheckedEngine::window(const StreamName& name) {
  const auto found = streams_.find(name);
  if (found != streams_.end()) return found->second;
  // Fingerprints are as good as random, so this is any stream.
  if (streams_.size() == kStreams) streams_.erase(streams_.begin());
  return streams_[name];
}

}  // namespace causeway::srtp
