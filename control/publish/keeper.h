// Keeps the tables as the session layer wants them: what changed is planned anew, and the way there is taken
// step by step, as far as grace periods let it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/publish/publisher.h"
#include "control/relay/view.h"
#include "control/session/delta.h"
#include "control/session/plan.h"
#include "control/session/state.h"

namespace causeway::control {

// Control thread only.
class Keeper {
 public:
  // What the relay protocol says of a track; nothing where there is no fleet.
  using ViewOf = std::function<RelayView(const TrackKey&)>;

  // `state` and `publisher` outlive it. The publisher is its alone, but for transports of peers.
  Keeper(const session::State& state, Publisher& publisher) : state_(state), publisher_(publisher) {}

  // Tracks whose plan may be another one: after a change of the state (Outcome::tracks) ...
  void changed(std::span<const std::string> tracks);
  // ... of their relay (Effects::tracks) ...
  void changed(const TrackKey& track) { dirty_.insert(track); }
  // ... and of a peer's transport: its name, and that it is ready, or not any more.
  void set_names(std::vector<std::string> names) { peers_.names = std::move(names); }
  void set_ready(NodeId peer, bool is_ready);
  const NodeSet& ready() const { return peers_.ready; }
  void transports_changed() { transports_changed_ = true; }

  // Goes as far as it can. True if all is done: the tables hold what is wanted.
  bool turn(const ViewOf& view_of);
  bool at_rest() const { return steps_.empty() && dirty_.empty() && !transports_changed_; }

  const session::Desired& standing() const { return standing_; }
  // What waits for something, by track.
  const std::map<TrackKey, std::vector<session::Waiting>>& waiting() const { return waiting_; }
  // Tracks for which that may have changed since the last call.
  std::vector<TrackKey> take_planned() { return std::exchange(planned_, {}); }
  // What comes from peers: whose it is, by the inlet's id.
  struct Inlet {
    TrackKey track;
    NodeId node = kNoNode;
  };
  const Inlet* inlet(Id id) const { return id < inlets_.size() ? &inlets_[id] : nullptr; }
  // Transports that were added since the last call: they need a next hop.
  void note_added(Id transport) { added_.push_back(transport); }
  std::vector<Id> take_added() { return std::exchange(added_, {}); }
  // Tables were full: perhaps there is room now. Whatever a step that failed was planned with is planned
  // anew.
  void retry();
  bool has_failed() const { return !failed_.empty() || transports_failed_; }
  // What could not be done, in words.
  std::vector<std::string> take_failures() { return std::exchange(failures_, {}); }

 private:
  void plan(const ViewOf& view_of);
  bool take_steps();
  void take(const session::Step& step);

  const session::State& state_;
  Publisher& publisher_;
  session::Peers peers_;
  session::Desired standing_;            // what the tables hold
  std::map<TrackKey, std::string> ids_;  // of tracks in it
  std::set<TrackKey> dirty_;
  bool transports_changed_ = false;
  std::deque<session::Step> steps_;
  std::set<TrackKey> planning_;  // what the steps are of
  bool planning_transports_ = false;
  std::set<TrackKey> failed_;
  bool transports_failed_ = false;
  std::map<TrackKey, std::vector<session::Waiting>> waiting_;
  std::vector<TrackKey> planned_;
  std::vector<Inlet> inlets_;
  std::vector<Id> added_;
  std::vector<std::string> failures_;
};

}  // namespace causeway::control
