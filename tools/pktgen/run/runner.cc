#include "tools/pktgen/run/runner.h"

#include <algorithm>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "drivers/start_error.h"

namespace causeway::pktgen {

namespace {

// Of one lcore that does both: it sends only when nothing waits, for what the appliance cannot give away it
// drops, and that would be the generator's fault. The bound is one of a queue that never gets empty.
constexpr int kBurstsInTurn = 64;
// A turn of the loop that opens and seals takes up to a tenth of a millisecond.
constexpr double kLoopGap_ns = 200'000;
constexpr double kProbeInterval_s = 0.05;
constexpr double kSilence_s = 1;   // after it nothing is underway any more
constexpr double kExtra_s = 0.02;  // for what nobody expects

}  // namespace

Runner::Runner(Device& device, const Plan& plan, const EndpointIndex& endpoints, Sender& sender,
               Verifier& verifier, measure::TscRate rate, const RunnerOptions& options)
    : device_(device),
      plan_(plan),
      sender_(sender),
      verifier_(verifier),
      rate_(rate),
      options_(options),
      transmitter_(device, sender),
      receiver_(device, plan, endpoints, verifier, transmitter_, options.learn_mac),
      gaps_(rate, kLoopGap_ns) {}

void Runner::start_receiving() {
  gaps_ = measure::SpinGaps(rate_, kLoopGap_ns);
  gaps_.begin(measure::read_tsc());
  if (!device_.splits()) return;
  stop_.store(false);
  const auto entry = [](void* runner) {
    static_cast<Runner*>(runner)->receive_until_stopped();
    return 0;
  };
  if (rte_eal_remote_launch(entry, this, device_.receive_lcore()) != 0) {
    throw drivers::StartError({}, "lcore " + std::to_string(device_.receive_lcore()) + " is busy",
                              "name another in --lcores");
  }
  receiving_ = true;
}

void Runner::stop_receiving() {
  if (!receiving_) return;
  stop_.store(true);
  rte_eal_wait_lcore(device_.receive_lcore());
  receiving_ = false;
}

void Runner::receive_until_stopped() {
  while (!stop_.load(std::memory_order_relaxed)) {
    receiver_.poll();
    gaps_.turn(measure::read_tsc());
  }
}

// A turn of the only lcore; nothing if another one receives.
void Runner::receive_in_turn() {
  if (receiving_) return;
  std::size_t received = Verifier::kBurst;
  for (int i = 0; i < kBurstsInTurn && received == Verifier::kBurst; ++i) {
    received = receiver_.poll();
    gaps_.turn(measure::read_tsc());
  }
}

std::string Runner::wait_for_appliance(double seconds) {
  const auto with_legs = [this](Id from) {
    for (Id i = 0; i < plan_.streams.size(); ++i) {
      const auto id = static_cast<Id>((from + i) % plan_.streams.size());
      if (!plan_.streams[id].legs.empty()) return id;
    }
    return kNoId;
  };
  sender_.begin_phase(++phase_);
  verifier_.begin_phase(phase_);
  start_receiving();
  const std::uint64_t begin = measure::read_tsc();
  std::uint64_t due = begin;
  Id stream = with_legs(0);
  bool up = false;
  while (measure::read_tsc() - begin < ticks(seconds) && !interrupted()) {
    if (up && (stream == kNoId || verifier_.total() > 0)) break;
    receive_in_turn();
    transmitter_.turn(0);
    if (measure::read_tsc() < due) continue;
    due = measure::read_tsc() + ticks(kProbeInterval_s);
    up = device_.link_up();
    if (!up || stream == kNoId) continue;
    transmitter_.probe(stream);
    stream = with_legs(stream + 1);
  }
  drain(expected_packets(plan_, sender_));
  stop_receiving();
  if (!up) return "the device's link is down: is the other end there?";
  if (stream == kNoId || verifier_.total() > 0) return "";
  return "nothing comes back: " + std::to_string(sender_.counters().rtp) + " packets were sent, " +
         std::to_string(verifier_.counters().frames) +
         " frames received. Was the appliance started anew, with the same configuration (SRTP takes a second "
         "run for replays)? What do its drop counters say?";
}

Outcome Runner::phase(std::optional<double> pps, double seconds) {
  sender_.begin_phase(++phase_);
  verifier_.begin_phase(phase_);
  const bool most = pps && *pps == 0;
  const double pace = pps ? *pps / sender_.packets_per_second() : 1;  // media time to ours
  const std::uint64_t base_ns = sender_.next_ns();
  start_receiving();
  const std::uint64_t begin = measure::read_tsc();
  const std::uint64_t length = ticks(seconds);
  std::uint64_t now = begin;
  while (now - begin < length && !interrupted()) {
    const double elapsed_ns = rate_.to_ns(now - begin);
    transmitter_.turn(most ? UINT64_MAX : base_ns + static_cast<std::uint64_t>(elapsed_ns * pace));
    receive_in_turn();
    now = measure::read_tsc();
  }
  while (transmitter_.flush() && measure::read_tsc() - now < ticks(kSilence_s))
    receive_in_turn();
  const double sending_ns = rate_.to_ns(now - begin);
  drain(expected_packets(plan_, sender_));
  stop_receiving();
  Outcome outcome = judge(plan_, sender_, verifier_, options_.verify);
  outcome.offered_pps = pps.value_or(sender_.packets_per_second());
  outcome.seconds = sending_ns * 1e-9;
  return outcome;
}

// Until all is there and a moment longer, or nothing has come for long.
void Runner::drain(std::uint64_t expected) {
  std::uint64_t last = verifier_.total();
  std::uint64_t since = measure::read_tsc();
  while (true) {
    receive_in_turn();
    transmitter_.turn(0);  // answers to neighbours, and what the device did not take yet
    const std::uint64_t now = measure::read_tsc();
    const std::uint64_t total = verifier_.total();
    if (total != last) {
      last = total;
      since = now;
    }
    if (now - since > ticks(total >= expected ? kExtra_s : kSilence_s)) return;
  }
}

}  // namespace causeway::pktgen
