#include "control/appliance.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <poll.h>
#include <stdexcept>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <x86intrin.h>

#include <spdlog/spdlog.h>

#include "control/clock.h"
#include "control/observe/endpoints.h"
#include "control/srtp_engines.h"
#include "drivers/start_error.h"

namespace causeway::control {

namespace {

// The control thread looks at the exception interfaces this often: their latency, and its idle cost.
constexpr int kTick_ms = 1;
constexpr std::uint64_t kRouteInterval_ms = 5000;
constexpr std::uint64_t kRefusalInterval_ms = 10000;
constexpr std::uint64_t kLoadInterval_ms = 1000;
constexpr std::uint64_t kExpiryInterval_ms = 500;
constexpr std::uint64_t kRetryInterval_ms = 10000;
// Requests to the kernel of each kind in one turn: some 4 us each, and frames for the kernel wait meanwhile.
constexpr std::size_t kRequestsPerTurn = 64;

std::int64_t wall_s() {
  return wall_ms() / 1000;
}

std::uint64_t steady_ms() {
  return static_cast<std::uint64_t>(steady_us()) / 1000;
}

PortPolicy make_policy(const config::Config& config, const config::Port& port, const net::MacAddress& mac) {
  PortPolicy policy{.mac = mac,
                    .addresses = port.addresses,
                    .vlan = port.vlan,
                    .mtu = port.mtu,
                    .verify_udp_checksum = port.udp_checksum == config::UdpChecksum::verify,
                    .media_port_first = config.media.port_range.first,
                    .media_port_last = config.media.port_range.last};
  for (const config::FleetNode& node : config.fleet.nodes) {
    const auto is_here = [&](const auto& own) { return own.address == node.endpoint.address; };
    if (node.name != config.node.name || std::ranges::none_of(port.addresses, is_here)) continue;
    policy.node_port_first = node.endpoint.port;
    policy.node_port_last = static_cast<std::uint16_t>(node.endpoint.port + config.heartbeat.flows - 1);
  }
  return policy;
}

bool has_fleet(const config::Config& config) {
  return !config.fleet.nodes.empty();
}

// What the limits say, and beside that what peers need. Their transports: each of them twice, since one that
// starts again gets a new one while the old one has its grace period.
std::size_t transport_capacity(const config::Config& config) {
  return config.limits.transports + 2 * config.fleet.nodes.size();
}

// Of tracks there may be as many as are published here, and as many that others publish.
std::size_t relay_capacity(const config::Config& config) {
  return has_fleet(config) ? 2 * std::size_t{config.limits.tracks} : 0;
}

// Of tracks that others publish there is one layer more for each upstream, of which a track has one, and two
// for a moment: few tracks have many layers.
std::size_t layer_capacity(const config::Config& config) {
  return std::size_t{config.limits.tracks} * config::kMaxLayersPerTrack * (has_fleet(config) ? 2 : 1);
}

// Transports with RTCP on a port of its own have two, those of peers one for each flow.
std::size_t key_capacity(const config::Config& config) {
  return 2 * (config.limits.transports + config.fleet.nodes.size() * config.heartbeat.flows);
}

// What cannot be refused: it was validated.
void require(const session::Outcome& outcome, const config::Location& where) {
  if (!outcome.ok()) throw drivers::StartError(where, outcome.text, "mend the configuration");
}

}  // namespace

Appliance::Appliance(const config::Config& config, std::shared_ptr<const guard::Database> signatures)
    : config_(config),
      eal_(config),
      guard_(config.guard, std::move(signatures), config.workers.lcores.size(), drivers::tsc_hz()),
      pool_(drivers::make_packet_pool(config, kBufferPrivate)),
      tables_(transport_capacity(config), layer_capacity(config), config.limits.legs, relay_capacity(config)),
      session_(tables_.transports.size(), tables_.layers.size(), tables_.legs.size()),
      index_("transports", key_capacity(config), qsbr_.get()),
      key_engine_(make_engine(config, 0)),
      publisher_(tables_, session_, index_, *key_engine_, qsbr_,
                 {.workers = config.workers.lcores.size(), .legs_per_shard = config.workers.legs_per_shard}),
      state_(config),
      keeper_(state_, publisher_),
      turns_(config.workers.lcores.size()),
      handoff_(config.workers.lcores.size()) {
  open_ports();
  publish_policy();
  ask_for_what_is_configured();
  join_fleet();
  make_workers();
}

Appliance::~Appliance() {
  server_.reset();
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
    snapshot->ports.push_back(make_policy(config_, config_.ports[i], ports_[i].mac()));
    names.push_back(config_.ports[i].name);
  }
  publisher_.publish_snapshot(std::move(snapshot), std::move(names));
}

void Appliance::ask_for_what_is_configured() {
  for (const config::Transport& transport : config_.transports)
    require(state_.put_transport(transport), transport.where);
  for (const config::Track& track : config_.tracks)
    require(state_.publish(track), track.where);
  for (const config::Leg& leg : config_.legs)
    require(state_.subscribe(leg), leg.where);
  keeper_.transports_changed();
  for (const auto& [id, record] : state_.tracks())
    keeper_.changed(record.key);
  for (std::uint16_t i = 0; i < config_.ports.size(); ++i) {
    for (const auto& neighbour : config_.ports[i].neighbours) {
      apply(next_hops_.pin({i, neighbour.address}, neighbour.mac));
    }
  }
}

// Then the tables are filled. No worker reads yet, so what each step replaces is free at once.
void Appliance::join_fleet() {
  if (has_fleet(config_)) {
    node_queue_ = std::make_unique<NodeQueue>(config_.workers.lcores.size(), pool_);
    try {
      fleet_ = std::make_unique<fleet::Fleet>(config_, state_, keeper_, publisher_, *node_queue_,
                                              drivers::tsc_hz(),
                                              fleet::Now{.us = steady_us(), .wall_s = wall_s()});
    } catch (const durable::StateError& error) {
      throw drivers::StartError(config_.fleet.where, error.what(), "see fleet.state_folder");
    } catch (const pair::CredentialsError& error) {
      throw drivers::StartError(config_.fleet.where, error.what(), "see the files that fleet names");
    } catch (const std::invalid_argument& error) {
      throw drivers::StartError(config_.fleet.where, error.what(), "give the node another name");
    }
  }
  turn_tables();
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
        .guard = guard_.settings(),
        .nodes = node_queue_.get(),
        .node = fleet_ ? fleet_->roster().self : kNoNode,
        .hop_limit = static_cast<std::uint8_t>(config_.relay.hop_limit),
        .keepalive_tsc = config_.relay.keepalive_interval_ms * drivers::tsc_hz() / 1000,
        .report_tsc = config_.relay.feed_window_ms * drivers::tsc_hz() / 3000};
    for (std::size_t port = 0; port < ports_.size(); ++port)
      environment.ports.push_back(port_of_worker(port, environment.id));
    workers_.push_back(std::make_unique<Worker>(std::move(environment), make_engine(config_, i)));
    observed.workers.push_back(workers_.back().get());
  }
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    observed.ports.push_back(&ports_[port]);
    observed.exceptions.push_back(exceptions_[port].get());
  }
  telemetry_ = std::make_unique<drivers::Telemetry>(endpoints(observed));
  serve_api(std::move(observed));
}

void Appliance::serve_api(Observed observed) {
  management_ =
      std::make_unique<Management>(config_, state_, keeper_, fleet_.get(), std::move(observed), steady_us());
  if (config_.api.listen.empty() && !config_.api.tcp) return;
  server_ = std::make_unique<api::Server>(api::settings_of(config_.api, management_->nodes()));
  management_->set_server(server_.get());
}

int Appliance::run(int signal_fd) {
  for (Id id = 0; id < publisher_.inventory().transports.size(); ++id)
    find_route(id);
  for (const auto& worker : workers_)
    worker->start();
  spdlog::info("{} forwards: {} transports, {} tracks, {} legs on {} ports, {} workers", config_.node.name,
               config_.transports.size(), config_.tracks.size(), config_.legs.size(), ports_.size(),
               workers_.size());
  std::array<pollfd, 3> wake{
      {{signal_fd, POLLIN, 0}, {neighbours_.fd(), POLLIN, 0}, {fleet_ ? fleet_->fd() : -1, POLLIN, 0}}};
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
  management_->turn(steady_us());
  if (server_) server_->serve(*management_);
  turn_fleet();
  if (!publisher_.at_rest() || !keeper_.at_rest() || keeper_.has_failed()) {
    const auto quiet = drivers::Telemetry::quiet();
    publisher_.reclaim();
    turn_tables();
  }
}

// And what is to be written down, of the fleet or of an operator.
void Appliance::turn_fleet() {
  Journal journal;
  if (fleet_) {
    const fleet::Now now = look_at_workers();
    const auto quiet = drivers::Telemetry::quiet();  // its peers' transports are tables, too
    journal = fleet_->turn(now);
  }
  management_->take(journal);
  if (server_ && !journal.empty()) server_->publish(std::move(journal), steady_us());
}

void Appliance::turn_tables() {
  if (now_ms_ >= retry_due_ms_) {
    retry_due_ms_ = now_ms_ + kRetryInterval_ms;
    keeper_.retry();
  }
  keeper_.turn([this](const TrackKey& track) { return fleet_ ? fleet_->relay(track) : RelayView{}; });
  for (const std::string& failure : keeper_.take_failures())
    spdlog::error("the tables cannot be brought in line: {}", failure);
  if (!fleet_) keeper_.take_planned();  // nobody is to be asked what a track looks like
  find_new_routes();
}

fleet::Now Appliance::look_at_workers() {
  fleet::Now now{.us = steady_us(), .wall_s = wall_s(), .tsc = __rdtsc()};
  const bool is_load_due = now_ms_ >= load_due_ms_;
  std::uint64_t turns = 0;
  std::uint64_t busy = 0;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const WorkerCounters& counters = workers_[i]->counters();
    now.local_media += counters.forwarded.read() - counters.relayed.read();
    now.lost +=
        counters.reports_lost.read() + counters.drops[static_cast<std::size_t>(Drop::node_queue_full)].read();
    if (!is_load_due) continue;
    const std::pair seen(counters.turns.read(), counters.busy_turns.read());
    const auto [turns_before, busy_before] = std::exchange(turns_[i], seen);
    turns += seen.first - turns_before;
    busy += seen.second - busy_before;
  }
  if (is_load_due) {
    load_due_ms_ = now_ms_ + kLoadInterval_ms;
    load_percent_ = turns == 0 ? 100 : static_cast<unsigned>(busy * 100 / turns);
  }
  now.load_percent = load_percent_;
  return now;
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
  if (now_ms_ < expiry_due_ms_) return;
  expiry_due_ms_ = now_ms_ + kExpiryInterval_ms;
  apply(next_hops_.expire(now_ms_));
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

// What stood in a slot before had a next hop of its own.
void Appliance::find_new_routes() {
  for (const Id id : keeper_.take_added()) {
    apply(next_hops_.route(id, std::nullopt));
    find_route(id);
  }
}

// Asks for the next hop of each transport, some each turn and all again after kRouteInterval_ms: routes
// change rarely (a routing daemon on the exception interface).
void Appliance::find_routes() {
  const Id transports = static_cast<Id>(publisher_.inventory().transports.size());
  if (next_route_ >= transports) {
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
  if (publisher_.inventory().transports[id].empty()) return;
  const TransportSettings& settings = *tables_.transports[id].settings.load();
  const net::IpAddress& remote = settings.rtp_header.remote.address;
  const std::uint16_t port_index = settings.port_index;
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
