// How many tracks are in which state: for metrics.
#pragma once

#include <cstddef>

namespace causeway::control::relay {

struct Tally {
  std::size_t tracks = 0;    // all that are known here
  std::size_t origins = 0;   // published here
  std::size_t up = 0;        // relayed, and packets arrive
  std::size_t pending = 0;   // an upstream is asked
  std::size_t starving = 0;  // somebody here or downstream waits for media
  std::size_t alarmed = 0;   // of these, for longer than relay.alarm_ms
  std::size_t wanted = 0;    // by subscribers here
  std::size_t fed = 0;       // of these, with media: from an upstream, or published here
  std::size_t legs = 0;      // peers that take a track from here, each track counted
};

}  // namespace causeway::control::relay
