// Made-up values, so that each metric has a sample: for tests of what is asked of metrics.
#pragma once

#include "control/observe/metrics.h"

namespace causeway::control {

inline Metrics sample_metrics() {
  static const WorkerCounters worker;
  Metrics metrics;
  metrics.version = "0";
  metrics.workers = {&worker};
  metrics.ports = {{.name = "media"}};
  metrics.fleet.node = "oslo-1";
  metrics.fleet.site = "oslo";
  metrics.fleet.peers = {{.id = 1, .name = "lima-1", .site = "lima", .link = {}}};
  return metrics;
}

}  // namespace causeway::control
