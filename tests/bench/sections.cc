#include <algorithm>
#include <memory>
#include <random>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "tests/bench/engine_stages.h"
#include "tests/bench/pipeline_rig.h"
#include "tests/bench/raw_cipher.h"
#include "tests/bench/run.h"

namespace causeway::bench {

namespace {

constexpr std::size_t kOutputs = 1024;        // of a round
constexpr std::size_t kLibsrtpOutputs = 128;  // it takes ten times as long

// What a worker at its limit finds in its receive queue: a full burst. With very many legs less, lest a round
// take too long.
std::size_t burst_of(std::size_t legs) {
  return std::clamp<std::size_t>(2048 / legs, 1, kBurst);
}

std::vector<std::size_t> only_if(bool all, std::vector<std::size_t> many, std::vector<std::size_t> few) {
  return all ? std::move(many) : std::move(few);
}

}  // namespace

std::string key_of(const std::string& what, const BenchSuite& suite, std::size_t bytes, std::size_t n) {
  return what + "/" + suite.name + "/" + std::to_string(bytes) + "/" + std::to_string(n);
}

void Run::race_for(double milliseconds, std::span<const Contender> contenders,
                   const std::vector<std::string>& keys) const {
  const std::uint64_t end = measure::read_tsc() + rate.from_ns(milliseconds * 1e6);
  const auto least = race(contenders, {.least = 5, .enough = [end] { return measure::read_tsc() >= end; }});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const double ns = least[i] * 1e9 / rate.hz();
    const auto known = report.find(keys[i]);  // several ways to one figure: the best counts
    report.figure(keys[i], known ? std::min(*known, ns) : ns);
  }
}

namespace {

void measure_cell(const Run& run, const BenchSuite& suite, std::size_t bytes, std::size_t legs) {
  std::vector<Contender> contenders;
  std::vector<std::string> keys;
  const auto enter = [&](const std::string& what, Contender contender) {
    contenders.push_back(std::move(contender));
    keys.push_back(key_of(what, suite, bytes, legs));
  };
  const auto raw = make_raw_cipher(suite.suite, bytes, legs, srtp::Isa::best);
  const auto raw_sha_ni = make_raw_cipher(suite.suite, bytes, legs, srtp::Isa::sse);
  enter("raw", [&] { return raw->round(kOutputs); });
  if (!srtp::info(suite.suite).aead) enter("raw", [&] { return raw_sha_ni->round(kOutputs); });

  const auto engine = srtp::make_ipsec_mb_engine();
  SealStage seal(*engine, suite.suite, bytes, legs);
  enter("seal", [&] { return seal.round(kOutputs); });
  const auto rig = [&](std::size_t burst, bool offload, MakeEngine make_engine) {
    auto made = std::make_unique<PipelineRig>(RigOptions{.suite = suite.suite,
                                                         .bytes = bytes,
                                                         .legs = legs,
                                                         .burst = burst,
                                                         .offload = offload,
                                                         .make_engine = std::move(make_engine)});
    made->verify();
    return made;
  };
  const auto own = [] { return srtp::make_ipsec_mb_engine(); };
  const auto pipeline = rig(burst_of(legs), false, own);
  const auto alone = rig(1, false, own);
  const auto offload = rig(burst_of(legs), true, own);
  enter("pipeline", [&] { return pipeline->round(kOutputs); });
  enter("alone", [&] { return alone->round(kOutputs); });
  enter("offload", [&] { return offload->round(kOutputs); });
  std::unique_ptr<PipelineRig> relayed;
  if (legs <= 100) {  // a fleet has at most 128 nodes
    relayed = std::make_unique<PipelineRig>(RigOptions{
        .suite = suite.suite, .bytes = bytes, .legs = legs, .burst = burst_of(legs), .relays = true});
    relayed->verify();
    enter("relayed", [&] { return relayed->round(kOutputs); });
  }

  // With very many sessions libsrtp on NSS takes tens of microseconds for each packet.
  std::unique_ptr<srtp::Engine> libsrtp;
  std::unique_ptr<SealStage> libsrtp_seal;
  std::unique_ptr<PipelineRig> libsrtp_pipeline;
  if (legs <= 1000) {
    libsrtp = srtp::make_libsrtp_engine();
    libsrtp_seal = std::make_unique<SealStage>(*libsrtp, suite.suite, bytes, legs);
    libsrtp_pipeline = rig(burst_of(legs), false, [] { return srtp::make_libsrtp_engine(); });
    enter("libsrtp_seal", [&] { return libsrtp_seal->round(kLibsrtpOutputs); });
    enter("libsrtp_pipeline", [&] { return libsrtp_pipeline->round(kLibsrtpOutputs); });
  }
  run.race_for(run.race_ms(900), contenders, keys);
}

}  // namespace

void measure_grid(const Run& run) {
  const bool all = run.effort != Effort::smoke;
  for (const BenchSuite& suite : kSuites) {
    for (const std::size_t bytes : kSizes) {
      for (const std::size_t legs : only_if(all, {1, 10, 64, 1000, 10000}, {1, 64})) {
        measure_cell(run, suite, bytes, legs);
      }
    }
  }
}

namespace {

// Looks up random transports of so many, a burst at a time.
class LookupRound {
 public:
  explicit LookupRound(std::size_t transports)
      : transports_(transports), index_("lookup" + std::to_string(transports), transports, qsbr_.get()) {
    for (std::uint32_t i = 0; i < transports; ++i) {
      if (index_.add(key(i), i) != TransportRegistry::Added::yes)
        throw std::runtime_error("the transport index is full");
    }
  }
  Sample operator()() {
    constexpr std::size_t kBursts = 32;
    std::uint64_t ticks = 0;
    for (std::size_t burst = 0; burst < kBursts; ++burst) {
      std::array<Id, kBurst> wanted;
      for (std::size_t i = 0; i < kBurst; ++i) {
        wanted[i] = static_cast<Id>(random_() % transports_);
        packets_[i] = Packet{};
        packets_[i].kind = Kind::rtp;
        packets_[i].key = key(wanted[i]);
      }
      const std::uint64_t begin = measure::read_tsc();
      index_.lookup(packets_);
      ticks += measure::read_tsc() - begin;
      for (std::size_t i = 0; i < kBurst; ++i) {
        if (packets_[i].transport != wanted[i]) throw std::runtime_error("lookup finds another transport");
      }
    }
    return {ticks, kBursts * kBurst};
  }

 private:
  static TransportKey key(std::uint32_t i) {
    return {net::IpAddress::v4(0x0a000001), net::IpAddress::v4(0x0a010000 + i), 20000, 5004, 0, 0};
  }

  std::size_t transports_;
  Qsbr qsbr_;
  TransportIndex index_;
  std::array<Packet, kBurst> packets_;
  std::mt19937 random_{1};
};

}  // namespace

void measure_ingress(const Run& run) {
  for (const BenchSuite& suite : kSuites) {
    for (const std::size_t bytes : kSizes) {
      const auto engine = srtp::make_ipsec_mb_engine();
      OpenRound one(*engine, suite.suite, bytes, 1, 1);
      OpenRound many(*engine, suite.suite, bytes, kBurst, kBurst);
      PipelineRig ingress({.suite = suite.suite, .bytes = bytes, .tracks = 32, .legs = 0, .burst = kBurst});
      const std::vector<Contender> contenders{[&] { return one.round(); }, [&] { return many.round(); },
                                              [&] { return ingress.round(512); }};
      run.race_for(run.race_ms(500), contenders,
                   {key_of("open", suite, bytes, 1), key_of("open", suite, bytes, kBurst),
                    key_of("ingress", suite, bytes, kBurst)});
    }
  }
  LookupRound few(1000);
  LookupRound many(100000);
  const std::vector<Contender> contenders{[&] { return few(); }, [&] { return many(); }};
  run.race_for(run.race_ms(800), contenders, {"lookup/1000", "lookup/100000"});
}

namespace {

// One curve: rigs that differ in one number, raced in one go.
void measure_curve(const Run& run, const std::string& name, const BenchSuite& suite,
                   const std::vector<std::size_t>& points,
                   const std::function<RigOptions(std::size_t)>& options) {
  std::vector<std::unique_ptr<PipelineRig>> rigs;
  std::vector<Contender> contenders;
  std::vector<std::string> keys;
  for (const std::size_t point : points) {
    RigOptions at = options(point);
    at.suite = suite.suite;
    rigs.push_back(std::make_unique<PipelineRig>(at));
    contenders.emplace_back([rig = rigs.back().get()] { return rig->round(2 * kOutputs); });
    keys.push_back(key_of("curve/" + name, suite, at.bytes, point));
  }
  run.race_for(run.race_ms(250) * static_cast<double>(points.size()), contenders, keys);
}

struct Companion {
  PipelineRig* rig;
  std::atomic<bool> runs{false};
  std::atomic<bool> ends{false};
  std::atomic<bool> failed{false};
};

int accompany(void* argument) {
  auto& companion = *static_cast<Companion*>(argument);
  try {
    while (!companion.ends.load(std::memory_order_relaxed)) {
      if (companion.runs.load(std::memory_order_relaxed)) {
        companion.rig->round(kOutputs / 4);
      }
    }
  } catch (const std::exception&) {
    companion.failed = true;
  }
  return 0;
}

// What an output costs a worker while another one works beside it.
void measure_workers(const Run& run, const BenchSuite& suite) {
  const unsigned lcore = rte_get_next_lcore(static_cast<unsigned>(-1), 1, 0);
  if (lcore == RTE_MAX_LCORE) {
    run.report.missing("curve/workers", "there is one CPU");
    return;
  }
  PipelineRig mine({.suite = suite.suite, .burst = kBurst});
  PipelineRig other({.suite = suite.suite, .burst = kBurst});
  Companion companion{&other};
  rte_eal_remote_launch(accompany, &companion, lcore);
  const std::vector<Contender> contenders{[&] {
                                            companion.runs = false;
                                            return mine.round(kOutputs);
                                          },
                                          [&] {
                                            companion.runs = true;
                                            return mine.round(kOutputs);
                                          }};
  run.race_for(run.race_ms(500), contenders,
               {key_of("curve/workers", suite, 1200, 1), key_of("curve/workers", suite, 1200, 2)});
  companion.ends = true;
  rte_eal_wait_lcore(lcore);
  if (companion.failed) throw std::runtime_error("the second worker lost packets");
}

}  // namespace

void measure_curves(const Run& run) {
  const bool all = run.effort != Effort::smoke;
  for (const BenchSuite& suite : kSuites) {
    measure_curve(run, "legs", suite, only_if(all, {1, 4, 16, 64, 256, 1000, 4000, 10000}, {1, 64}),
                  [](std::size_t legs) { return RigOptions{.legs = legs, .burst = burst_of(legs)}; });
    // Bursts of other tracks, one leg each: what is not a conference.
    measure_curve(
        run, "tracks", suite, only_if(all, {1, 10, 100, 1000, 10000}, {1, 64}),
        [](std::size_t tracks) { return RigOptions{.tracks = tracks, .legs = 1, .burst = kBurst}; });
    // Tracks of 64 legs, each packet of a random one.
    measure_curve(run, "transports", suite, only_if(all, {65, 1000, 10000, 100000}, {65, 130}),
                  [](std::size_t transports) {
                    return RigOptions{
                        .tracks = std::max<std::size_t>(1, transports / 65), .legs = 64, .burst = kBurst};
                  });
    measure_workers(run, suite);
  }
}

void profile_pipeline(const Run& run, const std::string& which, double seconds) {
  for (const BenchSuite& suite : kSuites) {
    for (const std::size_t bytes : kSizes) {
      const std::string begin = std::string(suite.name) + "/" + std::to_string(bytes) + "/";
      if (!which.starts_with(begin)) continue;
      const std::size_t legs = std::stoul(which.substr(begin.size()));
      PipelineRig rig({.suite = suite.suite, .bytes = bytes, .legs = legs, .burst = burst_of(legs)});
      const std::vector<Contender> contenders{[&] { return rig.round(kOutputs); }};
      run.race_for(seconds * 1000, contenders, {"pipeline/" + which});
      return;
    }
  }
  throw std::invalid_argument("--profile: no pipeline is " + which);
}

void hold_goals(Report& report) {
  const BenchSuite& gcm = kSuites[0];
  const BenchSuite& cm = kSuites[1];
  const auto cell = [](const char* what, const BenchSuite& suite) { return key_of(what, suite, 1200, 64); };
  report.hold("pipeline / raw cipher, GCM128", cell("pipeline", gcm), cell("raw", gcm), 1.6);
  report.hold("pipeline / raw cipher, CM_SHA1_80", cell("pipeline", cm), cell("raw", cm), 1.25);
  report.hold("the same, checksums by the port, GCM128", cell("offload", gcm), cell("raw", gcm), 1.6);
  report.hold("the same, checksums by the port, CM_SHA1_80", cell("offload", cm), cell("raw", cm), 1.25);
  report.hold("seal stage / raw cipher, GCM128", cell("seal", gcm), cell("raw", gcm), 1.1);
  report.hold("seal stage / raw cipher, CM_SHA1_80", cell("seal", cm), cell("raw", cm), 1.1);
  report.hold("to peer nodes / to subscribers, GCM128", cell("relayed", gcm), cell("pipeline", gcm), 1.1);
  report.hold("one CM_SHA1_80 packet / libsrtp", key_of("seal", cm, 1200, 1),
              key_of("libsrtp_seal", cm, 1200, 1), 1.0);
  for (const BenchSuite& suite : kSuites) {
    const std::string name = std::string(", ") + suite.name;
    report.hold("10000 legs / 64 legs" + name, key_of("curve/legs", suite, 1200, 10000),
                key_of("curve/legs", suite, 1200, 64), 1.5);
    report.hold("100000 transports / 65 transports" + name, key_of("curve/transports", suite, 1200, 100000),
                key_of("curve/transports", suite, 1200, 65), 1.5);
    report.hold("others' p99 beside 10000 legs / without" + name,
                key_of("crowd", suite, 1200, 10000) + "/p99", key_of("crowd", suite, 1200, 0) + "/p99", 2.0);
  }
  report.hold("two processes, GCM128 fan-out / testpmd forwarding", "memif/causeway/gcm128/1200",
              "memif/testpmd/1200", 0.55, true);
}

}  // namespace causeway::bench
