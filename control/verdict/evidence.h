// What a verdict rests on, for the one who reads the journal.
#pragma once

#include "control/verdict/fleet.h"
#include "control/verdict/view.h"

namespace causeway::control::verdict {

// On a peer.
struct Evidence {
  TimeUs silent_us = 0;    // nothing of it arrived for so long
  TimeUs one_way_us = 0;   // or it arrives, and its beats have not echoed ours for so long
  bool is_silent = false;  // which of the two it is
  // By rows that came after the silence had settled, so of nodes that are heard:
  NodeSet connected;     // hear it both ways
  NodeSet deaf;          // do not hear it
  NodeSet say_hears_us;  // know by its row that it hears this node
  ProbeResult probe = ProbeResult::none;
  // Somebody is heard who is not cut off together with this node. A helper at the own site that finds the
  // peer silent says no more than this node knows already.
  bool outside_heard = false;
};

// On this node and its site.
struct SelfEvidence {
  TimeUs silent_us = 0;      // nothing of any node of another site arrived for so long
  TimeUs matrix_age_us = 0;  // of the last matrix before that
  SiteSet group = 0;         // the largest group of other sites that it showed connected
  SiteSet islanded = 0;      // sites that look islanded
  int sites = 0;
  int nodes_elsewhere = 0;
  int failing_pairs = 0;
  int pairs = 0;
  bool told = false;  // the arbiter said that it is a common mode
};

}  // namespace causeway::control::verdict
