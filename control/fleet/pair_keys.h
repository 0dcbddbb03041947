// The keys of a pair of nodes. Pure.
#pragma once

#include <span>

#include "config/config.h"
#include "control/wire/ids.h"
#include "control/wire/seal.h"

namespace causeway::control::fleet {

// Of two nodes, from the fleet's secret. The same whichever of them is named first.
wire::PairKey pair_key(std::span<const std::uint8_t> fleet_key, NodeId a, NodeId b);

// SRTP's keys of one direction. They are others for each boot of either end, so that indices may begin again
// with each (RFC 3711, 9.1).
config::Crypto media_keys(const wire::PairKey& key, NodeId from, BootId from_boot, NodeId to, BootId to_boot);

}  // namespace causeway::control::fleet
