#include "control/relay/candidates.h"

#include <algorithm>
#include <array>

namespace causeway::control::relay {
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

// Nodes that hear the origin, the nearest first.
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

// Nodes that hear somebody whom this node does not, both ways: they may know of claims that never came here.
std::vector<NodeId> windows(NodeId self, const Membership& membership, const Surroundings& surroundings) {
  std::vector<NodeId> nodes;
  for (std::size_t i = 0; i < membership.nodes(); ++i) {
    const NodeId lost = static_cast<NodeId>(i);
    if (lost == self || surroundings.hears(self, lost)) continue;
    for (const NodeId node : relays(lost, self, membership, surroundings)) {
      if (std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
    }
  }
  return nodes;
}

// Last are those that did not deliver, and those that this node itself feeds.
int rank(const Track& track, NodeId node, TimeUs now_us) {
  const auto feeds = [&](const Downstream& other) { return other.peer == node && other.is_leg; };
  if (std::ranges::any_of(track.downstream, feeds)) return 2;
  const auto failed = [&](const Avoided& other) { return other.peer == node && other.until_us > now_us; };
  return std::ranges::any_of(track.avoided, failed) ? 1 : 0;
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
  std::array<Claim, kMaxClaims> claims;
  const std::size_t count = surroundings.claims(track.key, claims);
  Collector collector(self, surroundings);
  const SiteId own_site = membership.site_of[self];
  for (const Claim& claim : std::span(claims.data(), count)) {
    if (claim.origin == self || !membership.contains(claim.origin)) continue;
    if (membership.site_of[claim.origin] != own_site) {
      collector.add(gateway(track.key, own_site, self, membership, surroundings));
    }
    collector.add(claim.origin);
  }
  // Who is asked to get a track does not know from which origin: they come after all origins.
  for (const Claim& claim : std::span(claims.data(), count)) {
    if (claim.origin == self || !membership.contains(claim.origin)) continue;
    for (const NodeId node : relays(claim.origin, self, membership, surroundings))
      collector.add(node);
  }
  for (const NodeId node : windows(self, membership, surroundings))
    collector.add(node);
  std::vector<NodeId> nodes = collector.take();
  std::ranges::stable_sort(nodes, {}, [&](NodeId node) { return rank(track, node, now_us); });
  return nodes;
}

}  // namespace causeway::control::relay
