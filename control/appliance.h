// The appliance: everything brought up from a configuration in one order, run, and taken down in the reverse
// order.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "config/config.h"
#include "control/api/server.h"
#include "control/fleet/fleet.h"
#include "control/guard/ingress_guard.h"
#include "control/management.h"
#include "control/next_hops.h"
#include "control/publish/keeper.h"
#include "control/publish/publisher.h"
#include "control/session/state.h"
#include "dataplane/worker/node_queue.h"
#include "dataplane/worker/qsbr.h"
#include "dataplane/worker/worker.h"
#include "drivers/eal.h"
#include "drivers/exception.h"
#include "drivers/kernel_net.h"
#include "drivers/port.h"
#include "drivers/telemetry.h"

struct rte_mempool;

namespace causeway::control {

class Appliance {
 public:
  // Brings everything up short of forwarding, or throws drivers::StartError with nothing left behind. Main
  // thread.
  // signatures: compiled from the configuration's; null if the guard is disabled.
  Appliance(const config::Config& config, std::shared_ptr<const guard::Database> signatures);
  ~Appliance();
  Appliance(const Appliance&) = delete;
  Appliance& operator=(const Appliance&) = delete;

  // Forwards until a signal arrives on signal_fd (a signalfd), which it returns. At SIGHUP it reads the
  // signatures again, and goes on. Main thread.
  int run(int signal_fd);

  // Is a thread compiling signatures? Nobody can end it: the process must go without tidying up behind it.
  bool is_compiling() const { return guard_.is_reloading(); }

 private:
  void open_ports();
  void publish_policy();
  void ask_for_what_is_configured();
  void join_fleet();
  void make_workers();
  void serve_api(Observed observed);
  WorkerPort port_of_worker(std::size_t port, WorkerId worker) const;
  void turn();
  void turn_guard();
  void turn_fleet();
  void turn_tables();
  fleet::Now look_at_workers();
  void update_next_hops();
  void ask_for_neighbours();
  void find_routes();
  void find_new_routes();
  void find_route(Id id);
  void apply(const std::vector<NextHops::Update>& updates);

  // Declared in the order in which they are built; destroyed in the reverse.
  const config::Config& config_;
  drivers::Eal eal_;
  IngressGuard guard_;
  rte_mempool* pool_;
  Qsbr qsbr_;
  drivers::KernelNet kernel_;
  drivers::NeighbourMonitor neighbours_;
  std::vector<drivers::Port> ports_;
  std::vector<std::unique_ptr<drivers::ExceptionInterface>> exceptions_;  // by port; null if it has none
  Tables tables_;
  Session session_;
  TransportIndex index_;
  std::unique_ptr<srtp::Engine> key_engine_;  // expands keys; the worker has one of its own
  Publisher publisher_;
  session::State state_;
  Keeper keeper_;
  std::unique_ptr<NodeQueue> node_queue_;  // null: this appliance is alone
  std::unique_ptr<fleet::Fleet> fleet_;    // likewise
  NextHops next_hops_;
  std::uint64_t now_ms_ = 0;
  std::uint64_t expiry_due_ms_ = 0;
  std::uint64_t retry_due_ms_ = 0;  // of what the tables had no room for
  std::uint64_t load_due_ms_ = 0;
  unsigned load_percent_ = 100;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> turns_;  // by worker: turns and busy ones so far
  Id next_route_ = 0;                                           // the transport whose route is asked for next
  std::uint64_t routes_due_ms_ = 0;
  std::uint64_t refused_ = 0;  // requests, since it was last said
  std::uint64_t refusal_due_ms_ = 0;
  Handoff handoff_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<drivers::Telemetry> telemetry_;
  std::unique_ptr<Management> management_;
  std::unique_ptr<api::Server> server_;  // null: there is no API
};

}  // namespace causeway::control
