// The metrics of a node among others: peers, relays, verdicts, drains, frames, the journal.
#pragma once

#include "control/observe/exposition.h"
#include "control/observe/fleet_view.h"

namespace causeway::control {

void put_fleet(const FleetView& fleet, Exposition& out);

}  // namespace causeway::control
