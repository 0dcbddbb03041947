// Everything that a monitoring system scrapes: GET /metrics. From values; pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/observe/fleet_view.h"
#include "dataplane/counters.h"

namespace causeway::control {

// What one port counts, and its exception interface.
struct PortSample {
  std::string name;
  bool is_up = false;
  std::uint64_t received = 0;  // by the device, in packets
  std::uint64_t sent = 0;
  std::uint64_t missed = 0;  // its receive queue was full
  std::uint64_t receive_errors = 0;
  std::uint64_t send_errors = 0;
  std::uint64_t no_buffer = 0;
  std::uint64_t to_kernel = 0;  // frames; zeros without an exception interface
  std::uint64_t to_kernel_drops = 0;
  std::uint64_t from_kernel = 0;
  std::uint64_t from_kernel_drops = 0;
};

// What the API's server counts. Numbers only grow, but for `connections`.
struct ApiSample {
  std::uint64_t connections = 0;  // now
  std::uint64_t requests = 0;     // answered, by whomever
  std::uint64_t unauthorized = 0;
  std::uint64_t overloaded = 0;  // refused since there was no room
  std::uint64_t late = 0;        // the control thread did not answer in time
  std::uint64_t cut = 0;         // streams of events whose reader was too slow
  std::uint64_t unsaid = 0;      // events that were dropped, since too many came at once
};

struct Metrics {
  std::string version;                         // of the program
  std::vector<const WorkerCounters*> workers;  // they outlive it
  std::vector<PortSample> ports;
  FleetView fleet;
  ApiSample api;
};

// The same metrics whatever the values are: those of peers and ports need a peer and a port.
std::string to_text(const Metrics& metrics);

}  // namespace causeway::control
