#include "control/relay/candidates.h"

#include <algorithm>
#include <array>

namespace causeway::control::relay {

std::vector<NodeId> relays(NodeId origin, NodeId self, const Membership& membership,
                           const Surroundings& surroundings) {
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < membership.nodes(); ++i) {
    const NodeId node = static_cast<NodeId>(i);
    if (node != self && node != origin && surroundings.hears(node, origin)) nodes.push_back(node);
  }
  std::ranges::stable_sort(nodes, {}, [&](NodeId node) { return surroundings.round_trip_us(node); });
  return nodes;
}

namespace {

// Rendezvous: whoever leaves, only its own tracks move.
std::uint64_t weight(const TrackKey& key, NodeId node) {
  std::uint64_t mixed = key.low ^ (key.high + (node + std::uint64_t{1}) * 0x9e3779b97f4a7c15);
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

class Collector {
 public:
  Collector(NodeId self, const Surroundings& surroundings) : self_(self), surroundings_(surroundings) {}

  void add(NodeId node) {
    if (node == self_ || seen_.contains(node) || !surroundings_.is_reachable(node)) return;
    seen_.insert(node);
    nodes_.push_back(node);
  }
  std::vector<NodeId> take() { return std::move(nodes_); }

 private:
  NodeId self_;
  const Surroundings& surroundings_;
  NodeSet seen_;
  std::vector<NodeId> nodes_;
};

// Who claims to be, the best first, then who is by what peers know that ask here.
std::vector<NodeId> origins(const Track& track, NodeId self, const Membership& membership,
                            const Surroundings& surroundings) {
  std::array<Claim, kMaxClaims> claims;
  const std::size_t count = surroundings.claims(track.key, claims);
  std::vector<NodeId> nodes;
  const auto add = [&](NodeId node) {
    if (node == self || !membership.contains(node)) return;
    if (std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
  };
  for (const Claim& claim : std::span(claims.data(), count))
    add(claim.origin);
  for (const Downstream& peer : track.downstream)
    add(peer.origin);
  return nodes;
}

// Nodes that hear somebody whom this node does not, both ways, or who did not deliver to it: they may know of
// claims that never came here, and be a way around.
std::vector<NodeId> windows(const Track& track, NodeId self, const Membership& membership,
                            const Surroundings& surroundings, TimeUs now_us) {
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < membership.nodes(); ++i) {
    const NodeId lost = static_cast<NodeId>(i);
    if (lost == self) continue;
    if (surroundings.hears(self, lost) && !track.is_avoided(lost, now_us)) continue;
    for (const NodeId node : relays(lost, self, membership, surroundings)) {
      if (std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
    }
  }
  return nodes;
}

// Last are those that did not deliver or have just fallen silent, and those that this node itself feeds.
int rank(const Track& track, NodeId node, const Surroundings& surroundings, TimeUs now_us) {
  const auto feeds = [&](const Downstream& other) { return other.peer == node && other.is_leg; };
  if (std::ranges::any_of(track.downstream, feeds)) return 2;
  return track.is_avoided(node, now_us) || !surroundings.is_lively(node, now_us) ? 1 : 0;
}

}  // namespace

NodeId gateway(const TrackKey& key, SiteId site, NodeId self, const Membership& membership,
               const Surroundings& surroundings) {
  NodeId best = self;
  membership.nodes_of(site).for_each([&](NodeId node) {
    if (node == self || !surroundings.is_reachable(node)) return;
    if (weight(key, node) > weight(key, best)) best = node;
  });
  return best;
}

std::vector<NodeId> candidates(const Track& track, NodeId self, const Membership& membership,
                               const Surroundings& surroundings, TimeUs now_us) {
  const std::vector<NodeId> all_origins = origins(track, self, membership, surroundings);
  Collector collector(self, surroundings);
  const SiteId own_site = membership.site_of[self];
  for (const NodeId origin : all_origins) {
    if (membership.site_of[origin] != own_site) {
      collector.add(gateway(track.key, own_site, self, membership, surroundings));
    }
    collector.add(origin);
  }
  // Who is asked to get a track does not know from which origin: they come after all origins.
  for (const NodeId origin : all_origins) {
    for (const NodeId node : relays(origin, self, membership, surroundings))
      collector.add(node);
  }
  for (const NodeId node : windows(track, self, membership, surroundings, now_us))
    collector.add(node);
  std::vector<NodeId> nodes = collector.take();
  std::ranges::stable_sort(nodes, {}, [&](NodeId node) { return rank(track, node, surroundings, now_us); });
  return nodes;
}

}  // namespace causeway::control::relay
