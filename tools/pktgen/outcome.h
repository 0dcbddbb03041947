// What was expected of a phase, what was seen, and what is wrong with it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/measure/histogram.h"
#include "tools/pktgen/sender.h"
#include "tools/pktgen/verifier.h"

namespace causeway::pktgen {

// Faults are what goes beyond what was injected.
struct LegOutcome {
  std::uint64_t expected = 0;
  std::uint64_t received = 0;  // of these
  std::uint64_t late = 0;
  std::uint64_t late_expected = 0;  // reordered on purpose
  std::uint64_t duplicates = 0;
  std::uint64_t forged = 0;
  std::uint64_t wrong = 0;

  std::uint64_t lost() const { return expected > received ? expected - received : 0; }
  std::uint64_t surplus() const { return received > expected ? received - expected : 0; }
  std::uint64_t disordered() const { return late > late_expected ? late - late_expected : 0; }
  bool clean() const { return lost() + surplus() + disordered() + duplicates + forged + wrong == 0; }
};

// One leg, or the sum of all.
LegOutcome operator+(LegOutcome a, const LegOutcome& b);

struct Outcome {
  double offered_pps = 0;  // 0: as much as possible
  double seconds = 0;      // in which was sent
  SentCounters sent;
  SeenCounters seen;
  LegOutcome sum;
  std::uint64_t lost = 0;  // sum of each leg's: one leg's surplus mends no other's loss
  std::uint64_t disordered = 0;
  std::vector<LegOutcome> legs;   // as in the plan
  std::uint64_t silent_legs = 0;  // that should have seen something, and saw nothing
  measure::Histogram latency;     // ns
  bool clean = false;             // nothing is lost, disordered, doubled, forged, wrong or astray

  double sent_pps() const { return seconds > 0 ? static_cast<double>(sent.frames) / seconds : 0; }
  double received_pps() const { return seconds > 0 ? static_cast<double>(sum.received) / seconds : 0; }
};

std::uint64_t expected_packets(const Plan& plan, const Sender& sender);

Outcome judge(const Plan& plan, const Sender& sender, const Verifier& verifier, const Verify& verify);

}  // namespace causeway::pktgen
