// What each action needs to be told, in the file and in the plan.
#pragma once

#include <cstdint>

#include "tools/sim/plan.h"

namespace causeway::sim {

enum class Target : std::uint8_t {
  none,
  site,
  pair,
  node,
  track
};  // pair: a site, and another one or all; track: and a node
enum class Amount : std::uint8_t { none, time, percent, flow, clients };

struct ActionShape {
  Target target = Target::none;
  Amount amount = Amount::none;
};

constexpr ActionShape shape_of(ActionKind kind) {
  using enum ActionKind;
  switch (kind) {
    case cut:
      return {Target::pair, Amount::clients};
    case cut_one_way:
    case heal:
      return {Target::pair, Amount::none};
    case cut_flow:
      return {Target::pair, Amount::flow};
    case loss:
    case delay:
    case duplicate:
    case reorder:
      return {Target::pair, Amount::percent};
    case stall:
    case clock_step:
    case restart:
      return {Target::node, Amount::time};
    case restart_all:
      return {Target::none, Amount::time};
    case freeze_media:
    case thaw_media:
    case lose_directory:
    case lose_watermark:
      return {Target::node, Amount::none};
    case lie_directory:
    case move:
      return {Target::track, Amount::time};
    case publish:
    case unpublish:
    case subscribe:
    case unsubscribe:
      return {Target::track, Amount::none};
    case arbiter_down:
    case arbiter_up:
      return {};
  }
  return {};
}

}  // namespace causeway::sim
