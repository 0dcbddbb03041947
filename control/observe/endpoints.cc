#include "control/observe/endpoints.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace causeway::control {

namespace {

using drivers::TelemetryAnswer;

// An answer is at most 16 KiB and names at most 64 bytes: lists come in pages.
constexpr std::size_t kPage = 100;

template <class Read>
std::uint64_t sum(const Observed& observed, Read&& read) {
  std::uint64_t total = 0;
  for (const Worker* worker : observed.workers)
    total += read(*worker);
  return total;
}

void put_counters(const Observed& observed, TelemetryAnswer& answer) {
  using Counters = WorkerCounters;
  const auto put = [&](const char* key, Cell Counters::*cell) {
    answer.put(key, sum(observed, [cell](const Worker& worker) { return (worker.counters().*cell).read(); }));
  };
  put("received", &Counters::received);
  put("received_bytes", &Counters::received_bytes);
  put("taken_over", &Counters::taken_over);
  put("forwarded", &Counters::forwarded);
  put("punted", &Counters::punted);
  put("handed_off", &Counters::handed_off);
  put("waiting", &Counters::waiting);
  answer.put_object("drops", [&](TelemetryAnswer& drops) {
    for (std::size_t i = 1; i < kDrops; ++i) {
      drops.put(info(static_cast<Drop>(i)).name.data(),
                sum(observed, [i](const Worker& worker) { return worker.counters().drops[i].read(); }));
    }
  });
  put("copies", &Counters::copies);
  put("frames_taken_over", &Counters::frames_taken_over);
  put("frames_handed_off", &Counters::frames_handed_off);
  put("sent", &Counters::sent);
  put("sent_bytes", &Counters::sent_bytes);
  answer.put_object("egress_drops", [&](TelemetryAnswer& drops) {
    for (std::size_t i = 1; i < kEgressDrops; ++i) {
      drops.put(info(static_cast<EgressDrop>(i)).name.data(), sum(observed, [i](const Worker& worker) {
                  return worker.counters().egress_drops[i].read();
                }));
    }
  });
  put("relayed", &Counters::relayed);
  put("reports_lost", &Counters::reports_lost);
  put("injected", &Counters::injected);
  put("injected_drops", &Counters::injected_drops);
  put("turns", &Counters::turns);
  put("busy_turns", &Counters::busy_turns);
}

std::string next_hop_of(const Transport& transport) {
  net::MacAddress mac;
  return transport.next_hop.read(mac) ? mac.to_string() : "unresolved";
}

std::string suite_of(const std::unique_ptr<srtp::SessionKeys>& keys) {
  return keys == nullptr ? "" : std::string(srtp::info(keys->suite()).name);
}

// The number of its worker; "none" before its first packet.
std::string owner_of(const Transport& transport) {
  const WorkerId owner = transport.owner.load(std::memory_order_acquire);
  return owner == kUnclaimed ? "none" : std::to_string(owner);
}

void put_transport(const Observed& observed, Id id, TelemetryAnswer& answer) {
  const Inventory& names = observed.publisher->inventory();
  const Transport& transport = observed.publisher->tables().transports[id];
  const TransportSettings& settings = *transport.settings.load(std::memory_order_acquire);
  answer.put("name", names.transports[id]);
  answer.put("port", names.ports[settings.port_index]);
  answer.put("remote", settings.rtp_header.remote.to_string());
  answer.put("receive", suite_of(settings.receive));
  answer.put("send", suite_of(settings.send));
  answer.put("next_hop", next_hop_of(transport));
  answer.put("worker", owner_of(transport));
  const TransportCounters& counters = observed.publisher->session().transports[id].counters;
  const auto put = [&](const char* key, Cell TransportCounters::*cell) {
    answer.put(key, (counters.*cell).read());
  };
  put("packets", &TransportCounters::packets);
  put("bytes", &TransportCounters::bytes);
  put("rtcp_packets", &TransportCounters::rtcp_packets);
  put("dropped", &TransportCounters::dropped);
}

void put_layer(const Observed& observed, Id id, TelemetryAnswer& answer) {
  const Inventory& names = observed.publisher->inventory();
  const Layer& layer = observed.publisher->tables().layers[id];
  const LegList* legs = layer.legs.load(std::memory_order_acquire);
  answer.put("track", names.layers[id].track);
  answer.put("layer", names.layers[id].layer);
  answer.put("ssrc", std::uint64_t{layer.ssrc});
  answer.put("transport", names.transports[layer.transport]);
  answer.put("legs", legs == nullptr ? 0 : legs->size());
  answer.put("shards", legs == nullptr ? 0 : legs->shards.size());
}

void put_leg(const Observed& observed, Id id, TelemetryAnswer& answer) {
  const Inventory& names = observed.publisher->inventory();
  const LegSettings& leg = *observed.publisher->tables().legs[id].settings.load(std::memory_order_acquire);
  const Transport& transport = observed.publisher->tables().transports[leg.transport];
  answer.put("name", names.legs[id]);
  answer.put("track", names.layers[leg.layer].track);
  answer.put("layer", names.layers[leg.layer].layer);
  answer.put("transport", names.transports[leg.transport]);
  answer.put("ssrc", std::uint64_t{leg.rewrite.ssrc});
  answer.put("suite", suite_of(transport.settings.load(std::memory_order_acquire)->send));
  answer.put("next_hop", next_hop_of(transport));
  const LegCounters& counters = observed.publisher->session().legs[id].counters;
  const auto nanoseconds = [&](std::uint64_t tsc) {
    return static_cast<std::uint64_t>(static_cast<double>(tsc) * 1e9 / static_cast<double>(observed.tsc_hz));
  };
  const std::uint64_t packets = counters.packets.read();
  answer.put("packets", packets);
  answer.put("bytes", counters.bytes.read());
  answer.put("rtcp_packets", counters.rtcp_packets.read());
  answer.put("dropped", counters.dropped.read());
  answer.put("latency_mean_ns", packets == 0 ? 0 : nanoseconds(counters.latency_tsc_sum.read() / packets));
  answer.put("latency_max_ns", nanoseconds(counters.latency_tsc_max.read()));
}

void put_port(const Observed& observed, Id id, TelemetryAnswer& answer) {
  const drivers::Port& port = *observed.ports[id];
  const PortPolicy& policy = observed.publisher->snapshot().load(std::memory_order_acquire)->ports[id];
  const drivers::PortStatistics statistics = port.statistics();
  answer.put("name", observed.publisher->inventory().ports[id]);
  answer.put("driver", port.driver());
  answer.put("mac", port.mac().to_string());
  answer.put("mtu", std::uint64_t{policy.mtu});
  answer.put("vlan", std::uint64_t{policy.vlan});
  answer.put("queues", std::uint64_t{port.queues()});
  answer.put("rss", std::string(port.rss() ? "on" : "off"));
  answer.put("link", std::string(port.link_up() ? "up" : "down"));
  answer.put("transmit_checksums", std::string(port.tx_checksums().udp_by_port ? "device" : "software"));
  answer.put("receive_checksums", std::string(port.rx_checksums() ? "device" : "software"));
  answer.put("device_received", statistics.received);
  answer.put("device_sent", statistics.sent);
  answer.put("device_missed", statistics.missed);
  answer.put("device_receive_errors", statistics.receive_errors);
  answer.put("device_send_errors", statistics.send_errors);
  answer.put("device_no_buffer", statistics.no_buffer);
  if (const drivers::ExceptionInterface* exception = observed.exceptions[id]) {
    answer.put("to_kernel", exception->counters().to_kernel.read());
    answer.put("to_kernel_drops", exception->counters().to_kernel_drops.read());
    answer.put("from_kernel", exception->counters().from_kernel.read());
    answer.put("from_kernel_drops", exception->counters().from_kernel_drops.read());
  }
}

std::string to_text(const std::string& name) {
  return name;
}

std::string to_text(const Inventory::LayerName& name) {
  return name.track + ":" + name.layer;
}

// {"total": N, "offset": O, "names": [...]}.
template <class Names>
bool put_names(const Names& names, std::string_view offset_text, TelemetryAnswer& answer) {
  std::size_t offset = 0;
  std::from_chars(offset_text.data(), offset_text.data() + offset_text.size(), offset);
  std::vector<std::string> page;
  for (std::size_t i = offset; i < names.size() && page.size() < kPage; ++i)
    page.push_back(to_text(names[i]));
  answer.put("total", names.size());
  answer.put("offset", offset);
  answer.put("names", page);
  return true;
}

// {"total": N, "offset": O, "generation": G, "hits": {"NAME": N, ...}}. DPDK takes a name as a key only if it
// is of letters, digits and underscores: other characters of it become underscores.
bool put_signatures(const Observed& observed, std::string_view offset_text, TelemetryAnswer& answer) {
  const auto database = observed.guard->current();
  if (database == nullptr) return false;
  std::size_t offset = 0;
  std::from_chars(offset_text.data(), offset_text.data() + offset_text.size(), offset);
  const auto& signatures = database->signatures();
  answer.put("total", signatures.size());
  answer.put("offset", offset);
  answer.put("generation", database->generation());
  answer.put_object("hits", [&](TelemetryAnswer& hits) {
    for (std::size_t i = offset; i < signatures.size() && i - offset < kPage; ++i) {
      std::string name = signatures[i].name;
      std::ranges::replace_if(
          name, [](char c) { return c == '.' || c == '-'; }, '_');
      hits.put(name.c_str(), database->hits(static_cast<std::uint32_t>(i)));
    }
  });
  return true;
}

template <class Names>
Id find(const Names& names, std::string_view wanted) {
  const auto at = std::ranges::find_if(names, [wanted](const auto& name) { return to_text(name) == wanted; });
  return at == names.end() ? kNoId : static_cast<Id>(at - names.begin());
}

}  // namespace

std::vector<drivers::TelemetryEndpoint> endpoints(Observed given) {
  const auto observed = std::make_shared<const Observed>(std::move(given));
  std::vector<drivers::TelemetryEndpoint> all;
  all.push_back({"/causeway/counters",
                 "What became of each packet received and each copy made. No parameters",
                 [observed](std::string_view, TelemetryAnswer& answer) {
                   put_counters(*observed, answer);
                   return true;
                 }});
  const auto add = [&](const char* list, const char* list_help, const char* one, const char* one_help,
                       auto member, auto put_one) {
    all.push_back({list, list_help, [observed, member](std::string_view offset, TelemetryAnswer& answer) {
                     return put_names(observed->publisher->inventory().*member, offset, answer);
                   }});
    all.push_back(
        {one, one_help, [observed, member, put_one](std::string_view name, TelemetryAnswer& answer) {
           const Id id = find(observed->publisher->inventory().*member, name);
           if (id == kNoId) return false;
           put_one(*observed, id, answer);
           return true;
         }});
  };
  add("/causeway/ports", "Names of the ports. Parameter: offset (pages of 100)", "/causeway/port",
      "One port: driver, link, offloads, statistics. Parameter: name", &Inventory::ports, put_port);
  add("/causeway/transports", "Names of the transports. Parameter: offset (pages of 100)",
      "/causeway/transport", "One transport: suites, next hop, counters. Parameter: name",
      &Inventory::transports, put_transport);
  add("/causeway/layers", "Layers of all tracks, as TRACK:LAYER. Parameter: offset (pages of 100)",
      "/causeway/layer", "One layer: SSRC, publisher, number of legs. Parameter: TRACK:LAYER",
      &Inventory::layers, put_layer);
  add("/causeway/legs", "Names of the legs. Parameter: offset (pages of 100)", "/causeway/leg",
      "One leg: suite, next hop, counters, latency in the appliance. Parameter: name", &Inventory::legs,
      put_leg);
  all.push_back(
      {"/causeway/signatures",
       "Signatures of the guard and their hits since they were read. Parameter: offset (pages of 100)",
       [observed](std::string_view offset, TelemetryAnswer& answer) {
         return put_signatures(*observed, offset, answer);
       }});
  return all;
}

void fill(Metrics& metrics, const Observed& observed) {
  metrics.workers.clear();
  for (const Worker* worker : observed.workers)
    metrics.workers.push_back(&worker->counters());
  metrics.ports.clear();
  for (std::size_t i = 0; i < observed.ports.size(); ++i) {
    const drivers::PortStatistics statistics = observed.ports[i]->statistics();
    PortSample sample{.name = observed.publisher->inventory().ports[i],
                      .is_up = observed.ports[i]->link_up(),
                      .received = statistics.received,
                      .sent = statistics.sent,
                      .missed = statistics.missed,
                      .receive_errors = statistics.receive_errors,
                      .send_errors = statistics.send_errors,
                      .no_buffer = statistics.no_buffer};
    if (const drivers::ExceptionInterface* exception = observed.exceptions[i]) {
      sample.to_kernel = exception->counters().to_kernel.read();
      sample.to_kernel_drops = exception->counters().to_kernel_drops.read();
      sample.from_kernel = exception->counters().from_kernel.read();
      sample.from_kernel_drops = exception->counters().from_kernel_drops.read();
    }
    metrics.ports.push_back(std::move(sample));
  }
}

}  // namespace causeway::control
