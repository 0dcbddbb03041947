// What the ingress guard costs for a packet that no transport claims, and what a change of the tables costs
// control.
#include <random>
#include <stdexcept>

#include "config/guard/signatures.h"
#include "dataplane/guard/guard.h"
#include "tests/bench/pipeline_rig.h"
#include "tests/bench/run.h"

namespace causeway::bench {

namespace {

constexpr std::size_t kStrangers = 64;

// Random bytes behind RTP's first one, from as many sources as packets, below every rate.
class Strangers {
 public:
  Strangers(const guard::Database& database, std::size_t bytes, double ticks_per_s)
      : database_(database),
        ticks_(static_cast<std::uint64_t>(ticks_per_s)),
        guard_(0, {.source = {1'000'000, 1'000'000},
                   .punt = {1'000'000, 1'000'000},
                   .ticks_per_s = ticks_,
                   .key = {1, 2}}),
        payloads_(kStrangers, std::vector<std::uint8_t>(bytes)),
        burst_(kStrangers) {
    std::mt19937_64 random(bytes);
    for (std::size_t i = 0; i < kStrangers; ++i) {
      for (std::uint8_t& byte : payloads_[i])
        byte = static_cast<std::uint8_t>(random());
      payloads_[i][0] = 0x80;
      Packet& packet = burst_[i];
      packet.drop = Drop::no_transport;
      packet.kind = Kind::rtp;
      packet.key.remote = net::IpAddress::v4(static_cast<std::uint32_t>(0x0a000000 + i));
      packet.key.remote_port = 40000;
      packet.key.local_port = 20000;
      packet.payload = payloads_[i].data();
      packet.payload_length = static_cast<std::uint32_t>(bytes);
    }
  }

  Sample round() {
    now_ += ticks_ / 1000;
    const std::uint64_t begin = measure::read_tsc();
    guard_.judge(burst_, 0, database_, now_);
    return {measure::read_tsc() - begin, kStrangers};
  }

 private:
  const guard::Database& database_;
  std::uint64_t ticks_;
  guard::Guard guard_;
  std::vector<std::vector<std::uint8_t>> payloads_;
  std::vector<Packet> burst_;
  std::uint64_t now_ = 1;
};

}  // namespace

void measure_guard(const Run& run) {
  const config::CompiledSignatures compiled =
      config::compile_signatures({std::string(config::kBuiltin)}, 1, 1);
  if (compiled.database == nullptr) throw std::runtime_error("the built-in signatures do not compile");
  std::vector<std::unique_ptr<Strangers>> strangers;
  std::vector<Contender> contenders;
  std::vector<std::string> keys;
  for (const std::size_t bytes : {60, 160, 1200}) {
    strangers.push_back(std::make_unique<Strangers>(*compiled.database, bytes, 1e9));
    contenders.emplace_back([one = strangers.back().get()] { return one->round(); });
    keys.push_back("guard/" + std::to_string(bytes));
  }
  run.race_for(run.race_ms(600), contenders, keys);
}

void measure_changes(const Run& run) {
  std::vector<std::unique_ptr<PipelineRig>> rigs;
  std::vector<Contender> contenders;
  std::vector<std::string> keys;
  for (const std::size_t legs : {1, 1000, 10000}) {
    if (legs > 1000 && run.effort == Effort::smoke) break;
    rigs.push_back(std::make_unique<PipelineRig>(RigOptions{.legs = legs}));
    contenders.emplace_back([rig = rigs.back().get()] { return rig->change(16); });
    keys.push_back("changes/" + std::to_string(legs));
  }
  run.race_for(run.race_ms(900), contenders, keys);
}

}  // namespace causeway::bench
