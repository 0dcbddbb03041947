// Other timers than the defaults: a protocol that holds only with these would be luck.
#include <string>

#include "config/checker.h"
#include "config/config.h"
#include "config/schema_timers.h"
#include "tools/sim/random.h"
#include "tools/sim/random_plan.h"

namespace causeway::sim {
namespace {

// A factor of 1/4 to 4 on a timer.
unsigned scaled(Random& random, unsigned value, unsigned least, unsigned most) {
  const std::int64_t percent = random.octave(25, 400);
  return static_cast<unsigned>(std::clamp<std::int64_t>(value * percent / 100, least, most));
}

void draw(Random& random, Plan& plan) {
  config::Heartbeat& beat = plan.heartbeat;
  beat.interval_ms = scaled(random, 100, 50, 250);
  beat.jitter_percent = random.below(51);
  beat.flows = 1 + random.below(8);
  beat.suspect_ms = std::max(scaled(random, 900, 400, 3000), 3 * beat.interval_ms + 300);
  beat.probe_ms = std::max(scaled(random, 400, 200, 1000), 2 * beat.interval_ms);
  beat.down_ms = std::max(
      {scaled(random, 3000, 1500, 8000), 2 * beat.suspect_ms, beat.suspect_ms + beat.probe_ms + 200});
  beat.up_beats = scaled(random, 30, 3, 60);
  beat.hold_min_ms = scaled(random, 2000, 500, 4000);
  beat.probe_helpers = 1 + random.below(5);
  beat.stall_ms = std::clamp(scaled(random, 200, 100, 400), beat.interval_ms, beat.suspect_ms - 1);
  beat.startup_ms = scaled(random, 30'000, 10'000, 60'000);

  config::Isolation& isolation = plan.isolation;
  isolation.soft_drain_ms = std::max(scaled(random, 10'000, 5000, 15'000), 2 * beat.down_ms);
  isolation.hard_drain_ms = std::max(scaled(random, 30'000, 10'000, 60'000), 2 * isolation.soft_drain_ms);
  isolation.recover_ms = random.below(1000);
  isolation.shadow = random.chance(10);

  config::Relaying& relay = plan.relay;
  relay.keepalive_interval_ms = scaled(random, 100, 50, 200);
  relay.feed_window_ms = relay.keepalive_interval_ms * (3 + random.below(4));
  relay.feed_jitter_ms = scaled(random, 100, 50, 300);
  relay.answer_ms = scaled(random, 150, 50, 400);
  relay.proof_ms = relay.feed_window_ms + relay.feed_jitter_ms + random.below(400);
  relay.retry_min_ms = scaled(random, 50, 20, 200);
  relay.retry_max_ms = std::max(scaled(random, 1000, 300, 3000), relay.retry_min_ms);
  relay.refresh_ms = scaled(random, 5000, 1000, 8000);
  relay.lease_ms = std::max(scaled(random, 20'000, 8000, 40'000), 2 * relay.refresh_ms);
  relay.lease_ms = std::max(relay.lease_ms, isolation.soft_drain_ms + 1000);
  relay.avoid_min_ms = scaled(random, 2000, 500, 8000);
  relay.avoid_max_ms = std::max(relay.avoid_min_ms, scaled(random, 60'000, 15'000, 120'000));
  relay.improve_ms = scaled(random, 10'000, 1000, 30'000);
  relay.hop_limit = 2 + random.below(4);
  relay.forget_ms = scaled(random, 20'000, 1000, 60'000);
  relay.stamp_reserve = scaled(random, 64, 16, 4096);
  relay.stamp_interval_ms = random.below(100);
  relay.alarm_ms =
      2 * (relay.feed_window_ms + relay.feed_jitter_ms) + relay.retry_max_ms + random.below(5000);

  plan.directory.batch_ms = scaled(random, 30, 1, 200);
  plan.directory.digest_ms = scaled(random, 1000, 200, 3000);
  plan.directory.log_entries = scaled(random, 256, 64, 16384);
}

template <class Section>
void check_limits(const Section& section, std::string& problem) {
  config::fields(section, [&](const config::Field& field, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, unsigned>) {
      if (value < field.min || value > field.max)
        problem += std::string(field.key) + " is out of its limits; ";
    }
  });
}

}  // namespace

std::string tunables_problem(const Plan& plan) {
  std::string problem;
  check_limits(plan.heartbeat, problem);
  check_limits(plan.isolation, problem);
  check_limits(plan.relay, problem);
  check_limits(plan.directory, problem);
  config::Config config;
  config.heartbeat = plan.heartbeat;
  config.isolation = plan.isolation;
  config.relay = plan.relay;
  config.directory = plan.directory;
  config::Findings findings;
  config::check_timers(config, findings);
  for (const config::Finding& finding : findings.take())
    problem += finding.path + ": " + finding.what + "; ";
  return problem;
}

void randomise_tunables(std::uint64_t seed, Plan& plan) {
  constexpr int kTries = 20;
  Random random(seed, Stream::tunables);
  for (int i = 0; i < kTries; ++i) {
    Plan drawn = plan;
    draw(random, drawn);
    if (!tunables_problem(drawn).empty()) continue;
    plan = drawn;
    return;
  }
}

}  // namespace causeway::sim
