// Faults that a node has to find out about a peer, since when, and how long it took. Who never finds out
// counts with the whole time that the fault lasted: a sweep must not pass because nothing was measured.
#pragma once

#include <vector>

#include "control/wire/ids.h"
#include "tools/sim/times.h"

namespace causeway::sim {

class Awaited {
 public:
  // A fault that ends within patience_us need not be found out.
  Awaited(std::size_t nodes, control::TimeUs patience_us)
      : nodes_(nodes), patience_us_(patience_us), since_us_(nodes * nodes, control::kNever) {}

  void begin(control::NodeId node, control::NodeId peer, control::TimeUs now_us) {
    control::TimeUs& since_us = since_us_[node * nodes_ + peer];
    if (since_us == control::kNever) since_us = now_us;
  }
  void found(control::NodeId node, control::NodeId peer, control::TimeUs now_us, Times& times) {
    control::TimeUs& since_us = since_us_[node * nodes_ + peer];
    if (since_us != control::kNever) times.add(now_us - since_us);
    since_us = control::kNever;
  }
  void over(control::NodeId node, control::NodeId peer, control::TimeUs now_us, Times& times) {
    control::TimeUs& since_us = since_us_[node * nodes_ + peer];
    if (since_us != control::kNever && now_us - since_us >= patience_us_) times.add(now_us - since_us);
    since_us = control::kNever;
  }
  // It is down: it finds out nothing any more.
  void drop(control::NodeId node) {
    for (std::size_t peer = 0; peer < nodes_; ++peer)
      since_us_[node * nodes_ + peer] = control::kNever;
  }

 private:
  std::size_t nodes_;
  control::TimeUs patience_us_;
  std::vector<control::TimeUs> since_us_;  // by node and peer; kNever: nothing is awaited
};

}  // namespace causeway::sim
