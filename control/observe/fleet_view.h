// All that is told of a node among the others, as values of one moment: for metrics, and for the API.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "control/core/core.h"
#include "control/core/view.h"
#include "control/directory/counters.h"
#include "control/journal/entry.h"
#include "control/relay/counters.h"
#include "control/relay/tally.h"

namespace causeway::control {

struct FleetView {
  std::string node;
  std::string site;
  bool is_fleet = false;  // false: one appliance alone, and all of the core is zeros
  BootId boot = 0;
  TimeUs up_us = 0;  // since the start
  bool is_drained_by_operator = false;

  struct Peer {
    NodeId id = kNoNode;
    std::string name;
    std::string site;
    PeerReport link;
  };
  std::vector<Peer> peers{};

  // Of the core.
  SelfReport self{};
  relay::Tally relays{};
  relay::Counters relay_counters{};
  directory::Counters directory{};
  std::size_t directory_tracks = 0;
  FrameCounters frames{};
  std::array<std::uint64_t, kJournalKinds> journal{};  // entries, by kind

  // Of the shell around it.
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_unsent = 0;         // the data plane had no room
  std::uint64_t frames_not_authentic = 0;  // that their seal did not open
  std::uint64_t frames_lost = 0;           // on the way from the workers: a queue was full
  std::uint64_t loop_drops = 0;            // packets of a relayed track whose label was no better than ours
  TimeUs longest_gap_us = 0;               // between two turns of the control thread, lately: GapWatch
  Stamp watermark_wanted = 0;
  Stamp watermark_on_disk = 0;
  bool is_disk_failing = false;  // the last write of the watermark failed
  std::uint64_t disk_failures = 0;
  std::uint64_t journal_written = 0;   // entries that are in the journal's file
  std::uint64_t journal_lost = 0;      // that never will be
  std::uint64_t journal_failures = 0;  // attempts to write that failed

  // Of the session.
  std::uint64_t version = 0;
  std::size_t transports = 0;
  std::size_t tracks = 0;  // published here
  std::size_t subscriptions = 0;
  std::size_t waiting = 0;  // that get nothing yet: session::Plan::waiting
};

// Who is who. All of it outlives it.
struct FleetNames {
  const Membership& membership;
  const std::vector<std::string>& nodes;  // by NodeId
  const std::vector<std::string>& sites;  // by SiteId
  NodeId self = kNoNode;
};

// Fills in all that the core knows. Looks at all tracks: some 10 ms for 10^5.
void fill(FleetView& view, const Core& core, const FleetNames& names, TimeUs now_us);

// Counts entries, for FleetView::journal.
void count(const Journal& entries, std::array<std::uint64_t, kJournalKinds>& counts);

}  // namespace causeway::control
