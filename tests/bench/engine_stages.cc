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
    : engine_(engine),
      payload_length_(static_cast<std::uint32_t>(bytes) - kHeader),
      keys_(make_keys(engine, suite, legs)),
      plain_(1),
      outputs_(kOutputs) {}

Sample SealStage::round(std::size_t outputs) {
  Sample sample;
  while (sample.units < outputs) {
    if (keys_.size() <= kOutputs / 2) {
      seal(0, keys_.size(), kOutputs / keys_.size(), sample);
    } else {
      for (std::size_t leg = 0; leg < keys_.size(); leg += kOutputs)
        seal(leg, std::min(kOutputs, keys_.size() - leg), 1, sample);
    }
  }
  return sample;
}

// Some packets for `count` legs from `leg` on. Jobs and headers are made before: that is the fan-out's work.
void SealStage::seal(std::size_t leg, std::size_t count, std::size_t packets, Sample& sample) {
  for (std::size_t packet = 0; packet < packets; ++packet) {
    ++index_;
    for (std::size_t i = 0; i < count; ++i) {
      std::uint8_t* rtp = outputs_[packet * count + i].bytes.data();
      put_header(rtp, index_, 7);
      jobs_[packet * count + i] = {.keys = keys_[leg + i].get(),
                                   .payload = plain_[0].bytes.data(),
                                   .payload_length = payload_length_,
                                   .packet = rtp,
                                   .header_length = kHeader,
                                   .index = index_};
    }
  }
  const std::uint64_t begin = read_tsc();
  for (std::size_t packet = 0; packet < packets; ++packet) {
    for (std::size_t at = 0; at < count; at += kBatch)
      engine_.seal_rtp(std::span(jobs_).subspan(packet * count + at, std::min(kBatch, count - at)));
  }
  sample.ticks += read_tsc() - begin;
  sample.units += packets * count;
  if (jobs_[0].length == 0) throw std::runtime_error("the engine does not seal");
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
