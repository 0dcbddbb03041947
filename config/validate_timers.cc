// What must hold between the timers of the control core. A timer that contradicts another one makes false
// alarms, or none.
#include <string>

#include "config/checker.h"

namespace causeway::config {
namespace {

// One number that must not be below another, with its place and the reason.
struct Bound {
  std::string_view section;
  std::string_view key;
  std::uint64_t value;
  std::uint64_t at_least;
  std::string_view because;
};

void check(const Bound& bound, Findings& findings) {
  if (bound.value >= bound.at_least) return;
  findings.error(join(bound.section, bound.key),
                 std::to_string(bound.value) + " is too short: " + std::string(bound.because),
                 "give at least " + std::to_string(bound.at_least), {"heartbeat", "isolation", "relay"});
}

void check_heartbeat(const Heartbeat& beat, Findings& findings) {
  const std::uint64_t interval = beat.interval_ms;
  const Bound bounds[] = {
      {"heartbeat", "suspect_ms", beat.suspect_ms, interval * 3 + 100,
       "one lost beat would be taken for silence (three intervals, and 100 ms for the path)"},
      {"heartbeat", "down_ms", beat.down_ms, std::uint64_t{2} * beat.suspect_ms,
       "a peer is convicted only after it was suspected for as long again (two suspect_ms)"},
      {"heartbeat", "down_ms", beat.down_ms, std::uint64_t{beat.suspect_ms} + beat.probe_ms + 200,
       "helpers could not answer in time (suspect_ms, probe_ms and 200 ms for the way)"},
      {"heartbeat", "probe_ms", beat.probe_ms, interval * 2,
       "a helper would answer before it heard two beats (two intervals)"},
      {"heartbeat", "stall_ms", beat.stall_ms, interval,
       "an ordinary wait would be taken for a stall (one interval)"},
      {"heartbeat", "hold_max_ms", beat.hold_max_ms, beat.hold_min_ms, "it is below hold_min_ms"},
  };
  for (const Bound& bound : bounds)
    check(bound, findings);
  if (beat.stall_ms < beat.suspect_ms) return;
  findings.error("heartbeat.stall_ms",
                 std::to_string(beat.stall_ms) + " is not below suspect_ms (" +
                     std::to_string(beat.suspect_ms) +
                     "): the node's own stall would be taken for its peers' silence",
                 "give less than suspect_ms", {"heartbeat"});
}

}  // namespace

void check_timers(const Config& config, Findings& findings) {
  check_heartbeat(config.heartbeat, findings);
  const Isolation& isolation = config.isolation;
  const Relaying& relay = config.relay;
  const std::uint64_t feed_ms = std::uint64_t{relay.feed_window_ms} + relay.feed_jitter_ms;
  const Bound bounds[] = {
      {"isolation", "soft_drain_ms", isolation.soft_drain_ms, std::uint64_t{2} * config.heartbeat.down_ms,
       "a cut that heals would drain a site (two heartbeat.down_ms)"},
      {"isolation", "hard_drain_ms", isolation.hard_drain_ms, std::uint64_t{2} * isolation.soft_drain_ms,
       "a soft drain gets time to be enough (two soft_drain_ms)"},
      {"relay", "feed_window_ms", relay.feed_window_ms, std::uint64_t{3} * relay.keepalive_interval_ms,
       "one lost keepalive would be taken for a black hole (three keepalive_interval_ms)"},
      {"relay", "proof_ms", relay.proof_ms, feed_ms,
       "a silent track's keepalive could come too late (feed_window_ms and feed_jitter_ms)"},
      {"relay", "retry_max_ms", relay.retry_max_ms, relay.retry_min_ms, "it is below retry_min_ms"},
      {"relay", "avoid_max_ms", relay.avoid_max_ms, relay.avoid_min_ms, "it is below avoid_min_ms"},
      {"relay", "lease_ms", relay.lease_ms, std::uint64_t{2} * relay.refresh_ms,
       "one lost refresh would end a relay (two refresh_ms)"},
      {"relay", "lease_ms", relay.lease_ms, std::uint64_t{isolation.soft_drain_ms} + 1000,
       "a cut that causes no drain would end relays (isolation.soft_drain_ms and a second)"},
      {"relay", "alarm_ms", relay.alarm_ms, std::uint64_t{2} * feed_ms + relay.retry_max_ms,
       "a relay that heals by itself would raise an alarm (two feed windows and retry_max_ms)"},
  };
  for (const Bound& bound : bounds)
    check(bound, findings);
}

}  // namespace causeway::config
