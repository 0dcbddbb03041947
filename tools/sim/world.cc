// Time goes on.
#include "tools/sim/world.h"

#include <algorithm>
#include <set>
#include <utility>

namespace causeway::sim {

using control::kNever;
using control::kNoNode;

namespace {

constexpr std::uint64_t kSampleEvents = 1024;  // between two looks at tracks that nobody named
constexpr std::size_t kSampleTracks = 32;
constexpr std::int64_t kMostDriftPpm = 50;

std::vector<std::string> names_of_nodes(const Plan& plan) {
  std::vector<std::string> names;
  for (const std::string& site : plan.sites) {
    for (unsigned i = 0; i < plan.nodes_per_site; ++i)
      names.push_back(plan.nodes_per_site == 1 ? site : site + "." + std::to_string(i));
  }
  return names;
}

std::vector<std::string> names_of_tracks(const Plan& plan) {
  std::set<std::string> names;
  for (const Action& action : plan.actions) {
    if (!action.track.empty()) names.insert(action.track);
  }
  return {names.begin(), names.end()};
}

std::vector<control::TrackKey> keys_of(const std::vector<std::string>& names) {
  std::vector<control::TrackKey> keys;
  for (const std::string& name : names)
    keys.push_back(control::track_key(name));
  return keys;
}

std::vector<unsigned> flows_of(const std::vector<control::TrackKey>& keys, unsigned flows) {
  std::vector<unsigned> list;
  for (const control::TrackKey& key : keys)
    list.push_back(media_flow(key, flows));
  return list;
}

control::Membership membership_of(const Plan& plan) {
  control::Membership membership;
  for (std::size_t i = 0; i < plan.sites.size() * plan.nodes_per_site; ++i)
    membership.site_of.push_back(static_cast<SiteId>(i / plan.nodes_per_site));
  return membership;
}

}  // namespace

World::World(const Plan& plan, MindFactory factory)
    : plan_(plan),
      factory_(std::move(factory)),
      node_names_(names_of_nodes(plan)),
      track_names_(names_of_tracks(plan)),
      track_keys_(keys_of(track_names_)),
      media_flows_(flows_of(track_keys_, plan.heartbeat.flows)),
      membership_(membership_of(plan)),
      backbone_(plan.network, plan.sites.size(), plan.nodes_per_site, plan.heartbeat.flows, plan.seed),
      checker_(plan.sites.size(), plan.nodes_per_site, node_names_, track_names_, *this),
      liveness_(plan, media_flows_, facts_, backbone_, *this, checker_, queue_),
      recorder_(facts_, plan, track_names_.size()),
      moves_(track_names_.size(), 0),
      has_clients_(plan.sites.size(), true),
      arbiter_(membership_, plan.isolation.min_sites, 0, true),
      is_arbiter_up_(plan.has_arbiter) {
  for (TrackIndex track = 0; track < track_keys_.size(); ++track)
    tracks_.emplace(track_keys_[track], track);
  facts_.publishers.resize(track_keys_.size());
  facts_.wants.resize(track_keys_.size());
  facts_.nodes.resize(node_names_.size());
  std::ranges::stable_sort(plan_.actions, {}, &Action::at_us);

  nodes_.resize(node_names_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    Random clock(plan.seed, Stream::clock, i);
    node.id = static_cast<NodeId>(i);
    const TimeUs offset_us = clock.between(1, 1'000'000'000);
    node.clock = Clock(offset_us, static_cast<double>(clock.between(-kMostDriftPpm, kMostDriftPpm)));
    node.data_plane = DataPlane(track_keys_.size(), plan.relay.hop_limit,
                                std::max<TimeUs>(control::from_ms(plan.relay.feed_window_ms) / 3, 1));
    node.load_percent = 10 + Random(plan.seed, Stream::load, i).below(80);
    node.disk_times = Random(plan.seed, Stream::disk, i);
    boot(node);
  }
  if (!plan_.actions.empty()) queue_.push({.at_us = plan_.actions[0].at_us, .kind = EventKind::action});
}

void World::run() {
  run_until(plan_.length_us);
}

bool World::run_until(TimeUs until_us) {
  while (!queue_.empty() && queue_.next_us() <= until_us) {
    const Event event = queue_.pop();
    now_us_ = event.at_us;
    ++events_;
    hash_.add(static_cast<std::uint64_t>(event.at_us) << 8 | static_cast<std::uint64_t>(event.kind));
    happen(event);
    if (events_ % kSampleEvents == 0) sample();
    if (!goes_on_ && !checker_.violations().empty()) return false;
  }
  now_us_ = until_us;
  return true;
}

void World::close() {
  recorder_.on_end(
      [&](NodeId node, TrackIndex track) {
        if (nodes_[node].mind == nullptr) return kNever;
        const Table* table = nodes_[node].data_plane.find(track);
        return table == nullptr ? control::kLongAgo : table->packet_us;
      },
      now_us_);
}

void World::judge_as_baseline() {
  goes_on_ = true;
  for (const Invariant of_labels : {Invariant::I2, Invariant::I3, Invariant::I4, Invariant::I5, Invariant::I8,
                                    Invariant::D, Invariant::tables}) {
    checker_.ignore(of_labels);
  }
}

World::Part World::part(NodeId id, TrackIndex track) const {
  const Node& node = nodes_[id];
  Part part;
  part.is_origin = node.mind != nullptr && Facts::find(facts_.publishers[track], id) != nullptr;
  part.is_wanted = Facts::find(facts_.wants[track], id) != nullptr;
  const Table* table = node.data_plane.find(track);
  if (node.mind == nullptr || table == nullptr) return part;
  part.upstream = table->active;
  part.is_fed =
      now_us_ - table->packet_us < control::from_ms(plan_.relay.feed_window_ms + plan_.relay.feed_jitter_ms);
  return part;
}

void World::schedule(TimeUs at_us, EventKind kind, const Node& node, std::uint32_t slot) {
  queue_.push({.at_us = at_us, .slot = slot, .kind = kind, .node = node.id, .tag = node.life});
}

void World::happen(const Event& event) {
  if (event.node == kNoNode) {
    if (event.kind == EventKind::action) return on_action();
    if (event.kind == EventKind::publisher) return on_publisher(event.slot, event.tag);
    if (event.kind == EventKind::watch) return on_watch(event.slot);
    return;
  }
  Node& node = nodes_[event.node];
  const bool is_own_life = event.tag == node.life;
  switch (event.kind) {
    case EventKind::datagram:
      return on_datagram(node, event.slot);
    case EventKind::media:
      return on_packet(node, event.slot);
    case EventKind::keepalive:
      return on_keepalive(node, event.slot, event.tag);
    case EventKind::wake:
      if (is_own_life && event.at_us == node.wake_us) on_wake(node);
      return;
    case EventKind::written:
      if (is_own_life) on_written(node);
      return;
    case EventKind::boot:
      if (is_own_life) boot(node);
      return;
    case EventKind::resume:
      if (is_own_life && node.stalled_until_us <= now_us_) resume(node);
      return;
    case EventKind::lie_ends:
      if (is_own_life) on_lie_ends(node, event.slot);
      return;
    case EventKind::token_asked:
    case EventKind::token_freed:
    case EventKind::reported:
      return at_arbiter(node, event.kind);
    case EventKind::token_answer:
    case EventKind::common_mode:
      if (is_own_life) from_arbiter(node, event.kind, event.slot == 1);
      return;
    case EventKind::action:
    case EventKind::publisher:
    case EventKind::watch:
      return;
  }
}

// Is all that changed named? One node at a time, some of its tracks.
void World::sample() {
  const Node& node = nodes_[samples_ % nodes_.size()];
  if (node.mind != nullptr && !track_keys_.empty()) {
    for (std::size_t i = 0; i < std::min(kSampleTracks, track_keys_.size()); ++i) {
      const auto track = static_cast<TrackIndex>((samples_ / nodes_.size() + i) % track_keys_.size());
      checker_.on_sample(node.id, track, node.mind->relay(track_keys_[track]), now_us_);
    }
  }
  ++samples_;
}

void World::on_watch(std::uint32_t slot) {
  const Liveness::Watch& watch = liveness_.watch(slot);
  Liveness::Packets packets;
  if (watch.node != kNoNode) {
    if (const Table* table = nodes_[watch.node].data_plane.find(watch.track)) {
      packets = {table->packet_us, std::max(table->packet_us, table->promised_us)};
    }
  }
  liveness_.on_due(slot, packets, now_us_);
}

Label World::label_now(NodeId node, TrackIndex track) const {
  const Node& asked = nodes_[node];
  if (asked.mind == nullptr) return {asked.disk.stored(), kNoNode, 0};
  return asked.mind->relay(track_keys_[track]).label;
}

bool World::is_claimed(NodeId node, TrackIndex track) const {
  const Node& asked = nodes_[node];
  return asked.mind != nullptr && asked.mind->is_claimed(track_keys_[track]);
}

}  // namespace causeway::sim
