// What the data plane's tables must hold, as one canonical value: made by plan(), compared by delta(). Two of
// them are equal exactly if the tables may stay as they are.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "config/config.h"
#include "control/session/values.h"
#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::control::session {

// One egress of a track: to a subscriber, or to a peer node.
struct LegEntry {
  Shared<config::Leg> leg;
  NodeId peer = kNoNode;  // kNoNode: a subscriber's

  bool operator==(const LegEntry&) const = default;
};

struct ByName {
  using is_transparent = void;
  bool operator()(const LegEntry& a, const LegEntry& b) const { return a.leg->name < b.leg->name; }
  bool operator()(const LegEntry& a, std::string_view b) const { return a.leg->name < b; }
  bool operator()(std::string_view a, const LegEntry& b) const { return a < b.leg->name; }
};

// What is said of a track between nodes.
struct RelayEntry {
  std::map<NodeId, std::string> accept;  // peers that may send it, and their transports
  NodeId active = kNoNode;               // the one of them whose media is forwarded
  Label label;  // what packets to peers carry; packets of peers that are not better are dropped

  bool operator==(const RelayEntry&) const = default;
};

struct TrackEntry {
  // As published here; or as relayed: without a transport, its layers under the SSRCs of relays.
  Shared<config::Track> track;
  RelayEntry relay{};
  std::set<LegEntry, ByName> legs{};

  bool is_local() const { return !track->transport.empty(); }
  bool operator==(const TrackEntry&) const = default;
};

// Names in it that are no transport of `transports` are those of peers ("node:NAME"): whoever has the keys of
// the pair of nodes makes and removes them. Before such a transport is removed, a plan without it must be in
// the tables.
struct Desired {
  std::map<std::string, Shared<config::Transport>, std::less<>> transports;
  std::map<std::string, TrackEntry, std::less<>> tracks;

  bool operator==(const Desired&) const = default;
};

// The part of it that is about these tracks, and no transport: what to compare after a relay changed.
Desired part(const Desired& whole, std::span<const std::string> tracks);

}  // namespace causeway::control::session
