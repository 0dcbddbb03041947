// The journal's sentences on links, each with its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/beat/link.h"
#include "control/journal/entry.h"
#include "control/wire/ids.h"

namespace causeway::control::beat {

class Words {
 public:
  // names: of the nodes, for people.
  Words(std::vector<std::string> names, const LinkTimers& timers)
      : names_(std::move(names)), timers_(timers) {}

  JournalEntry suspected(NodeId peer, const Link& link, TimeUs now_us) const;
  JournalEntry down(NodeId peer, const Link& link, TimeUs now_us) const;
  JournalEntry up(NodeId peer, const Link& link, TimeUs now_us) const;
  JournalEntry settled(NodeId peer, const Link& link, TimeUs now_us) const;
  // silent_us: of the flow. by_others: beats that came meanwhile.
  JournalEntry flow_broken(NodeId peer, std::uint8_t flow, TimeUs silent_us, std::uint32_t by_others,
                           TimeUs now_us) const;
  JournalEntry flow_mended(NodeId peer, std::uint8_t flow, TimeUs now_us) const;
  // gap_us: 0 if it is not known how long.
  JournalEntry stalled(TimeUs gap_us, TimeUs frozen_us, bool overflow, TimeUs now_us) const;

 private:
  std::string name(NodeId node) const;
  std::int64_t expected(TimeUs silent_us) const { return silent_us / timers_.interval_us; }

  std::vector<std::string> names_;
  LinkTimers timers_;
};

}  // namespace causeway::control::beat
