// Makes a plan that fails short: delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
// failure-inducing input", 2002).
#pragma once

#include <cstddef>
#include <functional>

#include "tools/sim/plan.h"

namespace causeway::sim {

struct ShrinkProgress {
  std::size_t runs = 0;
  std::size_t actions = 0;  // that are left
};

// The shortest plan found whose run still fails in the same way, which `fails` says. `plan` itself must fail.
// At most max_runs runs.
Plan shrink(const Plan& plan, const std::function<bool(const Plan&)>& fails, std::size_t max_runs,
            const std::function<void(const ShrinkProgress&)>& progress);

}  // namespace causeway::sim
