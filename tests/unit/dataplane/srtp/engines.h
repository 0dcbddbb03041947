// Every engine that this machine can run, for tests that hold for all of them.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <vector>

#include "dataplane/srtp/engine.h"

namespace causeway::srtp {

struct EngineCase {
  const char* name;
  std::unique_ptr<Engine> (*make)();
  std::uint32_t srtcp_lead;  // by how much the sealed SRTCP index is ahead of the caller's
};

inline std::ostream& operator<<(std::ostream& out, const EngineCase& engine) {
  return out << engine.name;
}

// Without those whose instructions the machine lacks.
std::vector<EngineCase> engine_cases();
// One of each library.
std::vector<EngineCase> engine_of_each_library();

}  // namespace causeway::srtp
