// What a run found, for people and as JSON. Pure.
#pragma once

#include <optional>
#include <string>

#include "tools/measure/spin_gap.h"
#include "tools/pktgen/outcome.h"
#include "tools/pktgen/search.h"

namespace causeway::pktgen {

// What the device counted itself.
struct DeviceCounters {
  std::uint64_t received = 0;
  std::uint64_t missed = 0;  // our own receive queue was full: such loss is the generator's
  std::uint64_t no_buffer = 0;
};

struct Report {
  std::string config;
  std::string device;
  std::size_t transports = 0;
  std::size_t streams = 0;
  std::uint64_t seed = 0;
  Outcome outcome;  // of a search: of the last lossless trial, or the last one
  std::optional<SearchResult> search;
  DeviceCounters counters;
  std::optional<measure::SpinGaps> control;  // an idle spin before the run
  std::optional<measure::SpinGaps> loop;     // the loop that received
};

std::string to_text(const Report& report, const Plan& plan);
// legs: each leg with its counts, and not only those with a fault.
std::string to_json(const Report& report, const Plan& plan, bool legs);

}  // namespace causeway::pktgen
