#include "tools/sim/invariants.h"

#include <algorithm>
#include <utility>

namespace causeway::sim {

using control::is_better;
using control::kNoNode;

namespace {

const Held kNothing;
const std::string kNoTrack;

}  // namespace

Checker::Checker(std::size_t sites, unsigned nodes_per_site, std::vector<std::string> node_names,
                 std::vector<std::string> track_names, const Truth& truth)
    : sites_(sites),
      nodes_per_site_(nodes_per_site),
      nodes_(sites * nodes_per_site),
      node_names_(std::move(node_names)),
      track_names_(std::move(track_names)),
      truth_(truth),
      tracks_(track_names_.size()),
      drains_(nodes_, control::DrainState::none) {}

const Held& Checker::held(NodeId node, TrackIndex track) const {
  const std::vector<Held>& nodes = tracks_[track];
  return nodes.empty() ? kNothing : nodes[node];
}

void Checker::report(Invariant invariant, NodeId node, TrackIndex track, std::string text, TimeUs now_us) {
  const bool is_ignored = (ignored_ >> static_cast<unsigned>(invariant) & 1U) != 0;
  if (is_ignored || violations_.size() == kMostViolations) return;
  const std::string& name = track < track_names_.size() ? track_names_[track] : kNoTrack;
  // One of a kind says enough: a baseline goes on after it.
  for (const Violation& before : violations_) {
    if (before.invariant == invariant && before.node == node && before.track == name) return;
  }
  violations_.push_back({invariant, now_us, node, name, std::move(text)});
}

std::string Checker::describe(const Label& label) const {
  const std::string origin = label.origin < nodes_ ? node_names_[label.origin] : "-";
  return "(" + std::to_string(label.stamp) + ", " + origin + ", " + std::to_string(label.depth) + ")";
}

void Checker::on_view(NodeId node, TrackIndex track, const RelayView& view, TimeUs now_us) {
  check_shape(node, track, view, now_us);
  Held& held = at(node, track);
  if (is_better(held.label, view.label)) {
    report(Invariant::I2, node, track,
           name(node) + "'s label got worse: " + describe(held.label) + " to " + describe(view.label),
           now_us);
  }
  const NodeId active = view.active ? view.active->upstream : kNoNode;
  const NodeId pending = view.pending && view.pending->acknowledged ? view.pending->upstream : kNoNode;
  const bool is_new = active != held.active || pending != held.pending;
  held.label = view.label;
  held.active = active;
  held.pending = pending;
  held.asked = view.pending ? view.pending->upstream : kNoNode;
  held.is_fed = view.active && view.active->fed;
  held.is_origin = view.is_origin;
  if (is_new) check_acyclic(node, track, now_us);
  check_edges_of(node, track, now_us);
}

void Checker::check_shape(NodeId node, TrackIndex track, const RelayView& view, TimeUs now_us) {
  checks_ += 2;
  for (const auto& edge : {view.active, view.pending}) {
    if (edge && (edge->upstream >= nodes_ || edge->upstream == node)) {
      report(Invariant::I3, node, track, name(node) + " has an upstream that cannot be one", now_us);
    }
  }
  if (view.is_origin && (view.active || view.pending)) {
    report(Invariant::I3, node, track, name(node) + " is the origin and has an upstream", now_us);
  }
  for (const NodeId leg : view.legs) {
    const bool is_loop = leg == node || (view.active && leg == view.active->upstream);
    if (is_loop || std::ranges::count(view.legs, leg) > 1) {
      report(Invariant::I8, node, track,
             name(node) + " has a leg to " + (leg < nodes_ ? name(leg) : "nobody") +
                 ", which is itself, its upstream, or there twice",
             now_us);
    }
  }
}

// The graph had no cycle before, so a new one goes through the node whose edges changed.
void Checker::check_acyclic(NodeId node, TrackIndex track, TimeUs now_us) {
  ++checks_;
  path_.clear();
  if (!find_cycle(node, node, track, path_)) return;
  std::string text = "a cycle: " + name(node);
  for (const NodeId upstream : path_)
    text += " takes it from " + name(upstream);
  report(Invariant::I1, node, track, std::move(text), now_us);
}

// Every way upstream from `from`. A way longer than there are nodes is in a cycle, which was reported when it
// came about.
bool Checker::find_cycle(NodeId from, NodeId node, TrackIndex track, std::vector<NodeId>& path) const {
  if (path.size() > nodes_) return false;
  const Held& held = tracks_[track][from];
  for (const NodeId upstream : {held.active, held.pending}) {
    if (upstream >= nodes_) continue;
    path.push_back(upstream);
    if (upstream == node || find_cycle(upstream, node, track, path)) return true;
    path.pop_back();
  }
  return false;
}

void Checker::check_edges_of(NodeId node, TrackIndex track, TimeUs now_us) {
  const std::vector<Held>& nodes = tracks_[track];
  check_edge(node, nodes[node].active, track, now_us);
  check_edge(node, nodes[node].pending, track, now_us);
  for (std::size_t other = 0; other < nodes_; ++other) {
    if (nodes[other].active != node && nodes[other].pending != node) continue;
    check_edge(static_cast<NodeId>(other), node, track, now_us);
  }
}

void Checker::check_edge(NodeId node, NodeId upstream, TrackIndex track, TimeUs now_us) {
  if (upstream >= nodes_) return;
  ++checks_;
  const Label& label = tracks_[track][node].label;
  if (is_better(tracks_[track][upstream].label, label)) return;
  // The upstream may have forgotten the track since it was seen last: then its label is its floor, which is
  // better than what it forgot.
  const Label now = truth_.label_now(upstream, track);
  if (is_better(now, label)) return;
  report(Invariant::I2, node, track,
         name(node) + " with label " + describe(label) + " takes it from " + name(upstream) + " with label " +
             describe(now) + ", which is not better",
         now_us);
}

void Checker::on_sample(NodeId node, TrackIndex track, const RelayView& view, TimeUs now_us) {
  ++checks_;
  const Held& was = held(node, track);
  const NodeId active = view.active ? view.active->upstream : kNoNode;
  const NodeId asked = view.pending ? view.pending->upstream : kNoNode;
  const NodeId pending = view.pending && view.pending->acknowledged ? asked : kNoNode;
  if (was.active == active && was.asked == asked && was.pending == pending &&
      was.is_fed == (view.active && view.active->fed) && was.is_origin == view.is_origin) {
    return;
  }
  report(Invariant::tables, node, track, name(node) + " changed its relaying and did not say so", now_us);
}

void Checker::on_acknowledge(NodeId node, TrackIndex track, bool is_fed, TimeUs now_us) {
  ++checks_;
  if (!is_fed)
    report(Invariant::I4, node, track, name(node) + " acknowledged a track and is not fed", now_us);
}

void Checker::report_stale(NodeId node, TrackIndex track, const Label& came_with, const Label& leaves_with,
                           TimeUs now_us) {
  report(Invariant::I5, node, track,
         name(node) + " with label " + describe(leaves_with) + " sent a packet on that came with " +
             describe(came_with),
         now_us);
}

void Checker::report_worse(NodeId node, TrackIndex track, const Label& before, const Label& now,
                           TimeUs now_us) {
  report(Invariant::I5, node, track,
         name(node) + " sent packets with " + describe(before) + ", and now one with " + describe(now),
         now_us);
}

void Checker::on_drain(NodeId node, control::DrainState drain, TimeUs now_us) {
  drains_[node] = drain;
  ++checks_;
  std::size_t hard = 0;
  for (std::size_t site = 0; site < sites_; ++site) {
    const auto first = drains_.begin() + static_cast<std::ptrdiff_t>(site * nodes_per_site_);
    hard += std::find(first, first + nodes_per_site_, control::DrainState::hard) != first + nodes_per_site_;
  }
  if (drain != control::DrainState::hard || (hard <= 1 && sites_ - hard >= 2)) return;
  report(Invariant::I7, node, UINT32_MAX,
         std::to_string(hard) + " of " + std::to_string(sites_) + " sites are drained hard", now_us);
}

void Checker::on_down(NodeId node) {
  for (std::vector<Held>& nodes : tracks_) {
    if (nodes.empty()) continue;
    Held& held = nodes[node];
    held.active = held.pending = held.asked = kNoNode;
    held.is_fed = held.is_origin = false;
  }
  drains_[node] = control::DrainState::none;
}

void Checker::on_lost_disk(NodeId node) {
  for (std::vector<Held>& nodes : tracks_) {
    if (!nodes.empty()) nodes[node].label = nodes[node].sent = Held().label;
  }
}

}  // namespace causeway::sim
