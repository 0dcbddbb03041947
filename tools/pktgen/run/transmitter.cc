#include "tools/pktgen/run/transmitter.h"

#include <algorithm>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "tools/measure/tsc.h"

namespace causeway::pktgen {

namespace {

constexpr unsigned kReplyBurst = 16;

void request_checksums(rte_mbuf& mbuf, const HeaderTemplate& header, TxChecksums checksums) {
  if (checksums.udp_by_port) mbuf.ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
  if (checksums.ipv4_by_port && !header.v6) mbuf.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
  mbuf.ol_flags |= header.v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
  mbuf.l2_len = header.l3_offset & 0x7f;  // a bit field of 7
  mbuf.l3_len = header.v6 ? 40 : 20;
}

}  // namespace

Transmitter::~Transmitter() {
  rte_pktmbuf_free_bulk(waiting_.data() + next_, static_cast<unsigned>(count_ - next_));
  for (std::size_t i = 0; i < prepared_; ++i)
    rte_pktmbuf_free(static_cast<rte_mbuf*>(frames_[i].buffer));
}

// Buffers to fill; none while the pool is empty.
std::span<OutFrame> Transmitter::take_frames() {
  if (prepared_ < frames_.size()) {
    std::array<rte_mbuf*, Sender::kBatch> fresh;
    const std::size_t wanted = frames_.size() - prepared_;
    if (rte_pktmbuf_alloc_bulk(device_.pool(), fresh.data(), static_cast<unsigned>(wanted)) != 0) return {};
    for (std::size_t i = 0; i < wanted; ++i) {
      OutFrame& frame = frames_[prepared_++];
      frame = {.buffer = fresh[i], .data = rte_pktmbuf_mtod(fresh[i], std::uint8_t*)};
    }
  }
  return frames_;
}

void Transmitter::queue(std::size_t filled) {
  for (std::size_t i = 0; i < filled; ++i) {
    const OutFrame& frame = frames_[i];
    auto* mbuf = static_cast<rte_mbuf*>(frame.buffer);
    mbuf->data_len = static_cast<std::uint16_t>(frame.length);
    mbuf->pkt_len = frame.length;
    if (frame.checksums_by_port) request_checksums(*mbuf, *frame.header, device_.tx_checksums());
    waiting_[i] = mbuf;
  }
  next_ = 0;
  count_ = filled;
  // The buffers that were not filled stay for the next batch.
  std::copy(frames_.begin() + static_cast<std::ptrdiff_t>(filled),
            frames_.begin() + static_cast<std::ptrdiff_t>(prepared_), frames_.begin());
  prepared_ -= filled;
}

std::size_t Transmitter::send() {
  if (!waits()) return 0;
  const std::size_t sent =
      rte_eth_tx_burst(device_.id(), 0, waiting_.data() + next_, static_cast<std::uint16_t>(count_ - next_));
  next_ += sent;
  return sent;
}

void Transmitter::send_replies() {
  if (rte_ring_empty(device_.replies()) != 0) return;
  std::array<rte_mbuf*, kReplyBurst> frames;
  const unsigned n = rte_ring_sc_dequeue_burst(device_.replies(), reinterpret_cast<void**>(frames.data()),
                                               kReplyBurst, nullptr);
  const unsigned sent = rte_eth_tx_burst(device_.id(), 0, frames.data(), static_cast<std::uint16_t>(n));
  rte_pktmbuf_free_bulk(frames.data() + sent, n - sent);  // they will be asked for again
}

void Transmitter::use_learned() {
  const std::uint64_t learned = learned_.load(std::memory_order_relaxed);
  if (learned == used_) return;
  used_ = learned;
  sender_.set_next_hop(net::MacAddress::from_u48(learned & ~kKnown));
}

std::size_t Transmitter::turn(std::uint64_t until_ns) {
  send_replies();
  if (!waits()) {
    use_learned();
    const std::span<OutFrame> frames = take_frames();
    if (!frames.empty()) queue(sender_.fill(frames, until_ns, measure::read_tsc()));
  }
  return send();
}

bool Transmitter::flush() {
  send_replies();
  if (!waits()) {
    const std::span<OutFrame> frames = take_frames();
    if (frames.empty()) return true;
    const std::size_t filled = sender_.flush(frames, measure::read_tsc());
    if (filled == 0) return false;
    queue(filled);
  }
  send();
  return true;
}

void Transmitter::probe(Id stream) {
  if (waits()) return;
  use_learned();
  const std::span<OutFrame> frames = take_frames();
  if (!frames.empty()) queue(sender_.probe(frames, stream, measure::read_tsc()));
}

}  // namespace causeway::pktgen
