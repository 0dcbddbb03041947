#include "dataplane/tables.h"

#include <algorithm>

namespace causeway {

Id SsrcMap::find(std::uint32_t ssrc) const {
  const auto at = std::ranges::lower_bound(entries, ssrc, {}, &Entry::ssrc);
  return at != entries.end() && at->ssrc == ssrc ? at->id : kNoId;
}

void SsrcMap::insert(Entry entry) {
  entries.insert(std::ranges::lower_bound(entries, entry.ssrc, {}, &Entry::ssrc), entry);
}

void SsrcMap::erase(std::uint32_t ssrc) {
  std::erase_if(entries, [ssrc](const Entry& entry) { return entry.ssrc == ssrc; });
}

std::size_t LegList::size() const {
  std::size_t total = 0;
  for (const std::vector<Id>& shard : shards)
    total += shard.size();
  return total;
}

std::span<const Id> LegList::shard(std::size_t n) const {
  return n < shards.size() ? std::span<const Id>(shards[n]) : std::span<const Id>();
}

Tables::Tables(std::size_t transport_capacity, std::size_t layer_capacity, std::size_t leg_capacity,
               std::size_t relay_capacity)
    : transports(transport_capacity), layers(layer_capacity), legs(leg_capacity), relays(relay_capacity) {}

}  // namespace causeway
