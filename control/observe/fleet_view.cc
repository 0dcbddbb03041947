#include "control/observe/fleet_view.h"

namespace causeway::control {

void fill(FleetView& view, const Core& core, const FleetNames& names, TimeUs now_us) {
  const auto site_of = [&](NodeId node) { return names.sites[names.membership.site_of[node]]; };
  view.is_fleet = true;
  view.node = names.nodes[names.self];
  view.site = site_of(names.self);
  view.peers.clear();
  for (std::size_t i = 0; i < names.membership.nodes(); ++i) {
    const auto node = static_cast<NodeId>(i);
    if (node == names.self) continue;
    view.peers.push_back({node, names.nodes[i], site_of(node), core.peer(node, now_us)});
  }
  view.self = core.own();
  view.relays = core.relay_tally();
  view.relay_counters = core.relay_counters();
  view.directory = core.directory_counters();
  view.directory_tracks = core.claims();
  view.frames = core.frame_counters();
}

void count(const Journal& entries, std::array<std::uint64_t, kJournalKinds>& counts) {
  for (const JournalEntry& entry : entries)
    ++counts[static_cast<std::size_t>(entry.kind)];
}

}  // namespace causeway::control
