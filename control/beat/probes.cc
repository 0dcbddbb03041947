#include "control/beat/probes.h"

#include <algorithm>
#include <utility>

namespace causeway::control::beat {
namespace {

constexpr TimeUs kWayUs = from_ms(200);  // there and back, on top of a helper's patience (validate_timers.cc)
constexpr TimeUs kAskAgainUs = from_ms(1000);

}  // namespace

ProbeTimers::ProbeTimers(const config::Heartbeat& heartbeat)
    : detect_us(LinkTimers(heartbeat).detect_us),
      probe_us(from_ms(heartbeat.probe_ms)),
      round_us(probe_us + kWayUs),
      period_us(std::max(kAskAgainUs, round_us)),
      helpers(heartbeat.probe_helpers) {
  ask_us = std::max(from_ms(heartbeat.suspect_ms), from_ms(heartbeat.down_ms) - round_us);
}

TimeUs Inquiry::due_us(const ProbeTimers& timers, TimeUs silent_since_us, TimeUs not_before_us) const {
  if (open_) return std::max(silent_since_us + timers.detect_us, asked_us_ + timers.round_us);
  return std::max({silent_since_us + timers.ask_us, asked_us_ + timers.period_us, not_before_us});
}

void Inquiry::begin(std::uint32_t nonce, const NodeSet& helpers, TimeUs now_us) {
  before_ = round_;
  round_ = {.nonce = nonce, .asked = helpers};
  asked_us_ = now_us;
  open_ = true;
  alive_ = silent_ = false;
}

bool Inquiry::conclude() {
  open_ = false;
  if (alive_) return set(ProbeResult::alive);
  return set(silent_ ? ProbeResult::silent : ProbeResult::unanswered);
}

bool Inquiry::on_reply(NodeId from, const ProbeReply& reply, bool& used) {
  Round* round = reply.nonce == round_.nonce ? &round_ : reply.nonce == before_.nonce ? &before_ : nullptr;
  used =
      round != nullptr && reply.nonce != 0 && round->asked.contains(from) && !round->answered.contains(from);
  if (!used) return false;
  round->answered.insert(from);
  if (reply.answer == ProbeAnswer::alive) {
    alive_ = true;
    return set(ProbeResult::alive);
  }
  silent_ = true;
  // Too late to confirm anything at the time, but we are not cut off.
  return result_ == ProbeResult::unanswered && set(ProbeResult::silent);
}

bool Inquiry::set(ProbeResult result) {
  return std::exchange(result_, result) != result;
}

NodeSet choose_helpers(const NodeSet& candidates, const Membership& membership, NodeId self, NodeId target,
                       unsigned most, Random& random) {
  std::array<NodeId, kMaxNodes> order;
  std::size_t count = 0;
  candidates.for_each([&](NodeId node) {
    if (membership.contains(node) && node != self && node != target) order[count++] = node;
  });
  for (std::size_t i = count; i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);

  const SiteId own = membership.site_of[self];
  const SiteId theirs = membership.site_of[target];
  NodeSet chosen;
  std::array<bool, kMaxSites> used{};
  const auto choose = [&](auto&& suits) {
    for (std::size_t i = 0; i < count && static_cast<unsigned>(chosen.size()) < most; ++i) {
      const SiteId site = membership.site_of[order[i]];
      if (chosen.contains(order[i]) || !suits(site)) continue;
      chosen.insert(order[i]);
      used[site % kMaxSites] = true;
    }
  };
  const auto elsewhere = [&](SiteId site) { return site != own && site != theirs; };
  choose([&](SiteId site) { return elsewhere(site) && !used[site % kMaxSites]; });
  choose(elsewhere);
  choose([](SiteId) { return true; });
  return chosen;
}

bool HelpDesk::has_room(NodeId from, const ProbeRequest& request) const {
  std::size_t under_way = 0;
  for (const Task& task : tasks_) {
    if (task.from != from) continue;
    if (task.request.target == request.target && task.request.nonce == request.nonce) return false;
    ++under_way;
  }
  return under_way < kMostPerRequester;
}

TimeUs HelpDesk::next_due_us() const {
  TimeUs due_us = kNever;
  for (const Task& task : tasks_)
    due_us = std::min(due_us, task.ends_us);
  return due_us;
}

void HelpDesk::note_awaited() {
  awaited_ = {};
  for (const Task& task : tasks_)
    awaited_.insert(task.request.target);
}

}  // namespace causeway::control::beat
