#include "control/relay/order.h"

#include <algorithm>

namespace causeway::control::relay {

bool Order::contains(NodeId from, NodeId to) const {
  return std::ranges::find(edges_, Edge{from, to}) != edges_.end();
}

std::size_t Order::place(NodeId node) {
  const auto at = std::ranges::find(order_, node);
  const auto index = static_cast<std::size_t>(at - order_.begin());
  if (at == order_.end()) order_.push_back(node);
  return index;
}

// Depth first along edges, among nodes up to place `last`. Leaves the way to the goal in `trail`.
bool Order::reach(NodeId at, NodeId goal, std::size_t last, std::vector<NodeId>& trail) {
  forward_.push_back(at);
  trail.push_back(at);
  if (at == goal) return true;
  for (const Edge& edge : edges_) {
    if (edge.from != at || place(edge.to) > last) continue;
    if (std::ranges::find(forward_, edge.to) != forward_.end()) continue;
    if (reach(edge.to, goal, last, trail)) return true;
  }
  trail.pop_back();
  return false;
}

// Depth first against edges, among nodes from place `first` on.
void Order::reach_back(NodeId at, std::size_t first) {
  backward_.push_back(at);
  for (const Edge& edge : edges_) {
    if (edge.to != at || place(edge.from) < first) continue;
    if (std::ranges::find(backward_, edge.from) == backward_.end()) reach_back(edge.from, first);
  }
}

std::vector<NodeId> Order::add(NodeId from, NodeId to) {
  if (from == to) return {from, to};
  if (contains(from, to)) return {};
  const std::size_t from_place = place(from);
  const std::size_t to_place = place(to);
  if (to_place < from_place) {
    forward_.clear();
    std::vector<NodeId> trail;
    if (reach(to, from, from_place, trail)) {
      trail.insert(trail.begin(), from);
      return trail;
    }
    backward_.clear();
    reach_back(from, to_place);
    const auto by_place = [this](NodeId a, NodeId b) { return place(a) < place(b); };
    std::ranges::sort(backward_, by_place);
    std::ranges::sort(forward_, by_place);
    std::vector<NodeId> moved(backward_);
    moved.insert(moved.end(), forward_.begin(), forward_.end());
    std::vector<std::size_t> places;
    for (const NodeId node : moved)
      places.push_back(place(node));
    std::ranges::sort(places);
    for (std::size_t i = 0; i < moved.size(); ++i)
      order_[places[i]] = moved[i];
  }
  edges_.push_back({from, to});
  return {};
}

void Order::remove(NodeId from, NodeId to) {
  const auto at = std::ranges::find(edges_, Edge{from, to});
  if (at == edges_.end()) return;
  *at = edges_.back();
  edges_.pop_back();
  for (const NodeId node : {from, to}) {
    const bool used =
        std::ranges::any_of(edges_, [&](const Edge& edge) { return edge.from == node || edge.to == node; });
    if (!used) std::erase(order_, node);
  }
}

}  // namespace causeway::control::relay
