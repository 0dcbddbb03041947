#include "tools/sim/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace causeway::sim {
namespace {

class Shrinker {
 public:
  Shrinker(Plan plan, const std::function<bool(const Plan&)>& fails, std::size_t max_runs,
           const std::function<void(const ShrinkProgress&)>& progress)
      : best_(std::move(plan)), fails_(fails), max_runs_(max_runs), progress_(progress) {}

  Plan run() {
    drop_actions();
    simplify_world();
    drop_actions();
    return best_;
  }

 private:
  // Takes the plan if it fails, too.
  bool try_plan(Plan plan) {
    if (progress_of_.runs >= max_runs_) return false;
    ++progress_of_.runs;
    if (!fails_(plan)) return false;
    best_ = std::move(plan);
    progress_of_.actions = best_.actions.size();
    progress_(progress_of_);
    return true;
  }

  // ddmin's complements: parts of the actions are left out, large ones first.
  void drop_actions() {
    std::size_t part = (best_.actions.size() + 1) / 2;
    while (part > 0 && progress_of_.runs < max_runs_) {
      bool any = false;
      // From the end, where more is of no consequence.
      for (std::size_t end = best_.actions.size(); end > 0;) {
        const std::size_t begin = end > part ? end - part : 0;
        Plan shorter = best_;
        shorter.actions.erase(shorter.actions.begin() + static_cast<std::ptrdiff_t>(begin),
                              shorter.actions.begin() + static_cast<std::ptrdiff_t>(end));
        any |= try_plan(std::move(shorter));
        end = std::min(begin, best_.actions.size());
      }
      if (!any || part > 1) part = part == 1 ? 0 : (part + 1) / 2;
    }
  }

  // What is random beside the faults, one after the other.
  void simplify_world() {
    Plan plan = best_;
    plan.network.jitter_us = 0;
    plan.network.loss_ppm = 0;
    try_plan(std::move(plan));
    plan = best_;
    plan.network.delays_us.clear();
    try_plan(std::move(plan));
    plan = best_;
    plan.heartbeat = {};
    plan.isolation = {};
    plan.relay = {};
    plan.directory = {};
    try_plan(std::move(plan));
  }

  Plan best_;
  const std::function<bool(const Plan&)>& fails_;
  std::size_t max_runs_;
  const std::function<void(const ShrinkProgress&)>& progress_;
  ShrinkProgress progress_of_;
};

}  // namespace

Plan shrink(const Plan& plan, const std::function<bool(const Plan&)>& fails, std::size_t max_runs,
            const std::function<void(const ShrinkProgress&)>& progress) {
  return Shrinker(plan, fails, max_runs, progress).run();
}

}  // namespace causeway::sim
