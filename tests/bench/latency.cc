// Latency in process, open loop: packets come when they are due, whether the worker is ready or not, and what
// is late counts from when it was due.
#include <deque>

#include "tests/bench/pipeline_rig.h"
#include "tests/bench/run.h"
#include "tools/measure/histogram.h"
#include "tools/measure/spin_gap.h"

namespace causeway::bench {

namespace {

constexpr std::size_t kLegs = 64;
constexpr double kGap_ns = 2000;  // longer absences of an idle loop are the machine's

void put(Report& report, const std::string& key, const measure::Histogram& histogram) {
  report.figure(key + "/p50", static_cast<double>(histogram.percentile(50)));
  report.figure(key + "/p99", static_cast<double>(histogram.percentile(99)));
  report.figure(key + "/p99.9", static_cast<double>(histogram.percentile(99.9)));
  report.figure(key + "/max", static_cast<double>(histogram.max()));
}

// Outputs come in the order of their inputs, kLegs for each.
void run_half_load(const Run& run, PipelineRig& rig, double cost_ns, measure::Histogram& latency) {
  const std::uint64_t interval = run.rate.from_ns(cost_ns * kLegs * 2);
  const std::uint64_t begin = measure::read_tsc();
  const std::uint64_t end = begin + run.rate.from_ns(run.race_ms(1500) * 1e6);
  std::deque<std::uint64_t> due;  // of packets whose outputs are not all out
  std::uint64_t out_of_first = 0;
  std::uint64_t next = begin + interval;
  rte_mbuf* input = rig.make_input();
  while (next < end) {
    if (measure::read_tsc() < next) continue;
    std::uint64_t now = measure::read_tsc();
    for (; next <= now && next < end; next += interval) {
      rig.inject(input);
      due.push_back(next);
      input = rig.make_input();  // some hundred nanoseconds of the idle half
      if (due.size() == 32) break;
    }
    rig.turn();
    out_of_first += rig.take_sent();
    now = measure::read_tsc();
    for (; out_of_first >= kLegs; out_of_first -= kLegs) {
      latency.record(static_cast<std::uint64_t>(run.rate.to_ns(now - due.front())), kLegs);
      due.pop_front();
    }
  }
  rig.inject(input);
  rig.turn();
  rig.take_sent();
}

}  // namespace

void measure_latency(const Run& run) {
  for (const BenchSuite& suite : kSuites) {
    const auto cost_ns = run.report.find(key_of("alone", suite, 1200, kLegs));
    if (!cost_ns) {
      run.report.missing("latency", "it needs the pipeline's figures");
      return;
    }
    PipelineRig rig({.suite = suite.suite});
    measure::Histogram latency;
    run_half_load(run, rig, *cost_ns, latency);
    const measure::SpinGaps gaps = measure::spin(run.rate, run.race_ms(500), kGap_ns);
    const std::string key = key_of("latency", suite, 1200, kLegs);
    put(run.report, key, latency);
    run.report.figure(key + "/control/stolen_share", gaps.stolen_share());
    run.report.figure(key + "/control/gap_p99", static_cast<double>(gaps.gaps().percentile(99)));
    run.report.figure(key + "/control/gap_max", static_cast<double>(gaps.gaps().max()));
  }
}

}  // namespace causeway::bench
