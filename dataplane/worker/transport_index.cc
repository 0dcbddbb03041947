#include "dataplane/worker/transport_index.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include <rte_errno.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_lcore.h>
#include <rte_rcu_qsbr.h>

#include "dataplane/guard/guard.h"

namespace causeway {

TransportIndex::TransportIndex(const std::string& name, std::size_t capacity, rte_rcu_qsbr* qsbr) {
  rte_hash_parameters parameters{};
  parameters.name = name.c_str();
  parameters.entries = static_cast<std::uint32_t>(std::max<std::size_t>(capacity, 8));  // rte_hash's least
  parameters.key_len = sizeof(TransportKey);
  parameters.hash_func = rte_hash_crc;
  parameters.socket_id = static_cast<int>(rte_socket_id());
  parameters.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF | RTE_HASH_EXTRA_FLAGS_EXT_TABLE;
  hash_ = rte_hash_create(&parameters);
  if (hash_ == nullptr) {
    throw std::runtime_error(std::string("cannot create the transport index: ") + rte_strerror(rte_errno));
  }
  rte_hash_rcu_config rcu{};
  rcu.v = qsbr;
  rcu.mode = RTE_HASH_QSBR_MODE_DQ;
  if (rte_hash_rcu_qsbr_add(hash_, &rcu) != 0) {
    rte_hash_free(hash_);
    throw std::runtime_error(std::string("cannot attach RCU to the transport index: ") +
                             rte_strerror(rte_errno));
  }
}

TransportIndex::~TransportIndex() {
  rte_hash_free(hash_);
}

TransportIndex::Added TransportIndex::add(const TransportKey& key, Id transport) {
  if (rte_hash_lookup(hash_, &key) >= 0) return Added::taken;
  // rte_hash keeps a pointer per key: the id is the pointer's value.
  auto* value = reinterpret_cast<void*>(static_cast<std::uintptr_t>(transport));
  return rte_hash_add_key_data(hash_, &key, value) == 0 ? Added::yes : Added::full;
}

void TransportIndex::remove(const TransportKey& key) {
  rte_hash_del_key(hash_, &key);
}

void TransportIndex::lookup(std::span<Packet> burst) const {
  std::array<Packet*, RTE_HASH_LOOKUP_BULK_MAX> wanted;
  std::array<const void*, RTE_HASH_LOOKUP_BULK_MAX> keys;
  std::array<void*, RTE_HASH_LOOKUP_BULK_MAX> values;
  std::uint32_t n = 0;
  for (Packet& packet : burst) {
    if (packet.drop != Drop::none) continue;
    if (packet.kind != Kind::rtp && packet.kind != Kind::rtcp && packet.kind != Kind::node) continue;
    wanted[n] = &packet;
    keys[n++] = &packet.key;
  }
  if (n == 0) return;
  std::uint64_t hits = 0;
  rte_hash_lookup_bulk_data(hash_, keys.data(), n, &hits, values.data());
  for (std::uint32_t i = 0; i < n; ++i) {
    if ((hits >> i & 1) != 0) {
      wanted[i]->transport = static_cast<Id>(reinterpret_cast<std::uintptr_t>(values[i]));
    } else {
      wanted[i]->drop = Drop::no_transport;
    }
  }
}

std::uint64_t TransportIndex::known(std::span<const Packet> burst) const {
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    if (!guard::may_be_of_a_transport(burst[i])) continue;
    if (rte_hash_lookup(hash_, &burst[i].key) >= 0) mask |= std::uint64_t{1} << i;
  }
  return mask;
}

}  // namespace causeway
