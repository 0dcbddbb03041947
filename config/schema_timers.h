// The keys of timers.h: units, limits and help. See schema.h.
#pragma once

#include "config/field.h"
#include "config/timers.h"

namespace causeway::config {

// A number with its unit and its limits.
constexpr Field number(std::string_view key, std::string_view unit, std::uint64_t min, std::uint64_t max,
                       std::string_view help) {
  return {.key = key, .help = help, .unit = unit, .min = min, .max = max};
}

template <Is<Heartbeat> S, class Visitor>
void fields(S& heartbeat, Visitor&& visit) {
  visit(number("interval_ms", "ms", 10, 1000, "Between two beats to a peer."), heartbeat.interval_ms);
  visit(number("jitter_percent", "", 0, 50,
               "Of the interval, by which a beat may come earlier (RFC 5880, 6.8.7), so that nodes do not "
               "fall into step."),
        heartbeat.jitter_percent);
  visit(number("flows", "flows", 1, 8,
               "Source ports of a pair of nodes, used in turn: one bad path among several is seen as that."),
        heartbeat.flows);
  visit(number("suspect_ms", "ms", 30, 60000,
               "Silence after which relays look for another way. At least three intervals, and 100 ms above "
               "them for the path's variation."),
        heartbeat.suspect_ms);
  visit(number("down_ms", "ms", 100, 300000,
               "Silence in both directions after which helpers are asked, and their word convicts."),
        heartbeat.down_ms);
  visit(number("up_beats", "beats", 3, 1000, "Two-way beats without a gap that bring a link up again."),
        heartbeat.up_beats);
  visit(number("hold_min_ms", "ms", 0, 600000,
               "Then a link waits for this long before it counts as settled, and longer with each flap."),
        heartbeat.hold_min_ms);
  visit(number("hold_max_ms", "ms", 0, 3600000, "The longest such wait."), heartbeat.hold_max_ms);
  visit(number("flap_forget_ms", "ms", 1000, 86400000,
               "Time without a flap after which the wait is `hold_min_ms` again."),
        heartbeat.flap_forget_ms);
  visit(number("probe_helpers", "nodes", 1, 16, "Other nodes that are asked about a silent peer."),
        heartbeat.probe_helpers);
  visit(number("probe_ms", "ms", 50, 10000,
               "How long a helper waits for the silent peer before it answers that it is silent."),
        heartbeat.probe_ms);
  visit(number("stall_ms", "ms", 50, 10000,
               "Time between two turns of the control thread above which it mistrusts its own view, and "
               "freezes verdicts."),
        heartbeat.stall_ms);
  visit(number("startup_ms", "ms", 0, 600000, "Time after a start in which nobody is judged."),
        heartbeat.startup_ms);
}

template <Is<Isolation> S, class Visitor>
void fields(S& isolation, Visitor&& visit) {
  visit(number("soft_drain_ms", "ms", 1000, 3600000,
               "Time islanded, without a break, until the site takes no new cross-site sessions. Existing "
               "media is not touched."),
        isolation.soft_drain_ms);
  visit(number("hard_drain_ms", "ms", 1000, 3600000,
               "Time islanded until sessions are asked to move, if an arbiter outside gives a token."),
        isolation.hard_drain_ms);
  visit(number("recover_ms", "ms", 0, 10000, "Time with a peer again until a drain is aborted."),
        isolation.recover_ms);
  visit(number("drain_percent_per_s", "%/s", 1, 100,
               "Of a site's sessions that a hard drain moves at most in a second."),
        isolation.drain_percent_per_s);
  visit(number("min_sites", "sites", 2, 32, "That stay undrained, whatever happens."), isolation.min_sites);
  visit(Field{.key = "shadow", .help = "Compute, log and count every verdict, and act on none."},
        isolation.shadow);
}

template <Is<Relaying> S, class Visitor>
void fields(S& relay, Visitor&& visit) {
  visit(number("keepalive_interval_ms", "ms", 10, 10000,
               "Between two keepalives of a silent track, from its origin."),
        relay.keepalive_interval_ms);
  visit(number("feed_window_ms", "ms", 30, 60000,
               "Time without a packet after which a track is not fed. At least three keepalive intervals."),
        relay.feed_window_ms);
  visit(number("feed_jitter_ms", "ms", 0, 10000, "Added to it for the path's variation."),
        relay.feed_jitter_ms);
  visit(number("answer_ms", "ms", 10, 10000,
               "Time beyond a round trip until a SUBSCRIBE counts as lost. After a third of it, it is sent "
               "once more."),
        relay.answer_ms);
  visit(number("proof_ms", "ms", 10, 60000,
               "Time from an ACK to the first packet, until the upstream counts as a black hole. At least "
               "the feed "
               "window."),
        relay.proof_ms);
  visit(
      number("retry_min_ms", "ms", 10, 60000, "Wait before a starving track asks again, doubled each time."),
      relay.retry_min_ms);
  visit(number("retry_max_ms", "ms", 10, 60000, "The longest such wait."), relay.retry_max_ms);
  visit(number("refresh_ms", "ms", 100, 600000, "Between two SUBSCRIBEs that keep a relay leg."),
        relay.refresh_ms);
  visit(number("lease_ms", "ms", 200, 3600000,
               "Life of a relay leg that is not refreshed. At least two refreshes, and longer than "
               "`isolation.soft_drain_ms`, so that a cut that causes nothing costs no relay."),
        relay.lease_ms);
  visit(number("avoid_min_ms", "ms", 0, 600000,
               "Time for which an upstream that acknowledged and did not deliver is asked last, doubled each "
               "time."),
        relay.avoid_min_ms);
  visit(number("avoid_max_ms", "ms", 0, 3600000, "The longest such time."), relay.avoid_max_ms);
  visit(number("improve_ms", "ms", 100, 3600000,
               "Between two looks for a shorter path to the origin of a track that is fed."),
        relay.improve_ms);
  visit(number("hop_limit", "nodes", 1, 7, "Relay hops between the origin and the last node."),
        relay.hop_limit);
  visit(number("forget_ms", "ms", 1000, 86400000,
               "Time after which a track that nobody here wants is forgotten."),
        relay.forget_ms);
  visit(number("stamp_reserve", "stamps", 16, 1000000000, "Stamps that one write of the watermark reserves."),
        relay.stamp_reserve);
  visit(number("stamp_interval_ms", "ms", 0, 10000, "Between two stamps of one track."),
        relay.stamp_interval_ms);
  visit(number("subscribes_per_s", "messages/s", 10, 1000000,
               "SUBSCRIBE messages of the node, at most: a restart does not flood its peers."),
        relay.subscribes_per_s);
  visit(number("alarm_ms", "ms", 1000, 600000,
               "Time for which a track has subscribers and no media, until an alarm is raised."),
        relay.alarm_ms);
  visit(number("max_tracks", "tracks", 16, 16777216, "Room for tracks that are wanted or relayed here."),
        relay.max_tracks);
  visit(number("max_legs", "legs", 16, 16777216, "Room for legs to peer nodes."), relay.max_legs);
}

template <Is<DirectoryTimers> S, class Visitor>
void fields(S& directory, Visitor&& visit) {
  visit(number("batch_ms", "ms", 1, 10000, "Changes are collected for this long before they are sent."),
        directory.batch_ms);
  visit(
      number("digest_ms", "ms", 100, 600000, "Between two digests, by which peers find out what they lack."),
      directory.digest_ms);
  visit(number("log_entries", "changes", 64, 16777216,
               "Own changes that are kept for peers that missed some. Who missed more repairs by comparing "
               "buckets."),
        directory.log_entries);
  visit(number("max_tracks", "tracks", 16, 16777216, "Room for tracks of all nodes together."),
        directory.max_tracks);
  visit(number("max_own_tracks", "tracks", 16, 16777216, "Room for tracks that one node may announce."),
        directory.max_own_tracks);
  visit(number("repair_percent", "%", 1, 90, "Of `kbit_per_s` that repair may take."),
        directory.repair_percent);
  visit(number("kbit_per_s", "kbit/s", 10, 10000000, "Sent to all peers together, at most."),
        directory.kbit_per_s);
}

}  // namespace causeway::config
