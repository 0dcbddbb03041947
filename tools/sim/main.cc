// causeway-sim: the command line.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
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
#include "tools/sim/sweeps.h"

namespace {

using namespace causeway::sim;  // NOLINT(google-build-using-namespace): one file, one program

constexpr int kExitHeld = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kMostShrinkRuns = 2000;
constexpr std::size_t kMostShrunk = 5;  // failing seeds of one call

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
  std::uint64_t incidents = 0;
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

std::vector<std::string> sweep_names() {
  std::vector<std::string> names{"all"};
  for (const Sweep& sweep : sweeps())
    names.emplace_back(sweep.name);
  return names;
}

std::string sweep_help() {
  std::string text = "Instead: variations of one kind of incident, held against its goals: all";
  for (const Sweep& sweep : sweeps())
    text += ", " + std::string(sweep.name);
  return text;
}

void add_options(CLI::App& app, Options& options) {
  CLI::Option* scenario = app.add_option("--scenario", options.scenario,
                                         "Play this file (docs/simulator.md) instead of random worlds")
                              ->check(CLI::ExistingFile);
  app.add_flag("--baseline", options.baseline,
               "With the old design, which had the outage, instead of Causeway's")
      ->needs(scenario);
  app.add_flag("--timeline", options.timeline, "Print the scenario in words [unless --json]")
      ->needs(scenario);
  app.add_option("--svg", options.svg, "Draw the scenario into this file")->needs(scenario);
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
  CLI::Option* sweep = app.add_option("--sweep", options.sweep, sweep_help())
                           ->check(CLI::IsMember(sweep_names()))
                           ->excludes(scenario);
  app.add_option("--incidents", options.incidents, "How many the sweep makes [its own default]")
      ->check(CLI::Range(1, 10'000'000))
      ->needs(sweep);
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

// Runs, one after the other: random worlds, or those of a sweep.
struct Series {
  std::string name;  // of scripts that fail
  std::size_t runs = 0;
  std::uint64_t events = 0;  // that are enough; 0: all runs
  std::function<Plan(std::size_t number)> plan;
};

Series random_series(const Options& options) {
  return {"seed", options.events > 0 ? SIZE_MAX : options.seeds, options.events,
          [&options](std::size_t number) {
            return random_plan(options.first_seed + number, shape_of(options), {});
          }};
}

Series sweep_series(const Options& options, const Sweep& sweep, std::uint64_t incidents) {
  return {std::string(sweep.name), runs_of(sweep, incidents), 0,
          [&options, &sweep, incidents](std::size_t number) {
            return plan_of(sweep, number, options.first_seed + number, shape_of(options), incidents);
          }};
}

// Into the folder for scripts that fail; returns how to play it.
std::string write_script(const Options& options, const std::string& name, const Scenario& scenario) {
  const std::string file = (options.out.empty() ? "sim-failures" : options.out) + "/" + name + ".yaml";
  const bool is_written = write_file(file, write_scenario(scenario));
  return is_written ? ": causeway-sim --scenario " + file : "; " + file + " could not be written";
}

void shrink_failure(const Options& options, const Series& series, const RunResult& failed,
                    Progress& progress) {
  const Invariant broken = failed.violations[0].invariant;
  Plan plan = series.plan(failed.seed - options.first_seed);
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
  progress.say("seed " + std::to_string(failed.seed) + ": " + std::to_string(shortest.actions.size()) +
               " actions are enough" +
               write_script(options, series.name + "-" + std::to_string(failed.seed), scenario));
}

// All runs of a series, each shown to `see`. took_s: of the machine's time.
Totals run_series(const Options& options, const Series& series, Progress& progress, double& took_s,
                  const std::function<void(const RunResult&)>& see) {
  Totals totals;
  const double began_s = wall_clock_s();
  run_in_order(
      series.runs, options.jobs,
      [&](std::size_t number) { return run_plan(series.plan(number), core_minds()); },
      [&](std::size_t, const RunResult& result) {
        totals.add(result);
        see(result);
        progress.show(std::to_string(totals.runs) + " runs, " + std::to_string(totals.events) +
                      " events, violations: " + std::to_string(totals.violations));
        return series.events == 0 || totals.events < series.events;
      });
  took_s = wall_clock_s() - began_s;
  if (options.shrinks) {
    for (std::size_t i = 0; i < std::min(kMostShrunk, totals.failed.size()); ++i)
      shrink_failure(options, series, totals.failed[i], progress);
  }
  progress.clear();
  if (options.coverage) std::fputs(coverage_text(totals.coverage, true).c_str(), stderr);
  return totals;
}

int run_seeds(const Options& options) {
  Progress progress(options.quiet);
  double took_s = 0;
  const Totals totals =
      run_series(options, random_series(options), progress, took_s, [](const RunResult&) {});
  std::fputs((options.json ? to_json(totals, took_s) : to_text(totals, took_s)).c_str(), stdout);
  return totals.violations == 0 ? kExitHeld : kExitFailed;
}

// Prints what came of it; whether all goals are met. Of each goal that is not, the worst run is written.
bool run_sweep(const Options& options, const Sweep& sweep) {
  const std::uint64_t incidents = options.incidents > 0 ? options.incidents : sweep.incidents;
  const Series series = sweep_series(options, sweep, incidents);
  Progress progress(options.quiet);
  std::vector<WorstRun> worst(sweep.goals.size());
  double took_s = 0;
  const Totals totals = run_series(options, series, progress, took_s, [&](const RunResult& result) {
    for (std::size_t i = 0; i < worst.size(); ++i)
      worst[i].see(sweep.goals[i], result);
  });
  std::fputs((options.json ? sweep_json(sweep, incidents, totals, took_s)
                           : sweep_text(sweep, incidents, totals, took_s))
                 .c_str(),
             stdout);
  const std::vector<HeldGoal> held = hold(sweep.goals, sweep.fault, totals);
  for (std::size_t i = 0; i < worst.size(); ++i) {
    if (held[i].is_met || !held[i].is_measured) continue;
    const std::string seed = std::to_string(worst[i].seed);
    progress.say(std::string(held[i].goal.what) + ": seed " + seed + " is the worst" +
                 write_script(options, series.name + "-" + seed,
                              {series.plan(worst[i].seed - options.first_seed), {}}));
  }
  return are_met(held);
}

int run_sweeps(const Options& options) {
  if (options.sites < kLeastSweepSites) {
    std::fprintf(stderr, "causeway-sim: a sweep needs at least %zu sites\n", kLeastSweepSites);
    return kExitUsage;
  }
  if (options.sweep != "all") {
    const bool is_met = run_sweep(options, *find_sweep(options.sweep));
    if (options.json) std::puts("");
    return is_met ? kExitHeld : kExitFailed;
  }
  bool are_all_met = true;
  if (options.json) std::fputs("[", stdout);
  for (const Sweep& sweep : sweeps()) {
    if (&sweep != sweeps().data()) std::fputs(options.json ? ",\n" : "\n", stdout);
    are_all_met = run_sweep(options, sweep) && are_all_met;
    std::fflush(stdout);
  }
  if (options.json) std::puts("]");
  return are_all_met ? kExitHeld : kExitFailed;
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
  if (!options.scenario.empty()) return run_scenario(options);
  return options.sweep.empty() ? run_seeds(options) : run_sweeps(options);
}
