// What a run measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/journal/entry.h"
#include "control/wire/ids.h"
#include "tools/sim/plan.h"
#include "tools/sim/times.h"

namespace causeway::sim {

// A time in which a node wanted a track that was published, and got no media.
struct Outage {
  control::NodeId node = control::kNoNode;
  std::uint32_t track = 0;
  TimeUs packet_us = control::kLongAgo;  // the last one before
  TimeUs wanted_us = 0;                  // since when the node wants it
  TimeUs published_us = 0;               // when the publisher came that it was fed from, or should be
  TimeUs healed_us = control::kLongAgo;  // the last time a cut ended, before the end
  TimeUs ended_us = control::kNever;     // the next packet; kNever: it has not ended

  // Since when it was one.
  TimeUs began_us() const { return std::max({packet_us, wanted_us, published_us}); }
};

// X(name, what it is)
#define CAUSEWAY_TIMES(X)                                                                             \
  X(ack_beyond_round_trip, "from SUBSCRIBE to ACK, beyond the round trip")                            \
  X(nack_beyond_round_trip, "likewise to NACK: how long a node waits that asks who does not have it") \
  X(first_media, "from the first subscriber at a node to media")                                      \
  X(moved, "from the publisher's arrival at another node to media at a subscriber's")                 \
  X(back_after_heal, "from the end of a cut to media where it was missing")                           \
  X(rerouted, "from the last packet to the next, in outages that no heal, publish or start ended")    \
  X(feed_loss_noticed, "from the last packet to the node's knowing")                                  \
  X(suspected, "from a peer's last datagram to suspicion")                                            \
  X(convicted, "from a peer's last datagram to its conviction")

struct Measures {
#define CAUSEWAY_MEMBER(name, help) Times name;
  CAUSEWAY_TIMES(CAUSEWAY_MEMBER)
#undef CAUSEWAY_MEMBER
  std::uint64_t convictions = 0;
  std::uint64_t wrong_convictions = 0;  // of a peer that was up, and reached by a path that worked
  std::uint64_t soft_drains = 0;
  std::uint64_t hard_drains = 0;
  std::uint64_t alarms = 0;  // journal entries
  std::uint64_t nacks = 0;
  std::uint64_t outages = 0;

  void add(const Measures& other);
  // visit(name, help, const Times&)
  template <class Visit>
  void for_each(Visit&& visit) const {
#define CAUSEWAY_VISIT(name, help) visit(#name, help, name);
    CAUSEWAY_TIMES(CAUSEWAY_VISIT)
#undef CAUSEWAY_VISIT
  }
};

// What happened, for a timeline. Bounded.
struct Happening {
  TimeUs at_us = 0;
  control::NodeId node = control::kNoNode;
  control::JournalEntry entry;
};

}  // namespace causeway::sim
