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

// X(name, what it is)
#define CAUSEWAY_TIMES(X)                                                                               \
  X(ack_beyond_round_trip, "from SUBSCRIBE to ACK, beyond the round trip")                              \
  X(nack_beyond_round_trip, "likewise to NACK: how long a node waits that asks who does not have it")   \
  X(first_media, "from the first subscriber at a node to media")                                        \
  X(moved, "from the publisher's arrival at another node to media at a subscriber's")                   \
  X(back_after_heal, "from the end of a cut to media where it was missing")                             \
  X(back_after_restart, "from the last start of a node to media where it was missing")                  \
  X(rerouted, "from the last packet to the next, in outages that no heal, publish or start ended")      \
  X(around_frozen, "from the last packet to the next, where a frozen data plane took the media away")   \
  X(past_black_hole, "from the loss or the wish to media, where an upstream said yes and sent nothing") \
  X(relay_loss, "what an outage that is not the first media lasted beyond the cut, if there was one")   \
  X(feed_loss_noticed, "from the last packet to the node's knowing")                                    \
  X(suspected, "from a peer's last datagram to suspicion")                                              \
  X(convicted, "from a peer's last datagram to its conviction")                                         \
  X(death_suspected, "from a node's death to suspicion at another node")                                \
  X(death_convicted, "from a node's death to its conviction by another node")                           \
  X(half_open_told, "from a cut of one direction to the verdict half open at one of its ends")

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
  std::uint64_t inside_outages = 0;  // of them: the track's origin is in the subscriber's own site
  std::uint64_t missing = 0;         // outages that had not ended when the run did
  std::uint64_t unanswered = 0;      // SUBSCRIBEs without an answer within a second

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
