// Phases of a run: wait for the appliance, warm up, measure. On one lcore that sends and receives in turn, or
// with one for each.
#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/measure/spin_gap.h"
#include "tools/measure/tsc.h"
#include "tools/pktgen/outcome.h"
#include "tools/pktgen/run/device.h"
#include "tools/pktgen/run/receiver.h"
#include "tools/pktgen/run/transmitter.h"

namespace causeway::pktgen {

struct RunnerOptions {
  Verify verify;
  bool learn_mac = true;                                    // from what the appliance sends
  const volatile std::sig_atomic_t* interrupted = nullptr;  // ends a phase early
};

// Main thread, which is the (first) lcore.
class Runner {
 public:
  Runner(Device& device, const Plan& plan, const EndpointIndex& endpoints, Sender& sender, Verifier& verifier,
         measure::TscRate rate, const RunnerOptions& options);
  ~Runner() { stop_receiving(); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Until the link is up and a copy of a packet comes back. Empty if so; else what is missing.
  std::string wait_for_appliance(double seconds);

  // Sends for so long and waits for what is underway. pps: of all kinds; 0: as many as go; nullopt: at the
  // media's own pace.
  Outcome phase(std::optional<double> pps, double seconds);

  bool interrupted() const { return *options_.interrupted != 0; }
  const measure::SpinGaps& loop_gaps() const { return gaps_; }  // of the last phase

 private:
  void start_receiving();
  void stop_receiving();
  void receive_until_stopped();
  void receive_in_turn();
  void drain(std::uint64_t expected);
  std::uint64_t ticks(double seconds) const { return rate_.from_ns(seconds * 1e9); }

  Device& device_;
  const Plan& plan_;
  Sender& sender_;
  Verifier& verifier_;
  measure::TscRate rate_;
  RunnerOptions options_;
  Transmitter transmitter_;
  Receiver receiver_;
  measure::SpinGaps gaps_;
  std::uint32_t phase_ = 0;
  std::atomic<bool> stop_{false};
  bool receiving_ = false;  // on its own lcore
};

}  // namespace causeway::pktgen
