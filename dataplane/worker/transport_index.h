// Finds a packet's transport by its addresses and ports: rte_hash with lock-free readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dataplane/packet.h"
#include "dataplane/tables.h"

struct rte_hash;
struct rte_rcu_qsbr;

namespace causeway {

class TransportIndex : public TransportRegistry {
 public:
  // capacity: keys; a transport with RTCP on its own port has two. Memory of a removed key is reused after
  // the grace period of `qsbr`. Throws std::runtime_error.
  TransportIndex(const std::string& name, std::size_t capacity, rte_rcu_qsbr* qsbr);
  ~TransportIndex() override;
  TransportIndex(const TransportIndex&) = delete;
  TransportIndex& operator=(const TransportIndex&) = delete;

  // Control only.
  Added add(const TransportKey& key, Id transport) override;
  void remove(const TransportKey& key) override;

  // Any worker: sets `transport` of each packet without a drop whose kind is rtp, rtcp or node, or its drop.
  // At most 64 packets.
  void lookup(std::span<Packet> burst) const;

  // Any worker: bit i says that packet i, which classify took for no media, is of a transport all the same
  // (its STUN, say). At most 64 packets.
  std::uint64_t known(std::span<const Packet> burst) const;

 private:
  rte_hash* hash_;
};

}  // namespace causeway
