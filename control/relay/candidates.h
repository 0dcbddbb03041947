// Whom to ask for a track, the best first: docs/relay-protocol.md, section 6.
#pragma once

#include <vector>

#include "control/relay/surroundings.h"
#include "control/relay/track.h"
#include "control/wire/membership.h"

namespace causeway::control::relay {

// The node that takes a track for its site: the same choice on every node that sees the same peers.
NodeId gateway(const TrackKey& key, SiteId site, NodeId self, const Membership& membership,
               const Surroundings& surroundings);

// Nodes that hear the origin, both ways, the nearest first.
std::vector<NodeId> relays(NodeId origin, NodeId self, const Membership& membership,
                           const Surroundings& surroundings);

// All that can be asked now. Those that are avoided come last, and after them those that take the track from
// here.
std::vector<NodeId> candidates(const Track& track, NodeId self, const Membership& membership,
                               const Surroundings& surroundings, TimeUs now_us);

}  // namespace causeway::control::relay
