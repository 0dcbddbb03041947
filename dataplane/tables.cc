#include "dataplane/tables.h"

#include <algorithm>

namespace causeway {

Id SsrcMap::find(std::uint32_t ssrc) const {
  const auto at = std::ranges::lower_bound(entries, ssrc, {}, &Entry::ssrc);
  return at != entries.end() && at->ssrc == ssrc ? at->id : kNoId;
}

Tables::Tables(std::size_t transport_capacity, std::size_t layer_capacity, std::size_t leg_capacity)
    : transports(transport_capacity), layers(layer_capacity), legs(leg_capacity) {}

}  // namespace causeway
