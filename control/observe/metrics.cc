#include "control/observe/metrics.h"

#include "control/observe/exposition.h"
#include "control/observe/fleet_metrics.h"

namespace causeway::control {
namespace {

struct WorkerMetric {
  std::string_view name;
  std::string_view help;
  Cell WorkerCounters::*cell;
};
constexpr WorkerMetric kWorkerMetrics[] = {
    {"worker_received_frames_total", "Frames from the ports' queues", &WorkerCounters::received},
    {"worker_received_bytes_total", "Bytes of these, without FCS", &WorkerCounters::received_bytes},
    {"worker_taken_over_packets_total", "Packets that another worker received for this one's transports",
     &WorkerCounters::taken_over},
    {"worker_forwarded_packets_total", "Packets from which copies were made", &WorkerCounters::forwarded},
    {"worker_punted_packets_total", "Packets handed to the kernel", &WorkerCounters::punted},
    {"worker_handed_off_packets_total", "Packets given to the worker that owns their transport",
     &WorkerCounters::handed_off},
    {"worker_copies_total", "Packets made for legs and publishers", &WorkerCounters::copies},
    {"worker_frames_taken_over_total", "Copies of workers that have no queue on the port",
     &WorkerCounters::frames_taken_over},
    {"worker_frames_handed_off_total", "Copies given to the worker that has a queue on the port",
     &WorkerCounters::frames_handed_off},
    {"worker_sent_packets_total", "Packets given to a port", &WorkerCounters::sent},
    {"worker_sent_bytes_total", "Bytes of these", &WorkerCounters::sent_bytes},
    {"worker_relayed_packets_total", "Of the forwarded packets, those that came from peer nodes",
     &WorkerCounters::relayed},
    {"worker_reports_lost_total", "Reports of media of peers that control did not get: its queue was full",
     &WorkerCounters::reports_lost},
    {"worker_injected_frames_total", "Frames of the kernel and of the control thread sent out of a port",
     &WorkerCounters::injected},
    {"worker_injected_drops_total", "Of these, refused by the port", &WorkerCounters::injected_drops},
    {"worker_turns_total", "Turns of the worker's loop", &WorkerCounters::turns},
    {"worker_busy_turns_total", "Turns that found a packet", &WorkerCounters::busy_turns},
};

void put_workers(const Metrics& metrics, Exposition& out) {
  const auto put = [&](Cell WorkerCounters::*cell) {
    for (std::size_t i = 0; i < metrics.workers.size(); ++i)
      out.sample({{"worker", std::to_string(i)}}, (metrics.workers[i]->*cell).read());
  };
  for (const WorkerMetric& metric : kWorkerMetrics) {
    out.counter(metric.name, metric.help);
    put(metric.cell);
  }
  out.gauge("worker_waiting_packets", "Packets whose copies are not all made yet");
  put(&WorkerCounters::waiting);
}

std::string_view word(causeway::Severity severity) {
  switch (severity) {
    case causeway::Severity::info:
      return "info";
    case causeway::Severity::notice:
      return "notice";
    case causeway::Severity::warning:
      return "warning";
  }
  return "";
}

template <class Reason, std::size_t kCount>
void put_drops(const Metrics& metrics, std::array<Cell, kCount> WorkerCounters::*cells, Exposition& out) {
  for (std::size_t i = 1; i < kCount; ++i) {
    const DropInfo& about = info(static_cast<Reason>(i));
    std::uint64_t sum = 0;
    for (const WorkerCounters* worker : metrics.workers)
      sum += (worker->*cells)[i].read();
    out.sample({{"reason", about.name}, {"stage", about.stage}, {"severity", word(about.severity)}}, sum);
  }
}

void put_ports(const Metrics& metrics, Exposition& out) {
  const auto put = [&](std::uint64_t PortSample::*value) {
    for (const PortSample& port : metrics.ports)
      out.sample({{"port", port.name}}, port.*value);
  };
  out.gauge("port_up", "1 if the port has a link");
  for (const PortSample& port : metrics.ports)
    out.sample({{"port", port.name}}, port.is_up ? 1 : 0);
  out.counter("port_received_packets_total", "Packets that the device received");
  put(&PortSample::received);
  out.counter("port_sent_packets_total", "Packets that the device sent");
  put(&PortSample::sent);
  out.counter("port_missed_packets_total",
              "Packets that the device dropped, since its receive queue was full");
  put(&PortSample::missed);
  out.counter("port_receive_errors_total", "Packets that the device received broken");
  put(&PortSample::receive_errors);
  out.counter("port_send_errors_total", "Packets that the device could not send");
  put(&PortSample::send_errors);
  out.counter("port_no_buffer_total", "Packets that the device dropped for want of a buffer");
  put(&PortSample::no_buffer);
  out.counter("port_to_kernel_frames_total", "Frames carried to the exception interface");
  put(&PortSample::to_kernel);
  out.counter("port_to_kernel_drops_total", "Of these, refused by the kernel");
  put(&PortSample::to_kernel_drops);
  out.counter("port_from_kernel_frames_total", "Frames of the kernel, carried to the port");
  put(&PortSample::from_kernel);
  out.counter("port_from_kernel_drops_total", "Of these, dropped on the way");
  put(&PortSample::from_kernel_drops);
}

void put_api(const ApiSample& api, Exposition& out) {
  out.gauge("api_connections", "Connections to the API", api.connections);
  out.counter("api_requests_total", "Requests to the API that were answered", api.requests);
  out.counter("api_unauthorized_total", "Requests without the token", api.unauthorized);
  out.counter("api_overloaded_total", "Requests and connections refused for want of room", api.overloaded);
  out.counter("api_late_total", "Requests that the control thread did not answer in time", api.late);
  out.counter("api_streams_cut_total", "Listeners to events that were too slow", api.cut);
  out.counter("api_events_dropped_total", "Events that nobody was told, since too many came at once",
              api.unsaid);
}

}  // namespace

std::string to_text(const Metrics& metrics) {
  Exposition out;
  const FleetView& fleet = metrics.fleet;
  out.gauge("node_info", "Always 1: who this is");
  out.sample({{"node", fleet.node}, {"site", fleet.site}, {"version", metrics.version}}, 1);
  put_workers(metrics, out);
  out.counter("drops_total", "Received packets that were dropped, by reason (docs/drops.md)");
  put_drops<Drop>(metrics, &WorkerCounters::drops, out);
  out.counter("egress_drops_total", "Copies that were made and not sent, by reason (docs/drops.md)");
  put_drops<EgressDrop>(metrics, &WorkerCounters::egress_drops, out);
  put_ports(metrics, out);
  put_fleet(fleet, out);
  put_api(metrics.api, out);
  return out.take();
}

}  // namespace causeway::control
