#include "control/publish/keeper.h"

#include <algorithm>
#include <exception>
#include <variant>

namespace causeway::control {

using session::Desired;

void Keeper::changed(std::span<const std::string> tracks) {
  for (const std::string& id : tracks) {
    const session::TrackRecord* record = state_.track(id);
    dirty_.insert(record != nullptr ? record->key : track_key(id));
  }
}

void Keeper::set_ready(NodeId peer, bool is_ready) {
  if (is_ready == peers_.ready.contains(peer)) return;
  if (is_ready) {
    peers_.ready.insert(peer);
  } else {
    peers_.ready.erase(peer);
  }
  for (const auto& [key, id] : ids_) {
    const auto at = standing_.tracks.find(id);
    if (at == standing_.tracks.end()) continue;
    const session::TrackEntry& entry = at->second;
    const auto is_peers = [peer](const session::LegEntry& leg) { return leg.peer == peer; };
    if (entry.relay.accept.contains(peer) || std::ranges::any_of(entry.legs, is_peers)) dirty_.insert(key);
  }
  for (const auto& [key, all] : waiting_) {
    for (const session::Waiting& waiting : all) {
      if (waiting.peer == peer) dirty_.insert(key);
    }
  }
}

void Keeper::retry() {
  dirty_.merge(failed_);
  failed_.clear();
  transports_changed_ |= std::exchange(transports_failed_, false);
}

bool Keeper::turn(const ViewOf& view_of) {
  while (true) {
    if (!take_steps()) return false;
    if (dirty_.empty() && !transports_changed_) return true;
    plan(view_of);
  }
}

// Only what may have changed is compared.
void Keeper::plan(const ViewOf& view_of) {
  session::Plan wanted;
  Desired before;
  std::set<std::string> ids;
  planning_ = std::exchange(dirty_, {});
  planning_transports_ = transports_changed_;
  for (const TrackKey& key : planning_) {
    if (const auto at = ids_.find(key); at != ids_.end()) ids.insert(at->second);
    session::plan_track(state_, key, view_of(key), peers_, standing_, wanted);
    waiting_.erase(key);
    planned_.push_back(key);
  }
  for (session::Waiting& waiting : wanted.waiting)
    waiting_[waiting.key].push_back(std::move(waiting));
  before = session::part(standing_, std::vector(ids.begin(), ids.end()));
  if (std::exchange(transports_changed_, false)) {
    before.transports = standing_.transports;
    for (const auto& [name, record] : state_.transports())
      wanted.desired.transports.emplace(name, record.value);
  }
  for (const session::Step& step : session::delta(before, wanted.desired).steps)
    steps_.push_back(step);
  for (const auto& [id, entry] : wanted.desired.tracks)
    ids_[track_key(id)] = id;
}

// False if a step must wait for a grace period: its own, or one of what an earlier change took away.
bool Keeper::take_steps() {
  publisher_.reclaim();
  bool is_less = false;
  for (; !steps_.empty(); steps_.pop_front()) {
    const session::Step& step = steps_.front();
    if (std::holds_alternative<session::Settle>(step) && publisher_.reclaim() != 0) return false;
    const bool was_at_rest = publisher_.at_rest();
    try {
      take(step);
    } catch (const std::exception& error) {
      if (!was_at_rest) return false;  // what is to go may be in its way
      failures_.emplace_back(error.what());
      failed_.insert(planning_.begin(), planning_.end());
      transports_failed_ |= planning_transports_;
      continue;
    }
    session::apply(step, standing_);
    is_less |= std::holds_alternative<session::RemoveTrack>(step) ||
               std::holds_alternative<session::RemoveTransport>(step);
  }
  if (is_less)
    std::erase_if(ids_, [this](const auto& track) { return !standing_.tracks.contains(track.second); });
  return true;
}

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

void Keeper::take(const session::Step& step) {
  using namespace session;
  std::visit(Overloaded{
                 [&](const RemoveLeg& s) { publisher_.remove_leg(s.name); },
                 [&](const RemoveTrack& s) { publisher_.remove_track(s.id); },
                 [&](const RemoveTransport& s) { publisher_.remove_transport(s.name); },
                 [&](const Settle&) {},
                 [&](const ChangeTransport& s) { publisher_.change_transport(*s.transport); },
                 [&](const AddTransport& s) { added_.push_back(publisher_.add_transport(*s.transport)); },
                 [&](const AddTrack& s) { publisher_.add_track(*s.track); },
                 [&](const AddUpstream& s) {
                   for (const Id id : publisher_.add_upstream(s.track, s.peer, s.transport)) {
                     if (inlets_.size() <= id) inlets_.resize(id + 1);
                     inlets_[id] = {track_key(s.track), s.peer};
                   }
                 },
                 [&](const SetRelay& s) { publisher_.set_relay(s.track, s.active, s.label); },
                 [&](const RemoveUpstream& s) { publisher_.remove_upstream(s.track, s.peer); },
                 [&](const ChangeLeg& s) { publisher_.change_leg(*s.leg.leg); },
                 [&](const AddLeg& s) { publisher_.add_leg(*s.leg.leg); },
             },
             step);
}

}  // namespace causeway::control
