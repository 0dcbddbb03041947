#include "control/appliance.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

#include <spdlog/spdlog.h>

#include "control/observe/endpoints.h"
#include "control/srtp_engines.h"

namespace causeway::control {

namespace {

// The control thread looks at the exception interfaces this often: their latency, and its idle cost.
constexpr int kTick_ms = 1;
constexpr std::uint64_t kRouteInterval_ms = 5000;
constexpr std::uint64_t kRefusalInterval_ms = 10000;
// Requests to the kernel of each kind in one turn: some 4 us each, and frames for the kernel wait meanwhile.
constexpr std::size_t kRequestsPerTurn = 64;

std::uint64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

PortPolicy make_policy(const config::Port& port, const config::PortRange& media, const net::MacAddress& mac) {
  return {.mac = mac,
          .addresses = port.addresses,
          .vlan = port.vlan,
          .mtu = port.mtu,
          .verify_udp_checksum = port.udp_checksum == config::UdpChecksum::verify,
          .media_port_first = media.first,
          .media_port_last = media.last};
}

}  // namespace

Appliance::Appliance(const config::Config& config, std::shared_ptr<const guard::Database> signatures)
    : config_(config),
      eal_(config),
      guard_(config.guard, std::move(signatures), config.workers.lcores.size(), drivers::tsc_hz()),
      pool_(drivers::make_packet_pool(config, kBufferPrivate)),
      tables_(config.limits.transports, config.limits.tracks * config::kMaxLayersPerTrack,
              config.limits.legs),
      session_(tables_.transports.size(), tables_.layers.size(), tables_.legs.size()),
      index_("transports", std::size_t{config.limits.transports} * 2, qsbr_.get()),
      key_engine_(make_engine(config, 0)),
      publisher_(tables_, session_, index_, *key_engine_, qsbr_,
                 {.workers = config.workers.lcores.size(), .legs_per_shard = config.workers.legs_per_shard}),
      handoff_(config.workers.lcores.size()) {
  open_ports();
  publish_policy();
  publish_tables();
  make_workers();
}

Appliance::~Appliance() {
  telemetry_.reset();
  for (const auto& worker : workers_)
    worker->stop();
}

void Appliance::open_ports() {
  ports_.reserve(config_.ports.size());
  for (const config::Port& port : config_.ports) {
    const std::size_t workers = config_.workers.lcores.size();
    ports_.emplace_back(port, pool_, static_cast<std::uint16_t>(workers));
    exceptions_.push_back(port.exception_interface.empty()
                              ? nullptr
                              : std::make_unique<drivers::ExceptionInterface>(port, ports_.back().mac(),
                                                                              pool_, kernel_, workers));
  }
}

void Appliance::publish_policy() {
  auto snapshot = std::make_unique<Snapshot>();
  snapshot->guard = guard_.current();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    snapshot->ports.push_back(make_policy(config_.ports[i], config_.media.port_range, ports_[i].mac()));
    names.push_back(config_.ports[i].name);
  }
  publisher_.publish_snapshot(std::move(snapshot), std::move(names));
}

void Appliance::publish_tables() {
  // No worker reads yet, so what each step replaces is free at once.
  for (const config::Transport& transport : config_.transports)
    publisher_.add_transport(transport);
  for (const config::Track& track : config_.tracks) {
    publisher_.add_track(track);
    publisher_.reclaim();
  }
  for (const config::Leg& leg : config_.legs) {
    publisher_.add_leg(leg);
    publisher_.reclaim();
  }
  for (std::uint16_t i = 0; i < config_.ports.size(); ++i) {
    for (const auto& neighbour : config_.ports[i].neighbours) {
      apply(next_hops_.pin({i, neighbour.address}, neighbour.mac));
    }
  }
}

// The n-th queue pair is the n-th worker's; workers beyond the queues send through those.
WorkerPort Appliance::port_of_worker(std::size_t port, WorkerId worker) const {
  const drivers::Port& opened = ports_[port];
  const drivers::ExceptionInterface* exception = exceptions_[port].get();
  const bool has_queue = worker < opened.queues();
  return {.device = opened.device(),
          .queue = has_queue ? std::uint16_t{worker} : kNoQueue,
          .queue_worker = static_cast<WorkerId>(worker % opened.queues()),
          .spreads_flows = opened.queues() == config_.workers.lcores.size(),
          .checksums = opened.tx_checksums(),
          .punt = exception == nullptr ? nullptr : exception->punt(worker),
          .neighbours = exception == nullptr ? nullptr : exception->neighbours(worker),
          .inject = exception == nullptr || worker != 0 ? nullptr : exception->inject()};
}

void Appliance::make_workers() {
  Observed observed{.tsc_hz = drivers::tsc_hz(), .publisher = &publisher_, .guard = &guard_};
  for (std::size_t i = 0; i < config_.workers.lcores.size(); ++i) {
    WorkerEnvironment environment{
        .id = static_cast<WorkerId>(i),
        .lcore = drivers::worker_lcore(i),
        .snapshot = &publisher_.snapshot(),
        .tables = &tables_,
        .session = &session_,
        .index = &index_,
        .handoff = &handoff_,
        .qsbr = qsbr_.get(),
        .pool = pool_,
        .max_queue_delay_tsc = config_.workers.max_queue_delay_ms * drivers::tsc_hz() / 1000,
        .guard = guard_.settings()};
    for (std::size_t port = 0; port < ports_.size(); ++port)
      environment.ports.push_back(port_of_worker(port, environment.id));
    workers_.push_back(std::make_unique<Worker>(std::move(environment), make_engine(config_, i)));
    observed.workers.push_back(workers_.back().get());
  }
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    observed.ports.push_back(&ports_[port]);
    observed.exceptions.push_back(exceptions_[port].get());
  }
  telemetry_ = std::make_unique<drivers::Telemetry>(endpoints(std::move(observed)));
}

int Appliance::run(int signal_fd) {
  while (next_route_ < config_.transports.size())
    find_routes();
  for (const auto& worker : workers_)
    worker->start();
  spdlog::info("{} forwards: {} transports, {} tracks, {} legs on {} ports, {} workers", config_.node.name,
               config_.transports.size(), config_.tracks.size(), config_.legs.size(), ports_.size(),
               workers_.size());
  std::array<pollfd, 2> wake{{{signal_fd, POLLIN, 0}, {neighbours_.fd(), POLLIN, 0}}};
  while (true) {
    poll(wake.data(), wake.size(), kTick_ms);
    if ((wake[0].revents & POLLIN) != 0) {
      signalfd_siginfo signal{};
      if (read(signal_fd, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo != SIGHUP) return static_cast<int>(signal.ssi_signo);
        guard_.reload();
      }
    }
    turn();
  }
}

void Appliance::turn() {
  now_ms_ = steady_ms();
  for (const auto& exception : exceptions_) {
    if (exception) exception->pump();
  }
  update_next_hops();
  turn_guard();
  if (!publisher_.at_rest()) {
    const auto quiet = drivers::Telemetry::quiet();
    publisher_.reclaim();
  }
}

// A worker takes up the new set at its next turn; the old one goes with its snapshot.
void Appliance::turn_guard() {
  if (guard_.take_reloaded()) {
    auto next = std::make_unique<Snapshot>(*publisher_.snapshot().load());
    next->guard = guard_.current();
    const auto quiet = drivers::Telemetry::quiet();
    publisher_.publish_snapshot(std::move(next), publisher_.inventory().ports);
  }
  for (const auto& worker : workers_) {
    if (guard::Samples* samples = worker->samples()) guard_.log(*samples, publisher_.inventory().ports);
  }
}

void Appliance::update_next_hops() {
  for (const drivers::NeighbourEvent& event : neighbours_.take()) {
    for (std::uint16_t i = 0; i < exceptions_.size(); ++i) {
      if (!exceptions_[i] || exceptions_[i]->interface_index() != event.interface_index) continue;
      apply(next_hops_.neighbour({i, event.address}, event.mac));
    }
  }
  find_routes();
  ask_for_neighbours();
}

// A full neighbour table refuses many at once: said now and then, not each time.
void Appliance::ask_for_neighbours() {
  for (const Hop& hop : next_hops_.due(now_ms_, kRequestsPerTurn)) {
    if (!exceptions_[hop.port_index]) continue;  // only the configuration knows its neighbours
    try {
      kernel_.resolve(exceptions_[hop.port_index]->interface_index(), hop.address);
    } catch (const std::system_error& error) {
      ++refused_;
      if (now_ms_ < refusal_due_ms_) continue;
      spdlog::warn(
          "port {}: the kernel refused {} requests for neighbours, the last one for {}: {} "
          "(see net.ipv4.neigh.default.gc_thresh3 if its table is full)",
          config_.ports[hop.port_index].name, refused_, hop.address.to_string(), error.what());
      refused_ = 0;
      refusal_due_ms_ = now_ms_ + kRefusalInterval_ms;
    }
  }
}

// Asks for the next hop of each transport, some each turn and all again after kRouteInterval_ms: routes
// change rarely (a routing daemon on the exception interface).
void Appliance::find_routes() {
  const Id transports = static_cast<Id>(config_.transports.size());
  if (next_route_ == transports) {
    if (now_ms_ < routes_due_ms_) return;
    next_route_ = 0;
  }
  if (next_route_ == 0) routes_due_ms_ = now_ms_ + kRouteInterval_ms;
  const Id end = std::min(transports, next_route_ + static_cast<Id>(kRequestsPerTurn));
  for (; next_route_ < end; ++next_route_)
    find_route(next_route_);
}

// The kernel's route where it owns the addresses; else the remote is on link, or out of reach.
void Appliance::find_route(Id id) {
  const net::IpAddress& remote = config_.transports[id].remote.address;
  const std::uint16_t port_index = tables_.transports[id].settings.load()->port_index;
  std::optional<net::IpAddress> address = remote;
  if (exceptions_[port_index]) {
    address = kernel_.next_hop(exceptions_[port_index]->interface_index(), remote);
  }
  apply(next_hops_.route(id, address ? std::optional<Hop>({port_index, *address}) : std::nullopt));
}

void Appliance::apply(const std::vector<NextHops::Update>& updates) {
  for (const NextHops::Update& update : updates) {
    NextHop& next_hop = tables_.transports[update.transport].next_hop;
    if (update.mac) {
      next_hop.set(*update.mac);
    } else {
      next_hop.clear();
    }
  }
}

}  // namespace causeway::control
