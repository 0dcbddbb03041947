// causeway-sim: the command line.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/sim/core_mind.h"
#include "tools/sim/files.h"
#include "tools/sim/jobs.h"
#include "tools/sim/random_plan.h"
#include "tools/sim/run.h"
#include "tools/sim/shrink.h"
#include "tools/sim/story/baseline.h"
#include "tools/sim/story/scenario.h"
#include "tools/sim/story/story.h"

namespace {

using namespace causeway::sim;  // NOLINT(google-build-using-namespace): one file, one program

constexpr int kExitHeld = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kMostShrinkRuns = 2000;
constexpr std::size_t kMostShrunk = 5;  // failing seeds of one call
constexpr TimeUs kWorstRelayLossUs = 1'000'000;

struct Options {
  std::string scenario;
  bool baseline = false;
  bool timeline = false;
  std::string svg;
  std::uint64_t seeds = 100;
  std::uint64_t first_seed = 1;
  double minutes = 10;
  unsigned sites = 8;
  unsigned nodes_per_site = 1;
  unsigned jobs = cpus();
  std::string sweep;
  std::uint64_t cuts = 10'000;
  std::uint64_t events = 0;
  bool json = false;
  bool shrinks = true;
  bool coverage = false;
  std::string out;
  bool quiet = false;
};

// On one line of a terminal.
class Progress {
 public:
  explicit Progress(bool is_quiet) : is_quiet_(is_quiet) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const std::string& text) {
    if (is_quiet_ || wall_clock_s() < next_s_) return;
    next_s_ = wall_clock_s() + 0.2;
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    std::fflush(stderr);
    is_shown_ = true;
  }
  void clear() {
    if (is_shown_) std::fprintf(stderr, "\r\033[K");
    is_shown_ = false;
  }
  void say(const std::string& text) {
    clear();
    if (!is_quiet_) std::fprintf(stderr, "%s\n", text.c_str());
  }

 private:
  bool is_quiet_;
  bool is_shown_ = false;
  double next_s_ = 0;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("--scenario", options.scenario,
                 "Play this file (docs/simulator.md) instead of random worlds")
      ->check(CLI::ExistingFile);
  app.add_flag("--baseline", options.baseline,
               "With the old design, which had the outage, instead of Causeway's");
  app.add_flag("--timeline", options.timeline, "Print the scenario in words [unless --json]");
  app.add_option("--svg", options.svg, "Draw the scenario into this file");
  app.add_option("--seeds", options.seeds, "Random worlds, one after the other")->capture_default_str();
  app.add_option("--first-seed", options.first_seed, "The first one's seed")->capture_default_str();
  app.add_option("--minutes", options.minutes, "Length of each, in the world's time")
      ->check(CLI::Range(0.01, 1e5))
      ->capture_default_str();
  app.add_option("--sites", options.sites, "Sites of each")->check(CLI::Range(2, 32))->capture_default_str();
  app.add_option("--nodes-per-site", options.nodes_per_site, "Nodes of each site")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("-j,--jobs", options.jobs, "Threads [one for each CPU]")->check(CLI::Range(1, 1024));
  app.add_option("--sweep", options.sweep,
                 "Instead: cuts between one site and all others, of 0.1 to 14.9 s, each 100 ms (cuts)")
      ->check(CLI::IsMember({"cuts"}));
  app.add_option("--cuts", options.cuts, "How many cuts the sweep makes")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--events", options.events, "Go on with seeds until there were so many events [--seeds]");
  app.add_flag("--json", options.json, "Report as JSON");
  app.add_flag("--shrink,!--no-shrink", options.shrinks, "Look for the shortest script that fails [on]");
  app.add_flag("--coverage", options.coverage, "Also list the rare paths that were never reached");
  app.add_option("-o,--out", options.out, "Folder for scripts that fail [sim-failures]");
  app.add_flag("-q,--quiet", options.quiet, "No progress on standard error");
}

Shape shape_of(const Options& options) {
  return {.sites = options.sites,
          .nodes_per_site = options.nodes_per_site,
          .length_us = static_cast<TimeUs>(options.minutes * 60e6)};
}

// The plan of the run with this number.
Plan plan_of(const Options& options, std::size_t number) {
  const std::uint64_t seed = options.first_seed + number;
  if (options.sweep.empty()) return random_plan(seed, shape_of(options), {});
  const std::uint64_t first = number * kSweepCuts;
  const std::uint64_t count = std::min<std::uint64_t>(kSweepCuts, options.cuts - first);
  return cut_sweep(seed, shape_of(options), static_cast<unsigned>(first), static_cast<unsigned>(count));
}

std::size_t runs_of(const Options& options) {
  if (!options.sweep.empty()) return (options.cuts + kSweepCuts - 1) / kSweepCuts;
  return options.events > 0 ? SIZE_MAX : options.seeds;
}

void shrink_failure(const Options& options, const RunResult& failed, Progress& progress) {
  const Invariant broken = failed.violations[0].invariant;
  Plan plan = plan_of(options, failed.seed - options.first_seed);
  plan.length_us = failed.violations[0].at_us;
  std::erase_if(plan.actions, [&](const Action& action) { return action.at_us > plan.length_us; });
  const Plan shortest = shrink(
      plan, [&](const Plan& each) { return breaks(each, core_minds(), broken); }, kMostShrinkRuns,
      [&](const ShrinkProgress& now) {
        progress.show("shrinking seed " + std::to_string(failed.seed) + ": " + std::to_string(now.actions) +
                      " actions left after " + std::to_string(now.runs) + " runs");
      });
  Scenario scenario{shortest, {}};
  scenario.plan.name =
      "Seed " + std::to_string(failed.seed) + ": " + std::string(name(broken)) + " is violated";
  scenario.expect.violations = 0;
  const std::string folder = options.out.empty() ? "sim-failures" : options.out;
  const std::string file = folder + "/seed-" + std::to_string(failed.seed) + ".yaml";
  const bool is_written = write_file(file, write_scenario(scenario));
  progress.say("seed " + std::to_string(failed.seed) + ": " + std::to_string(shortest.actions.size()) +
               " actions are enough" +
               (is_written ? ": causeway-sim --scenario " + file : "; " + file + " could not be written"));
}

int run_seeds(const Options& options) {
  Progress progress(options.quiet);
  Totals totals;
  const double began_s = wall_clock_s();
  run_in_order(
      runs_of(options), options.jobs,
      [&](std::size_t number) { return run_plan(plan_of(options, number), core_minds()); },
      [&](std::size_t, const RunResult& result) {
        totals.add(result);
        progress.show(std::to_string(totals.runs) + " runs, " + std::to_string(totals.events) +
                      " events, violations: " + std::to_string(totals.violations));
        return options.events == 0 || totals.events < options.events;
      });
  const double took_s = wall_clock_s() - began_s;
  if (options.shrinks) {
    for (std::size_t i = 0; i < std::min(kMostShrunk, totals.failed.size()); ++i)
      shrink_failure(options, totals.failed[i], progress);
  }
  progress.clear();
  std::fputs((options.json ? to_json(totals, took_s) : to_text(totals, took_s)).c_str(), stdout);
  if (options.coverage) std::fputs(coverage_text(totals.coverage, true).c_str(), stderr);
  const bool is_swept_well =
      options.sweep.empty() || (totals.measures.soft_drains + totals.measures.hard_drains == 0 &&
                                totals.worst_relay_loss_us <= kWorstRelayLossUs);
  return totals.violations == 0 && is_swept_well ? kExitHeld : kExitFailed;
}

// 0 if it could be read.
int load_scenario(const std::string& path, Scenario& scenario) {
  const auto text = read_file(path);
  if (!text) {
    std::fprintf(stderr, "causeway-sim: cannot read %s\n", path.c_str());
    return kExitUsage;
  }
  ReadScenario read = read_scenario(*text, path);
  for (const auto& problem : read.problems)
    std::fprintf(stderr, "%s\n", problem.to_string().c_str());
  if (!read.scenario) return kExitUsage;
  scenario = std::move(*read.scenario);
  return 0;
}

int run_scenario(const Options& options) {
  Scenario scenario;
  if (const int code = load_scenario(options.scenario, scenario); code != 0) return code;
  const double began_s = wall_clock_s();
  const Story story =
      watch(scenario.plan, options.baseline ? baseline_minds() : core_minds(), options.baseline);
  const std::vector<Outcome> outcomes = compare(scenario.expect, story.result);
  if (options.timeline || !options.json)
    std::fputs(timeline(story, {}).c_str(), options.json ? stderr : stdout);
  if (!options.svg.empty() && !write_file(options.svg, picture(story))) {
    std::fprintf(stderr, "causeway-sim: cannot write %s\n", options.svg.c_str());
    return kExitUsage;
  }
  const double took_s = wall_clock_s() - began_s;
  std::fputs((options.json ? story_json(story, outcomes, took_s) : story_text(story, outcomes)).c_str(),
             stdout);
  const bool is_met = std::ranges::all_of(outcomes, &Outcome::is_met);
  return is_met && story.result.violations.empty() ? kExitHeld : kExitFailed;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Runs Causeway's control core in a simulated world of sites, networks and faults."};
  app.set_version_flag("--version", "causeway-sim " CAUSEWAY_VERSION);
  app.footer(
      "Exit codes: 0 all that must hold held, 1 something did not, 2 wrong usage or a file that cannot be "
      "used.\n"
      "Manual: causeway-sim(8).");
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitHeld : kExitUsage;
  }
  return options.scenario.empty() ? run_seeds(options) : run_scenario(options);
}
