// A scenario file as it is written: read by the configuration's own machinery, so that every problem has its
// line, its column and its mend. docs/simulator.md has the same for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/field.h"
#include "config/location.h"
#include "config/scalar.h"
#include "config/schema_timers.h"
#include "config/timers.h"
#include "tools/sim/plan.h"

namespace causeway::sim {

// A time as people say it: "90 s", "1.5 s", "250 ms", "2 min", "200 us".
struct Span {
  TimeUs us = 0;
};
std::optional<Span> parse_span(std::string_view text);
std::string to_text(Span span);     // the shortest that means the same
std::string to_ms_text(Span span);  // "58 ms"

// A time of day: "19:00:00", or "19:00:00.25".
struct TimeOfDay {
  TimeUs us = 0;
};
std::optional<TimeOfDay> parse_time_of_day(std::string_view text);
std::string to_text(TimeOfDay time);

struct WrittenDelay {
  std::vector<std::string> between;  // two sites
  Span delay;
};
struct WrittenNetwork {
  Span delay{40'000};
  Span jitter{2'000};
  Span inside_site{200};
  unsigned loss_ppm = 0;
  std::vector<WrittenDelay> delays;
};
struct WrittenTrack {
  std::string name;
  std::string origin;                    // a node
  std::vector<std::string> subscribers;  // nodes
};
struct WrittenEvent {
  Span at;
  ActionKind action{};
  std::optional<std::string> site;
  std::optional<std::string> other;
  std::optional<std::string> node;
  std::optional<std::string> track;
  std::optional<Span> time;
  std::optional<unsigned> percent;
  std::optional<unsigned> flow;
  std::optional<bool> clients_lost;
};
struct WrittenTime {
  std::string what;  // one of the measured times
  Span at_most;
};
struct Expect {
  std::optional<unsigned> violations;
  std::optional<unsigned> drains;  // soft and hard
  std::optional<unsigned> soft_drains;
  std::optional<unsigned> hard_drains;
  std::optional<unsigned> convictions;
  std::optional<unsigned> wrong_convictions;
  std::optional<unsigned> alarms;
  std::vector<WrittenTime> times;
};
struct WrittenScenario {
  std::string name;
  std::optional<TimeOfDay> clock;
  std::uint64_t seed = 1;
  Span length;
  std::vector<std::string> sites;
  unsigned nodes_per_site = 1;
  bool arbiter = true;
  WrittenNetwork network;
  config::Heartbeat heartbeat;
  config::Isolation isolation;
  config::Relaying relay;
  config::DirectoryTimers directory;
  std::vector<WrittenTrack> tracks;
  std::vector<WrittenEvent> events;
  Expect expect;
};

using config::Field;
using config::Is;

template <Is<WrittenDelay> S, class Visitor>
void fields(S& delay, Visitor&& visit) {
  visit(Field{.key = "between",
              .help = "Two sites.",
              .required = true,
              .text = config::kName,
              .min_items = 2,
              .max_items = 2},
        delay.between);
  visit(Field{.key = "delay", .help = "One way.", .required = true}, delay.delay);
}

template <Is<WrittenNetwork> S, class Visitor>
void fields(S& network, Visitor&& visit) {
  visit(Field{.key = "delay", .help = "One way between any two sites."}, network.delay);
  visit(Field{.key = "jitter", .help = "On top, at most."}, network.jitter);
  visit(Field{.key = "inside_site", .help = "One way between two nodes of a site."}, network.inside_site);
  visit(Field{.key = "loss_ppm", .help = "Of a million datagrams between sites.", .max = 1'000'000},
        network.loss_ppm);
  visit(Field{.key = "delays", .help = "Of single pairs of sites.", .max_items = 1024}, network.delays);
}

template <Is<WrittenTrack> S, class Visitor>
void fields(S& track, Visitor&& visit) {
  visit(Field{.key = "name", .help = "Unique.", .required = true, .text = config::kTrackId}, track.name);
  visit(Field{.key = "origin",
              .help = "The node that it is published at, from the beginning.",
              .text = config::kName},
        track.origin);
  visit(Field{.key = "subscribers",
              .help = "Nodes with a local subscriber, from the beginning.",
              .text = config::kName,
              .max_items = control::kMaxNodes},
        track.subscribers);
}

template <Is<WrittenEvent> S, class Visitor>
void fields(S& event, Visitor&& visit) {
  visit(Field{.key = "at", .help = "Time since the beginning.", .required = true}, event.at);
  visit(Field{.key = "do", .help = "What happens.", .required = true}, event.action);
  visit(Field{.key = "site", .help = "To which site.", .text = config::kName}, event.site);
  visit(Field{.key = "other", .help = "And which other one; absent: all others.", .text = config::kName},
        event.other);
  visit(Field{.key = "node", .help = "To which node.", .text = config::kName}, event.node);
  visit(Field{.key = "track", .help = "With which track.", .text = config::kTrackId}, event.track);
  visit(Field{.key = "time", .help = "For how long, or by how much."}, event.time);
  visit(Field{.key = "percent", .help = "Of datagrams and packets; of the usual delay.", .max = 10'000},
        event.percent);
  visit(Field{.key = "flow", .help = "Which source port of the pair.", .max = 7}, event.flow);
  visit(
      Field{.key = "clients_lost", .help = "Whether the site lost its own publishers and subscribers, too."},
      event.clients_lost);
}

template <Is<WrittenTime> S, class Visitor>
void fields(S& time, Visitor&& visit) {
  visit(Field{.key = "what",
              .help = "One of the times that are measured.",
              .required = true,
              .text = config::kName},
        time.what);
  visit(Field{.key = "at_most", .help = "The longest that is right.", .required = true}, time.at_most);
}

template <Is<Expect> S, class Visitor>
void fields(S& expect, Visitor&& visit) {
  const auto count = [&](std::string_view key, std::string_view help, auto& member) {
    visit(Field{.key = key, .help = help, .max = 1'000'000}, member);
  };
  count("violations", "Of invariants.", expect.violations);
  count("drains", "Soft and hard ones that began.", expect.drains);
  count("soft_drains", "That began.", expect.soft_drains);
  count("hard_drains", "That began.", expect.hard_drains);
  count("convictions", "Of peers, by any node.", expect.convictions);
  count("wrong_convictions", "Of peers that were up, by a path that worked.", expect.wrong_convictions);
  count("alarms", "Of all nodes.", expect.alarms);
  visit(Field{.key = "times", .help = "Bounds of what is measured.", .max_items = 64}, expect.times);
}

template <Is<WrittenScenario> S, class Visitor>
void fields(S& scenario, Visitor&& visit) {
  visit(Field{.key = "name",
              .help = "A title.",
              .required = true,
              .text = {.shortest = 1, .longest = 120, .any = true}},
        scenario.name);
  visit(Field{.key = "clock", .help = "Time of day at the beginning."}, scenario.clock);
  visit(Field{.key = "seed", .help = "Of all that is random."}, scenario.seed);
  visit(Field{.key = "length", .help = "Of the run.", .required = true}, scenario.length);
  visit(Field{.key = "sites",
              .help = "Their names.",
              .required = true,
              .text = config::kName,
              .min_items = 1,
              .max_items = control::kMaxSites},
        scenario.sites);
  visit(Field{.key = "nodes_per_site",
              .help = "A site's nodes are called as the site, or SITE.0, SITE.1 ...",
              .min = 1,
              .max = 64},
        scenario.nodes_per_site);
  visit(Field{.key = "arbiter", .help = "Whether there is one."}, scenario.arbiter);
  visit(Field{.key = "network", .help = "Between the sites."}, scenario.network);
  visit(Field{.key = "heartbeat", .help = "As in the appliance's configuration."}, scenario.heartbeat);
  visit(Field{.key = "isolation", .help = "As in the appliance's configuration."}, scenario.isolation);
  visit(Field{.key = "relay", .help = "As in the appliance's configuration."}, scenario.relay);
  visit(Field{.key = "directory", .help = "As in the appliance's configuration."}, scenario.directory);
  visit(Field{.key = "tracks", .help = "Who publishes what, and who takes it.", .max_items = 10'000},
        scenario.tracks);
  visit(Field{.key = "events", .help = "What happens when.", .max_items = 100'000}, scenario.events);
  visit(Field{.key = "expect", .help = "What must be so in the end."}, scenario.expect);
}

}  // namespace causeway::sim

namespace causeway::config {

template <>
struct WordFormat<sim::Span> {
  static constexpr std::string_view kWords = "time with its unit";
  static constexpr std::string_view kExample = "a time such as 90 s, 1.5 s, 250 ms or 2 min";
  static constexpr std::string_view kPattern = "^-?[0-9]+([.][0-9]{1,6})? (us|ms|s|min)$";
  static std::optional<sim::Span> parse(std::string_view text) { return sim::parse_span(text); }
};
template <>
struct WordFormat<sim::TimeOfDay> {
  static constexpr std::string_view kWords = "time of day";
  static constexpr std::string_view kExample = "a time such as \"19:00:00\" (in quotes)";
  static constexpr std::string_view kPattern = "^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?$";
  static std::optional<sim::TimeOfDay> parse(std::string_view text) { return sim::parse_time_of_day(text); }
};
template <>
std::vector<std::pair<std::string_view, sim::ActionKind>> names_of<sim::ActionKind>();

}  // namespace causeway::config
