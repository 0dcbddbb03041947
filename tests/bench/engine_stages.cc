#include "tests/bench/engine_stages.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "dataplane/net/bytes.h"
#include "tools/measure/tsc.h"

namespace causeway::bench {

namespace {

using measure::read_tsc;

constexpr std::uint32_t kHeader = 12;
constexpr std::size_t kBatch = 64;
constexpr std::size_t kOutputs = 128;  // as the raw loop's

std::vector<std::unique_ptr<srtp::SessionKeys>> make_keys(srtp::Engine& engine, srtp::Suite suite,
                                                          std::size_t count) {
  std::vector<std::unique_ptr<srtp::SessionKeys>> keys;
  std::array<std::uint8_t, srtp::kMaxMasterKey> master{};
  const srtp::SuiteInfo& info = srtp::info(suite);
  for (std::size_t i = 0; i < count; ++i) {
    net::store_be32(master.data(), static_cast<std::uint32_t>(i) + 1);
    const std::span<const std::uint8_t> bytes(master);
    keys.push_back(engine.expand(suite, bytes.first(info.key_length), bytes.first(info.salt_length)));
  }
  return keys;
}

void put_header(std::uint8_t* rtp, std::uint64_t index, std::uint32_t ssrc) {
  rtp[0] = 0x80;
  rtp[1] = 96;
  net::store_be16(rtp + 2, static_cast<std::uint16_t>(index));
  net::store_be32(rtp + 8, ssrc);
}

}  // namespace

SealStage::SealStage(srtp::Engine& engine, srtp::Suite suite, std::size_t bytes, std::size_t legs)
    : engine_(engine), keys_(make_keys(engine, suite, legs)), plain_(1), outputs_(kOutputs) {
  for (Buffer* output = outputs_.data(); output != outputs_.data() + kOutputs; ++output)
    put_header(output->bytes.data(), 1, 7);
  for (std::size_t i = 0; i < legs; ++i) {
    jobs_.push_back({.keys = keys_[i].get(),
                     .payload = plain_[0].bytes.data(),
                     .payload_length = static_cast<std::uint32_t>(bytes) - kHeader,
                     .packet = outputs_[i % kOutputs].bytes.data(),
                     .header_length = kHeader,
                     .index = 1});
  }
}

Sample SealStage::round(std::size_t outputs) {
  const std::size_t rounds = (outputs + jobs_.size() - 1) / jobs_.size();
  const std::uint64_t begin = read_tsc();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t at = 0; at < jobs_.size(); at += kBatch)
      engine_.seal_rtp(std::span(jobs_).subspan(at, std::min(kBatch, jobs_.size() - at)));
  }
  const std::uint64_t ticks = read_tsc() - begin;
  if (jobs_[0].length == 0) throw std::runtime_error("the engine does not seal");
  return {ticks, rounds * jobs_.size()};
}

OpenRound::OpenRound(srtp::Engine& engine, srtp::Suite suite, std::size_t bytes, std::size_t sources,
                     std::size_t burst)
    : engine_(engine),
      bytes_(bytes),
      burst_(burst),
      keys_(make_keys(engine, suite, sources)),
      plain_(1),
      packets_(kPackets) {}

Sample OpenRound::round() {
  std::array<srtp::OpenJob, kPackets> jobs;
  for (std::size_t i = 0; i < kPackets; ++i) {
    const srtp::SessionKeys* keys = keys_[i % keys_.size()].get();
    std::uint8_t* rtp = packets_[i].bytes.data();
    put_header(rtp, ++index_, 7);
    srtp::SealJob job{.keys = keys,
                      .payload = plain_[0].bytes.data(),
                      .payload_length = static_cast<std::uint32_t>(bytes_) - kHeader,
                      .packet = rtp,
                      .header_length = kHeader,
                      .index = index_};
    engine_.seal_rtp({&job, 1});
    jobs[i] = {.keys = keys, .packet = rtp, .length = job.length, .header_length = kHeader, .index = index_};
  }
  const std::uint64_t begin = read_tsc();
  for (std::size_t at = 0; at < kPackets; at += burst_)
    engine_.open_rtp(std::span(jobs).subspan(at, burst_));
  const std::uint64_t ticks = read_tsc() - begin;
  if (!std::ranges::all_of(jobs, &srtp::OpenJob::authentic)) {
    throw std::runtime_error("the engine does not open what it sealed");
  }
  return {ticks, kPackets};
}

}  // namespace causeway::bench
