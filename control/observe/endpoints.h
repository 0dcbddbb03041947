// What an operator can ask a running appliance: counters, signatures, ports, transports, layers
// and legs.
#pragma once

#include <cstdint>
#include <vector>

#include "control/guard/ingress_guard.h"
#include "control/observe/metrics.h"
#include "control/publish/publisher.h"
#include "dataplane/worker/worker.h"
#include "drivers/exception.h"
#include "drivers/port.h"
#include "drivers/telemetry.h"

namespace causeway::control {

// What the endpoints read. All of it outlives them; what changes does so under Telemetry::quiet().
struct Observed {
  std::uint64_t tsc_hz = 1;
  const Publisher* publisher = nullptr;
  const IngressGuard* guard = nullptr;
  std::vector<const Worker*> workers = {};
  std::vector<const drivers::Port*> ports = {};
  std::vector<const drivers::ExceptionInterface*> exceptions = {};  // by port; null if it has none
};

std::vector<drivers::TelemetryEndpoint> endpoints(Observed observed);

// Fills in the workers and ports. The control thread.
void fill(Metrics& metrics, const Observed& observed);

}  // namespace causeway::control
