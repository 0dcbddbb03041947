// From what is asked for and what the relay protocol has decided to what the data plane's tables must hold.
// Pure and deterministic: the same arguments make the same value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "control/relay/view.h"
#include "control/session/desired.h"
#include "control/session/state.h"
#include "control/wire/ids.h"

namespace causeway::control::session {

// The other nodes of the fleet. The transport between two of them is "node:NAME", which no transport of the
// configuration or the API can be called.
struct Peers {
  std::vector<std::string> names;  // by NodeId
  NodeSet ready;                   // there is a transport to them, with keys
};
std::string node_transport(std::string_view node_name);

// What waits for something, and for what.
enum class Lack : std::uint8_t {
  upstream,     // a subscription: its track is neither published here nor relayed yet
  description,  // nobody said what the track looks like
  layer,        // a subscription asks for a layer that the track does not have, or for none of several
  ssrc,         // another track has the SSRC under which this one would be relayed
  transport,    // a relay: there is no transport to the peer yet
  origin,       // a relay leg: published here, and the relay protocol does not know it yet
};
struct Waiting {
  TrackKey key;
  std::string track;         // its id; "" if nobody said
  std::string subscription;  // "": the relay itself waits
  NodeId peer = kNoNode;     // of a relay
  Lack lack{};

  bool operator==(const Waiting&) const = default;
};
std::string text(const Waiting& waiting);  // what waits, for what, and what to do

struct Plan {
  Desired desired;
  std::vector<Waiting> waiting;  // in the order of keys

  bool operator==(const Plan&) const = default;
};

// What the relay protocol says of each track that it carries or is asked for: Core::relay(). Absent is the
// same as a view that says nothing.
using Relays = std::map<TrackKey, RelayView>;

// The whole plan. `standing` is what the tables hold now: a subscriber's leg comes with its track, and then
// stays for as long as it is subscribed, with or without an upstream. Otherwise each lost upstream would cost
// the leg its place, and the healed relay would have to wait for 10^4 legs.
Plan plan(const State& state, const Relays& relays, const Peers& peers, const Desired& standing = {});

// Appends one track's part of it: after a change of its relay (Effects::tracks) or of what is asked for
// (Outcome::tracks). The same as in the whole plan. `key` may be one that nobody here asked for.
void plan_track(const State& state, const TrackKey& key, const RelayView& view, const Peers& peers,
                const Desired& standing, Plan& into);

}  // namespace causeway::control::session
