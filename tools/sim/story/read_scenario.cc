#include <algorithm>

#include "config/checker.h"
#include "config/document.h"
#include "config/problem.h"
#include "config/struct_reader.h"
#include "tools/sim/measures.h"
#include "tools/sim/story/actions.h"
#include "tools/sim/story/scenario.h"

namespace causeway::sim {
namespace {

constexpr TimeUs kLongestUs = TimeUs{7} * 86'400 * 1'000'000;

// From what is written to a plan; names become numbers.
class Maker {
 public:
  Maker(const WrittenScenario& written, const config::Document& document, config::Problems& problems)
      : written_(written), document_(document), problems_(problems) {}

  Scenario make() {
    Plan& plan = made_.plan;
    plan.name = written_.name;
    plan.seed = written_.seed;
    plan.sites = written_.sites;
    plan.nodes_per_site = written_.nodes_per_site;
    plan.length_us = written_.length.us;
    plan.clock_starts_us = written_.clock ? written_.clock->us : 0;
    plan.has_arbiter = written_.arbiter;
    plan.heartbeat = written_.heartbeat;
    plan.isolation = written_.isolation;
    plan.relay = written_.relay;
    plan.directory = written_.directory;
    made_.expect = written_.expect;
    nodes_ = node_names(plan.sites, plan.nodes_per_site);
    check_size();
    check_tunables();
    make_network();
    make_tracks();
    for (std::size_t i = 0; i < written_.events.size(); ++i)
      make_event(i);
    std::ranges::stable_sort(plan.actions, {}, &Action::at_us);
    check_expect();
    return std::move(made_);
  }

 private:
  void error(const std::string& path, const std::string& what, const std::string& mend) {
    problems_.error(document_.locate(path), path, what, mend);
  }

  void check_size() {
    if (nodes_.size() > control::kMaxNodes) {
      error("nodes_per_site", std::to_string(nodes_.size()) + " nodes are more than a fleet may have",
            "give at most " + std::to_string(control::kMaxNodes) + " in all");
    }
    if (written_.length.us <= 0 || written_.length.us > kLongestUs) {
      error("length", "is not above 0 and at most 7 days", "give a length such as 4 min");
    }
    for (std::size_t i = 0; i < written_.sites.size(); ++i) {
      if (std::ranges::count(written_.sites, written_.sites[i]) == 1) continue;
      error(config::join("sites", i), config::quote(written_.sites[i]) + " is given twice", "give each once");
    }
  }

  void check_tunables() {
    config::Config config;
    config.heartbeat = written_.heartbeat;
    config.isolation = written_.isolation;
    config.relay = written_.relay;
    config.directory = written_.directory;
    config::Findings findings;
    config::check_timers(config, findings);
    for (const config::Finding& finding : findings.take())
      error(finding.path, finding.what, finding.mend);
  }

  // -1 if there is none of that name, which is reported.
  int find(const std::vector<std::string>& names, const std::string& name, const std::string& path,
           std::string_view of) {
    const auto at = std::ranges::find(names, name);
    if (at != names.end()) return static_cast<int>(at - names.begin());
    std::string known;
    for (std::size_t i = 0; i < names.size() && i < 8; ++i)
      known += (i == 0 ? "" : ", ") + names[i];
    error(path, config::quote(name) + " is none of the " + std::string(of), "give one of " + known);
    return -1;
  }
  int find_site(const std::string& name, const std::string& path) {
    return find(written_.sites, name, path, "sites");
  }
  int find_node(const std::string& name, const std::string& path) {
    return find(nodes_, name, path, "nodes");
  }

  void make_network() {
    Network& network = made_.plan.network;
    network.base_us = written_.network.delay.us;
    network.jitter_us = written_.network.jitter.us;
    network.inside_site_us = written_.network.inside_site.us;
    network.loss_ppm = written_.network.loss_ppm;
    if (network.base_us <= 0 || network.jitter_us < 0 || network.inside_site_us <= 0) {
      error("network", "a delay is not above 0", "give times such as 40 ms");
    }
    if (written_.network.delays.empty()) return;
    const std::size_t sites = written_.sites.size();
    network.delays_us.assign(sites, std::vector<TimeUs>(sites, network.base_us));
    for (std::size_t i = 0; i < written_.network.delays.size(); ++i) {
      const WrittenDelay& delay = written_.network.delays[i];
      const std::string path = config::join("network.delays", i);
      if (delay.between.size() != 2) continue;  // reported already
      const int a = find_site(delay.between[0], config::join(path, "between"));
      const int b = find_site(delay.between[1], config::join(path, "between"));
      if (a < 0 || b < 0) continue;
      if (a == b || delay.delay.us <= 0) {
        error(path, "is no delay between two sites", "give two sites and a time above 0");
        continue;
      }
      network.delays_us[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] = delay.delay.us;
      network.delays_us[static_cast<std::size_t>(b)][static_cast<std::size_t>(a)] = delay.delay.us;
    }
  }

  void make_tracks() {
    for (std::size_t i = 0; i < written_.tracks.size(); ++i) {
      const WrittenTrack& track = written_.tracks[i];
      const std::string path = config::join("tracks", i);
      if (std::ranges::find(tracks_, track.name) != tracks_.end()) {
        error(config::join(path, "name"), config::quote(track.name) + " is given twice", "give it another");
      }
      tracks_.push_back(track.name);
      if (!track.origin.empty()) {
        const int node = find_node(track.origin, config::join(path, "origin"));
        made_.plan.actions.push_back({0, ActionKind::publish, node, -1, 0, track.name});
      }
      for (std::size_t k = 0; k < track.subscribers.size(); ++k) {
        const int node = find_node(track.subscribers[k], config::join(config::join(path, "subscribers"), k));
        made_.plan.actions.push_back({0, ActionKind::subscribe, node, -1, 0, track.name});
      }
    }
  }

  // A key that the action needs, or does not know.
  template <class T>
  bool check_key(const std::optional<T>& value, bool is_needed, bool is_known, const std::string& path,
                 std::string_view key, ActionKind kind) {
    if (value && !is_known) {
      error(config::join(path, key), "says nothing to " + config::quote(name(kind)), "leave it out");
      return false;
    }
    if (!value && is_needed) {
      error(path, config::quote(name(kind)) + " needs " + std::string(key),
            "add " + std::string(key) + ": ...");
      return false;
    }
    return true;
  }

  void make_event(std::size_t index) {
    const WrittenEvent& event = written_.events[index];
    const std::string path = config::join("events", index);
    const ActionShape shape = shape_of(event.action);
    const bool is_pair = shape.target == Target::pair;
    const bool is_node = shape.target == Target::node || shape.target == Target::track;
    const auto check = [&](const auto& value, bool is_needed, bool is_known, std::string_view key) {
      return check_key(value, is_needed, is_known, path, key, event.action);
    };
    bool is_whole = check(event.site, false, is_pair, "site");
    is_whole &= check(event.other, false, is_pair && event.site.has_value(), "other");
    is_whole &= check(event.node, is_node, is_node, "node");
    is_whole &= check(event.track, shape.target == Target::track, shape.target == Target::track, "track");
    is_whole &= check(event.time, shape.amount == Amount::time && event.action != ActionKind::move,
                      shape.amount == Amount::time, "time");
    is_whole &=
        check(event.percent, shape.amount == Amount::percent, shape.amount == Amount::percent, "percent");
    is_whole &= check(event.flow, shape.amount == Amount::flow, shape.amount == Amount::flow, "flow");
    is_whole &= check(event.clients_lost, false, shape.amount == Amount::clients, "clients_lost");
    if (!is_whole) return;

    Action action{.at_us = event.at.us, .kind = event.action};
    if (event.site) action.a = find_site(*event.site, config::join(path, "site"));
    if (event.other) action.b = find_site(*event.other, config::join(path, "other"));
    if (event.other && action.a == action.b && action.a >= 0) {
      error(config::join(path, "other"), "is the same site", "give another, or leave it out for all others");
    }
    if (event.node) action.a = find_node(*event.node, config::join(path, "node"));
    if (event.track) {
      find(tracks_, *event.track, config::join(path, "track"), "tracks");
      action.track = *event.track;
    }
    action.value = value_of(event, path);
    if (action.at_us < 0 || action.at_us > written_.length.us) {
      error(config::join(path, "at"), "is not within the run", "give 0 s to " + to_text(written_.length));
    }
    made_.plan.actions.push_back(action);
  }

  std::int64_t value_of(const WrittenEvent& event, const std::string& path) {
    if (event.percent) return *event.percent;
    if (event.flow) return *event.flow;
    if (event.clients_lost) return *event.clients_lost ? 1 : 0;
    if (!event.time) return 0;
    const bool may_be_negative = event.action == ActionKind::clock_step;
    if (event.time->us % 1000 != 0 || (event.time->us < 0 && !may_be_negative)) {
      error(config::join(path, "time"), "is no time that this can take",
            "give whole milliseconds, not below 0");
    }
    return event.time->us / 1000;
  }

  void check_expect() {
    for (std::size_t i = 0; i < written_.expect.times.size(); ++i) {
      std::vector<std::string> known;
      Measures{}.for_each([&](const char* what, const char*, const Times&) { known.emplace_back(what); });
      find(known, written_.expect.times[i].what, config::join(config::join("expect.times", i), "what"),
           "measured times");
    }
  }

  const WrittenScenario& written_;
  const config::Document& document_;
  config::Problems& problems_;
  std::vector<std::string> nodes_;
  std::vector<std::string> tracks_;
  Scenario made_;
};

}  // namespace

std::vector<std::string> node_names(const std::vector<std::string>& sites, unsigned nodes_per_site) {
  std::vector<std::string> names;
  for (const std::string& site : sites) {
    for (unsigned i = 0; i < nodes_per_site; ++i)
      names.push_back(nodes_per_site == 1 ? site : site + "." + std::to_string(i));
  }
  return names;
}

ReadScenario read_scenario(std::string_view text, const std::string& path) {
  config::Problems problems(path);
  config::Document document;
  WrittenScenario written;
  ReadScenario read;
  if (document.parse(text, problems)) {
    config::StructReader("", problems).read_struct(document.root(), "", written);
    if (!problems.has_errors()) {
      Scenario made = Maker(written, document, problems).make();
      if (!problems.has_errors()) read.scenario = std::move(made);
    }
  }
  read.problems = problems.take();
  return read;
}

}  // namespace causeway::sim
