// Tracks come and go; timers.
#include <algorithm>

#include "control/relay/relay.h"

namespace causeway::control::relay {
namespace {

constexpr TimeUs kRoomUs = 1'000'000;  // a table that is full is not searched for room more often for peers

}  // namespace

Relay::Relay(NodeId self, const Membership& membership, std::vector<std::string> names,
             const config::Relaying& config, Stamp watermark, const Surroundings& surroundings,
             Outbox& outbox, TimeUs now_us)
    : self_(self),
      membership_(membership),
      names_(std::move(names)),
      config_(config),
      feed_window_us_(from_ms(config.feed_window_ms + config.feed_jitter_ms)),
      surroundings_(surroundings),
      outbox_(outbox),
      watermark_(watermark, config.stamp_reserve),
      tokens_(config.subscribes_per_s),
      tokens_us_(now_us) {}

Track* Relay::find(const TrackKey& key) {
  const auto at = tracks_.find(key);
  return at == tracks_.end() ? nullptr : &at->second;
}

Track* Relay::find_or_add(const TrackKey& key, bool is_own, TimeUs now_us) {
  if (Track* track = find(key)) return track;
  if (tracks_.size() >= config_.max_tracks && !make_room(is_own, now_us)) {
    ++counters_.refused_tracks;
    return nullptr;
  }
  Track& track = tracks_[key];
  track.key = key;
  track.fd = watermark_.floor();
  return &track;
}

// When the table is full: tracks that nobody needs go, and for an own publisher or subscriber also those that
// peers only asked for. All are looked at, so a peer's questions cause it now and then only.
bool Relay::make_room(bool is_own, TimeUs now_us) {
  if (!is_own && now_us < room_at_us_) return false;
  const auto is_free = [&](const auto& entry) {
    const Track& track = entry.second;
    if (track.is_origin || track.is_wanted) return false;
    return track.downstream.empty() ||
           (is_own && std::ranges::none_of(track.downstream, &Downstream::is_leg));
  };
  const auto at = std::ranges::find_if(tracks_, is_free);
  if (at == tracks_.end()) {
    room_at_us_ = now_us + kRoomUs;
    return false;
  }
  at->second.downstream.clear();
  update_need(at->second, now_us);
  watermark_.forget(at->second.fd);
  tracks_.erase(at);
  return true;
}

void Relay::note(JournalKind kind, const Track& track, NodeId peer, std::string text, TimeUs now_us,
                 std::vector<std::pair<std::string_view, std::int64_t>> numbers) {
  output_.journal.push_back({now_us, kind, peer, track.key, std::move(text), std::move(numbers)});
}

bool Relay::publish(const TrackKey& key, TimeUs now_us) {
  Track* track = find_or_add(key, true, now_us);
  if (track == nullptr) return false;
  if (track->is_origin) return true;
  drop_pending(*track, true);
  if (track->active) leave(*track, *track->active);
  track->active.reset();
  track->is_fed = false;
  track->is_origin = true;
  track->is_stamped = false;
  changed(*track);
  note(JournalKind::published, *track, kNoNode, "is published here", now_us);
  settle(*track, now_us);
  return true;
}

void Relay::unpublish(const TrackKey& key, TimeUs now_us) {
  Track* track = find(key);
  if (track == nullptr || !track->is_origin) return;
  if (track->is_stamped) output_.announcements.push_back({key, 0});
  track->is_origin = track->is_stamped = false;
  withdraw(*track, WithdrawReason::ended);
  while (!track->downstream.empty())
    remove_downstream(*track, track->downstream.back().peer);
  changed(*track);
  note(JournalKind::unpublished, *track, kNoNode, "is not published here any more", now_us);
  if (track->is_wanted) starve(*track, now_us);
  settle(*track, now_us);
}

bool Relay::want(const TrackKey& key, TimeUs now_us) {
  Track* track = find_or_add(key, true, now_us);
  if (track == nullptr) return false;
  if (track->is_wanted) return true;
  track->is_wanted = true;
  if (!track->fed()) starve(*track, now_us);
  settle(*track, now_us);
  return true;
}

void Relay::unwant(const TrackKey& key, TimeUs now_us) {
  Track* track = find(key);
  if (track == nullptr || !track->is_wanted) return;
  track->is_wanted = false;
  settle(*track, now_us);
}

// While the watermark is not on disk, the track waits for on_watermark().
void Relay::issue_stamp(Track& track, Stamp above, TimeUs now_us) {
  if (track.is_stamped && now_us < track.stamp_at_us) return;
  const auto stamp = watermark_.issue(std::max(above, track.fd.stamp));
  if (!stamp) return;
  const bool first = !track.is_stamped;
  track.fd = {*stamp, self_, 0};
  track.is_stamped = true;
  track.stamp_at_us = now_us + from_ms(config_.stamp_interval_ms);
  ++counters_.stamps_issued;
  changed(track);
  output_.keepalives.push_back(track.key);
  if (first) {
    output_.announcements.push_back({track.key, *stamp});
    end_starvation(track, now_us);
  }
  advertise(track, first);
}

// Edges that nobody needs end; what nobody needs for long is forgotten.
void Relay::update_need(Track& track, TimeUs now_us) {
  if (track.needed()) {
    track.unused_us = kNever;
    return;
  }
  if (track.unused_us == kNever) track.unused_us = now_us;
  end_starvation(track, now_us);
  drop_pending(track, true);
  if (!track.active) return;
  leave(track, *track.active);
  note(JournalKind::relay_ended, track, track.active->peer,
       "is needed here no more; " + name(track.active->peer) + " need not send it", now_us);
  track.active.reset();
  track.is_fed = false;
  changed(track);
}

// All that is due for the track, and when the next thing is. nullopt: forget it.
std::optional<TimeUs> Relay::turn(Track& track, TimeUs now_us) {
  for (std::size_t i = track.downstream.size(); is_judging_ && i-- > 0;) {
    if (track.downstream[i].until_us <= now_us) remove_downstream(track, track.downstream[i].peer);
  }
  update_need(track, now_us);
  if (track.unused_us != kNever) {
    const TimeUs forget_us = track.unused_us + from_ms(config_.forget_ms);
    if (forget_us <= now_us) return std::nullopt;
    return forget_us;
  }
  if (track.is_origin && !track.is_stamped) issue_stamp(track, track.fd.stamp, now_us);
  if (!track.is_origin) turn_upstream(track, now_us);
  return next_due(track);
}

TimeUs Relay::next_due(const Track& track) const {
  TimeUs due_us = kNever;
  for (const Downstream& peer : track.downstream)
    due_us = std::min(due_us, peer.until_us);
  if (track.is_origin) return due_us;
  if (track.pending) due_us = std::min({due_us, track.pending->again_us, track.pending->deadline_us});
  if (track.is_fed) {
    due_us = std::min({due_us, track.fed_us + feed_window_us_, track.refresh_at_us});
    if (!track.pending) due_us = std::min(due_us, track.improve_at_us);
  } else if (!track.pending) {
    due_us = std::min(due_us, track.ask_at_us);
  }
  if (track.active && !track.is_fed) due_us = std::min(due_us, track.fed_us + from_ms(config_.lease_ms));
  if (track.starved_us != kNever && !track.is_alarmed && track.is_wanted) {
    due_us = std::min(due_us, track.starved_us + from_ms(config_.alarm_ms));
  }
  return due_us;
}

// After each event: the last thing that is done with the track, which may be gone then.
void Relay::settle(Track& track, TimeUs now_us) {
  const auto due_us = turn(track, now_us);
  if (!due_us) {
    watermark_.forget(track.fd);
    tracks_.erase(track.key);
  } else if (*due_us < track.due_us) {
    track.due_us = *due_us;
    timers_.emplace(*due_us, track.key);
  }
}

void Relay::tick(TimeUs now_us) {
  is_judging_ = true;
  while (!timers_.empty() && timers_.top().first <= now_us) {
    const auto [due_us, key] = timers_.top();
    timers_.pop();
    Track* track = find(key);
    if (track == nullptr || track->due_us != due_us) continue;
    track->due_us = kNever;
    settle(*track, now_us);
  }
  is_judging_ = false;
}

void Relay::on_watermark(Stamp on_disk, TimeUs now_us) {
  watermark_.wrote(on_disk);
  for_each_track(now_us, [](const Track& track) { return track.is_origin && !track.is_stamped; });
}

void Relay::on_peer_boot(NodeId peer, TimeUs now_us) {
  for_each_track(now_us, [&](Track& track) {
    bool mine = false;
    if (track.find_downstream(peer) != nullptr) {
      remove_downstream(track, peer);
      mine = true;
    }
    if (track.pending && track.pending->peer == peer) {
      drop_pending(track, false);
      mine = true;
    }
    if (track.active && track.active->peer == peer) {
      drop_active(track, now_us, false);
      mine = true;
    }
    return mine;
  });
}

void Relay::on_heard_again(NodeId peer, TimeUs now_us) {
  for_each_track(now_us, [&](Track& track) {
    // The cut that is over explains what it did not deliver.
    std::erase_if(track.avoided, [&](const Avoided& other) { return other.peer == peer; });
    return false;
  });
  on_matrix_changed(peer, now_us);
}

void Relay::on_matrix_changed(NodeId peer, TimeUs now_us) {
  if (starving_ == 0) return;
  for_each_track(now_us, [&](Track& track) {
    if (track.starved_us == kNever) return false;
    track.tried.erase(peer);
    track.quiet.erase(peer);
    track.ask_at_us = now_us;
    return true;
  });
}

void Relay::on_settled(NodeId peer, TimeUs now_us) {
  for_each_track(now_us, [&](Track& track) {
    if (!track.is_fed || track.fd.origin != peer || track.fd.depth < 2) return false;
    track.improve_at_us = now_us;
    return true;
  });
}

void Relay::on_claims_changed(const TrackKey& key, TimeUs now_us) {
  Track* track = find(key);
  if (track == nullptr || track->is_origin || !track->needed()) return;
  if (!track->is_fed) {
    seek_anew(*track, now_us);
  } else if (Claim claim; better_claim(*track, claim)) {
    track->is_moving = false;
    track->improve_at_us = now_us;
  }
  settle(*track, now_us);
}

Tally Relay::tally() const {
  Tally tally{.tracks = tracks_.size(), .starving = starving_, .legs = legs_};
  for (const auto& [key, track] : tracks_) {
    tally.origins += track.is_origin ? 1 : 0;
    tally.up += !track.is_origin && track.is_fed ? 1 : 0;
    tally.pending += track.pending ? 1 : 0;
    tally.alarmed += track.is_alarmed ? 1 : 0;
    tally.wanted += track.is_wanted ? 1 : 0;
    tally.fed += track.is_wanted && track.fed() ? 1 : 0;
  }
  return tally;
}

std::vector<TrackKey> Relay::keys(const TrackKey& after, std::size_t most) const {
  std::vector<TrackKey> found;  // a heap: the greatest first
  for (const auto& [key, track] : tracks_) {
    if (key <= after || (found.size() == most && (most == 0 || key >= found.front()))) continue;
    if (found.size() == most) {
      std::ranges::pop_heap(found);
      found.pop_back();
    }
    found.push_back(key);
    std::ranges::push_heap(found);
  }
  std::ranges::sort_heap(found);
  return found;
}

RelayView Relay::view(const TrackKey& key) const {
  RelayView view;
  const auto at = tracks_.find(key);
  view.label = watermark_.floor();
  if (at == tracks_.end()) return view;
  const Track& track = at->second;
  view.is_origin = track.is_origin;
  view.is_fed = track.fed();
  view.is_wanted = track.is_wanted;
  view.label = track.fd;
  if (track.active) view.active = Edge{track.active->peer, track.is_fed, true};
  if (track.pending) view.pending = Edge{track.pending->peer, false, track.pending->acknowledged};
  for (const Downstream& peer : track.downstream) {
    if (peer.is_leg) view.legs.push_back(peer.peer);
  }
  return view;
}

}  // namespace causeway::control::relay
