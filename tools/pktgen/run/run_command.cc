// causeway-pktgen run: plays everybody, and verifies what comes back.
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <vector>

#include "tools/pktgen/report.h"
#include "tools/pktgen/run/runner.h"
#include "tools/pktgen/run/start.h"

namespace causeway::pktgen {

namespace {

constexpr double kControlSpin_ms = 200;

void find_highest(Runner& runner, const RunOptions& options, Report& report) {
  std::vector<Outcome> clean;
  Outcome last;
  report.search = search({.precision = options.precision}, [&](double pps) {
    if (runner.interrupted()) return Trial{pps, 0, false};
    last = runner.phase(pps, options.seconds);
    const Trial trial{pps, last.sent_pps(), last.clean};
    if (!options.json) {
      std::fprintf(stderr, "trial: %.0f/s offered, %.0f/s sent, %.0f/s received, %llu lost\n",
                   trial.offered_pps, trial.achieved_pps, last.received_pps(),
                   static_cast<unsigned long long>(last.lost));
    }
    if (last.clean) clean.push_back(last);
    return trial;
  });
  // What is reported in full is the trial of the result, and not a faster one that did not hold.
  const double limit = report.search->pps * 1.001;
  const Outcome* best = nullptr;
  for (const Outcome& each : clean) {
    if (each.sent_pps() <= limit && (best == nullptr || each.sent_pps() > best->sent_pps())) best = &each;
  }
  report.outcome = best == nullptr ? last : *best;
}

// Loss is what a run as fast as possible is meant to find; everything else is a fault there, too.
bool is_clean(const Report& report, const Rate& rate) {
  const Outcome& outcome = report.outcome;
  if (rate.kind == Rate::Kind::search) return report.search->pps > 0;
  if (rate.kind != Rate::Kind::max) return outcome.clean;
  return outcome.disordered + outcome.sum.duplicates + outcome.sum.forged + outcome.sum.wrong == 0;
}

std::optional<double> pps_of(const Rate& rate) {
  switch (rate.kind) {
    case Rate::Kind::natural:
      return std::nullopt;
    case Rate::Kind::fixed:
      return rate.pps;
    case Rate::Kind::max:
    case Rate::Kind::search:
      break;
  }
  return 0;
}

// Faster than a search begins would only fill queues.
std::optional<double> warm_up_pps(const Rate& rate) {
  if (rate.kind == Rate::Kind::search || rate.kind == Rate::Kind::max) return std::nullopt;
  return pps_of(rate);
}

int run_on(Device& device, const config::Config& config, const RunOptions& options,
           const volatile std::sig_atomic_t& interrupted) {
  const measure::TscRate rate = measure::TscRate::calibrate();
  Report report{.config = options.load.config, .device = options.device.device, .seed = options.load.seed};
  report.control = measure::spin(rate, kControlSpin_ms);
  const auto send_engine = srtp::make_ipsec_mb_engine();
  const auto receive_engine = srtp::make_ipsec_mb_engine();  // of its own thread
  const Plan plan = make_plan(config, *send_engine, plan_options(options.load, device.mac()));
  const EndpointIndex endpoints(plan);
  Sender sender(plan, endpoints, *send_engine,
                sender_options(options.load, device.mac(), device.tx_checksums()));
  Verifier verifier(plan, endpoints, *receive_engine, options.verify, rate);
  Runner runner(device, plan, endpoints, sender, verifier, rate,
                {.verify = options.verify, .learn_mac = !options.load.to_mac, .interrupted = &interrupted});
  if (const std::string missing = runner.wait_for_appliance(options.wait_s); !missing.empty()) {
    print_error(missing);
    return kExitStart;
  }
  if (options.warm_up_s > 0) runner.phase(warm_up_pps(options.load.rate), options.warm_up_s);
  const DeviceCounters before = device.counters();
  if (options.load.rate.kind == Rate::Kind::search) {
    find_highest(runner, options, report);
  } else {
    report.outcome = runner.phase(pps_of(options.load.rate), options.seconds);
    report.outcome.offered_pps = pps_of(options.load.rate).value_or(sender.packets_per_second());
  }
  const DeviceCounters after = device.counters();
  report.counters = {.received = after.received - before.received,
                     .missed = after.missed - before.missed,
                     .no_buffer = after.no_buffer - before.no_buffer};
  const bool deserted = !device.link_up();
  report.transports = plan.transports.size();
  report.streams = plan.streams.size();
  report.loop = runner.loop_gaps();
  std::fputs((options.json ? to_json(report, plan, options.legs) : to_text(report, plan)).c_str(), stdout);
  if (deserted) print_error("the device's link is down after the run: the other end went away meanwhile");
  if (options.hold) hold(interrupted);
  if (deserted) return kExitFaults;
  return is_clean(report, options.load.rate) ? kExitClean : kExitFaults;
}

}  // namespace

int run(const RunOptions& options, const volatile std::sig_atomic_t& interrupted) {
  const auto config = load_config(options.load.config);
  if (!config) return kExitStart;
  try {
    DeviceOptions device_options = options.device;
    if (!config->ports.empty()) device_options.mtu = config->ports.front().mtu;
    Device device(device_options);
    return run_on(device, *config, options, interrupted);
  } catch (const drivers::StartError& error) {
    print_start_error(error);
  } catch (const std::exception& error) {
    print_error(options.load.config + ": " + error.what());
  }
  return kExitStart;
}

}  // namespace causeway::pktgen
