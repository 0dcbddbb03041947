#include "control/beat/words.h"

#include <utility>

namespace causeway::control::beat {
namespace {

std::string ms(TimeUs time_us) {
  return std::to_string(time_us / 1000) + " ms";
}

JournalEntry entry(TimeUs now_us, JournalKind kind, NodeId peer, std::string text) {
  JournalEntry result;
  result.at_us = now_us;
  result.kind = kind;
  result.peer = peer;
  result.text = std::move(text);
  return result;
}

}  // namespace

std::string Words::name(NodeId node) const {
  return node < names_.size() ? names_[node] : "node " + std::to_string(node);
}

JournalEntry Words::suspected(NodeId peer, const Link& link, TimeUs now_us) const {
  const TimeUs silent_us = now_us - link.beat_at_us();
  const std::int64_t missed = expected(silent_us);
  JournalEntry result = entry(now_us, JournalKind::link_suspected, peer,
                              "no beat from " + name(peer) + " for " + ms(silent_us) + " (" +
                                  std::to_string(missed) + " expected), and no media");
  result.numbers = {{"silent_us", silent_us}, {"expected_beats", missed}};
  return result;
}

JournalEntry Words::down(NodeId peer, const Link& link, TimeUs now_us) const {
  const TimeUs silent_us = now_us - link.beat_at_us();
  std::string text = silent_us >= timers_.detect_us
                         ? "no beat from " + name(peer) + " for " + ms(silent_us) + ": the link is down"
                         : name(peer) + " says that the link is down: our beats do not arrive there";
  if (link.hears_media()) text += ", though media of it arrives";
  text += "; once up, it is held for " + ms(link.hold_us());
  JournalEntry result = entry(now_us, JournalKind::link_down, peer, std::move(text));
  result.numbers = {{"silent_us", silent_us},
                    {"flaps", static_cast<std::int64_t>(link.flaps())},
                    {"hold_us", link.hold_us()}};
  return result;
}

JournalEntry Words::up(NodeId peer, const Link& link, TimeUs now_us) const {
  const TimeUs round_trip_us = link.round_trip().smoothed_us();
  JournalEntry result = entry(now_us, JournalKind::link_up, peer,
                              "beats flow both ways with " + name(peer) + ", round trip " +
                                  ms(round_trip_us) + "; settled in " + ms(link.hold_us()));
  result.numbers = {{"round_trip_us", round_trip_us},
                    {"flaps", static_cast<std::int64_t>(link.flaps())},
                    {"hold_us", link.hold_us()}};
  return result;
}

JournalEntry Words::settled(NodeId peer, const Link& link, TimeUs now_us) const {
  JournalEntry result = entry(now_us, JournalKind::link_settled, peer,
                              "the link to " + name(peer) + " stayed up for " + ms(link.hold_us()));
  result.numbers = {{"hold_us", link.hold_us()}, {"flaps", static_cast<std::int64_t>(link.flaps())}};
  return result;
}

JournalEntry Words::flow_broken(NodeId peer, std::uint8_t flow, TimeUs silent_us, std::uint32_t by_others,
                                TimeUs now_us) const {
  JournalEntry result = entry(now_us, JournalKind::flow_broken, peer,
                              "no beat from " + name(peer) + " by flow " + std::to_string(flow) + " for " +
                                  ms(silent_us) + ", " + std::to_string(by_others) + " by others");
  result.numbers = {{"flow", flow}, {"silent_us", silent_us}, {"beats_by_others", by_others}};
  return result;
}

JournalEntry Words::flow_mended(NodeId peer, std::uint8_t flow, TimeUs now_us) const {
  JournalEntry result =
      entry(now_us, JournalKind::flow_mended, peer,
            "beats from " + name(peer) + " arrive by flow " + std::to_string(flow) + " again");
  result.numbers = {{"flow", flow}};
  return result;
}

JournalEntry Words::stalled(TimeUs gap_us, TimeUs frozen_us, bool overflow, TimeUs now_us) const {
  const std::string what = overflow ? "beats were lost in this node (its queue was full)"
                                    : "this node's control thread stood still for " + ms(gap_us);
  JournalEntry result =
      entry(now_us, JournalKind::stalled, kNoNode, what + ": no verdict for " + ms(frozen_us));
  result.numbers = {{"gap_us", gap_us}, {"frozen_us", frozen_us}};
  return result;
}

}  // namespace causeway::control::beat
