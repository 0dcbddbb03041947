// What the event journal keeps: each verdict and each relay change, with its evidence in words and numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/wire/ids.h"

namespace causeway::control {

// X(kind, severity, what it tells)
#define CAUSEWAY_JOURNAL(X)                                                                      \
  X(started, info, "the node started")                                                           \
  X(peer_started, notice, "a peer started again")                                                \
  X(link_up, info, "beats flow both ways again")                                                 \
  X(link_settled, info, "the link was up for long enough to be preferred")                       \
  X(link_suspected, notice, "no beat for heartbeat.suspect_ms")                                  \
  X(link_down, warning, "silence in both directions for heartbeat.down_ms")                      \
  X(flow_broken, notice, "one of a pair's source ports is silent, others are not")               \
  X(flow_mended, info, "that source port is heard again")                                        \
  X(stalled, warning, "the control thread stood still: its own view is not trusted for a while") \
  X(verdict, warning, "what the detector concludes of a peer or of itself")                      \
  X(verdict_cleared, notice, "a verdict no longer holds")                                        \
  X(soft_drain, warning, "no new cross-site sessions")                                           \
  X(hard_drain, alarm, "sessions are asked to move")                                             \
  X(drain_ended, notice, "the site is in service again")                                         \
  X(shadow_drain, notice, "would have drained (isolation.shadow)")                               \
  X(token_refused, notice, "the arbiter gave no token")                                          \
  X(published, info, "this node is the origin of a track")                                       \
  X(unpublished, info, "it no longer is")                                                        \
  X(relay_up, info, "a track flows from a new upstream")                                         \
  X(relay_starved, notice, "a track's feed ended")                                               \
  X(relay_refused, notice, "an upstream said no")                                                \
  X(relay_ended, info, "nobody here wants the track any more, or its origin ended")              \
  X(black_hole, warning, "an upstream acknowledged and delivered nothing")                       \
  X(starvation, alarm, "subscribers and no media for relay.alarm_ms")                            \
  X(starvation_ended, notice, "the alarm is over")                                               \
  X(gate_refused, alarm, "a change of the relay table would have made a cycle")                  \
  X(lie, warning, "a peer said something that cannot be true")                                   \
  X(pair_keyed, info, "a peer and this node have a new key for their frames")                    \
  X(pair_refused, warning, "a handshake with a peer did not authenticate it, or it refused us")  \
  X(operator_drain, notice, "an operator drains this node")                                      \
  X(operator_undrain, notice, "an operator ended that")

enum class JournalKind : std::uint8_t {
#define CAUSEWAY_KIND(kind, severity, help) kind,
  CAUSEWAY_JOURNAL(CAUSEWAY_KIND)
#undef CAUSEWAY_KIND
};
inline constexpr JournalKind kAllJournalKinds[] = {
#define CAUSEWAY_KIND(kind, severity, help) JournalKind::kind,
    CAUSEWAY_JOURNAL(CAUSEWAY_KIND)
#undef CAUSEWAY_KIND
};
inline constexpr std::size_t kJournalKinds = std::size(kAllJournalKinds);
enum class Severity : std::uint8_t { info, notice, warning, alarm };

std::string_view name(JournalKind kind);
std::string_view name(Severity severity);
Severity severity(JournalKind kind);
std::string_view help(JournalKind kind);

struct JournalEntry {
  TimeUs at_us = 0;
  JournalKind kind{};
  NodeId peer = kNoNode;                                           // whom it is about, if it is about one
  TrackKey track;                                                  // likewise
  std::string text;                                                // a sentence for the one who is paged
  std::vector<std::pair<std::string_view, std::int64_t>> numbers;  // the evidence, with units in the names
};

using Journal = std::vector<JournalEntry>;

}  // namespace causeway::control
