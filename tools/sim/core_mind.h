// The product's control core as the mind of a simulated node.
#pragma once

#include "tools/sim/world.h"

namespace causeway::sim {

MindFactory core_minds();

}  // namespace causeway::sim
