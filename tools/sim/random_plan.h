// Plans that nobody wrote: faults of every kind, overlapping, from a seed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tools/sim/plan.h"

namespace causeway::sim {

// X(name, mean seconds between two of them in the whole world, what it is). As in FoundationDB's simulation
// each seed has only some of the kinds, and is calm or wild: what is rare together is then met, too.
#define CAUSEWAY_FAULTS(X)                                                 \
  X(cut_pair, 20, "two sites hear each other no longer")                   \
  X(cut_site, 30, "one site and all others, likewise")                     \
  X(cut_one_way, 30, "one direction between two sites")                    \
  X(cut_flow, 30, "one source port between two sites")                     \
  X(cut_many, 90, "several pairs at once")                                 \
  X(cut_all, 240, "all inter-site links at once")                          \
  X(islanded, 300, "one site, for long enough to be drained")              \
  X(loss, 20, "a share of the datagrams and packets between two sites")    \
  X(delay, 30, "two to ten times the delay")                               \
  X(duplicate, 40, "datagrams that arrive twice")                          \
  X(reorder, 40, "datagrams that are late")                                \
  X(stall, 10, "a control thread stands still")                            \
  X(clock_step, 60, "a node's clock jumps")                                \
  X(restart, 40, "a node dies and comes back")                             \
  X(rolling_restart, 300, "one node after the other")                      \
  X(restart_all, 400, "all nodes at once")                                 \
  X(lose_directory, 60, "a node forgets what others announced")            \
  X(lie_directory, 60, "a node announces a track that it does not have")   \
  X(freeze, 40, "a data plane forwards nothing while its beats go on")     \
  X(move, 10, "a publisher moves to another node")                         \
  X(second_publisher, 60, "a track has two publishers for a while")        \
  X(subscribe, 15, "a node's first subscriber of a track comes, and goes") \
  X(arbiter, 120, "the arbiter cannot be reached")

enum class Fault : std::uint8_t {
#define CAUSEWAY_FAULT(name, mean_s, help) name,
  CAUSEWAY_FAULTS(CAUSEWAY_FAULT)
#undef CAUSEWAY_FAULT
};
inline constexpr std::size_t kFaults = 23;

struct Rates {
  std::array<unsigned, kFaults> mean_s{
#define CAUSEWAY_FAULT(name, mean_s, help) mean_s,
      CAUSEWAY_FAULTS(CAUSEWAY_FAULT)
#undef CAUSEWAY_FAULT
  };
  bool swarm = true;            // each seed has some of the kinds, more or less often
  bool random_tunables = true;  // half of the seeds have other timers, within their bounds
  unsigned tracks = 8;          // besides the canary of each node
};

struct Shape {
  std::size_t sites = 8;
  unsigned nodes_per_site = 1;
  TimeUs length_us = 600'000'000;
};

Plan random_plan(std::uint64_t seed, const Shape& shape, const Rates& rates);

// Sites by name and nothing that happens.
Plan bare_plan(std::uint64_t seed, const Shape& shape);
// Likewise, and a canary of each node that all nodes of other sites take.
Plan plain_plan(std::uint64_t seed, const Shape& shape);

// Other timers, within their bounds and what must hold between them. random_tunables.cc
void randomise_tunables(std::uint64_t seed, Plan& plan);
// Does config/validate_timers.cc accept them? Empty if so, else what is wrong.
std::string tunables_problem(const Plan& plan);

}  // namespace causeway::sim
