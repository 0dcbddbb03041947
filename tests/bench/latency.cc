// Latency in process, open loop: packets come when they are due, whether the worker is ready or not, and what
// is late counts from when it was due.
#include <algorithm>
#include <array>
#include <deque>

#include "tests/bench/pipeline_rig.h"
#include "tests/bench/run.h"
#include "tools/measure/histogram.h"
#include "tools/measure/spin_gap.h"

namespace causeway::bench {

namespace {

constexpr std::size_t kLegs = 64;
constexpr double kWindow_ns = 50e6;
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

// Tracks of 64 legs at a quarter of the worker's load; beside them, if crowd_due_ns is not 0, a track of
// 10,000 legs that gets a packet so often. Outputs of the small tracks come in the order of their inputs.
void run_beside_crowd(const Run& run, PipelineRig& rig, double cost_ns, double crowd_due_ns,
                      measure::Histogram& latency) {
  const std::uint64_t interval = run.rate.from_ns(cost_ns * kLegs * 4);
  const std::uint64_t crowd_interval = run.rate.from_ns(crowd_due_ns);
  const std::uint64_t begin = measure::read_tsc();
  const std::uint64_t end = begin + run.rate.from_ns(kWindow_ns);
  std::deque<std::uint64_t> due;
  std::uint64_t out_of_first = 0;
  std::uint64_t next = begin + interval;
  std::uint64_t next_crowd = begin;
  for (std::uint64_t now = begin; now < end; now = measure::read_tsc()) {
    if (now >= next) {
      rig.inject(rig.make_input());
      due.push_back(next);
      next += interval;
    }
    if (crowd_interval != 0 && now >= next_crowd) {
      rig.inject(rig.make_crowd_input());
      next_crowd += crowd_interval;
    }
    rig.turn_once();
    out_of_first += rig.take_sent();
    now = measure::read_tsc();
    for (; out_of_first >= kLegs; out_of_first -= kLegs) {
      latency.record(static_cast<std::uint64_t>(run.rate.to_ns(now - due.front())), 1);
      due.pop_front();
    }
  }
  rig.turn();
  rig.take_sent();
}

}  // namespace

// What a track of 10,000 legs does to the others' latency: short windows with it and without it in turn. Of
// each the least p99 counts: that of a window in which the machine took the core away from few packets.
void measure_crowd(const Run& run) {
  constexpr std::size_t kCrowd = 10000;
  for (const BenchSuite& suite : kSuites) {
    PipelineRig rig({.suite = suite.suite, .tracks = 16, .legs = kLegs, .crowd = kCrowd});
    const Sample cost = rig.round(kLegs * 64);
    const double cost_ns = run.rate.to_ns(cost.ticks) / static_cast<double>(cost.units);
    std::array<double, 2> least{1e18, 1e18};
    const int windows = std::max(1, static_cast<int>(run.race_ms(1500) * 1e6 / kWindow_ns));
    for (int turn = 0; turn < windows; ++turn) {
      for (const bool with : {false, true}) {
        measure::Histogram latency;
        // Its copies cost up to twice as much, as what they need is in no cache.
        run_beside_crowd(run, rig, cost_ns, with ? cost_ns * 2 * kCrowd * 4 : 0, latency);
        least[with ? 1 : 0] = std::min(least[with ? 1 : 0], static_cast<double>(latency.percentile(99)));
      }
    }
    run.report.figure(key_of("crowd", suite, 1200, 0) + "/p99", least[0]);
    run.report.figure(key_of("crowd", suite, 1200, kCrowd) + "/p99", least[1]);
  }
}

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
