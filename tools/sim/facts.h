// What is really so in the simulated world, as opposed to what its nodes believe: who is able to do what,
// since when, and which nodes a working path reaches.
#pragma once

#include <algorithm>
#include <vector>

#include "control/wire/ids.h"
#include "tools/sim/data_plane.h"
#include "tools/sim/network.h"

namespace causeway::sim {

struct NodeFacts {
  TimeUs able_since_us = 0;      // up, its control thread runs, its clock is sane; kNever: it is not
  TimeUs sends_since_us = 0;     // its data plane sends media
  TimeUs receives_since_us = 0;  // and takes media
  TimeUs honest_since_us = 0;    // others learn from it which tracks it has
};

// A node that has something (a publisher, a subscriber), since when.
struct Presence {
  NodeId node = control::kNoNode;
  TimeUs since_us = 0;
};

struct Facts {
  std::vector<NodeFacts> nodes;
  std::vector<std::vector<Presence>> publishers;  // by track
  std::vector<std::vector<Presence>> wants;       // likewise

  static Presence* find(std::vector<Presence>& list, NodeId node) {
    const auto at = std::ranges::find(list, node, &Presence::node);
    return at == list.end() ? nullptr : &*at;
  }
  static const Presence* find(const std::vector<Presence>& list, NodeId node) {
    const auto at = std::ranges::find(list, node, &Presence::node);
    return at == list.end() ? nullptr : &*at;
  }
};

// The source port that carries media of a track between two nodes.
constexpr unsigned media_flow(const control::TrackKey& key, unsigned flows) {
  return static_cast<unsigned>(key.low % flows);
}

// Since when the node `to` could have had the track by a path of at most `hops` hops, all of whose nodes and
// links have worked ever since; kNever: there is none now.
TimeUs reachable_since_us(const Facts& facts, const Backbone& backbone, TrackIndex track, unsigned flow,
                          NodeId to, unsigned hops);

}  // namespace causeway::sim
