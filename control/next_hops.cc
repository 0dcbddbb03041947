#include "control/next_hops.h"

#include <algorithm>

namespace causeway::control {

std::vector<NextHops::Update> NextHops::route(Id id, std::optional<Hop> hop) {
  const auto before = hop_of_.find(id);
  if (before != hop_of_.end()) {
    if (hop == before->second) return {};
    const auto state = hops_.find(before->second);
    std::erase(state->second.transports, id);
    if (state->second.transports.empty()) hops_.erase(state);
    hop_of_.erase(before);
  }
  if (!hop) return {{id, std::nullopt}};
  hop_of_[id] = *hop;
  State& state = hops_[*hop];
  state.transports.push_back(id);
  const auto known = neighbours_.find(*hop);
  if (known != neighbours_.end()) state.mac = known->second;
  return {{id, state.mac}};
}

std::vector<NextHops::Update> NextHops::pin(const Hop& hop, const net::MacAddress& mac) {
  pinned_.insert(hop);
  return learn(hop, mac);
}

std::vector<NextHops::Update> NextHops::neighbour(const Hop& hop, std::optional<net::MacAddress> mac) {
  return pinned_.contains(hop) ? std::vector<Update>{} : learn(hop, mac);
}

std::vector<NextHops::Update> NextHops::learn(const Hop& hop, std::optional<net::MacAddress> mac) {
  if (mac) {
    neighbours_[hop] = *mac;
  } else {
    neighbours_.erase(hop);
  }
  std::vector<Update> updates;
  const auto used = hops_.find(hop);
  if (used == hops_.end()) return updates;
  State& state = used->second;
  state.lost = !mac && state.mac;
  if (!state.lost) state.lost_ms.reset();
  if (!mac || state.mac == mac) return updates;
  state.mac = mac;
  for (const Id id : state.transports)
    updates.push_back({id, mac});
  return updates;
}

std::vector<NextHops::Update> NextHops::expire(std::uint64_t now_ms) {
  std::vector<Update> updates;
  for (auto& [hop, state] : hops_) {
    if (!state.lost) continue;
    if (!state.lost_ms) state.lost_ms = now_ms;
    if (now_ms - *state.lost_ms < kKeep_ms) continue;
    state.mac.reset();
    state.lost = false;
    state.lost_ms.reset();
    for (const Id id : state.transports)
      updates.push_back({id, std::nullopt});
  }
  return updates;
}

std::vector<Hop> NextHops::due(std::uint64_t now_ms, std::size_t most) {
  std::vector<Hop> due;
  for (auto& [hop, state] : hops_) {
    if (due.size() == most) break;
    if (pinned_.contains(hop)) continue;
    const std::uint64_t interval_ms = state.mac && !state.lost ? kRefresh_ms : kRetry_ms;
    if (state.ever_asked && now_ms - state.asked_ms < interval_ms) continue;
    state.ever_asked = true;
    state.asked_ms = now_ms;
    due.push_back(hop);
  }
  return due;
}

std::size_t NextHops::unresolved() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(hops_, [](const auto& entry) { return !entry.second.mac; }));
}

}  // namespace causeway::control
