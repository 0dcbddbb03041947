#include "control/core/core.h"

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

}  // namespace causeway::control
