#include "tools/sim/random_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tools/sim/random.h"

namespace causeway::sim {
namespace {

constexpr TimeUs kSecondUs = 1'000'000;
constexpr TimeUs kFirstFaultUs = 5 * kSecondUs;

constexpr std::array<std::string_view, 8> kSiteNames{"us-east", "us-west", "germany", "france",
                                                     "india",   "japan",   "brazil",  "australia"};

std::string site_name(std::size_t site) {
  return site < kSiteNames.size() ? std::string(kSiteNames[site]) : "site" + std::to_string(site + 1);
}

// Writes the faults of one kind into a plan.
class FaultWriter {
 public:
  FaultWriter(Plan& plan, std::uint64_t seed, Fault fault)
      : plan_(plan),
        random_(seed, Stream::faults, static_cast<std::uint64_t>(fault)),
        sites_(static_cast<int>(plan.sites.size())),
        nodes_(sites_ * static_cast<int>(plan.nodes_per_site)) {}

  // Gaps are spread evenly around the mean: in integers, the same everywhere.
  void write_all(Fault fault, TimeUs mean_us) {
    TimeUs at_us = kFirstFaultUs;
    while (true) {
      at_us += random_.between(1, 2 * mean_us);
      if (at_us >= plan_.length_us) return;
      write(fault, at_us);
    }
  }

 private:
  int site() { return static_cast<int>(random_.below(static_cast<std::uint32_t>(sites_))); }
  int site_but(int other) {
    return (other + 1 + static_cast<int>(random_.below(static_cast<std::uint32_t>(sites_ - 1)))) % sites_;
  }
  int node() { return static_cast<int>(random_.below(static_cast<std::uint32_t>(nodes_))); }
  std::string room() { return "room/" + std::to_string(random_.below(8)); }
  std::int64_t burst_ms() { return random_.octave(100, 30'000); }

  void add(TimeUs at_us, ActionKind kind, int a, int b = -1, std::int64_t value = 0, std::string track = {}) {
    plan_.actions.push_back({at_us, kind, a, b, value, std::move(track)});
  }
  // `kind` from at_us on, and `end` after so long.
  void span(TimeUs at_us, std::int64_t for_ms, ActionKind kind, ActionKind end, int a, int b = -1,
            std::int64_t value = 0, std::string track = {}) {
    const bool is_level = kind == end;  // a level that goes back to what is usual
    const std::int64_t usual = kind == ActionKind::delay ? 100 : 0;
    add(at_us, kind, a, b, value, track);
    add(at_us + for_ms * 1000, end, a, b, is_level ? usual : 0, std::move(track));
  }

  void write(Fault fault, TimeUs at_us);
  void write_cut(Fault fault, TimeUs at_us);
  void write_of_node(Fault fault, TimeUs at_us);
  void write_of_track(Fault fault, TimeUs at_us);

  Plan& plan_;
  Random random_;
  int sites_;
  int nodes_;
};

void FaultWriter::write(Fault fault, TimeUs at_us) {
  const int a = site();
  const int b = site_but(a);
  switch (fault) {
    case Fault::loss:
      return span(at_us, burst_ms(), ActionKind::loss, ActionKind::loss, a, b, random_.octave(1, 80));
    case Fault::delay:
      return span(at_us, burst_ms(), ActionKind::delay, ActionKind::delay, a, b, random_.between(150, 1000));
    case Fault::duplicate:
      return span(at_us, burst_ms(), ActionKind::duplicate, ActionKind::duplicate, a, b,
                  random_.between(5, 100));
    case Fault::reorder:
      return span(at_us, burst_ms(), ActionKind::reorder, ActionKind::reorder, a, b, random_.between(5, 60));
    case Fault::arbiter:
      return span(at_us, random_.octave(1000, 120'000), ActionKind::arbiter_down, ActionKind::arbiter_up, -1);
    case Fault::cut_pair:
    case Fault::cut_site:
    case Fault::cut_one_way:
    case Fault::cut_flow:
    case Fault::cut_many:
    case Fault::cut_all:
    case Fault::islanded:
      return write_cut(fault, at_us);
    case Fault::stall:
    case Fault::clock_step:
    case Fault::restart:
    case Fault::rolling_restart:
    case Fault::restart_all:
    case Fault::lose_directory:
    case Fault::freeze:
      return write_of_node(fault, at_us);
    case Fault::lie_directory:
    case Fault::move:
    case Fault::second_publisher:
    case Fault::subscribe:
      return write_of_track(fault, at_us);
  }
}

void FaultWriter::write_cut(Fault fault, TimeUs at_us) {
  const int a = site();
  const int b = site_but(a);
  switch (fault) {
    case Fault::cut_site:
      return span(at_us, burst_ms(), ActionKind::cut, ActionKind::heal, a);
    case Fault::cut_one_way:
      return span(at_us, burst_ms(), ActionKind::cut_one_way, ActionKind::heal, a, b);
    case Fault::cut_flow:
      return span(at_us, burst_ms(), ActionKind::cut_flow, ActionKind::heal, a, b, random_.below(8));
    case Fault::cut_all:
      return span(at_us, burst_ms(), ActionKind::cut, ActionKind::heal, -1);
    case Fault::islanded:
      return span(at_us, random_.between(10'000, 150'000), ActionKind::cut, ActionKind::heal, a, -1,
                  random_.below(2));
    case Fault::cut_many: {
      const std::int64_t for_ms = burst_ms();
      for (int x = 0; x < sites_; ++x) {
        for (int y = x + 1; y < sites_; ++y) {
          if (random_.chance(50)) span(at_us, for_ms, ActionKind::cut, ActionKind::heal, x, y);
        }
      }
      return;
    }
    default:
      return span(at_us, burst_ms(), ActionKind::cut, ActionKind::heal, a, b);
  }
}

void FaultWriter::write_of_node(Fault fault, TimeUs at_us) {
  const int a = node();
  switch (fault) {
    case Fault::stall:
      return add(at_us, ActionKind::stall, a, -1, random_.octave(50, 10'000));
    case Fault::clock_step: {
      const std::int64_t by_ms = random_.octave(10, 20'000);
      return add(at_us, ActionKind::clock_step, a, -1, random_.chance(50) ? by_ms : -by_ms);
    }
    case Fault::restart:
      return add(at_us, ActionKind::restart, a, -1, random_.octave(50, 20'000));
    case Fault::rolling_restart: {
      const std::int64_t down_ms = random_.octave(100, 5000);
      const std::int64_t gap_ms = random_.octave(500, 10'000);
      for (int each = 0; each < nodes_; ++each)
        add(at_us + each * gap_ms * 1000, ActionKind::restart, each, -1, down_ms);
      return;
    }
    case Fault::restart_all:
      return add(at_us, ActionKind::restart_all, -1, -1, random_.octave(100, 5000));
    case Fault::lose_directory:
      return add(at_us, ActionKind::lose_directory, a);
    default:
      return span(at_us, random_.octave(200, 30'000), ActionKind::freeze_media, ActionKind::thaw_media, a);
  }
}

void FaultWriter::write_of_track(Fault fault, TimeUs at_us) {
  const int a = node();
  const std::string track = room();
  switch (fault) {
    case Fault::lie_directory:
      return add(at_us, ActionKind::lie_directory, a, -1, random_.octave(100, 20'000), track);
    case Fault::move: {
      // Now and then it is away for so long that every edge must have ended.
      const std::int64_t away_ms = random_.chance(5) ? 50'000 : random_.octave(1, 8000);
      return add(at_us, ActionKind::move, a, -1, away_ms, track);
    }
    case Fault::second_publisher:
      return span(at_us, burst_ms(), ActionKind::publish, ActionKind::unpublish, a, -1, 0, track);
    default:
      return span(at_us, random_.octave(200, 60'000), ActionKind::subscribe, ActionKind::unsubscribe, a, -1,
                  0, track);
  }
}

void add_rooms(Plan& plan, std::uint64_t seed, unsigned tracks) {
  Random random(seed, Stream::shape, 1);
  const auto nodes = static_cast<std::uint32_t>(plan.sites.size() * plan.nodes_per_site);
  for (unsigned i = 0; i < tracks; ++i) {
    const std::string track = "room/" + std::to_string(i);
    plan.actions.push_back({random.between(0, 2 * kSecondUs), ActionKind::publish,
                            static_cast<int>(random.below(nodes)), -1, 0, track});
    for (std::uint32_t node = 0; node < nodes; ++node) {
      if (!random.chance(40)) continue;
      plan.actions.push_back(
          {random.between(0, 4 * kSecondUs), ActionKind::subscribe, static_cast<int>(node), -1, 0, track});
    }
  }
}

void randomise_network(Plan& plan, std::uint64_t seed) {
  Random random(seed, Stream::shape, 2);
  const std::size_t sites = plan.sites.size();
  plan.network.jitter_us = random.octave(100, 10'000);
  plan.network.loss_ppm = random.chance(50) ? static_cast<std::uint32_t>(random.octave(10, 10'000)) : 0;
  plan.network.delays_us.assign(sites, std::vector<TimeUs>(sites, plan.network.inside_site_us));
  for (std::size_t a = 0; a < sites; ++a) {
    for (std::size_t b = a + 1; b < sites; ++b) {
      plan.network.delays_us[a][b] = plan.network.delays_us[b][a] = random.between(2000, 100'000);
    }
  }
}

void sort(Plan& plan) {
  std::ranges::stable_sort(plan.actions, {}, &Action::at_us);
}

}  // namespace

Plan bare_plan(std::uint64_t seed, const Shape& shape) {
  Plan plan;
  plan.name = "seed " + std::to_string(seed);
  plan.seed = seed;
  for (std::size_t site = 0; site < shape.sites; ++site)
    plan.sites.push_back(site_name(site));
  plan.nodes_per_site = shape.nodes_per_site;
  plan.length_us = shape.length_us;
  return plan;
}

Plan plain_plan(std::uint64_t seed, const Shape& shape) {
  Plan plan = bare_plan(seed, shape);
  const auto nodes = static_cast<int>(shape.sites * shape.nodes_per_site);
  const auto per_site = static_cast<int>(shape.nodes_per_site);
  for (int node = 0; node < nodes; ++node) {
    const std::string track = "canary/" + std::to_string(node);
    plan.actions.push_back({0, ActionKind::publish, node, -1, 0, track});
    for (int other = 0; other < nodes; ++other) {
      if (other / per_site != node / per_site)
        plan.actions.push_back({1000, ActionKind::subscribe, other, -1, 0, track});
    }
  }
  sort(plan);
  return plan;
}

Plan random_plan(std::uint64_t seed, const Shape& shape, const Rates& rates) {
  Plan plan = plain_plan(seed, shape);
  randomise_network(plan, seed);
  add_rooms(plan, seed, rates.tracks);
  Random random(seed, Stream::shape, 3);
  if (rates.random_tunables && random.chance(50)) randomise_tunables(seed, plan);
  // From a third as often as usual to three times as often.
  const std::int64_t pace_percent = rates.swarm ? random.octave(33, 300) : 100;
  const std::uint32_t kinds_percent = rates.swarm ? 15 + random.below(70) : 100;
  for (std::size_t i = 0; i < kFaults; ++i) {
    const bool is_on = random.chance(kinds_percent);
    if (!is_on || rates.mean_s[i] == 0) continue;
    const auto fault = static_cast<Fault>(i);
    FaultWriter(plan, seed, fault).write_all(fault, rates.mean_s[i] * kSecondUs * pace_percent / 100);
  }
  sort(plan);
  return plan;
}

}  // namespace causeway::sim
