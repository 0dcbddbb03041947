// What the relay protocol has decided of one track: what the data plane's tables must say.
#pragma once

#include <optional>
#include <vector>

#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::control {

// X -> upstream, as X's control thread sees it.
struct Edge {
  NodeId upstream = kNoNode;
  bool fed = false;  // packets arrive; of an edge that is only asked for: always false
  bool acknowledged = false;
};

struct RelayView {
  bool is_origin = false;
  bool is_fed = false;          // as control judges it now
  bool is_wanted = false;       // by local subscribers
  Label label;                  // FD: what packets to the legs carry. Packets below it are not forwarded
  std::optional<Edge> active;   // media of this upstream is forwarded
  std::optional<Edge> pending;  // asked; its media is reported to control, and not forwarded
  std::vector<NodeId> legs;     // peers that take the track from here
};

}  // namespace causeway::control
