// Writes a plan of incidents, one after the other, as a person would tell it: do this, let so much time pass,
// do that.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tools/sim/random.h"
#include "tools/sim/random_plan.h"

namespace causeway::sim {

inline constexpr TimeUs kMsUs = 1000;
inline constexpr TimeUs kSecUs = 1'000'000;

class Incidents {
 public:
  // Each has random numbers of its own, so that a plan may begin with any.
  Incidents(Plan plan, std::uint64_t first)
      : plan_(std::move(plan)),
        first_(first),
        number_(first),
        // After the time in which nobody is judged.
        now_us_(control::from_ms(plan_.heartbeat.startup_ms) + 5 * kSecUs),
        random_(plan_.seed, Stream::incidents, first) {}

  Plan& plan() { return plan_; }
  Random& random() { return random_; }
  std::uint64_t number() const { return number_; }
  int sites() const { return static_cast<int>(plan_.sites.size()); }
  int nodes() const { return sites() * static_cast<int>(plan_.nodes_per_site); }
  // The first node of a site.
  int node_of(int site) const { return site * static_cast<int>(plan_.nodes_per_site); }

  void pass(TimeUs time_us) { now_us_ += time_us; }
  // Some time between the two, in microseconds: no incident comes in step with the keepalives.
  void pass(TimeUs least_us, TimeUs most_us) { now_us_ += random_.between(least_us, most_us); }
  // A time between the two, in milliseconds, all octaves alike.
  std::int64_t octave_ms(TimeUs least_us, TimeUs most_us) {
    return random_.octave(least_us / kMsUs, most_us / kMsUs);
  }
  void act(ActionKind kind, int a, int b = -1, std::int64_t value = 0, std::string track = {}) {
    plan_.actions.push_back({now_us_, kind, a, b, value, std::move(track)});
  }
  // Sites in a random order.
  std::vector<int> shuffled() {
    std::vector<int> all(plan_.sites.size());
    for (int site = 0; site < sites(); ++site)
      all[static_cast<std::size_t>(site)] = site;
    for (std::size_t left = all.size(); left > 1; --left)
      std::swap(all[left - 1], all[random_.below(static_cast<std::uint32_t>(left))]);
    return all;
  }

  void next() { random_ = Random(plan_.seed, Stream::incidents, ++number_); }
  // After next() of the last one.
  Plan finish(std::string_view sweep) {
    plan_.name = std::string(sweep) + " " + std::to_string(first_) + " to " + std::to_string(number_ - 1);
    plan_.length_us = now_us_;
    std::ranges::stable_sort(plan_.actions, {}, &Action::at_us);
    return std::move(plan_);
  }

 private:
  Plan plan_;
  std::uint64_t first_;
  std::uint64_t number_;
  TimeUs now_us_;
  Random random_;
};

}  // namespace causeway::sim
