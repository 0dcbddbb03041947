// An acyclic graph of nodes with a topological order that is kept while edges come and go: the gate before
// every change of a relay table, and the simulator's watch over all nodes together.
//
// The algorithm is that of Pearce and Kelly, "A dynamic topological sort algorithm for directed acyclic
// graphs", 2007: an edge that agrees with the order costs nothing; another one reorders only what lies
// between its ends.
#pragma once

#include <cstddef>
#include <vector>

#include "control/wire/ids.h"

namespace causeway::control::relay {

class Order {
 public:
  // from depends on to. Empty if the edge was added, or already there. Otherwise nothing changed, and the
  // result is the cycle that it would close: from, to, ..., from.
  std::vector<NodeId> add(NodeId from, NodeId to);
  void remove(NodeId from, NodeId to);  // nothing happens if it is not there
  bool contains(NodeId from, NodeId to) const;
  std::size_t edges() const { return edges_.size(); }

  struct Edge {
    NodeId from;
    NodeId to;
    bool operator==(const Edge&) const = default;
  };
  const std::vector<Edge>& list() const { return edges_; }

 private:
  std::size_t place(NodeId node);  // in order_, where it is put if it is new
  bool reach(NodeId at, NodeId goal, std::size_t last, std::vector<NodeId>& trail);
  void reach_back(NodeId at, std::size_t first);

  std::vector<NodeId> order_;  // whoever depends stands before whom it depends on
  std::vector<Edge> edges_;
  std::vector<NodeId> forward_;  // scratch: reached from `to`
  std::vector<NodeId> backward_;
};

}  // namespace causeway::control::relay
