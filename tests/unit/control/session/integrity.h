// What a publisher of tables refuses: a model of its rules that is too simple to be wrong, and the checks of
// a delta against it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "control/session/delta.h"
#include "control/session/plan.h"

namespace causeway::control::session::test {

class Tables {
 public:
  // Takes one step. Empty, or what is wrong with it.
  std::string take(const Step& step) {
    std::string fault = std::visit([this](const auto& one) { return look(one); }, step);
    if (!fault.empty()) return fault;
    const Desired before = now_;
    apply(step, now_);
    if (now_ == before && !std::holds_alternative<Settle>(step)) return "a step changes nothing";
    remember(step, before);
    return {};
  }
  const Desired& now() const { return now_; }

 private:
  using Sent = std::pair<std::string, std::uint32_t>;

  static bool is_node(const std::string& transport) { return transport.starts_with("node:"); }
  const config::Transport* transport(const std::string& name) const {
    const auto at = now_.transports.find(name);
    return at == now_.transports.end() ? nullptr : &*at->second;
  }
  const TrackEntry* track(const std::string& id) const {
    const auto at = now_.tracks.find(id);
    return at == now_.tracks.end() ? nullptr : &at->second;
  }
  const LegEntry* leg(const std::string& name) const {
    for (const auto& [id, entry] : now_.tracks) {
      if (const auto at = entry.legs.find(name); at != entry.legs.end()) return &*at;
    }
    return nullptr;
  }

  // Everything that is told apart by SSRC on one transport.
  std::multiset<std::uint32_t> ssrcs(const std::string& on) const {
    std::multiset<std::uint32_t> all;
    for (const auto& [id, entry] : now_.tracks) {
      const bool here = entry.track->transport == on;
      const bool relayed =
          std::ranges::any_of(entry.relay.accept, [&](const auto& u) { return u.second == on; });
      for (const config::Layer& layer : entry.track->layers) {
        if (here || relayed) all.insert(layer.ssrc);
      }
      for (const LegEntry& one : entry.legs) {
        if (one.leg->transport == on) all.insert(one.leg->ssrc);
      }
    }
    return all;
  }
  bool any_taken(const config::Track& track, const std::string& on) const {
    const auto all = ssrcs(on);
    return std::ranges::any_of(track.layers, [&](const config::Layer& l) { return all.contains(l.ssrc); });
  }
  bool has_tracks(const std::string& on) const {
    return std::ranges::any_of(now_.tracks, [&](const auto& t) { return t.second.track->transport == on; });
  }
  bool has_legs(const std::string& on) const {
    return std::ranges::any_of(now_.tracks, [&](const auto& t) {
      return std::ranges::any_of(t.second.legs, [&](const LegEntry& l) { return l.leg->transport == on; });
    });
  }

  static std::vector<std::pair<net::Endpoint, net::Endpoint>> endpoints_of(const config::Transport& made) {
    std::vector<std::pair<net::Endpoint, net::Endpoint>> all{{made.local, made.remote}};
    if (made.rtcp)
      all.push_back(
          {{made.local.address, made.rtcp->local_port}, {made.remote.address, made.rtcp->remote_port}});
    return all;
  }
  std::string look_at_endpoints(const config::Transport& made) const {
    for (const auto& [name, other] : now_.transports) {
      if (name == made.name) continue;
      for (const auto& endpoints : endpoints_of(made)) {
        if (std::ranges::count(endpoints_of(*other), endpoints) != 0)
          return made.name + " has an endpoint of " + name;
      }
    }
    return {};
  }

  std::string look(const AddTransport& step) const {
    if (transport(step.transport->name) != nullptr) return step.transport->name + " exists";
    return look_at_endpoints(*step.transport);
  }
  std::string look(const ChangeTransport& step) const {
    const std::string& name = step.transport->name;
    if (transport(name) == nullptr) return "no transport " + name;
    if (!step.transport->send && has_legs(name)) return name + " has legs";
    if (!step.transport->receive && has_tracks(name)) return name + " has tracks";
    if (!step.transport->send && std::ranges::any_of(ended_, [&](const Sent& s) { return s.first == name; }))
      return name + " may still be sent something";
    return look_at_endpoints(*step.transport);
  }
  std::string look(const RemoveTransport& step) const {
    return transport(step.name) == nullptr ? "no transport " + step.name : "";
  }
  std::string look(const AddTrack& step) const {
    if (track(step.track->id) != nullptr) return step.track->id + " exists";
    if (step.track->transport.empty()) return {};
    const config::Transport* from = transport(step.track->transport);
    if (from == nullptr || !from->receive) return step.track->id + " has no publisher";
    return any_taken(*step.track, step.track->transport) ? step.track->id + " has an SSRC of another" : "";
  }
  std::string look(const RemoveTrack& step) const {
    return track(step.id) == nullptr ? "no track " + step.id : "";
  }
  std::string look(const AddUpstream& step) const {
    const TrackEntry* entry = track(step.track);
    if (entry == nullptr || entry->is_local()) return step.track + " is not relayed";
    if (!is_node(step.transport) || entry->relay.accept.contains(step.peer))
      return step.track + ": bad upstream";
    return any_taken(*entry->track, step.transport) ? step.track + " has an SSRC of another" : "";
  }
  std::string look(const SetRelay& step) const {
    const TrackEntry* entry = track(step.track);
    if (entry == nullptr) return "no track " + step.track;
    if (step.active != kNoNode && !entry->relay.accept.contains(step.active))
      return step.track + ": not accepted";
    return {};
  }
  std::string look(const RemoveUpstream& step) const {
    const TrackEntry* entry = track(step.track);
    if (entry == nullptr || !entry->relay.accept.contains(step.peer)) return step.track + ": no upstream";
    return entry->relay.active == step.peer ? step.track + ": its upstream is in use" : "";
  }
  std::string look(const RemoveLeg& step) const {
    const TrackEntry* entry = track(step.track);
    return entry == nullptr || !entry->legs.contains(step.name) ? "no leg " + step.name : "";
  }
  std::string look_at_layer(const config::Leg& made, const config::Track& of) const {
    if (made.layer.empty()) return of.layers.size() == 1 ? "" : made.name + " has no layer";
    return std::ranges::count(of.layers, made.layer, &config::Layer::name) == 1
               ? ""
               : made.name + ": no such layer";
  }
  std::string look(const AddLeg& step) const {
    const config::Leg& made = *step.leg.leg;
    if (leg(made.name) != nullptr) return made.name + " exists";
    const TrackEntry* entry = track(made.track);
    if (entry == nullptr) return made.name + " has no track";
    if (made.transport == entry->track->transport) return made.name + " goes back to the publisher";
    const config::Transport* to = transport(made.transport);
    if (is_node(made.transport) != (step.leg.peer != kNoNode)) return made.name + " goes to the wrong place";
    if (!is_node(made.transport) && (to == nullptr || !to->send)) return made.name + " has no subscriber";
    if (ssrcs(made.transport).contains(made.ssrc)) return made.name + " has an SSRC of another";
    if (ended_.contains({made.transport, made.ssrc})) return made.name + " comes back too early";
    if (step.leg.peer != kNoNode && entry->relay.label == Label{}) return made.name + " has no label";
    return look_at_layer(made, *entry->track);
  }
  std::string look(const ChangeLeg& step) const {
    const config::Leg& made = *step.leg.leg;
    const LegEntry* old = leg(made.name);
    if (old == nullptr) return "no leg " + made.name;
    const bool stays = old->leg->track == made.track && old->leg->transport == made.transport &&
                       old->leg->ssrc == made.ssrc && old->peer == step.leg.peer;
    return stays ? look_at_layer(made, *track(made.track)->track) : made.name + " changes what it cannot";
  }
  std::string look(const Settle& /*step*/) const { return ended_.empty() ? "nothing to settle" : ""; }

  // What workers may still send after the step.
  void remember(const Step& step, const Desired& before) {
    if (std::holds_alternative<Settle>(step)) return ended_.clear();
    for (const auto& [id, entry] : before.tracks) {
      const TrackEntry* left = track(id);
      for (const LegEntry& one : entry.legs) {
        if (left == nullptr || !left->legs.contains(one.leg->name))
          ended_.emplace(one.leg->transport, one.leg->ssrc);
      }
    }
    std::erase_if(ended_,
                  [&](const Sent& sent) { return !is_node(sent.first) && transport(sent.first) == nullptr; });
  }

  Desired now_;
  std::set<Sent> ended_;
};

// A track that is in both as the same, with an upstream in both, has one all the time.
inline bool keeps_upstreams(const Desired& a, const Desired& b, const Desired& now) {
  return std::ranges::all_of(a.tracks, [&](const auto& track) {
    const auto next = b.tracks.find(track.first);
    if (next == b.tracks.end() || next->second.track != track.second.track) return true;
    if (track.second.relay.active == kNoNode || next->second.relay.active == kNoNode) return true;
    const auto at = now.tracks.find(track.first);
    return at != now.tracks.end() && at->second.relay.active != kNoNode;
  });
}

// A leg that is in both as the same, of the same track, is there all the time.
inline bool keeps_legs(const Desired& a, const Desired& b, const Desired& now) {
  for (const auto& [id, entry] : a.tracks) {
    const auto next = b.tracks.find(id);
    if (next == b.tracks.end() || next->second.track != entry.track) continue;
    const auto at = now.tracks.find(id);
    for (const LegEntry& leg : entry.legs) {
      const auto same = next->second.legs.find(leg.leg->name);
      if (same == next->second.legs.end() || *same != leg) continue;
      if (at == now.tracks.end() || !at->second.legs.contains(leg.leg->name)) return false;
    }
  }
  return true;
}

// What a removed transport or track takes along is not taken away first.
inline bool says_nothing_twice(const Desired& a, const Delta& way) {
  std::set<std::string> gone;
  for (const Step& step : way.steps) {
    if (const auto* transport = std::get_if<RemoveTransport>(&step))
      gone.insert("transport " + transport->name);
    if (const auto* track = std::get_if<RemoveTrack>(&step)) gone.insert("track " + track->id);
  }
  return std::ranges::none_of(way.steps, [&](const Step& step) {
    if (const auto* track = std::get_if<RemoveTrack>(&step))
      return gone.contains("transport " + a.tracks.at(track->id).track->transport);
    const auto* leg = std::get_if<RemoveLeg>(&step);
    if (leg == nullptr) return false;
    const auto at = a.tracks.at(leg->track).legs.find(leg->name);
    return gone.contains("track " + leg->track) || gone.contains("transport " + at->leg->transport);
  });
}

// All that must hold for the way from a to b. Empty, or what does not.
inline std::string faults_of_delta(const Desired& a, const Desired& b) {
  if (!delta(a, a).empty()) return "delta(a, a) is not empty";
  const Delta way = delta(a, b);
  if (way.empty() != (a == b)) return "a delta is empty exactly between equals";
  if (apply(way, a) != b) return "apply(delta(a, b), a) != b";
  if (!says_nothing_twice(a, way)) return "what goes along is named, too";
  Tables tables;
  for (const Step& step : delta({}, a).steps) {
    if (std::string fault = tables.take(step); !fault.empty()) return "from nothing: " + fault;
  }
  for (const Step& step : way.steps) {
    if (std::string fault = tables.take(step); !fault.empty()) return fault;
    if (!keeps_upstreams(a, b, tables.now())) return "an upstream went before the next was there";
    if (!keeps_legs(a, b, tables.now())) return "a leg that stays was taken away";
  }
  return tables.now() == b ? "" : "the steps lead elsewhere";
}

}  // namespace causeway::control::session::test
