// One opened packet becomes N copies, some in each turn, each rewritten for its leg.
#include <algorithm>

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "dataplane/relay/shim.h"
#include "dataplane/worker/worker.h"

namespace causeway {

namespace {

constexpr std::uint64_t kLastRtpIndex = (std::uint64_t{1} << 48) - 1;

// RFC 3550, 5.1: the last byte counts the padding, itself included.
bool padding_is_sane(const Packet& packet) {
  if (!packet.rtp.padding) return true;
  const std::uint32_t room = packet.payload_length - packet.rtp.length;
  return room > 0 && packet.payload[packet.payload_length - 1] != 0 &&
         packet.payload[packet.payload_length - 1] <= room;
}

std::size_t index_of(Priority priority) {
  return static_cast<std::size_t>(priority);
}

// Below it, what a list of legs needs is in a cache from one packet to the next.
constexpr std::size_t kCachedLegs = 96;

void prefetch(const void* memory, std::size_t size) {
  const auto* at = static_cast<const std::uint8_t*>(memory);
  for (std::size_t line = 0; line < size; line += RTE_CACHE_LINE_SIZE)
    rte_prefetch1(at + line);
}

// With many legs, each of these lies in memory that no cache holds: what a later copy needs is asked for
// while the earlier ones are made, a pointer further with each step.
void prefetch_legs(const Tables& tables, const Session& session, std::span<const Id> ahead,
                   std::uint8_t payload_type) {
  constexpr std::size_t kStep = 4;
  const auto settings_of = [&](Id leg) { return tables.legs[leg].settings.load(std::memory_order_acquire); };
  const auto transport_of = [&](Id leg) -> const Transport& {
    return tables.transports[settings_of(leg)->transport];
  };
  if (ahead.size() > 4 * kStep) rte_prefetch0(&tables.legs[ahead[4 * kStep]]);
  if (ahead.size() > 3 * kStep) {
    const LegSettings* settings = settings_of(ahead[3 * kStep]);
    rte_prefetch0(settings);
    rte_prefetch0(&settings->rewrite.payload_types[payload_type]);
    rte_prefetch0(&session.legs[ahead[3 * kStep]]);
  }
  if (ahead.size() > 2 * kStep) rte_prefetch0(&transport_of(ahead[2 * kStep]));
  if (ahead.size() > kStep) {
    const TransportSettings* to = transport_of(ahead[kStep]).settings.load(std::memory_order_acquire);
    prefetch(to, 2 * RTE_CACHE_LINE_SIZE);
  }
  const TransportSettings& now = *transport_of(ahead[0]).settings.load(std::memory_order_acquire);
  prefetch(now.send_memory.data(), now.send_memory.size());  // read when the batch is sealed
}

}  // namespace

void Worker::fan_out_rtp(Packet& packet) {
  if (!padding_is_sane(packet)) {
    packet.drop = Drop::rtp_bad_padding;
    return;
  }
  const Layer& layer = env_.tables->layers[packet.layer];
  const LegList* legs = layer.legs.load(std::memory_order_acquire);
  if (legs == nullptr) {
    packet.drop = Drop::track_without_legs;
    return;
  }
  const std::uint32_t generation = layer.generation.load(std::memory_order_acquire);
  if (!is_live(generation)) {
    packet.drop = Drop::removed_meanwhile;
    return;
  }
  std::uint64_t others = 0;  // a bit for each worker that serves some of the legs
  for (std::size_t shard = 1; shard < legs->shards.size(); ++shard) {
    if (!legs->shards[shard].empty())
      others |= std::uint64_t{1} << (env_.id + shard) % env_.handoff->workers();
  }
  share(packet, Stage::rtp, others, generation);
  Waiting item{.mbuf = static_cast<rte_mbuf*>(packet.buffer),
               .payload = packet.payload,
               .payload_length = packet.payload_length,
               .layer = packet.layer,
               .generation = generation,
               .transport = packet.from_node ? kNoId : packet.transport,
               .rtp = packet.rtp,
               .index = packet.index,
               .arrival_tsc = packet.arrival_tsc,
               .counted = true};
  start(item, &packet);
}

// Makes the copies at once if nothing waits in front of them and this turn may still make some; what is left
// waits. packet: what is received and ends with this item; null for a share of it, which takes a reference.
void Worker::start(Waiting& item, Packet* packet) {
  const Layer& layer = env_.tables->layers[item.layer];
  const LegList* legs = layer.legs.load(std::memory_order_acquire);
  Queues& queues = queues_[index_of(layer.priority)];
  if (legs != nullptr && legs->shard(item.shard).size() > kManyLegs) return wait(queues.many, item, packet);
  const std::size_t left_to_others = queues.many.empty() ? 0 : kSlice;
  const bool first = queues.few.empty() && (layer.priority == Priority::high || queues_.front().empty());
  if (first && budget_ > left_to_others && advance(item)) return;
  wait(queues.few, item, packet);
}

template <class Queue>
void Worker::wait(Queue& queue, const Waiting& item, Packet* packet) {
  if (queue.full()) {
    if (packet != nullptr) {
      packet->drop = Drop::overload;
    } else {
      refuse(item);
    }
    return;
  }
  if (packet != nullptr) {
    packet->buffer = nullptr;
    counters_.waiting.set(counters_.waiting.read() + 1);
  } else {
    rte_mbuf_refcnt_update(item.mbuf, 1);
  }
  queue.push(item);
}

// Copies of what waits, those that go first before the others, as many as this turn may still make. Within a
// priority, tracks of few legs and of many share the turn.
bool Worker::serve() {
  bool any = false;
  const std::uint64_t now_tsc = rte_rdtsc();
  for (Queues& queues : queues_) {
    const std::size_t slice = queues.many.empty() ? 0 : std::min(budget_, kSlice);
    any |= serve(queues.few, budget_ - slice, now_tsc);
    any |= serve(queues.many, slice, now_tsc);
  }
  flush_finished();
  return any;
}

// At most `share` of the copies that this turn may still make.
template <class Queue>
bool Worker::serve(Queue& queue, std::size_t share, std::uint64_t now_tsc) {
  if (queue.empty() || share == 0) return false;
  const std::size_t kept = budget_ - share;
  budget_ = share;
  while (budget_ > 0 && !queue.empty()) {
    Waiting& item = queue.front();
    const bool late = !item.started && now_tsc > item.arrival_tsc + env_.max_queue_delay_tsc;
    if (!late && !advance(item)) break;
    if (late && !item.counted) refuse(item);
    finish(item, late ? Drop::overload : Drop::none);
    queue.pop();
  }
  budget_ += kept;
  return true;
}

// True if every leg of the shard has its copy, or the layer is gone. A list that was replaced meanwhile is as
// good: nobody is left out and nobody gets a second copy, since it is sorted.
bool Worker::advance(Waiting& item) {
  const Layer& layer = env_.tables->layers[item.layer];
  if (layer.generation.load(std::memory_order_acquire) != item.generation) return true;
  const LegList* legs = layer.legs.load(std::memory_order_acquire);
  if (legs == nullptr) return true;
  std::span<const Id> left = legs->shard(item.shard);
  if (item.started) left = left.subspan(std::ranges::upper_bound(left, item.last_leg) - left.begin());
  const std::size_t n = std::min(left.size(), budget_);
  for (std::size_t i = 0; i < n; ++i) {
    if (left.size() > kCachedLegs)
      prefetch_legs(*env_.tables, session_, left.subspan(i), item.rtp.payload_type);
    if (item.rtcp) {
      copy_rtcp(item, left[i]);
    } else {
      copy_rtp(item, left[i]);
    }
  }
  if (n != 0) {
    item.last_leg = left[n - 1];
    item.started = true;
    budget_ -= n;
    if (!item.rtcp) counters_.copies.add(n);
  }
  return n == left.size();
}

// A share that is not served: each of its legs loses a copy.
void Worker::refuse(const Waiting& item) {
  const Layer& layer = env_.tables->layers[item.layer];
  if (layer.generation.load(std::memory_order_acquire) != item.generation) return;
  const LegList* legs = layer.legs.load(std::memory_order_acquire);
  if (legs == nullptr) return;
  for (const Id leg : legs->shard(item.shard)) {
    counters_.copies.add(1);
    drop_copy(EgressDrop::legs_overload, leg);
  }
}

void Worker::finish(const Waiting& item, Drop drop) {
  if (item.counted) {
    counters_.waiting.set(counters_.waiting.read() - 1);
    const Layer& layer = env_.tables->layers[item.layer];
    const bool gone = layer.generation.load(std::memory_order_acquire) != item.generation;
    end({.kind = Kind::rtp,
         .drop = gone ? Drop::removed_meanwhile : drop,
         .payload_length = item.payload_length,
         .transport = item.transport});
  }
  finished_[finished_count_++] = item.mbuf;
  if (finished_count_ == finished_.size()) flush_finished();
}

// The copies that wait to be sealed read from these packets.
void Worker::flush_finished() {
  seal_and_emit();
  free_buffers(std::span(finished_).first(finished_count_));
  finished_count_ = 0;
}

void Worker::copy_rtp(const Waiting& item, Id leg_id) {
  const LegSettings& leg = *env_.tables->legs[leg_id].settings.load(std::memory_order_acquire);
  const Transport& slot = env_.tables->transports[leg.transport];
  const TransportSettings& to = *slot.settings.load(std::memory_order_acquire);
  // In place: what is put together elsewhere and then moved makes wide loads wait for narrow stores.
  Copy& copy = copies_[pending_];
  copy.header = &to.rtp_header;
  copy.port_index = to.port_index;
  copy.priority = leg.priority;
  copy.leg = leg_id;
  copy.arrival_tsc = item.arrival_tsc;
  const std::uint32_t sealed_length =
      item.payload_length + to.rtp_overhead + (leg.is_relay ? relay::kShimBytes : 0);
  if (ip_length(to.rtp_header, sealed_length) > to.mtu) return drop_copy(EgressDrop::mtu_exceeded, leg_id);
  if (!slot.next_hop.read(copy.next_hop)) return drop_copy(EgressDrop::next_hop_unresolved, leg_id);
  LegSession& session = session_.legs[leg_id];
  const RelaySettings* relay =
      leg.is_relay ? env_.tables->relay_of(env_.tables->layers[item.layer]) : nullptr;
  if (leg.is_relay && relay == nullptr) return drop_copy(EgressDrop::relay_without_label, leg_id);
  const auto index = leg.is_relay ? session.sequence.map_keeping(item.index)
                                  : session.sequence.map(item.index, leg.rewrite.sequence_offset);
  if (!index) return drop_copy(EgressDrop::before_first, leg_id);
  if (*index > kLastRtpIndex) return drop_copy(EgressDrop::key_exhausted, leg_id);
  copy.mbuf = take_buffer();
  if (copy.mbuf == nullptr) return drop_copy(EgressDrop::no_buffer, leg_id);

  std::uint8_t* rtp = rte_pktmbuf_mtod(copy.mbuf, std::uint8_t*) + to.rtp_header.length;
  rewrite_rtp_header({item.payload, item.payload_length}, item.rtp, leg.rewrite, *index, rtp);
  std::uint32_t header_length = item.rtp.length;
  if (relay != nullptr) {
    header_length = relay::insert_shim(
        {relay->label, static_cast<std::uint32_t>(*index >> 16), to.send_epoch}, header_length, rtp);
    session.sent_tsc = item.arrival_tsc;
    session.sent_stamp = relay->label.stamp;
  }
  srtp::SealJob& job = seal_jobs_[pending_];
  job.keys = to.send.get();
  job.payload = item.payload + item.rtp.length;
  job.payload_length = item.payload_length - item.rtp.length;
  job.packet = rtp;
  job.header_length = header_length;
  job.index = *index;
  if (++pending_ == kCopies) seal_and_emit();
}

rte_mbuf* Worker::take_buffer() {
  if (buffers_left_ == 0) {
    if (rte_pktmbuf_alloc_bulk(env_.pool, buffers_.data(), kCopies) != 0) return nullptr;
    buffers_left_ = kCopies;
  }
  return buffers_[--buffers_left_];
}

void Worker::drop_copy(EgressDrop reason, Id leg) {
  counters_.egress_drops[static_cast<std::size_t>(reason)].add(1);
  if (leg != kNoId) session_.legs[leg].counters.dropped.add(1);
}

}  // namespace causeway
