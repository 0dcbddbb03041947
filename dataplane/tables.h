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
#include "dataplane/priority.h"
#include "dataplane/relay/label.h"
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
  void insert(Entry entry);           // before it is published
  void erase(std::uint32_t ssrc);     // before it is published
};

// Worker of a node, counted from 0.
using WorkerId = std::uint8_t;
inline constexpr WorkerId kUnclaimed = 0xff;
inline constexpr std::size_t kMaxWorkers = 64;

// An immutable list of legs, split among the workers: shard 0 belongs to the track's owner, shard n to the
// n-th worker after it. Each shard is sorted, so that whoever stopped in its midst finds its place again in
// the list that replaced it. Changed by publishing another one.
struct LegList {
  std::vector<std::vector<Id>> shards;  // at most one per worker, none of the last ones empty

  std::size_t size() const;
  std::span<const Id> shard(std::size_t n) const;  // empty if there is none
};

// All that is said of a transport at once. Immutable; changed by publishing another one.
// What sending needs comes first, and fills two cache lines.
struct alignas(64) TransportSettings {
  std::unique_ptr<srtp::SessionKeys> send;    // null: nothing is sent
  std::span<const std::uint8_t> send_memory;  // send->rtp_memory(), known without looking there
  std::uint16_t port_index = 0;
  std::uint16_t mtu = 0;           // of its port, bytes of the IP packet
  std::uint16_t rtp_overhead = 0;  // bytes that sealing adds to RTP
  HeaderTemplate rtp_header;
  HeaderTemplate rtcp_header;                  // the same endpoints if RTCP is multiplexed
  std::unique_ptr<srtp::SessionKeys> receive;  // null: nothing is accepted
  // Of a peer node, whose packets say by a number under which key they are. While keys change, two are
  // accepted; RTCP only under `receive`.
  std::unique_ptr<srtp::SessionKeys> receive_other;  // null: there is no other
  std::uint8_t other_epoch = 0;
  std::uint8_t send_epoch = 0;
};

// A slot's generation grows when an entry is published in it and when that entry is removed: odd while it is
// live. A packet that waits keeps the generation of what it is for. Only a live one may be kept: a worker
// that found an entry just before its removal may see the slot behind it, and that would still be true, with
// nothing in the slot, after the grace period.
inline bool is_live(std::uint32_t generation) {
  return generation % 2 != 0;
}

// What a worker needs of a transport for each packet: one cache line. control: rw, dataplane: ro, but for the
// owner.
struct alignas(64) Transport {
  std::atomic<const TransportSettings*> settings{nullptr};  // never null while it can be found
  NextHop next_hop;
  std::atomic<const SsrcMap*> layers{nullptr};  // what the remote publishes: SSRC -> layer
  std::atomic<const SsrcMap*> legs{nullptr};    // what the remote is sent: leg's SSRC -> leg
  std::atomic<std::uint32_t> own_ssrc{0};       // signs what the appliance says to the remote in RTCP
  std::atomic<std::uint32_t> generation{0};     // see is_live()
  // The worker that owns its session state and that of the tracks it publishes. Claimed once, by the worker
  // that receives the first packet; control resets it before the slot is used again.
  std::atomic<WorkerId> owner{kUnclaimed};
  std::uint8_t node = kNoNode;  // which peer node the remote is, if it is one. Fixed while it can be found
};

// One layer of a track: one SSRC of its publisher. Of a track that other nodes publish it is an outlet, which
// has legs and no transport; and for each upstream there is an inlet, which has that peer's transport, its
// numbers and replay window, and no legs. control: rw, dataplane: ro
struct Layer {
  std::atomic<const LegList*> legs{nullptr};
  std::atomic<std::uint32_t> generation{0};  // as a transport's
  // Fixed while the layer can be found.
  std::uint32_t ssrc = 0;
  Id transport = kNoId;  // the publisher's; of an inlet the peer's; of an outlet none
  Id relay = kNoId;      // the track's, where there is a fleet
  Id outlet = kNoId;     // of an inlet: where its packets go on
  Priority priority = Priority::normal;
  // Of inlets and outlets: the worker that opens what comes and owns the legs, the same for all of a track.
  // Else it is the publisher's transport's.
  WorkerId owner = kUnclaimed;
};

// All that is said at once of a track's way between nodes. Immutable; changed by publishing another one.
struct RelaySettings {
  Label label;        // what relay legs say of it; what comes from peers must be better
  Id active = kNoId;  // transport of the upstream whose media is forwarded; kNoId: none, or published here
  bool is_origin = false;  // published here: silence is filled with keepalives
  std::vector<Id> legs;    // relay legs of its first layer: what keepalives go to
};

// A track where there is a fleet. control: rw, dataplane: ro
struct Relay {
  std::atomic<const RelaySettings*> settings{nullptr};  // null: no label yet, nothing goes between nodes
};

// All that is said of a leg at once. Immutable; changed by publishing another one.
struct LegSettings {
  Id layer = kNoId;
  Id transport = kNoId;                  // the subscriber's
  std::uint8_t shard = 0;                // of the layer's LegList: never changes
  bool is_relay = false;                 // to a peer node: with the shim
  Priority priority = Priority::normal;  // where the port is the limit
  LegRewrite rewrite;
};

// control: rw, dataplane: ro
struct Leg {
  std::atomic<const LegSettings*> settings{nullptr};
};

// Fixed arrays, allocated once. An id that no published entry names is never looked at by a worker.
struct Tables {
  // relay_capacity: of tracks; 0 where there is no fleet.
  Tables(std::size_t transport_capacity, std::size_t layer_capacity, std::size_t leg_capacity,
         std::size_t relay_capacity = 0);

  // The worker that owns the layer's legs; kUnclaimed before its publisher's first packet.
  WorkerId owner_of(const Layer& layer) const {
    if (layer.owner != kUnclaimed || layer.transport == kNoId) return layer.owner;
    return transports[layer.transport].owner.load(std::memory_order_acquire);
  }
  // Null if nothing is said of it.
  const RelaySettings* relay_of(const Layer& layer) const {
    return layer.relay == kNoId ? nullptr : relays[layer.relay].settings.load(std::memory_order_acquire);
  }

  std::vector<Transport> transports;
  std::vector<Layer> layers;
  std::vector<Leg> legs;
  std::vector<Relay> relays;
  std::atomic<std::uint32_t> relays_used{0};  // ids from here on were never published
};

// Where a transport's addresses and ports become findable, as control sees it.
class TransportRegistry {
 public:
  virtual ~TransportRegistry() = default;
  enum class Added : std::uint8_t { yes, taken, full };
  virtual Added add(const TransportKey& key, Id transport) = 0;  // taken: another transport has this key
  virtual void remove(const TransportKey& key) = 0;              // which was added
};

namespace guard {
class Database;
}

// Immutable policy of the node. Rebuilt whole, published by one pointer, freed after a grace period.
struct Snapshot {
  std::vector<PortPolicy> ports;
  std::shared_ptr<const guard::Database> guard;  // null if the guard is disabled
};

}  // namespace causeway
