// The tables: transports, layers of tracks, and legs. Control is the only writer, one entry at a time, and
// publishes with release order; workers only read. What a worker itself changes per packet is session state
// (session.h), never here. A removed entry's slot is used again only after a grace period (control/publish).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/classify.h"
#include "dataplane/emit.h"
#include "dataplane/packet.h"
#include "dataplane/rewrite.h"
#include "dataplane/srtp/engine.h"

namespace causeway {

// Index of an entry in its table, and of its session state with the owning worker.
using Id = std::uint32_t;
inline constexpr Id kNoId = 0xffffffff;

// A next hop's MAC address that control may change at any time, in one word.
class NextHop {
 public:
  // Control.
  void set(const net::MacAddress& mac) { word_.store(mac.to_u48() | kResolved, std::memory_order_release); }
  void clear() { word_.store(0, std::memory_order_release); }
  // Any worker.
  bool read(net::MacAddress& mac) const {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    mac = net::MacAddress::from_u48(word & ~kResolved);
    return (word & kResolved) != 0;
  }

 private:
  static constexpr std::uint64_t kResolved = std::uint64_t{1} << 63;
  std::atomic<std::uint64_t> word_{0};
};

// An immutable list of (SSRC, id), sorted by SSRC. Changed by publishing another one.
struct SsrcMap {
  struct Entry {
    std::uint32_t ssrc;
    Id id;
  };
  std::vector<Entry> entries;

  Id find(std::uint32_t ssrc) const;  // kNoId if absent
};

// An immutable list of legs. Changed by publishing another one.
struct LegList {
  std::vector<Id> legs;
};

// control: rw, dataplane: ro
struct Transport {
  std::uint16_t port_index = 0;
  std::uint16_t mtu = 0;       // of its port, bytes of the IP packet
  std::uint32_t own_ssrc = 0;  // signs what the appliance says to the remote in RTCP
  HeaderTemplate rtp_header;
  HeaderTemplate rtcp_header;                  // the same endpoints if RTCP is multiplexed
  std::unique_ptr<srtp::SessionKeys> receive;  // null: nothing is accepted
  std::unique_ptr<srtp::SessionKeys> send;     // null: nothing is sent
  NextHop next_hop;
  std::atomic<const SsrcMap*> layers{nullptr};  // what the remote publishes: SSRC -> layer
  std::atomic<const SsrcMap*> legs{nullptr};    // what the remote is sent: leg's SSRC -> leg
};

// One layer of a track: one SSRC of its publisher. control: rw, dataplane: ro
struct Layer {
  std::uint32_t ssrc = 0;
  Id transport = kNoId;  // the publisher's
  std::atomic<const LegList*> legs{nullptr};
};

// control: rw, dataplane: ro
struct Leg {
  Id layer = kNoId;
  Id transport = kNoId;  // the subscriber's
  LegRewrite rewrite;
};

// Fixed arrays, allocated once. An id that no published entry names is never looked at by a worker.
struct Tables {
  Tables(std::size_t transport_capacity, std::size_t layer_capacity, std::size_t leg_capacity);

  std::vector<Transport> transports;
  std::vector<Layer> layers;
  std::vector<Leg> legs;
};

// Where a transport's addresses and ports become findable, as control sees it.
class TransportRegistry {
 public:
  virtual ~TransportRegistry() = default;
  virtual bool add(const TransportKey& key, Id transport) = 0;  // false if it is full
};

// Immutable policy of the node. Rebuilt whole, published by one pointer, freed after a grace period.
struct Snapshot {
  std::vector<PortPolicy> ports;
};

}  // namespace causeway
