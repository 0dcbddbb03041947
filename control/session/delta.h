// The way from what the tables hold to what they must hold, as steps that a publisher of tables takes one by
// one: each of them is valid on its own, and a worker that forwards meanwhile never sees a leg without its
// track, a track without its transport, or a track whose old upstream went before the new one was there.
//
// Order: what goes (legs, upstreams of tracks that get no other one, tracks, transports); then transports as
// they are changed and added; then for each track: itself, new upstreams, which one is forwarded and under
// what label, old upstreams; then legs.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "control/session/desired.h"

namespace causeway::control::session {

struct RemoveLeg {
  std::string track;
  std::string name;
  bool operator==(const RemoveLeg&) const = default;
};
// Takes its legs along, all at once: one by one they would copy its list as often as it has legs.
struct RemoveTrack {
  std::string id;
  bool operator==(const RemoveTrack&) const = default;
};
// Takes the tracks that it publishes, and the legs that it is sent, along.
struct RemoveTransport {
  std::string name;
  bool operator==(const RemoveTransport&) const = default;
};
// What follows needs what went to have had its grace period: a leg comes back under the SSRC of one that
// went, or keys that sent are taken away. Go on when the publisher is at rest. (What an earlier delta took
// away may still be in its grace period, too.)
struct Settle {
  bool operator==(const Settle&) const = default;
};
struct ChangeTransport {
  Shared<config::Transport> transport;
  bool operator==(const ChangeTransport&) const = default;
};
struct AddTransport {
  Shared<config::Transport> transport;
  bool operator==(const AddTransport&) const = default;
};
struct AddTrack {
  Shared<config::Track> track;  // without a transport if it is relayed
  bool operator==(const AddTrack&) const = default;
};
struct AddUpstream {
  std::string track;
  NodeId peer = kNoNode;
  std::string transport;
  bool operator==(const AddUpstream&) const = default;
};
// In one step, so that media of two upstreams is never forwarded at a time.
struct SetRelay {
  std::string track;
  NodeId active = kNoNode;
  Label label;
  bool operator==(const SetRelay&) const = default;
};
struct RemoveUpstream {
  std::string track;
  NodeId peer = kNoNode;
  bool operator==(const RemoveUpstream&) const = default;
};
// Its track, layer, transport and SSRC stay as they are.
struct ChangeLeg {
  LegEntry leg;
  bool operator==(const ChangeLeg&) const = default;
};
struct AddLeg {
  LegEntry leg;
  bool operator==(const AddLeg&) const = default;
};

using Step = std::variant<RemoveLeg, RemoveTrack, RemoveTransport, Settle, ChangeTransport, AddTransport,
                          AddTrack, AddUpstream, SetRelay, RemoveUpstream, ChangeLeg, AddLeg>;

struct Delta {
  std::vector<Step> steps;

  bool empty() const { return steps.empty(); }
  bool operator==(const Delta&) const = default;
};

// From a to b, both as plan() makes them, or the parts of two plans that are about the same tracks. Empty
// exactly if a == b. No step changes nothing, but for Settle.
Delta delta(const Desired& a, const Desired& b);

// What a is after the steps; apply(delta(a, b), a) == b. A step that is about something that is not there
// does nothing.
Desired apply(const Delta& delta, Desired a);
void apply(const Step& step, Desired& to);

}  // namespace causeway::control::session
