// What every section of a run shares, and the sections themselves. Each adds its figures to the report.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dataplane/srtp/suite.h"
#include "tests/bench/report.h"
#include "tests/bench/rounds.h"
#include "tools/measure/tsc.h"

struct rte_mempool;

namespace causeway::bench {

enum class Effort { smoke, quick, full };

struct Run {
  Report& report;
  measure::TscRate rate;
  rte_mempool* pool = nullptr;
  Effort effort = Effort::quick;
  std::vector<unsigned> cpus;  // the first is this thread's
  bool huge_pages = true;
  std::string causeway;  // programs
  std::string testpmd;

  // Milliseconds for one race, by effort.
  double race_ms(double quick_ms) const {
    return effort == Effort::smoke ? quick_ms / 50 : effort == Effort::quick ? quick_ms : quick_ms * 5;
  }
  // Races the contenders for so long and puts the nanoseconds of each under its key.
  void race_for(double milliseconds, std::span<const Contender> contenders,
                const std::vector<std::string>& keys) const;
};

struct BenchSuite {
  srtp::Suite suite;
  const char* name;  // in keys
};
inline constexpr BenchSuite kSuites[] = {{srtp::Suite::aead_aes_128_gcm, "gcm128"},
                                         {srtp::Suite::aes_cm_128_hmac_sha1_80, "cm128_sha1_80"}};
inline constexpr std::size_t kSizes[] = {160, 1200};

std::string key_of(const std::string& what, const BenchSuite& suite, std::size_t bytes, std::size_t n);

void measure_grid(const Run& run);         // raw, seal, pipeline, libsrtp
void measure_ingress(const Run& run);      // open, lookup, all of the ingress
void measure_curves(const Run& run);       // legs, tracks, transports, workers
void measure_latency(const Run& run);      // at half load, in process
void measure_crowd(const Run& run);        // beside a track of 10,000 legs
void measure_guard(const Run& run);        // of packets that no transport claims
void measure_changes(const Run& run);      // of legs, by the control thread
void measure_two_process(const Run& run);  // the programs themselves, over memif
void hold_goals(Report& report);

// Runs the pipeline alone for a profiler. which: "gcm128/1200/64". Throws std::invalid_argument.
void profile_pipeline(const Run& run, const std::string& which, double seconds);

}  // namespace causeway::bench
