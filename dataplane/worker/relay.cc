// Media between nodes: what comes by a track's upstream goes on to its legs, what comes by another peer only
// proves that it could; and silence is filled, so that it is not taken for a dead path.
#include <algorithm>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "dataplane/relay/shim.h"
#include "dataplane/worker/node_queue.h"
#include "dataplane/worker/worker.h"

namespace causeway {

// Which worker owns a packet of a peer: of each track the one that owns its legs, so that a pair of nodes is
// no more one worker's affair than any other remote; of all else the one that owns the transport.
WorkerId Worker::owner_of_nodes(const Packet& packet) {
  const Transport& transport = env_.tables->transports[packet.transport];
  const SsrcMap* layers = transport.layers.load(std::memory_order_acquire);
  const Id inlet = layers == nullptr ? kNoId : layers->find(ssrc_of(packet));
  if (inlet != kNoId) return env_.tables->layers[inlet].owner;
  return packet.kind == Kind::rtp ? env_.id : transport.owner.load(std::memory_order_acquire);
}

// Once, when the peer is authentic, and before anything is sent on.
Drop Worker::judge_relayed(const Packet& packet, const Label& label) {
  if (label.origin == env_.node) return Drop::relay_own_node;
  if (label.depth >= env_.hop_limit) return Drop::relay_hop_limit;
  const RelaySettings* relay = env_.tables->relay_of(env_.tables->layers[packet.layer]);
  if (relay == nullptr || relay->active != packet.transport) return Drop::relay_not_upstream;
  return is_better(label, relay->label) ? Drop::none : Drop::relay_old_label;
}

// Control hears of the first packet by each inlet, of each new label, and now and then that media still
// comes.
void Worker::report(const Packet& packet, const Label& label) {
  LayerSession& inlet = session_.layers[packet.layer];
  const bool is_news = inlet.reported_tsc == 0 || label != inlet.reported ||
                       packet.arrival_tsc > inlet.reported_tsc + env_.report_tsc;
  if (!is_news) return;
  const Layer& layer = env_.tables->layers[packet.layer];
  const bool told =
      env_.nodes->report(env_.id, {.inlet = packet.layer,
                                   .generation = layer.generation.load(std::memory_order_acquire),
                                   .label = label,
                                   .arrival_tsc = packet.arrival_tsc});
  if (!told) return counters_.reports_lost.add(1);
  inlet.reported = label;
  inlet.reported_tsc = packet.arrival_tsc;
}

// Another origin is another publisher: its numbers have nothing to do with those before, and whatever they
// are, they come behind them. So far behind that subscribers' legs close the gap (LegSequence).
std::uint64_t Worker::estimate_relayed(LayerSession& outlet, const Label& label, std::uint16_t sequence) {
  const bool is_another = outlet.index.started() && outlet.reported.origin != label.origin;
  outlet.reported.origin = label.origin;
  if (!is_another) return outlet.index.estimate_plain(sequence);
  return ((outlet.index.highest() >> 16) + 2) << 16 | sequence;
}

// From an opened packet of a peer to what its publisher sent, if it may go on.
void Worker::take_relayed(Packet& packet) {
  const auto shim = relay::read_shim({packet.payload, packet.payload_length});
  if (!shim) {
    packet.drop = Drop::relay_without_shim;
    return;
  }
  const Drop reason = judge_relayed(packet, shim->label);
  if (reason != Drop::relay_own_node && reason != Drop::relay_hop_limit) report(packet, shim->label);
  packet.drop = reason;
  if (packet.drop != Drop::none) return;
  relay::strip_shim(packet);
  packet.layer = env_.tables->layers[packet.layer].outlet;
  packet.index = estimate_relayed(session_.layers[packet.layer], shim->label, packet.rtp.sequence);
  srtp::RtpIndex& index = session_.layers[packet.layer].index;
  if (index.accept(packet.index) != srtp::ReplayWindow::Verdict::fresh) {
    packet.drop = Drop::relay_repeated;
    return;
  }
  counters_.relayed.add(1);
}

// ---- keepalives

// Of the track's upstream it goes on at once, with this node's own label. Adds the workers that serve some of
// the legs. is_share: another worker has judged and reported it.
void Worker::take_keepalive(Packet& packet, const Label& label, bool is_share, std::uint64_t& workers) {
  const Drop reason = judge_relayed(packet, label);
  if (!is_share) {
    if (reason != Drop::relay_own_node && reason != Drop::relay_hop_limit) report(packet, label);
    packet.drop = reason;
    if (reason == Drop::none) counters_.relayed.add(1);
  }
  if (reason != Drop::none) return;
  const Layer& outlet = env_.tables->layers[env_.tables->layers[packet.layer].outlet];
  if (const RelaySettings* relay = env_.tables->relay_of(outlet))
    keep_alive(*relay, env_.tables->owner_of(outlet), packet.arrival_tsc, 0, workers);
}

// To each leg of this worker that was sent nothing for `silence_tsc`, or never this stamp.
void Worker::keep_alive(const RelaySettings& relay, WorkerId owner, std::uint64_t now_tsc,
                        std::uint64_t silence_tsc, std::uint64_t& workers) {
  for (const Id id : relay.legs) {
    const LegSettings& leg = *env_.tables->legs[id].settings.load(std::memory_order_acquire);
    const std::size_t server = (owner + leg.shard) % env_.handoff->workers();
    if (server != env_.id) {
      workers |= std::uint64_t{1} << server;
      continue;
    }
    LegSession& session = session_.legs[id];
    if (session.sent_stamp == relay.label.stamp && now_tsc < session.sent_tsc + silence_tsc) continue;
    session.sent_tsc = now_tsc;
    session.sent_stamp = relay.label.stamp;
    std::array<std::uint8_t, relay::kKeepaliveBytes> bytes;
    relay::write_keepalive(relay.label, leg.rewrite.ssrc, bytes);
    send_rtcp(leg.transport, id, Priority::high, session.rtcp_send_index, bytes);
  }
}

// Some of the tracks in each turn, all of them within a quarter of the keepalive interval: what is published
// here and silent.
void Worker::fill_silence() {
  const std::uint32_t used = env_.tables->relays_used.load(std::memory_order_acquire);
  if (used == 0) return;
  constexpr std::uint32_t kPerTurn = 64;
  const std::uint64_t now_tsc = rte_rdtsc();
  if (next_silence_ == 0) {
    if (now_tsc < silence_due_tsc_) return;
    silence_due_tsc_ = now_tsc + env_.keepalive_tsc / 4;
  }
  const std::uint32_t end = std::min(used, next_silence_ + kPerTurn);
  for (; next_silence_ < end; ++next_silence_) {
    const RelaySettings* relay = env_.tables->relays[next_silence_].settings.load(std::memory_order_acquire);
    if (relay == nullptr || !relay->is_origin || relay->legs.empty()) continue;
    const LegSettings& first = *env_.tables->legs[relay->legs[0]].settings.load(std::memory_order_acquire);
    const WorkerId owner = claim_silent(env_.tables->layers[first.layer]);
    std::uint64_t others = 0;  // they look for themselves
    if (owner != kUnclaimed) keep_alive(*relay, owner, now_tsc, env_.keepalive_tsc, others);
  }
  if (next_silence_ >= used) next_silence_ = 0;
}

// A publisher that has sent nothing yet is nobody's. One worker gives it away, as its first packet would.
WorkerId Worker::claim_silent(const Layer& layer) {
  const WorkerId known = env_.tables->owner_of(layer);
  if (known != kUnclaimed || env_.id != 0 || layer.transport == kNoId) return known;
  std::atomic<WorkerId>& owner = env_.tables->transports[layer.transport].owner;
  const auto claimed = static_cast<WorkerId>(next_owner_[0]++ % env_.handoff->workers());
  WorkerId expected = kUnclaimed;
  return owner.compare_exchange_strong(expected, claimed, std::memory_order_acq_rel) ? claimed : expected;
}

// ---- messages of the control thread

bool Worker::send_for_control() {
  if (env_.nodes == nullptr || env_.id != 0) return false;
  std::array<rte_mbuf*, kBurst> frames;
  const std::size_t n = env_.nodes->take(frames);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint16_t port_index = note_of(*frames[i]).packet.port_index;
    if (give(port_index, std::span(frames).subspan(i, 1), Priority::high) == 1) {
      counters_.injected.add(1);
    } else {
      rte_pktmbuf_free(frames[i]);
      counters_.injected_drops.add(1);
    }
  }
  return n != 0;
}

void Worker::give_to_control(Packet& packet) {
  auto* mbuf = static_cast<rte_mbuf*>(packet.buffer);
  note_of(*mbuf) = {.packet = packet};
  if (env_.nodes == nullptr || !env_.nodes->give(env_.id, mbuf)) {
    packet.drop = Drop::node_queue_full;
    packet.transport = kNoId;  // its counters are the owner's
    return;
  }
  packet.buffer = nullptr;
  packet.kind = Kind::unclassified;  // no stage of this worker touches it any more
  counters_.punted.add(1);
}

}  // namespace causeway
