// What a node must not forget over a restart: the id of its boot, and the watermark of its stamps
// (docs/relay-protocol.md, R2 and R8). One small text file, replaced as a whole.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "control/wire/ids.h"

namespace causeway::control::durable {

struct NodeState {
  BootId boot = 0;
  Stamp watermark = 0;
  bool operator==(const NodeState&) const = default;
};

// What is wrong, with the file's name, and what to do.
class StateError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thread: one at a time. For as long as it lives no other process uses the file.
class StateFile {
 public:
  // Throws StateError if another process has it, or its folder cannot be used.
  explicit StateFile(std::string path);
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  // What was stored last; nullopt if nothing ever was. Throws StateError if it is torn, altered or
  // unreadable: a node that starts with less than it promised could make a cycle of relays.
  std::optional<NodeState> load() const;

  // On disk when it returns, also if the power fails then; before that the old state is. Throws StateError.
  void store(const NodeState& state) const;

 private:
  std::string path_;
  std::string folder_;
  int lock_ = -1;
};

// The state to start with, and it is on disk. The boot is above each one before, also if the file is lost: at
// least the wall clock in milliseconds. The watermark is 0 then, which no design survives in every case:
// whoever removes the file gives the node another index in the membership. Throws StateError.
NodeState start(const StateFile& file, std::uint64_t wall_clock_ms);

}  // namespace causeway::control::durable
