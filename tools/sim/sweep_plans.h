// The plans of the sweeps. All of one kind of plan: (seed, shape, first incident, how many).
#pragma once

#include <cstdint>

#include "tools/sim/plan.h"
#include "tools/sim/random_plan.h"

namespace causeway::sim {

// Incidents of one plan: so few that there are several plans to run at once, so many that the start of a
// world is not most of it.
inline constexpr unsigned kCutLengths = 149;    // 0.1 ... 14.9 s
inline constexpr unsigned kStallLengths = 200;  // 50 ms ... 10 s
inline constexpr unsigned kStallsPerRun = 100;
inline constexpr unsigned kLossesPerRun = 16;
inline constexpr unsigned kOneWaysPerRun = 56;
inline constexpr unsigned kFrozenPerRun = 20;
inline constexpr unsigned kMovesPerRun = 40;
inline constexpr unsigned kAllCutsPerRun = 4;
inline constexpr unsigned kRestartsPerRun = 6;
inline constexpr unsigned kNoTracksPerRun = 40;

// sweep_plans.cc: of paths and nodes.
Plan cuts_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan stalls_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan losses_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan one_way_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan all_cut_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan restarts_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
// sweep_media_plans.cc: of tracks.
Plan frozen_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan moves_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);
Plan no_track_plan(std::uint64_t seed, const Shape& shape, std::uint64_t first, std::uint64_t count);

}  // namespace causeway::sim
