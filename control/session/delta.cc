#include "control/session/delta.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "control/session/transport_order.h"

namespace causeway::control::session {
namespace {

// May b's track be reached from a's without taking it away? A publisher of tables cannot change a track.
bool is_same_track(const TrackEntry& a, const TrackEntry& b) {
  const auto agrees = [&b](const auto& upstream) {
    const auto other = b.relay.accept.find(upstream.first);
    return other == b.relay.accept.end() || other->second == upstream.second;
  };
  return a.track == b.track && std::ranges::all_of(a.relay.accept, agrees);
}

// A layer without a name is the track's only one.
bool is_same_leg(const LegEntry& a, const LegEntry& b) {
  const config::Leg& x = *a.leg;
  const config::Leg& y = *b.leg;
  return x.transport == y.transport && x.ssrc == y.ssrc && a.peer == b.peer &&
         (x.layer == y.layer || x.layer.empty() || y.layer.empty());
}

// Looks for legs in the order of their names among those of a track.
class Among {
 public:
  explicit Among(const TrackEntry* track) {
    if (track == nullptr) return;
    at_ = track->legs.begin();
    end_ = track->legs.end();
  }
  // The same leg, as it may be changed; nullptr if there is none.
  const LegEntry* find(const LegEntry& leg) {
    while (at_ != end_ && at_->leg->name < leg.leg->name)
      ++at_;
    return at_ != end_ && at_->leg->name == leg.leg->name && is_same_leg(*at_, leg) ? &*at_ : nullptr;
  }

 private:
  using Iterator = decltype(TrackEntry::legs)::const_iterator;
  Iterator at_{};
  Iterator end_{};
};

class Differ {
 public:
  Differ(const Desired& a, const Desired& b) : a_(a), b_(b) {}

  Delta run() {
    remove_legs();
    remove_upstreams();
    remove_tracks();
    remove_transports();
    const std::size_t gone = steps_.size();
    add_transports();
    add_tracks();
    add_legs();
    if (needs_settling_) steps_.insert(steps_.begin() + static_cast<std::ptrdiff_t>(gone), Settle{});
    return {std::move(steps_)};
  }

 private:
  using Sent = std::pair<std::string_view, std::uint32_t>;  // what a leg was: transport and SSRC

  bool goes(std::string_view transport) const {
    return a_.transports.contains(transport) && !b_.transports.contains(transport);
  }

  // The track's entry in b if it stays.
  const TrackEntry* stays(const std::string& id, const TrackEntry& in_a) const {
    const auto at = b_.tracks.find(id);
    return at != b_.tracks.end() && is_same_track(in_a, at->second) ? &at->second : nullptr;
  }

  // The track's entry in a if it stays.
  const TrackEntry* stood(const std::string& id, const TrackEntry& in_b) const {
    const auto at = a_.tracks.find(id);
    return at != a_.tracks.end() && is_same_track(at->second, in_b) ? &at->second : nullptr;
  }

  void remove_legs() {
    for (const auto& [id, entry] : a_.tracks) {
      const TrackEntry* next = stays(id, entry);
      Among kept(next);
      for (const LegEntry& leg : entry.legs) {
        if (kept.find(leg) != nullptr || goes(leg.leg->transport)) continue;
        ended_.emplace(leg.leg->transport, leg.leg->ssrc);
        if (next != nullptr) steps_.push_back(RemoveLeg{id, leg.leg->name});
      }
    }
  }

  // Is there no new upstream for which the old ones would have to be kept?
  static bool loses_all(const TrackEntry& before, const TrackEntry& after) {
    return !before.relay.accept.empty() && after.relay.accept.empty();
  }

  // Another track may take its place, and be taken from the same peer under the same SSRC.
  void remove_upstreams() {
    for (const auto& [id, entry] : a_.tracks) {
      if (const TrackEntry* next = stays(id, entry); next != nullptr && loses_all(entry, *next))
        change_relay(id, entry.relay, next->relay);
    }
  }

  void remove_tracks() {
    for (const auto& [id, entry] : a_.tracks) {
      if (stays(id, entry) == nullptr && !goes(entry.track->transport)) steps_.push_back(RemoveTrack{id});
    }
  }

  void remove_transports() {
    for (const auto& [name, transport] : a_.transports) {
      if (goes(name)) steps_.push_back(RemoveTransport{name});
    }
  }

  void add_transports() {
    for (Shared<config::Transport>& changed : order_of_changes(a_.transports, b_.transports)) {
      const std::string& name = changed->name;
      const auto first = ended_.lower_bound({name, 0});
      const bool was_sent = first != ended_.end() && first->first == name;
      if (was_sent && !changed->send && a_.transports.at(name)->send) needs_settling_ = true;
      steps_.push_back(ChangeTransport{std::move(changed)});
    }
    for (const auto& [name, transport] : b_.transports) {
      if (!a_.transports.contains(name)) steps_.push_back(AddTransport{transport});
    }
  }

  void add_tracks() {
    for (const auto& [id, entry] : b_.tracks) {
      const TrackEntry* before = stood(id, entry);
      if (before == nullptr) {
        steps_.push_back(AddTrack{entry.track});
        change_relay(id, {}, entry.relay);
      } else if (!loses_all(*before, entry)) {
        change_relay(id, before->relay, entry.relay);
      }
    }
  }

  void change_relay(const std::string& id, const RelayEntry& from, const RelayEntry& to) {
    for (const auto& [peer, transport] : to.accept) {
      if (!from.accept.contains(peer)) steps_.push_back(AddUpstream{id, peer, transport});
    }
    if (from.active != to.active || from.label != to.label)
      steps_.push_back(SetRelay{id, to.active, to.label});
    for (const auto& [peer, transport] : from.accept) {
      if (!to.accept.contains(peer)) steps_.push_back(RemoveUpstream{id, peer});
    }
  }

  void add_legs() {
    for (const auto& [id, entry] : b_.tracks) {
      Among before(stood(id, entry));
      for (const LegEntry& leg : entry.legs) {
        const LegEntry* old = before.find(leg);
        if (old == nullptr) {
          needs_settling_ |= ended_.contains({leg.leg->transport, leg.leg->ssrc});
          steps_.push_back(AddLeg{leg});
        } else if (*old != leg) {
          steps_.push_back(ChangeLeg{leg});
        }
      }
    }
  }

  const Desired& a_;
  const Desired& b_;
  std::vector<Step> steps_;
  std::set<Sent> ended_;  // of legs that go, on transports that stay
  bool needs_settling_ = false;
};

// Takes one step on a value.
class Applier {
 public:
  explicit Applier(Desired& to) : to_(to) {}

  void operator()(const RemoveLeg& step) const {
    if (TrackEntry* track = find(step.track)) erase(*track, step.name);
  }
  void operator()(const RemoveTrack& step) const { to_.tracks.erase(step.id); }
  void operator()(const RemoveTransport& step) const {
    std::erase_if(to_.tracks, [&](const auto& track) { return track.second.track->transport == step.name; });
    for (auto& [id, track] : to_.tracks)
      std::erase_if(track.legs, [&](const LegEntry& leg) { return leg.leg->transport == step.name; });
    to_.transports.erase(step.name);
  }
  void operator()(const Settle& /*step*/) const {}
  void operator()(const ChangeTransport& step) const {
    const auto at = to_.transports.find(step.transport->name);
    if (at != to_.transports.end()) at->second = step.transport;
  }
  void operator()(const AddTransport& step) const {
    to_.transports.emplace(step.transport->name, step.transport);
  }
  void operator()(const AddTrack& step) const { to_.tracks.emplace(step.track->id, TrackEntry{step.track}); }
  void operator()(const AddUpstream& step) const {
    if (TrackEntry* track = find(step.track)) track->relay.accept.emplace(step.peer, step.transport);
  }
  void operator()(const SetRelay& step) const {
    if (TrackEntry* track = find(step.track)) {
      track->relay.active = step.active;
      track->relay.label = step.label;
    }
  }
  void operator()(const RemoveUpstream& step) const {
    if (TrackEntry* track = find(step.track)) track->relay.accept.erase(step.peer);
  }
  void operator()(const ChangeLeg& step) const {
    if (TrackEntry* track = find(step.leg.leg->track); track != nullptr && erase(*track, step.leg.leg->name))
      track->legs.insert(step.leg);
  }
  void operator()(const AddLeg& step) const {
    if (TrackEntry* track = find(step.leg.leg->track)) track->legs.insert(step.leg);
  }

 private:
  TrackEntry* find(const std::string& track) const {
    const auto at = to_.tracks.find(track);
    return at == to_.tracks.end() ? nullptr : &at->second;
  }
  static bool erase(TrackEntry& track, const std::string& leg) {
    const auto at = track.legs.find(leg);
    if (at == track.legs.end()) return false;
    track.legs.erase(at);
    return true;
  }

  Desired& to_;
};

}  // namespace

Delta delta(const Desired& a, const Desired& b) {
  return Differ(a, b).run();
}

void apply(const Step& step, Desired& to) {
  std::visit(Applier(to), step);
}

Desired apply(const Delta& delta, Desired a) {
  for (const Step& step : delta.steps)
    apply(step, a);
  return a;
}

}  // namespace causeway::control::session
