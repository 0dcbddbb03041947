// What the desired state needs from other nodes, and offers them: what the control core (control/core) is
// told of it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "control/session/state.h"
#include "control/wire/ids.h"

namespace causeway::control::session {

// wanted: at least one local subscription, and not published here. A track is never both.
enum class Need : std::uint8_t { wanted, published };

struct NeededTrack {
  std::string id;
  Need need{};
  bool operator==(const NeededTrack&) const = default;
};
using Needs = std::map<TrackKey, NeededTrack>;

// What has to be said to the core, in any order. Each list is sorted by key.
struct NeedsChange {
  struct Track {
    TrackKey key;
    std::string id;
    bool operator==(const Track&) const = default;
  };
  std::vector<Track> want, unwant, publish, unpublish;

  bool empty() const { return want.empty() && unwant.empty() && publish.empty() && unpublish.empty(); }
  bool operator==(const NeedsChange&) const = default;
};

Needs needs(const State& state);
NeedsChange change(const Needs& from, const Needs& to);

// Brings `needs` in line with the state for these tracks only, and says what that changed: after an
// operation, for its Outcome::tracks, the same as a comparison of everything.
NeedsChange update(Needs& needs, const State& state, std::span<const std::string> tracks);

}  // namespace causeway::control::session
