// The old design, which had the outage of 7 February 2024: in the simulator only, so that the scenario that
// our design passes is seen to be one that can be failed.
//
// - The first silence convicts: three beats that do not come.
// - A site that hears no other one takes itself offline at once, and stays so until somebody acts.
// - Whoever once had a track claims it, and any claim is an upstream. There is no "no".
#pragma once

#include "tools/sim/world.h"

namespace causeway::sim {

MindFactory baseline_minds();

}  // namespace causeway::sim
