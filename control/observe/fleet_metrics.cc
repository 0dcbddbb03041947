#include "control/observe/fleet_metrics.h"

#include <bit>
#include <string_view>
#include <utility>

namespace causeway::control {
namespace {

using Labels = Exposition::Labels;
using Peer = FleetView::Peer;

double seconds(TimeUs us) {
  return static_cast<double>(us) / 1e6;
}

// One sample for each word, 1 for the one that is so: states can be counted and drawn.
template <class State, std::size_t kCount>
void put_state(const std::array<std::pair<State, std::string_view>, kCount>& words, State is,
               std::string_view label, Exposition& out) {
  for (const auto& [state, word] : words)
    out.sample({{label, word}}, state == is ? 1 : 0);
}

constexpr std::array<std::pair<beat::LinkState, std::string_view>, 3> kLinkStates{
    {{beat::LinkState::down, "down"}, {beat::LinkState::init, "init"}, {beat::LinkState::up, "up"}}};
constexpr std::array<std::pair<DrainState, std::string_view>, 3> kDrainStates{
    {{DrainState::none, "none"}, {DrainState::soft, "soft"}, {DrainState::hard, "hard"}}};

// A value of each peer.
template <class Value>
void each(const FleetView& fleet, Exposition& out, Value&& value) {
  for (const Peer& peer : fleet.peers)
    out.sample({{"peer", peer.name}, {"site", peer.site}}, value(peer.link));
}

void put_links(const FleetView& fleet, Exposition& out) {
  out.gauge("peer_link_state", "1 for the state of the link to the peer, as in RFC 5880");
  for (const Peer& peer : fleet.peers) {
    for (const auto& [state, word] : kLinkStates) {
      out.sample({{"peer", peer.name}, {"site", peer.site}, {"state", word}},
                 state == peer.link.link ? 1 : 0);
    }
  }
  out.gauge("peer_reachable", "1 if something of the peer arrived within heartbeat.suspect_ms");
  each(fleet, out, [](const PeerReport& link) { return link.is_reachable ? 1 : 0; });
  out.gauge("peer_two_way", "1 if that is so, and the peer hears this node");
  each(fleet, out, [](const PeerReport& link) { return link.is_two_way ? 1 : 0; });
  out.gauge("peer_settled", "1 if the link was up for long enough to be preferred");
  each(fleet, out, [](const PeerReport& link) { return link.is_settled ? 1 : 0; });
  out.gauge("peer_silent_seconds", "Since the last beat or media of the peer");
  each(fleet, out, [](const PeerReport& link) { return seconds(link.silent_us); });
  out.gauge("peer_round_trip_seconds", "To the peer and back, smoothed; 0 if it is not known yet");
  each(fleet, out, [](const PeerReport& link) { return seconds(link.round_trip_us); });
  out.gauge("peer_least_round_trip_seconds", "The smallest of the last 10 to 20 s");
  each(fleet, out, [](const PeerReport& link) { return seconds(link.least_round_trip_us); });
  out.gauge("peer_lost_ratio", "Beats that were lost on the way, in one direction");
  for (const Peer& peer : fleet.peers) {
    const auto ratio = [](unsigned ppm) { return static_cast<double>(ppm) / 1e6; };
    out.sample({{"peer", peer.name}, {"site", peer.site}, {"direction", "from"}},
               ratio(peer.link.lost_from_peer_ppm));
    out.sample({{"peer", peer.name}, {"site", peer.site}, {"direction", "to"}},
               ratio(peer.link.lost_to_peer_ppm));
  }
  out.gauge("peer_broken_flows", "Source ports of the pair that are silent, while others are heard");
  each(fleet, out, [](const PeerReport& link) { return std::popcount(link.broken_flows); });
  out.gauge("peer_flaps", "Times that the link went down, those that are forgotten left out");
  each(fleet, out, [](const PeerReport& link) { return link.flaps; });
  out.gauge("peer_penalty_seconds", "How long the link must be up until it may be preferred");
  each(fleet, out, [](const PeerReport& link) { return seconds(link.hold_us); });
}

void put_peers(const FleetView& fleet, Exposition& out) {
  out.counter("peer_beats_sent_total", "Beats sent to the peer");
  each(fleet, out, [](const PeerReport& link) { return link.beats_sent; });
  out.counter("peer_beats_received_total", "Beats of the peer that arrived");
  each(fleet, out, [](const PeerReport& link) { return link.beats_received; });
  out.counter("peer_beats_doubled_total", "Beats of the peer that had come before");
  each(fleet, out, [](const PeerReport& link) { return link.beats_doubled; });
  out.counter("peer_implausible_echoes_total", "Echoes of beats that were never sent");
  each(fleet, out, [](const PeerReport& link) { return link.implausible; });
  out.gauge("peer_verdict", "1 for what is concluded of the peer");
  for (const Peer& peer : fleet.peers) {
    for (int i = 0; i < verdict::kVerdicts; ++i) {
      const auto verdict = static_cast<verdict::Verdict>(i);
      out.sample({{"peer", peer.name}, {"site", peer.site}, {"verdict", verdict::name(verdict)}},
                 verdict == peer.link.verdict ? 1 : 0);
    }
  }
  out.gauge("peer_draining", "1 if the peer says that it drains");
  each(fleet, out, [](const PeerReport& link) { return link.drain == DrainState::none ? 0 : 1; });
  out.gauge("peer_load_ratio", "What the peer says of its load");
  each(fleet, out, [](const PeerReport& link) { return static_cast<double>(link.load_percent) / 100; });
  out.gauge("peer_stalled", "1 if the peer says that its control thread stood still");
  each(fleet, out, [](const PeerReport& link) { return link.is_stalled ? 1 : 0; });
  out.gauge("peer_directory_synced", "1 if all tracks that the peer announced are known here");
  each(fleet, out, [](const PeerReport& link) { return link.is_synced ? 1 : 0; });
}

void put_verdicts(const FleetView& fleet, Exposition& out) {
  const SelfReport& self = fleet.self;
  out.counter("verdicts_total", "How often each verdict on a peer began");
  for (int i = 0; i < verdict::kVerdicts; ++i) {
    out.sample({{"verdict", verdict::name(static_cast<verdict::Verdict>(i))}},
               self.verdicts[static_cast<std::size_t>(i)]);
  }
  out.gauge("self_verdict", "1 for what this node concludes of itself and its site");
  for (int i = 0; i < verdict::kSelfVerdicts; ++i) {
    const auto verdict = static_cast<verdict::SelfVerdict>(i);
    out.sample({{"verdict", verdict::name(verdict)}}, verdict == self.verdict ? 1 : 0);
  }
  out.counter("self_verdicts_total", "How often each verdict on itself began");
  for (int i = 0; i < verdict::kSelfVerdicts; ++i) {
    out.sample({{"verdict", verdict::name(static_cast<verdict::SelfVerdict>(i))}},
               self.self_verdicts[static_cast<std::size_t>(i)]);
  }
  out.gauge("drain_state", "1 for the state of this site's drain");
  put_state(kDrainStates, self.drain, "state", out);
  out.gauge("operator_drain", "1 if an operator drains this node", fleet.is_drained_by_operator ? 1 : 0);
  out.counter("drains_total", "Drains that began, or would have (shadow_)");
  out.sample({{"kind", "soft"}}, self.drains.soft);
  out.sample({{"kind", "hard"}}, self.drains.hard);
  out.sample({{"kind", "shadow_soft"}}, self.drains.shadow_soft);
  out.sample({{"kind", "shadow_hard"}}, self.drains.shadow_hard);
  out.counter("drains_ended_total", "Drains that ended", self.drains.ended);
  out.counter("drain_tokens_asked_total", "Questions to the arbiter for a hard drain", self.drains.asked);
  out.counter("drain_tokens_refused_total", "Of these, refused", self.drains.refused);
}

void put_relays(const FleetView& fleet, Exposition& out) {
  const relay::Tally& tally = fleet.relays;
  out.gauge("relay_tracks", "Tracks by what they are here; one may be several of these");
  const std::pair<std::string_view, std::size_t> states[] = {{"known", tally.tracks},
                                                             {"origin", tally.origins},
                                                             {"up", tally.up},
                                                             {"pending", tally.pending},
                                                             {"starving", tally.starving},
                                                             {"alarmed", tally.alarmed},
                                                             {"wanted", tally.wanted},
                                                             {"fed", tally.fed}};
  for (const auto& [state, count] : states)
    out.sample({{"state", state}}, count);
  out.gauge("relay_unfed_tracks", "Tracks that subscribers here want, and no media arrives: wanted less fed",
            tally.wanted - tally.fed);
  out.gauge("relay_legs", "Peers that take a track from here, each track counted", tally.legs);
  const relay::Counters& counters = fleet.relay_counters;
  out.counter("relay_nacks_total", "Refusals of a track, by direction and reason");
  for (std::size_t i = 0; i < relay::kNackReasons; ++i) {
    const std::string_view reason = relay::name(static_cast<relay::NackReason>(i));
    out.sample({{"direction", "sent"}, {"reason", reason}}, counters.nacks_sent[i]);
    out.sample({{"direction", "received"}, {"reason", reason}}, counters.nacks_received[i]);
  }
  out.counter("relay_subscribes_total", "Questions for a track, sent", counters.subscribes);
  out.counter("relay_acks_total", "Promises of a track, sent", counters.acks);
  out.counter("relay_adopted_total", "Upstreams whose media proved them", counters.adopted);
  out.counter("relay_feeds_lost_total", "Feeds that ended", counters.feeds_lost);
  out.counter("relay_black_holes_total", "Upstreams that promised and did not deliver", counters.black_holes);
  out.counter("relay_unanswered_total", "Questions that nobody answered", counters.unanswered);
  out.counter("relay_stamps_issued_total", "Versions of own tracks", counters.stamps_issued);
  out.counter("relay_stamp_requests_total", "Requests for another version of a track, sent",
              counters.stamp_requests);
  out.counter("relay_stale_packets_total", "Reported packets with a label that is not better than ours",
              counters.stale_packets);
  out.counter("relay_stale_messages_total", "Answers to a question that nobody asks any more",
              counters.stale_messages);
  out.counter("relay_implausible_total", "Messages that cannot be true", counters.implausible);
  out.counter("relay_gate_refusals_total", "Changes that would have made a cycle: must stay 0",
              counters.gate_refusals);
  out.counter("relay_refused_tracks_total", "Tracks for which there was no room", counters.refused_tracks);
  out.counter("relay_loop_drops_total", "Packets of relayed tracks that had been here already",
              fleet.loop_drops);
}

void put_frames(const FleetView& fleet, Exposition& out) {
  out.counter("frames_total", "Frames of other nodes that arrived, by what became of them");
  const std::pair<std::string_view, std::uint64_t> fates[] = {
      {"taken", fleet.frames.taken},
      {"malformed", fleet.frames.malformed},
      {"of_another_boot", fleet.frames.of_another_boot},
      {"replayed", fleet.frames.replayed},
      {"not_authentic", fleet.frames_not_authentic},
      {"lost", fleet.frames_lost}};
  for (const auto& [fate, count] : fates)
    out.sample({{"result", fate}}, count);
  out.counter("frames_sent_total", "Frames sent to other nodes", fleet.frames_sent);
  out.counter("frames_unsent_total", "Frames that the data plane had no room for", fleet.frames_unsent);
  out.counter("malformed_records_total", "Records of frames that could not be read",
              fleet.frames.malformed_records);
  out.counter("unknown_records_total", "Records of a later version", fleet.frames.unknown_records);
  const directory::Counters& directory = fleet.directory;
  out.gauge("directory_tracks", "Tracks that nodes announced", fleet.directory_tracks);
  out.counter("directory_bytes_sent_total", "Bytes of the directory, sent", directory.bytes_sent);
  out.counter("directory_repair_bytes_sent_total", "Of these, for repair", directory.repair_bytes_sent);
  out.counter("directory_repairs_total", "Copies that were not what their owner says", directory.repairs);
  out.counter("directory_refused_total", "Tracks for which the directory had no room",
              directory.refused_full + directory.refused_own);
  out.counter("directory_contradictions_total", "Logs that went back without a restart",
              directory.contradictions);
}

void put_shell(const FleetView& fleet, Exposition& out) {
  out.gauge("up_seconds", "Since the start", seconds(fleet.up_us));
  out.gauge("boot_id", "Grows with each start", fleet.boot);
  out.gauge("control_longest_gap_seconds",
            "The longest pause between two turns of the control thread in the last half to whole minute",
            seconds(fleet.longest_gap_us));
  out.gauge("control_frozen", "1 while the node concludes nothing, since it stood still",
            fleet.self.is_frozen ? 1 : 0);
  out.gauge("watermark_wanted", "Stamps up to this one may be issued once it is on disk",
            fleet.watermark_wanted);
  out.gauge("watermark_on_disk", "Stamps up to this one may be issued", fleet.watermark_on_disk);
  out.gauge("disk_failing", "1 if the last write of the watermark failed", fleet.is_disk_failing ? 1 : 0);
  out.counter("disk_failures_total", "Writes of the watermark that failed", fleet.disk_failures);
  out.counter("journal_entries_total", "Entries of the journal");
  for (std::size_t i = 0; i < kJournalKinds; ++i) {
    const auto kind = static_cast<JournalKind>(i);
    out.sample({{"kind", name(kind)}, {"severity", name(severity(kind))}}, fleet.journal[i]);
  }
  out.counter("journal_written_total", "Entries that are in the journal's file", fleet.journal_written);
  out.counter("journal_lost_total", "Entries that are not, since its disk was too slow or full",
              fleet.journal_lost);
  out.counter("journal_failures_total", "Attempts to write the journal's file that failed",
              fleet.journal_failures);
  out.gauge("session_version", "Grows with each change of what is asked for", fleet.version);
  out.gauge("session_transports", "Transports", fleet.transports);
  out.gauge("session_tracks", "Tracks that are published here", fleet.tracks);
  out.gauge("session_subscriptions", "Subscriptions", fleet.subscriptions);
  out.gauge("session_waiting", "Subscriptions and relays that wait for something", fleet.waiting);
}

}  // namespace

void put_fleet(const FleetView& fleet, Exposition& out) {
  put_links(fleet, out);
  put_peers(fleet, out);
  put_verdicts(fleet, out);
  put_relays(fleet, out);
  put_frames(fleet, out);
  put_shell(fleet, out);
}

}  // namespace causeway::control
