#include "control/session/plan.h"

#include <algorithm>
#include <set>
#include <utility>

namespace causeway::control::session {
namespace {

// The plan of one track.
class TrackPlanner {
 public:
  TrackPlanner(const State& state, const TrackKey& key, const RelayView& view, const Peers& peers,
               const Desired& standing, Plan& into)
      : state_(state), key_(key), view_(view), peers_(peers), standing_(standing), into_(into) {}

  void run() {
    const std::string* id = state_.track_id(key_);
    record_ = id == nullptr ? nullptr : state_.track(*id);
    if (record_ == nullptr) {
      if (is_relayed()) wait(Lack::description);
      return;
    }
    id_ = *id;
    if (record_->shape() == nullptr) {
      if (is_relayed()) wait(Lack::description);
      for (const auto& [name, leg] : record_->subscriptions)
        wait(Lack::description, name);
      return;
    }
    TrackEntry entry{record_->published ? *record_->published : *record_->described};
    add_relay(entry);
    add_subscribers(entry);
    add_relay_legs(entry);
    if (!entry.is_local() && entry.relay.accept.empty() && entry.legs.empty()) return;
    into_.desired.tracks.insert_or_assign(id_, std::move(entry));
  }

 private:
  bool is_relayed() const { return view_.active || view_.pending || !view_.legs.empty(); }

  void wait(Lack lack, const std::string& subscription = {}, NodeId peer = kNoNode) {
    into_.waiting.push_back({key_, id_, subscription, peer, lack});
  }

  // May the track be sent to the peer, or taken from it?
  bool can_relay(NodeId peer) {
    const bool is_ready = peers_.ready.contains(peer) && peer < peers_.names.size();
    if (!is_ready) wait(Lack::transport, {}, peer);
    return is_ready;
  }

  void add_relay(TrackEntry& entry) {
    RelayEntry& relay = entry.relay;
    if (entry.is_local()) {
      if (view_.is_origin) relay.label = view_.label;
      return;
    }
    if (!view_.active && !view_.pending) return;
    if (!state_.may_relay(*record_)) return wait(Lack::ssrc);
    for (const auto& edge : {view_.active, view_.pending}) {
      if (!edge || relay.accept.contains(edge->upstream) || !can_relay(edge->upstream)) continue;
      relay.accept[edge->upstream] = node_transport(peers_.names[edge->upstream]);
    }
    if (view_.active && relay.accept.contains(view_.active->upstream)) relay.active = view_.active->upstream;
    if (!relay.accept.empty()) relay.label = view_.label;
  }

  void add_subscribers(TrackEntry& entry) {
    const auto at = standing_.tracks.find(id_);
    const TrackEntry* stood =
        at != standing_.tracks.end() && at->second.track == entry.track ? &at->second : nullptr;
    for (const auto& [name, leg] : record_->subscriptions) {
      if (!has_layer(*entry.track, *leg)) {
        wait(Lack::layer, name);
      } else if (entry.is_local() || entry.relay.active != kNoNode || stands(stood, *leg)) {
        entry.legs.insert(entry.legs.end(), {leg});
      } else {
        wait(Lack::upstream, name);
      }
    }
  }

  static bool has_layer(const config::Track& track, const config::Leg& leg) {
    if (leg.layer.empty()) return track.layers.size() == 1;
    return std::ranges::count(track.layers, leg.layer, &config::Layer::name) != 0;
  }

  static bool stands(const TrackEntry* stood, const config::Leg& leg) {
    if (stood == nullptr) return false;
    const auto at = stood->legs.find(leg.name);
    return at != stood->legs.end() && at->leg->transport == leg.transport && at->leg->ssrc == leg.ssrc;
  }

  // To peers. Of what is relayed here only while there is an upstream, and never back to it.
  void add_relay_legs(TrackEntry& entry) {
    const std::set<NodeId> wanted(view_.legs.begin(), view_.legs.end());
    if (wanted.empty()) return;
    if (entry.is_local() && !view_.is_origin) return wait(Lack::origin);
    if (!entry.is_local() && entry.relay.active == kNoNode) return wait(Lack::upstream);
    if (!state_.may_relay(*record_)) return wait(Lack::ssrc);
    for (const NodeId peer : wanted) {
      if (entry.relay.accept.contains(peer) || !can_relay(peer)) continue;
      for (const config::Layer& layer : entry.track->layers)
        entry.legs.insert({Shared(relay_leg(layer.name, peer)), peer});
    }
  }

  // No name of a configured leg has a colon in it.
  config::Leg relay_leg(const std::string& layer, NodeId peer) const {
    config::Leg leg;
    leg.transport = node_transport(peers_.names[peer]);
    leg.name = "relay:" + id_ + "/" + layer + "->" + leg.transport;
    leg.track = id_;
    leg.layer = layer;
    leg.ssrc = relay_ssrc(key_, layer);
    return leg;
  }

  const State& state_;
  const TrackKey& key_;
  const RelayView& view_;
  const Peers& peers_;
  const Desired& standing_;
  Plan& into_;
  const TrackRecord* record_ = nullptr;
  std::string id_;
};

std::string sentence(const Waiting& waiting) {
  switch (waiting.lack) {
    case Lack::upstream:
      return "the track is neither published here nor relayed yet; publish it on any node that is reached";
    case Lack::description:
      return "nobody said what layers the track has; describe it";
    case Lack::layer:
      return "the track has no such layer, or several; give one of its layers";
    case Lack::ssrc:
      return "another track is relayed under its SSRC; give one of the two another id";
    case Lack::transport:
      return "there is no transport to the node yet; see whether the two reach each other";
    case Lack::origin:
      return "the relay protocol does not know of the publisher yet; it will in a moment";
  }
  return {};
}

}  // namespace

std::string node_transport(std::string_view node_name) {
  return "node:" + std::string(node_name);
}

std::string text(const Waiting& waiting) {
  const std::string who =
      waiting.subscription.empty() ? "a relay" : "subscription '" + waiting.subscription + "'";
  const std::string track =
      waiting.track.empty() ? "a track without a name" : "track '" + waiting.track + "'";
  const std::string peer = waiting.peer == kNoNode
                               ? ""
                               : " to or from node " + std::to_string(static_cast<unsigned>(waiting.peer));
  return who + " of " + track + peer + " waits: " + sentence(waiting);
}

Desired part(const Desired& whole, std::span<const std::string> tracks) {
  Desired some;
  for (const std::string& id : tracks) {
    if (const auto at = whole.tracks.find(id); at != whole.tracks.end()) some.tracks.insert(*at);
  }
  return some;
}

void plan_track(const State& state, const TrackKey& key, const RelayView& view, const Peers& peers,
                const Desired& standing, Plan& into) {
  TrackPlanner(state, key, view, peers, standing, into).run();
}

Plan plan(const State& state, const Relays& relays, const Peers& peers, const Desired& standing) {
  Plan all;
  for (const auto& [name, record] : state.transports())
    all.desired.transports.emplace(name, record.value);
  std::set<TrackKey> keys;
  for (const auto& [id, record] : state.tracks())
    keys.insert(record.key);
  for (const auto& [key, view] : relays)
    keys.insert(key);
  const RelayView nothing;
  for (const TrackKey& key : keys) {
    const auto view = relays.find(key);
    plan_track(state, key, view == relays.end() ? nothing : view->second, peers, standing, all);
  }
  return all;
}

}  // namespace causeway::control::session
