#include "tools/pktgen/run/receiver.h"

#include <algorithm>
#include <array>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "tools/measure/tsc.h"

namespace causeway::pktgen {

Receiver::Receiver(Device& device, const Plan& plan, const EndpointIndex& endpoints, Verifier& verifier,
                   Transmitter& transmitter, bool learn_mac)
    : device_(device),
      plan_(plan),
      endpoints_(endpoints),
      verifier_(verifier),
      transmitter_(transmitter),
      learn_mac_(learn_mac) {}

std::size_t Receiver::poll() {
  std::array<rte_mbuf*, Verifier::kBurst> mbufs;
  const std::size_t n = rte_eth_rx_burst(device_.id(), 0, mbufs.data(), mbufs.size());
  if (n == 0) return 0;
  const std::uint64_t tsc = measure::read_tsc();
  std::array<Frame, Verifier::kBurst> frames;
  for (std::size_t i = 0; i < n; ++i) {
    const std::span<std::uint8_t> bytes(rte_pktmbuf_mtod(mbufs[i], std::uint8_t*), mbufs[i]->data_len);
    frames[i] = read_frame(bytes, plan_.vlan, verifier_.wants_checksums());
    if (frames[i].kind != Frame::Kind::datagram || learn_mac_) meet(frames[i]);
  }
  verifier_.take(std::span(frames).first(n), tsc);
  rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(n));
  return n;
}

void Receiver::meet(const Frame& frame) {
  if (frame.kind == Frame::Kind::other) return;
  if (frame.kind != Frame::Kind::datagram) return answer(frame);
  // The first datagram that only the appliance can have sent says where it is.
  if (endpoints_.find(frame.own, frame.peer) == kNoId) return;
  transmitter_.learn(frame.source_mac);
  learn_mac_ = false;
}

// For every address that is played.
void Receiver::answer(const Frame& question) {
  const auto owner = std::ranges::find_if(
      plan_.transports, [&](const PlanTransport& each) { return each.own.address == question.own.address; });
  if (owner == plan_.transports.end()) return;
  rte_mbuf* mbuf = rte_pktmbuf_alloc(device_.pool());
  if (mbuf == nullptr) return;
  // As its media comes from: the neighbour's address if the configuration names one.
  net::MacAddress mac = device_.mac();
  if (owner->rtp_header.length != 0) std::copy_n(owner->rtp_header.bytes.data() + 6, 6, mac.bytes.begin());
  const std::size_t length = write_reply(question, plan_.vlan, mac, rte_pktmbuf_mtod(mbuf, std::uint8_t*));
  mbuf->data_len = static_cast<std::uint16_t>(length);
  mbuf->pkt_len = static_cast<std::uint32_t>(length);
  if (rte_ring_sp_enqueue(device_.replies(), mbuf) != 0) rte_pktmbuf_free(mbuf);
}

}  // namespace causeway::pktgen
