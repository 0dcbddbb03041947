// The safety invariants, checked after every event: an event changes one node, so only what the node says it
// changed is looked at, against what was seen of all others.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "control/relay/view.h"
#include "control/verdict/view.h"
#include "control/wire/ids.h"
#include "control/wire/label.h"
#include "tools/sim/data_plane.h"
#include "tools/sim/violation.h"

namespace causeway::sim {

// What the checker asks the world for.
class Truth {
 public:
  virtual ~Truth() = default;
  // The node's label of the track as it is now. Of a node that is down: with what it would start again.
  virtual Label label_now(NodeId node, TrackIndex track) const = 0;
  // Does its directory name an origin of the track? Of a node that is up.
  virtual bool is_claimed(NodeId node, TrackIndex track) const = 0;
};

// A node's part in the graph of one track, as it was seen last.
struct Held {
  Label label{0, 0, 0xff};  // worse than any
  Label sent{0, 0, 0xff};   // the best that a packet of the node carried
  NodeId active = control::kNoNode;
  NodeId pending = control::kNoNode;  // only once it acknowledged
  NodeId asked = control::kNoNode;    // acknowledged or not
  bool is_fed = false;                // by the active one
  bool is_origin = false;
};

class Checker {
 public:
  Checker(std::size_t sites, unsigned nodes_per_site, std::vector<std::string> node_names,
          std::vector<std::string> track_names, const Truth& truth);

  // The node says that its relaying of the track changed, to `view`. I1, I2, I3, I8.
  void on_view(NodeId node, TrackIndex track, const RelayView& view, TimeUs now_us);
  // `view` was taken though the node named no change. I-tables.
  void on_sample(NodeId node, TrackIndex track, const RelayView& view, TimeUs now_us);
  void on_acknowledge(NodeId node, TrackIndex track, bool is_fed, TimeUs now_us);  // I4
  // A packet goes from the node to its legs.
  void on_forward(NodeId node, TrackIndex track, const Label& came_with, const Label& leaves_with,
                  TimeUs now_us) {
    ++checks_;
    if (!control::is_better(came_with, leaves_with))
      report_stale(node, track, came_with, leaves_with, now_us);
    on_send(node, track, leaves_with, now_us);
  }
  void on_send(NodeId node, TrackIndex track, const Label& label, TimeUs now_us) {  // likewise, an own packet
    ++checks_;
    Held& held = at(node, track);
    if (control::is_better(held.sent, label)) report_worse(node, track, held.sent, label, now_us);
    held.sent = label;
  }
  void on_drain(NodeId node, control::DrainState drain, TimeUs now_us);  // I7
  void on_down(NodeId node);       // its edges are no more; its labels must live on
  void on_lost_disk(NodeId node);  // outside of what is promised: its labels begin anew
  void report(Invariant invariant, NodeId node, TrackIndex track, std::string text, TimeUs now_us);
  void count_check() { ++checks_; }
  void ignore(Invariant invariant) { ignored_ |= 1U << static_cast<unsigned>(invariant); }

  const Held& held(NodeId node, TrackIndex track) const;
  std::size_t nodes() const { return nodes_; }
  std::uint64_t checks() const { return checks_; }
  const std::vector<Violation>& violations() const { return violations_; }
  const std::string& name(NodeId node) const { return node_names_[node]; }

 private:
  Held& at(NodeId node, TrackIndex track) {
    std::vector<Held>& nodes = tracks_[track];
    if (nodes.empty()) nodes.resize(nodes_);
    return nodes[node];
  }
  void check_shape(NodeId node, TrackIndex track, const RelayView& view, TimeUs now_us);
  void check_acyclic(NodeId node, TrackIndex track, TimeUs now_us);
  bool find_cycle(NodeId from, NodeId node, TrackIndex track, std::vector<NodeId>& path) const;
  void check_edge(NodeId node, NodeId upstream, TrackIndex track, TimeUs now_us);
  void check_edges_of(NodeId node, TrackIndex track, TimeUs now_us);
  void report_stale(NodeId node, TrackIndex track, const Label& came_with, const Label& leaves_with,
                    TimeUs now_us);
  void report_worse(NodeId node, TrackIndex track, const Label& before, const Label& now, TimeUs now_us);
  std::string describe(const Label& label) const;

  static constexpr std::size_t kMostViolations = 16;  // that are kept

  std::size_t sites_;
  unsigned nodes_per_site_;
  std::size_t nodes_;
  std::vector<std::string> node_names_;
  std::vector<std::string> track_names_;
  const Truth& truth_;
  std::vector<std::vector<Held>> tracks_;  // by track, then node; empty until it is used
  std::vector<control::DrainState> drains_;
  std::vector<NodeId> path_;  // scratch
  std::uint64_t checks_ = 0;
  std::uint32_t ignored_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace causeway::sim
