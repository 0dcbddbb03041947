#include "control/core/core.h"

#include <algorithm>
#include <utility>

#include "control/core/parts.h"

namespace causeway::control {

Core::Core(CoreSettings settings, TimeUs now_us, Effects& effects)
    : parts_(std::make_unique<Parts>(std::move(settings), now_us)) {
  parts_->note_start(now_us);
  parts_->finish(now_us, effects);
}

Core::~Core() = default;

// Inside, time never goes back: after a step back it goes on from where it was, at the same pace.
TimeUs Core::enter(TimeUs now_us) {
  if (now_us + offset_us_ < parts_->now_us) offset_us_ = parts_->now_us - now_us;
  parts_->now_us = now_us + offset_us_;
  return parts_->now_us;
}

void Core::on_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs arrived_us, TimeUs now_us,
                    Effects& effects) {
  now_us = enter(now_us);
  parts_->take_frame(from, frame, arrived_us + offset_us_, now_us);
  parts_->finish(now_us, effects);
}

void Core::on_media(const TrackKey& track, NodeId from, const Label& label, TimeUs arrived_us, TimeUs now_us,
                    Effects& effects) {
  now_us = enter(now_us);
  if (!parts_->is_peer(from)) return;
  arrived_us = std::min(arrived_us + offset_us_, now_us);
  parts_->detector.on_media(from, arrived_us, now_us, parts_->detector_output);
  parts_->relay.on_media(track, from, label, arrived_us, now_us);
  parts_->finish(now_us, effects);
}

void Core::on_local_media(TimeUs arrived_us) {
  parts_->detector.on_local_media(arrived_us + offset_us_);
}

void Core::on_overflow(TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->detector.on_overflow(now_us, parts_->detector_output);
  parts_->finish(now_us, effects);
}

void Core::on_watermark(Stamp on_disk, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->relay.on_watermark(on_disk, now_us);
  parts_->finish(now_us, effects);
}

void Core::on_token(TokenAnswer answer, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->judge.on_token(answer == TokenAnswer::granted, now_us);
  parts_->judge_at_us = now_us;
  parts_->finish(now_us, effects);
}

void Core::on_common_mode(bool others_islanded, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->judge.on_common_mode(others_islanded);
  parts_->judge_at_us = now_us;
  parts_->finish(now_us, effects);
}

bool Core::publish(const TrackKey& track, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  const bool has_room = parts_->relay.publish(track, now_us);
  parts_->finish(now_us, effects);
  return has_room;
}

void Core::unpublish(const TrackKey& track, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->relay.unpublish(track, now_us);
  parts_->finish(now_us, effects);
}

bool Core::want(const TrackKey& track, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  const bool has_room = parts_->relay.want(track, now_us);
  parts_->finish(now_us, effects);
  return has_room;
}

void Core::unwant(const TrackKey& track, TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->relay.unwant(track, now_us);
  parts_->finish(now_us, effects);
}

void Core::send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, TimeUs now_us,
                Effects& effects) {
  now_us = enter(now_us);
  if (parts_->is_peer(to)) parts_->post.send(to, type, body, kAnyFlow);
  parts_->finish(now_us, effects);
}

void Core::drain_by_operator(bool on) {
  parts_->is_drained_by_operator = on;
  parts_->judge_at_us = parts_->now_us;
}

void Core::set_load(unsigned percent) {
  parts_->detector.set_load(percent);
}

void Core::forget_directory(TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->directory.forget_peers(now_us);
  parts_->finish(now_us, effects);
}

void Core::tick(TimeUs now_us, Effects& effects) {
  now_us = enter(now_us);
  parts_->turn(now_us);
  parts_->finish(now_us, effects);
}

TimeUs Core::next_due_us() const {
  const TimeUs due_us = std::min({parts_->detector.next_due_us(), parts_->relay.next_due_us(),
                                  parts_->directory.next_due_us(), parts_->judge_at_us});
  return due_us == kNever ? kNever : due_us - offset_us_;
}

RelayView Core::relay(const TrackKey& track) const {
  return parts_->relay.view(track);
}
bool Core::is_claimed(const TrackKey& track) const {
  relay::Claim claim;
  return parts_->directory.claims(track, std::span(&claim, 1)) > 0;
}
DrainState Core::drain() const {
  return parts_->judge.drain();
}
std::uint8_t Core::broken_flows(NodeId peer) const {
  return parts_->is_peer(peer) ? parts_->detector.link(peer).broken_flows() : std::uint8_t{0};
}
NodeSet Core::convicted() const {
  return parts_->judge.convicted();
}
const FrameCounters& Core::frame_counters() const {
  return parts_->frames;
}
const relay::Counters& Core::relay_counters() const {
  return parts_->relay.counters();
}

PeerReport Core::peer(NodeId peer, TimeUs now_us) const {
  PeerReport report;
  if (!parts_->is_peer(peer)) return report;
  const beat::Link& link = parts_->detector.link(peer);
  report.link = link.state();
  report.is_reachable = link.is_reachable();
  report.is_two_way = link.is_two_way();
  report.is_settled = link.is_settled();
  report.silent_us = std::max(now_us + offset_us_, parts_->now_us) - link.silent_since_us();
  report.round_trip_us = link.round_trip().smoothed_us();
  report.least_round_trip_us = link.round_trip().least_us();
  report.lost_from_peer_ppm = link.lost_from_peer_ppm();
  report.lost_to_peer_ppm = link.lost_to_peer_ppm();
  report.broken_flows = link.broken_flows();
  report.flaps = link.flaps();
  report.hold_us = link.hold_us();
  report.beats_sent = link.sent();
  report.beats_received = link.received();
  report.beats_doubled = link.doubled();
  report.implausible = link.implausible();
  report.verdict = parts_->judge.verdict(peer);
  const Row& row = parts_->detector.row(peer);
  report.drain = row.drain;
  report.load_percent = row.load_percent;
  report.is_stalled = row.stalled;
  report.is_synced = parts_->directory.is_synced(peer);
  return report;
}

SelfReport Core::own() const {
  const verdict::Judge& judge = parts_->judge;
  SelfReport report{.verdict = judge.self_verdict(),
                    .drain = judge.drain(),
                    .is_frozen = parts_->detector.is_frozen(),
                    .is_starting = parts_->detector.is_starting(),
                    .drains = judge.drain_counts()};
  for (std::size_t i = 0; i < report.verdicts.size(); ++i)
    report.verdicts[i] = judge.times(static_cast<verdict::Verdict>(i));
  for (std::size_t i = 0; i < report.self_verdicts.size(); ++i)
    report.self_verdicts[i] = judge.times(static_cast<verdict::SelfVerdict>(i));
  return report;
}

relay::Tally Core::relay_tally() const {
  return parts_->relay.tally();
}
std::vector<TrackKey> Core::relayed(const TrackKey& after, std::size_t most) const {
  return parts_->relay.keys(after, most);
}
std::size_t Core::claims() const {
  return parts_->directory.tracks();
}
const directory::Counters& Core::directory_counters() const {
  return parts_->directory.counters();
}

}  // namespace causeway::control
