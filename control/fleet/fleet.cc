#include "control/fleet/fleet.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <spdlog/spdlog.h>

#include "control/clock.h"

namespace causeway::control::fleet {
namespace {

// Load, broken flows: nothing that is in a hurry.
constexpr TimeUs kHousekeepingUs = 100'000;

std::string state_path(const config::Config& config) {
  std::error_code ignored;  // StateFile says what is wrong
  std::filesystem::create_directories(config.fleet.state_folder, ignored);
  return config.fleet.state_folder + "/" + config.node.name + ".state";
}

CoreSettings core_settings(const config::Config& config, const Roster& roster,
                           const durable::NodeState& identity) {
  CoreSettings settings;
  settings.membership = roster.membership;
  settings.names = roster.names;
  settings.self = roster.self;
  settings.boot = identity.boot;
  settings.watermark = identity.watermark;
  settings.seed = identity.boot * 0x9e3779b97f4a7c15 + roster.self;
  settings.heartbeat = config.heartbeat;
  settings.isolation = config.isolation;
  settings.relay = config.relay;
  settings.directory = config.directory;
  return settings;
}

}  // namespace

Fleet::Fleet(const config::Config& config, session::State& state, Keeper& keeper, Publisher& publisher,
             NodeQueue& queue, std::uint64_t tsc_hz, const Now& now)
    : config_(config),
      state_(state),
      keeper_(keeper),
      publisher_(publisher),
      queue_(queue),
      tsc_hz_(tsc_hz),
      roster_(make_roster(config)),
      file_(state_path(config)),
      identity_(durable::start(file_, static_cast<std::uint64_t>(wall_ms()))),
      writer_(file_, identity_),
      watermark_{.wanted = identity_.watermark, .on_disk = identity_.watermark},
      links_(config, roster_, identity_.boot, publisher, queue, {now.us, now.wall_s}),
      core_(std::make_unique<Core>(core_settings(config, roster_, identity_), now.us, effects_)) {
  keeper_.set_names(roster_.names);
  for (const auto& [id, record] : state.tracks())
    changed_.push_back(id);
}

void Fleet::changed(std::span<const std::string> tracks) {
  changed_.insert(changed_.end(), tracks.begin(), tracks.end());
}

// The order is the core's: all that has arrived, media first, before a timer is judged.
Journal Fleet::turn(const Now& now) {
  take_media(now);
  take_frames(now);
  if (now.lost != std::exchange(lost_, now.lost)) core_->on_overflow(now.us, effects_);
  take_watermark(now.us);
  tell_needs(now.us);
  if (now.us >= core_->next_due_us()) core_->tick(now.us, effects_);
  take_received(now.us);
  describe(now.us);
  key_peers();
  links_.tick({now.us, now.wall_s}, keeper_.ready(), effects_.journal);
  if (now.us >= housekeeping_us_) {
    housekeeping_us_ = now.us + kHousekeepingUs;
    core_->set_load(now.load_percent);
    forget_descriptions(now.us);
    keeper_.ready().for_each([this](NodeId peer) { links_.avoid_flows(peer, core_->broken_flows(peer)); });
    complain(now.us);
  }
  do_effects();
  Journal journal = std::move(effects_.journal);
  effects_.clear();
  return journal;
}

TimeUs Fleet::to_us(std::uint64_t tsc, const Now& now) const {
  if (tsc >= now.tsc) return now.us;
  const double seconds = static_cast<double>(now.tsc - tsc) / static_cast<double>(tsc_hz_);
  return now.us - static_cast<TimeUs>(seconds * 1e6);
}

void Fleet::take_media(const Now& now) {
  if (now.local_media != std::exchange(local_media_, now.local_media)) core_->on_local_media(now.us);
  queue_.reports([&](const RelayReport& report) {
    const Keeper::Inlet* inlet = keeper_.inlet(report.inlet);
    const Layer& layer = publisher_.tables().layers[report.inlet];
    if (inlet == nullptr || layer.generation.load() != report.generation) return;  // replaced meanwhile
    core_->on_media(inlet->track, inlet->node, report.label, to_us(report.arrival_tsc, now), now.us,
                    effects_);
  });
}

void Fleet::take_frames(const Now& now) {
  links_.receive({now.us, now.wall_s}, effects_.journal, [&](const Links::Frame& frame) {
    core_->on_frame(frame.from, frame.bytes, to_us(frame.arrival_tsc, now), now.us, effects_);
  });
}

void Fleet::take_watermark(TimeUs now_us) {
  if (const auto written = writer_.take_written()) {
    watermark_.on_disk = *written;
    watermark_.is_failing = false;
    core_->on_watermark(*written, now_us, effects_);
  }
  if (const auto error = writer_.take_error()) {
    watermark_.is_failing = true;
    ++watermark_.failures;
    spdlog::error("the watermark cannot be written, so no new stamp is used: {}", *error);
  }
}

void Fleet::tell_needs(TimeUs now_us) {
  if (changed_.empty()) return;
  std::ranges::sort(changed_);
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  const session::NeedsChange change = session::update(needs_, state_, changed_);
  changed_.clear();
  for (const auto& track : change.unpublish)
    core_->unpublish(track.key, now_us, effects_);
  for (const auto& track : change.unwant)
    core_->unwant(track.key, now_us, effects_);
  const auto no_room = [](const std::string& id) {
    spdlog::error("there is no room for track {} between nodes: raise relay.max_tracks", id);
  };
  for (const auto& track : change.publish) {
    if (!core_->publish(track.key, now_us, effects_)) no_room(track.id);
  }
  for (const auto& track : change.want) {
    if (!core_->want(track.key, now_us, effects_)) no_room(track.id);
  }
}

// Without it a node with another key would only be silent, to itself and to all others.
void Fleet::complain(TimeUs now_us) {
  for (const Complaint& complaint : links_.complaints(now_us)) {
    spdlog::warn(
        "messages of {} are not authentic ({} since this was said last), and it says nothing else: one of "
        "the two "
        "has another fleet.key_file or is of another version, or somebody forges them",
        roster_.names[complaint.peer], complaint.messages);
  }
}

// ---- descriptions

void Fleet::take_received(TimeUs now_us) {
  for (const Effects::Received& record : std::exchange(effects_.received, {})) {
    if (record.type == wire::RecordType::describe_request) {
      if (const auto key = session::read_describe_request(record.body)) answer(record.from, *key, now_us);
    } else if (const auto info = session::read_description(record.body)) {
      learn(*info, now_us);
    }
  }
}

void Fleet::answer(NodeId to, const TrackKey& key, TimeUs now_us) {
  const std::string* id = state_.track_id(key);
  if (id == nullptr) return;
  const auto body = session::write_description(*state_.track(*id));
  if (!body.empty()) core_->send(to, wire::RecordType::describe, body, now_us, effects_);
}

// Only what was asked for.
void Fleet::learn(const session::TrackInfo& info, TimeUs now_us) {
  const TrackKey key = track_key(info.id);
  if (!descriptions_.is_lacking(key)) return;
  const session::Outcome outcome = state_.describe(info);
  if (outcome.ok()) {
    descriptions_.learned(key, now_us);
  } else {
    spdlog::warn("a peer's description of a track is refused: {}", outcome.text);
  }
  keeper_.changed(outcome.tracks);
}

// What passed through here for others, and does no more.
void Fleet::forget_descriptions(TimeUs now_us) {
  const auto is_used = [this](const TrackKey& key) {
    const std::string* id = state_.track_id(key);
    if (id == nullptr) return false;
    const session::TrackRecord& record = *state_.track(*id);
    const RelayView view = core_->relay(key);
    return record.published || !record.subscriptions.empty() || view.active || view.pending ||
           !view.legs.empty();
  };
  for (const TrackKey& key : descriptions_.unused(now_us, is_used)) {
    const std::string* id = state_.track_id(key);
    if (id != nullptr) keeper_.changed(state_.forget(std::string(*id)).tracks);
  }
}

// Who relays the track to this node, or shall, can say what it looks like.
void Fleet::describe(TimeUs now_us) {
  for (const TrackKey& key : keeper_.take_planned()) {
    const auto waiting = keeper_.waiting().find(key);
    const bool lacks = waiting != keeper_.waiting().end() &&
                       std::ranges::any_of(waiting->second, [](const session::Waiting& each) {
                         return each.lack == session::Lack::description;
                       });
    std::vector<NodeId> from;
    const RelayView view = core_->relay(key);
    for (const auto& edge : {view.active, view.pending}) {
      if (lacks && edge) from.push_back(edge->upstream);
    }
    descriptions_.lack(key, std::move(from));
  }
  for (const auto& question : descriptions_.due(now_us))
    core_->send(question.to, wire::RecordType::describe_request,
                session::write_describe_request(question.key), now_us, effects_);
}

// ---- what is to be done

// A peer that started again has other keys: tracks leave its transport, it is made anew, and they come back.
void Fleet::key_peers() {
  links_.unkeyed().for_each([&](NodeId peer) {
    if (keeper_.ready().contains(peer)) {
      keeper_.set_ready(peer, false);
    } else if (keeper_.at_rest()) {
      const Id transport = links_.rekey(peer);
      if (transport == kNoId) return;
      keeper_.note_added(transport);
      keeper_.set_ready(peer, true);
    }
  });
}

// Keepalives need nobody to ask for them: workers see that the stamp is new.
void Fleet::do_effects() {
  for (const Effects::Datagram& datagram : effects_.datagrams)
    links_.send(datagram.to, datagram.flow, effects_.frame(datagram));
  if (effects_.persist) {
    watermark_.wanted = *effects_.persist;
    writer_.request(*effects_.persist);
  }
  for (const TrackKey& key : effects_.tracks)
    keeper_.changed(key);
}

}  // namespace causeway::control::fleet
