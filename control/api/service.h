// What the API asks of the appliance. The control thread implements it, and is the only one that calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control/journal/query.h"
#include "control/observe/fleet_view.h"
#include "control/observe/metrics.h"
#include "control/relay/view.h"
#include "control/session/state.h"

namespace causeway::control::api {

class Service {
 public:
  virtual ~Service() = default;

  // ---- what is asked for
  // Each as session::State's; when it returns, what changed is on its way to the core and the data plane.
  virtual session::Outcome put_transport(const config::Transport& transport, session::IfVersion version) = 0;
  virtual session::Outcome remove_transport(std::string_view name, session::IfVersion version) = 0;
  virtual session::Outcome publish(const config::Track& track, session::IfVersion version) = 0;
  virtual session::Outcome unpublish(std::string_view id, session::IfVersion version) = 0;
  virtual session::Outcome subscribe(const config::Leg& leg, session::IfVersion version) = 0;
  virtual session::Outcome unsubscribe(std::string_view name, session::IfVersion version) = 0;
  virtual session::Outcome describe(const session::TrackInfo& info, session::IfVersion version) = 0;
  virtual session::Outcome forget(std::string_view id, session::IfVersion version) = 0;
  // Valid until the next of these.
  virtual const session::State& state() const = 0;
  // Differs from start to start, so that a version of an earlier one is not taken for one of this.
  virtual std::uint64_t boot() const = 0;

  // ---- the fleet
  // Some 10 ms with 10^5 tracks: it may be as old as a second.
  virtual FleetView fleet() const = 0;
  // Names, by NodeId. Empty: no fleet.
  virtual const std::vector<std::string>& nodes() const = 0;
  virtual RelayView relay(const TrackKey& track) const = 0;
  // Core::relayed().
  virtual std::vector<TrackKey> relayed(const TrackKey& after, std::size_t most) const = 0;

  // ---- the node
  virtual DrainState drain() const = 0;  // by the verdicts
  virtual bool is_drained_by_operator() const = 0;
  // An operator's wish: other nodes and /readyz are told. Until it is taken back, or the node starts again.
  virtual void drain_by_operator(bool on) = 0;
  // Workers whose turns do not advance: WorkerWatch.
  virtual std::vector<std::size_t> stuck_workers() const = 0;
  virtual Metrics metrics() const = 0;
  // UTC, since 1970.
  virtual std::int64_t wall_clock_ms() const = 0;
  // Reads the event journal, on any thread. Empty: there is none.
  virtual JournalReader journal() const = 0;
};

}  // namespace causeway::control::api
