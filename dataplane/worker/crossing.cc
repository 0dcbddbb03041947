// Between workers: packets go to the worker that owns their transport, shares of what it opened to those that
// serve some of the track's legs, frames to the one that has a queue on their port.
#include <algorithm>
#include <bit>
#include <utility>

#include <rte_mbuf.h>

#include "dataplane/net/bytes.h"
#include "dataplane/worker/worker.h"

namespace causeway {

std::uint32_t Worker::ssrc_of(const Packet& packet) {
  return packet.kind == Kind::rtp ? packet.rtp.ssrc : net::load_be32(packet.payload + 4);
}

// Claims the transport if nobody has: for this worker where the device spreads flows over the workers (the
// following packets arrive here, too), else for the next one in turn.
WorkerId Worker::owner_of(const Packet& packet) {
  if (packet.from_node) return owner_of_nodes(packet);
  std::atomic<WorkerId>& owner = env_.tables->transports[packet.transport].owner;
  WorkerId known = owner.load(std::memory_order_acquire);
  if (known != kUnclaimed) return known;
  WorkerId claimed = env_.id;
  if (!env_.ports[packet.port_index].spreads_flows) {
    std::size_t& next = next_owner_[packet.kind == Kind::rtp ? 0 : 1];
    claimed = static_cast<WorkerId>(next++ % env_.handoff->workers());
  }
  return owner.compare_exchange_strong(known, claimed, std::memory_order_acq_rel) ? claimed : known;
}

// What a worker that serves this layer's legs calls its shard: the owner's is 0.
std::uint8_t Worker::shard_of(Id layer) const {
  const WorkerId owner = env_.tables->owner_of(env_.tables->layers[layer]);
  const std::size_t workers = env_.handoff->workers();
  return static_cast<std::uint8_t>((env_.id + workers - owner % workers) % workers);
}

// Gives away the packets of transports that others own.
void Worker::hand_off(std::span<Packet> burst) {
  for (Packet& packet : burst) {
    if (packet.drop != Drop::none) packet.transport = kNoId;  // its counters are the owner's
    if (packet.transport == kNoId) continue;
    // Pairs with the release of add_transport(): what the transport's slot says is complete.
    const Transport& transport = env_.tables->transports[packet.transport];
    packet.generation = transport.generation.load(std::memory_order_acquire);
    if (!is_live(packet.generation)) {
      packet.drop = Drop::removed_meanwhile;
      continue;
    }
    packet.from_node = transport.node != kNoNode;
    if (packet.kind == Kind::node) {
      give_to_control(packet);
      continue;
    }
    const WorkerId owner = owner_of(packet);
    if (owner == env_.id) continue;
    auto* mbuf = static_cast<rte_mbuf*>(packet.buffer);
    note_of(*mbuf) = {.packet = packet, .stage = Stage::open};
    if (env_.handoff->give(env_.id, owner, mbuf)) {
      packet.buffer = nullptr;
      packet.kind = Kind::unclassified;  // no stage of this worker touches it any more
      counters_.handed_off.add(1);
    } else {
      packet.drop = Drop::handoff_full;
    }
  }
}

// Gives each of the workers (a bit for each) a reference to an opened packet. Returns nothing: where a ring
// is full, the receivers' copies are lost and counted.
void Worker::share(const Packet& packet, Stage stage, std::uint64_t workers, std::uint32_t layer_generation) {
  if (workers == 0) return;
  auto* mbuf = static_cast<rte_mbuf*>(packet.buffer);
  note_of(*mbuf) = {.packet = packet, .stage = stage, .layer_generation = layer_generation};
  rte_mbuf_refcnt_update(mbuf, static_cast<std::int16_t>(std::popcount(workers)));
  for (std::uint64_t left = workers; left != 0; left &= left - 1) {
    const auto to = static_cast<WorkerId>(std::countr_zero(left));
    if (env_.handoff->give(env_.id, to, mbuf)) continue;
    rte_mbuf_refcnt_update(mbuf, -1);
    std::size_t copies = 1;
    if (stage == Stage::rtp) {
      const LegList* legs = env_.tables->layers[packet.layer].legs.load(std::memory_order_acquire);
      const std::size_t all = env_.handoff->workers();
      copies = legs == nullptr ? 0 : legs->shard((to + all - env_.id) % all).size();
    }
    counters_.copies.add(copies);
    counters_.egress_drops[static_cast<std::size_t>(EgressDrop::legs_handoff_full)].add(copies);
  }
}

bool Worker::take_handed() {
  bool any = false;
  for (std::size_t from = 0; from < env_.handoff->workers(); ++from) {
    if (from == env_.id) continue;
    std::array<rte_mbuf*, kCopiesPerTurn>
        mbufs;  // as many frames as a worker without a queue makes in a turn
    const std::size_t n = env_.handoff->take(from, env_.id, mbufs);
    if (n == 0) continue;
    take(std::span(mbufs).first(n));
    any = true;
  }
  return any;
}

// In their order: feedback about a packet must not overtake it. Neighbours that are to be opened go on as a
// burst, neighbours that are frames of one kind as another.
void Worker::take(std::span<rte_mbuf*> mbufs) {
  std::size_t n = 0;
  std::size_t shares = 0;
  for (std::size_t i = 0; i < mbufs.size();) {
    const Note& note = note_of(*mbufs[i]);
    if (note.stage == Stage::open) {
      if (n == kBurst) forward(std::span(burst_).first(std::exchange(n, 0)));
      take_packet(note, burst_[n++]);
      ++i;
      continue;
    }
    forward(std::span(burst_).first(std::exchange(n, 0)));
    if (note.stage == Stage::transmit) {
      i += take_frames(mbufs.subspan(i));
    } else {
      take_share(*mbufs[i]);
      mbufs[shares++] = mbufs[i++];
    }
  }
  forward(std::span(burst_).first(n));
  seal_and_emit();  // copies read from the shares
  free_buffers(mbufs.first(shares));
}

void Worker::take_packet(const Note& note, Packet& packet) {
  packet = note.packet;
  counters_.taken_over.add(1);
  const Transport& transport = env_.tables->transports[packet.transport];
  if (transport.generation.load(std::memory_order_acquire) != packet.generation)
    packet.drop = Drop::removed_meanwhile;
}

// The worker's part of what another one has opened. What it goes on with holds a reference of its own.
void Worker::take_share(rte_mbuf& mbuf) {
  const Note& note = note_of(mbuf);
  const Packet& packet = note.packet;
  const Transport& transport = env_.tables->transports[packet.transport];
  if (transport.generation.load(std::memory_order_acquire) != packet.generation) return;
  if (note.stage == Stage::rtcp_up) {
    send_rtcp(packet.transport, kNoId, Priority::high, session_.transports[packet.transport].rtcp_send_index,
              {packet.payload, packet.payload_length});
  } else if (note.stage == Stage::rtcp) {
    std::uint64_t others = 0;  // the owner has told them all
    Packet shared = packet;
    spread_rtcp(shared, mbuf, true, others);
  } else {
    // The slot may be another layer's by now: nothing else of it may be read before.
    const std::atomic<std::uint32_t>& layer = env_.tables->layers[packet.layer].generation;
    if (layer.load(std::memory_order_acquire) != note.layer_generation) return;
    Waiting item{.mbuf = &mbuf,
                 .payload = packet.payload,
                 .payload_length = packet.payload_length,
                 .layer = packet.layer,
                 .generation = note.layer_generation,
                 .transport = packet.transport,
                 .rtp = packet.rtp,
                 .index = packet.index,
                 .arrival_tsc = packet.arrival_tsc,
                 .shard = shard_of(packet.layer)};
    start(item, nullptr);
  }
}

// The first ones that are for one port and of one priority. Returns how many.
std::size_t Worker::take_frames(std::span<rte_mbuf*> mbufs) {
  const Note& first = note_of(*mbufs[0]);
  const std::uint16_t port_index = first.packet.port_index;
  const auto alike = [&](rte_mbuf* mbuf) {
    const Note& note = note_of(*mbuf);
    return note.stage == Stage::transmit && note.packet.port_index == port_index &&
           note.priority == first.priority;
  };
  const auto n = static_cast<std::size_t>(std::ranges::find_if_not(mbufs, alike) - mbufs.begin());
  std::uint64_t bytes = 0;  // the frames may be gone once they are given
  for (rte_mbuf* mbuf : mbufs.first(n))
    bytes += mbuf->pkt_len;
  const std::size_t given = give(port_index, mbufs.first(n), first.priority);
  for (rte_mbuf* mbuf : mbufs.subspan(given, n - given)) {
    bytes -= mbuf->pkt_len;
    drop_copy(EgressDrop::tx_full, kNoId);
    rte_pktmbuf_free(mbuf);
  }
  counters_.frames_taken_over.add(n);
  counters_.sent.add(given);
  counters_.sent_bytes.add(bytes);
  return n;
}

}  // namespace causeway
