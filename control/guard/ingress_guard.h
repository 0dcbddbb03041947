// The control thread's side of the ingress guard: its settings, the set of signatures in use and its reload,
// and samples of what was dropped in the journal.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/guard/reload.h"
#include "dataplane/guard/guard.h"

namespace causeway::control {

// What the journal says of a dropped packet, in one line. `database`: the set in use.
std::string describe(const guard::Sample& sample, const guard::Database& database,
                     const std::vector<std::string>& ports);

// Control thread, but for current().
class IngressGuard {
 public:
  // first: compiled from the configuration's files for `workers` workers; null if the guard is disabled.
  // tsc_hz: ticks of the workers' clock in a second.
  IngressGuard(const config::Guard& config, std::shared_ptr<const guard::Database> first, std::size_t workers,
               std::uint64_t tsc_hz);

  // Null if the guard is disabled.
  const guard::Settings* settings() const { return enabled_ ? &settings_ : nullptr; }

  // The set that is to be in the snapshot. Any thread.
  std::shared_ptr<const guard::Database> current() const;

  // SIGHUP: reads the files again, aside.
  void reload();

  // True if there is another set in current() than before, which must be published. The journal has what came
  // of a reload; if a file is broken, the set in use stays.
  bool take_reloaded();
  bool is_reloading() const { return reload_.is_running(); }

  // Writes what waits there to the journal.
  void log(guard::Samples& samples, const std::vector<std::string>& ports) const;

 private:
  bool enabled_;
  guard::Settings settings_;
  SignatureReload reload_;
  mutable std::mutex lock_;  // the telemetry thread reads current(); no worker does
  std::shared_ptr<const guard::Database> current_;
};

}  // namespace causeway::control
