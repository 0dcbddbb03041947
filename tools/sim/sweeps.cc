#include "tools/sim/sweeps.h"

#include <algorithm>

#include "tools/sim/sweep_plans.h"

namespace causeway::sim {
namespace {

constexpr TimeUs kMsUs = 1000;

constexpr Goal kNoSoftDrain{.what = "soft drains", .count = &Measures::soft_drains};
constexpr Goal kNoHardDrain{.what = "hard drains", .count = &Measures::hard_drains};
constexpr Goal kNobodyConvicted{.what = "peers convicted", .count = &Measures::convictions};
constexpr Goal kNothingMissing{.what = "relays still missing at the end", .count = &Measures::missing};

constexpr Goal kCuts[] = {
    kNoSoftDrain,
    kNoHardDrain,
    {.what = "relays back after the end of a cut", .times = &Measures::relay_loss, .bound = 1000 * kMsUs},
    kNothingMissing,
};
constexpr Goal kStalls[] = {kNobodyConvicted, kNoSoftDrain, kNoHardDrain};
constexpr Goal kLosses[] = {
    {.what = "a dead node suspected",
     .times = &Measures::death_suspected,
     .percent = 99.9,
     .bound = 1000 * kMsUs},
    {.what = "a dead node convicted",
     .times = &Measures::death_convicted,
     .percent = 99.9,
     .bound = 3500 * kMsUs},
};
constexpr Goal kOneWays[] = {
    {.what = "half open told by both ends",
     .times = &Measures::half_open_told,
     .percent = 99.9,
     .bound = 2000 * kMsUs},
    kNobodyConvicted,
};
constexpr Goal kFrozen[] = {
    {.what = "loss noticed", .times = &Measures::feed_loss_noticed, .percent = 99, .bound = 500 * kMsUs},
    {.what = "media by another upstream",
     .times = &Measures::around_frozen,
     .percent = 99,
     .bound = 1500 * kMsUs},
    {.what = "media past an upstream that said yes and sent nothing",
     .times = &Measures::past_black_hole,
     .percent = 99,
     .bound = 1500 * kMsUs},
    kNothingMissing,
};
constexpr Goal kMoves[] = {
    {.what = "subscribers fed after the publisher's arrival",
     .times = &Measures::moved,
     .percent = 95,
     .bound = 1000 * kMsUs},
    {.what = "all of them", .times = &Measures::moved, .bound = 3000 * kMsUs},
    kNothingMissing,
};
constexpr Goal kAllCuts[] = {
    kNoHardDrain,
    {.what = "outages inside a site", .count = &Measures::inside_outages},
    kNothingMissing,
};
constexpr Goal kRestarts[] = {
    kNobodyConvicted,
    kNoSoftDrain,
    kNoHardDrain,
    {.what = "relays back after the last start",
     .times = &Measures::back_after_restart,
     .bound = 5000 * kMsUs},
    kNothingMissing,
};
constexpr Goal kNoTracks[] = {
    {.what = "told no, beyond the round trip",
     .times = &Measures::nack_beyond_round_trip,
     .bound = 5 * kMsUs},
    {.what = "questions without an answer", .count = &Measures::unanswered},
};

constexpr Sweep kSweeps[] = {
    {"cuts", "one site after the other loses all others, for 0.1 to 14.9 s", ActionKind::cut, 10'000,
     kCutLengths, 1, cuts_plan, kCuts},
    {"stalls", "a control thread stands still for 50 ms to 10 s", ActionKind::stall, 1600, kStallsPerRun, 1,
     stalls_plan, kStalls},
    {"losses", "a node dies for 20 to 60 s", ActionKind::restart, 480, kLossesPerRun, 1, losses_plan,
     kLosses},
    {"one-way", "one direction between two sites is cut", ActionKind::cut_one_way, 2240, kOneWaysPerRun, 1,
     one_way_plan, kOneWays},
    {"frozen", "a relay's data plane freezes under live beats", ActionKind::freeze_media, 2000, kFrozenPerRun,
     1, frozen_plan, kFrozen},
    {"moves", "a publisher goes from site to site", ActionKind::move, 1600, kMovesPerRun, 1, moves_plan,
     kMoves},
    {"all-cut", "all sites are cut off from each other, for 10 to 200 s", ActionKind::cut, 40, kAllCutsPerRun,
     2, all_cut_plan, kAllCuts},
    {"restarts", "all nodes restart at once, again and again", ActionKind::restart_all, 60, kRestartsPerRun,
     2, restarts_plan, kRestarts},
    {"no-track", "who is asked for a track does not have it", ActionKind::subscribe, 1200, kNoTracksPerRun, 1,
     no_track_plan, kNoTracks},
};

}  // namespace

std::span<const Sweep> sweeps() {
  return kSweeps;
}

const Sweep* find_sweep(std::string_view name) {
  const auto at = std::ranges::find(kSweeps, name, &Sweep::name);
  return at == std::end(kSweeps) ? nullptr : at;
}

std::uint64_t runs_of(const Sweep& sweep, std::uint64_t incidents) {
  return (incidents + sweep.per_run - 1) / sweep.per_run;
}

Plan plan_of(const Sweep& sweep, std::uint64_t run, std::uint64_t seed, Shape shape,
             std::uint64_t incidents) {
  const std::uint64_t first = run * sweep.per_run;
  shape.nodes_per_site = std::max(shape.nodes_per_site, sweep.nodes_per_site);
  return sweep.plan(seed, shape, first, std::min<std::uint64_t>(sweep.per_run, incidents - first));
}

std::string sweep_text(const Sweep& sweep, std::uint64_t incidents, const Totals& totals, double took_s) {
  return std::string(sweep.name) + ": " + std::to_string(incidents) +
         " incidents: " + std::string(sweep.help) + "\n" + to_text(totals, took_s) +
         to_text(hold(sweep.goals, sweep.fault, totals));
}

std::string sweep_json(const Sweep& sweep, std::uint64_t incidents, const Totals& totals, double took_s) {
  return R"({"sweep": ")" + std::string(sweep.name) + R"(", "incidents": )" + std::to_string(incidents) +
         R"(, "goals": )" + to_json(hold(sweep.goals, sweep.fault, totals)) + R"(, "totals": )" +
         to_json(totals, took_s) + "}";
}

}  // namespace causeway::sim
