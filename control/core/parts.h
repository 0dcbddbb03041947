// The parts of the core, and the way of an event through them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "control/beat/detector.h"
#include "control/core/core.h"
#include "control/core/post.h"
#include "control/core/replay.h"
#include "control/directory/directory.h"
#include "control/relay/relay.h"
#include "control/verdict/judge.h"

namespace causeway::control {

struct Core::Parts final : relay::Surroundings, directory::Listener {
  Parts(CoreSettings given, TimeUs now_us);

  bool is_peer(NodeId node) const { return node != settings.self && settings.membership.contains(node); }
  void note_start(TimeUs at_us);
  void take_frame(NodeId from, std::span<const std::uint8_t> frame, TimeUs arrived_us, TimeUs at_us);
  void turn(TimeUs at_us);
  // What the parts said of one another is passed on, and what they want done goes to `effects`.
  void finish(TimeUs at_us, Effects& effects);

  // relay::Surroundings
  bool is_reachable(NodeId node) const override { return detector.is_reachable(node); }
  bool is_lively(NodeId node, TimeUs at_us) const override;
  bool is_settled(NodeId node) const override { return detector.is_settled(node); }
  TimeUs round_trip_us(NodeId node) const override { return detector.round_trip_us(node); }
  bool hears(NodeId node, NodeId other) const override { return detector.hears(node, other); }
  std::size_t claims(const TrackKey& track, std::span<relay::Claim> out) const override;
  // directory::Listener
  void on_claims_changed(const TrackKey& track) override { changed_claims.push_back(track); }

  CoreSettings settings;
  TimeUs now_us;
  std::vector<beat::Event> events;
  Journal journal;
  std::vector<Effects::Received> received;
  std::vector<TrackKey> changed_claims;
  Post post;
  beat::Output detector_output;
  beat::Detector detector;
  verdict::Judge judge;
  relay::Relay relay;
  directory::Directory directory;
  View view;
  TimeUs judge_at_us;  // when the verdicts are looked at next
  FrameCounters frames;
  bool is_drained_by_operator = false;
  bool ask_token = false;
  bool release_token = false;
  bool report_islanded = false;

 private:
  bool accept(NodeId from, const wire::FrameHeader& header, TimeUs at_us);
  void take_boot(NodeId from, BootId boot, TimeUs at_us);
  void take_record(NodeId from, const wire::FrameHeader& header, const wire::Record& record,
                   TimeUs arrived_us, TimeUs at_us);
  bool take_relay_record(NodeId from, const wire::Record& record, TimeUs at_us);
  void take_events(TimeUs at_us);
  void take_announcements(TimeUs at_us);
  void judge_now(TimeUs at_us);

  struct Peer {
    BootId boot = 0;  // 0: nothing was heard of it
    ReplayWindow window;
  };
  std::vector<Peer> peers_;
};

}  // namespace causeway::control
