// From when to when each fault of a plan lasts.
#pragma once

#include <cstddef>
#include <vector>

#include "tools/sim/plan.h"

namespace causeway::sim {

struct FaultSpan {
  std::size_t action = 0;  // which of the plan's
  TimeUs from_us = 0;
  TimeUs to_us = 0;  // the run's end, if nothing ends it before
};

// In the order of the actions. Those that are over at once, or mend something, are left out.
std::vector<FaultSpan> fault_spans(const Plan& plan, TimeUs end_us);

}  // namespace causeway::sim
