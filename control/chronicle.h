// Where the entries of the journal go on this node: to the log, and to its file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "control/fleet/fleet.h"
#include "control/journal/query.h"
#include "control/journal/writer.h"
#include "control/session/state.h"

namespace causeway::control {

// The path of the journal's file; empty: the node keeps none.
std::string journal_path(const config::Config& config);

// Control thread only.
class Chronicle {
 public:
  // The state outlives it. fleet: null if the appliance is alone, then nothing is written.
  Chronicle(const config::Config& config, const session::State& state, const fleet::Fleet* fleet);

  // now_us: of the clock of the entries.
  void take(const Journal& entries, TimeUs now_us);
  JournalWriter::Counters counters() const;
  // Empty: there is no file.
  JournalReader reader() const;

 private:
  const session::State& state_;
  const std::vector<std::string> nodes_;  // names, by NodeId
  const BootId boot_;
  const std::string path_;
  std::unique_ptr<JournalWriter> writer_;  // null: there is no file
};

}  // namespace causeway::control
