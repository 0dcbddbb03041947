#include "tools/pktgen/outcome.h"

namespace causeway::pktgen {

LegOutcome operator+(LegOutcome a, const LegOutcome& b) {
  a.expected += b.expected;
  a.received += b.received;
  a.late += b.late;
  a.late_expected += b.late_expected;
  a.duplicates += b.duplicates;
  a.forged += b.forged;
  a.wrong += b.wrong;
  return a;
}

std::uint64_t expected_packets(const Plan& plan, const Sender& sender) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < plan.streams.size(); ++i)
    sum += sender.streams()[i].packets * plan.streams[i].legs.size();
  return sum;
}

Outcome judge(const Plan& plan, const Sender& sender, const Verifier& verifier, const Verify& verify) {
  const bool counts_only = verify.kind == Verify::Kind::none;
  Outcome outcome{.sent = sender.counters(), .seen = verifier.counters(), .latency = verifier.latency()};
  bool legs_clean = true;
  for (std::size_t i = 0; i < plan.legs.size(); ++i) {
    const StreamCounters& sent = sender.streams()[plan.legs[i].stream];
    const LegSeen& seen = verifier.legs()[i];
    const LegOutcome leg{.expected = sent.packets,
                         .received = counts_only ? seen.packets : seen.fresh,
                         .late = counts_only ? 0 : seen.late,
                         .late_expected = sent.late,
                         .duplicates = seen.duplicates,
                         .forged = seen.forged,
                         .wrong = seen.wrong};
    outcome.sum = outcome.sum + leg;
    outcome.lost += leg.lost();
    outcome.disordered += leg.disordered();
    outcome.silent_legs += leg.expected > 0 && leg.received == 0 ? 1 : 0;
    legs_clean = legs_clean && leg.clean();
    outcome.legs.push_back(leg);
  }
  const SeenCounters& seen = outcome.seen;
  outcome.clean = legs_clean && seen.bad_checksums + seen.strays + seen.rtcp_forged == 0;
  return outcome;
}

}  // namespace causeway::pktgen
