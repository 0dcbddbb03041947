#include "tools/sim/story/fault_spans.h"

#include <algorithm>

namespace causeway::sim {
namespace {

// Two sites each, of which -1 is every one: is what `inner` names a part of what `outer` names?
bool covers(const Action& outer, const Action& inner) {
  const auto within = [](int whole, int part) { return whole < 0 || whole == part; };
  return (within(outer.a, inner.a) && within(outer.b, inner.b)) ||
         (within(outer.a, inner.b) && within(outer.b, inner.a));
}

bool ends(const Action& later, const Action& fault) {
  switch (fault.kind) {
    case ActionKind::cut:
    case ActionKind::cut_one_way:
    case ActionKind::cut_flow:
      return later.kind == ActionKind::heal && covers(later, fault);
    case ActionKind::loss:
    case ActionKind::delay:
    case ActionKind::duplicate:
    case ActionKind::reorder:  // by the next value of it, which may be none
      return later.kind == fault.kind && covers(later, fault);
    case ActionKind::freeze_media:
      return later.kind == ActionKind::thaw_media && later.a == fault.a;
    case ActionKind::arbiter_down:
      return later.kind == ActionKind::arbiter_up;
    default:
      return false;
  }
}

bool lasts(const Action& action) {
  switch (action.kind) {
    case ActionKind::cut:
    case ActionKind::cut_one_way:
    case ActionKind::cut_flow:
    case ActionKind::freeze_media:
    case ActionKind::arbiter_down:
    case ActionKind::stall:
    case ActionKind::restart:
    case ActionKind::restart_all:
    case ActionKind::lie_directory:
      return true;
    case ActionKind::loss:
    case ActionKind::duplicate:
    case ActionKind::reorder:
      return action.value != 0;
    case ActionKind::delay:
      return action.value != 100;
    default:
      return false;
  }
}

bool has_its_time(ActionKind kind) {
  return kind == ActionKind::stall || kind == ActionKind::restart || kind == ActionKind::restart_all ||
         kind == ActionKind::lie_directory;
}

}  // namespace

std::vector<FaultSpan> fault_spans(const Plan& plan, TimeUs end_us) {
  std::vector<FaultSpan> spans;
  for (std::size_t i = 0; i < plan.actions.size(); ++i) {
    const Action& action = plan.actions[i];
    if (!lasts(action) || action.at_us >= end_us) continue;
    TimeUs to_us = end_us;
    if (has_its_time(action.kind)) {
      to_us = std::min(end_us, action.at_us + action.value * 1000);
    } else {
      const auto later =
          std::find_if(plan.actions.begin() + static_cast<std::ptrdiff_t>(i) + 1, plan.actions.end(),
                       [&](const Action& each) { return ends(each, action); });
      if (later != plan.actions.end()) to_us = std::min(end_us, later->at_us);
    }
    spans.push_back({i, action.at_us, to_us});
  }
  return spans;
}

}  // namespace causeway::sim
