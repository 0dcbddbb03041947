#include "tests/support/wan/network.h"

#include <algorithm>
#include <utility>

namespace causeway::wan {
namespace {

constexpr std::size_t kMostMacs = 4096;
// Frames that follow each other closely meet the same queues underway; so the jitter is a wave that they
// share. If each frame drew its own, a dense stream whose order is kept would see nothing but the longest of
// them.
constexpr std::int64_t kJitterStep_ns = 10'000'000;

double share(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;  // 0 <= share < 1
}

std::mt19937_64 seeded(std::uint64_t seed, std::size_t from, std::size_t to, std::size_t purpose) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                         static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to),
                         static_cast<std::uint32_t>(purpose)};
  return std::mt19937_64(sequence);
}

}  // namespace

Network::Network(std::vector<std::string> sites, std::uint64_t seed, std::size_t most_queued)
    : sites_(std::move(sites)), most_queued_(most_queued), pairs_(sites_.size() * sites_.size()) {
  for (std::size_t from = 0; from < sites_.size(); ++from) {
    for (std::size_t to = 0; to < sites_.size(); ++to) {
      Pair& made = pair(from, to);
      for (std::size_t kind = 0; kind < kKinds; ++kind)
        made.dice.push_back(seeded(seed, from, to, kind));
      made.jitter_dice = seeded(seed, from, to, kKinds);
    }
  }
}

std::optional<std::size_t> Network::site(std::string_view name) const {
  const auto found = std::ranges::find(sites_, name);
  if (found == sites_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - sites_.begin());
}

void Network::change(std::size_t from, std::size_t to, const Change& change) {
  Pair& changed = pair(from, to);
  change.apply_to(changed.rule);
  if (!change.delay_ns && !change.jitter_ns) return;
  // Another path: its first frames may overtake the last ones of the old one.
  changed.last_due_ns = INT64_MIN;
  changed.jitter_until_ns = INT64_MIN;
}

void Network::learn(const Mac& mac, std::size_t site) {
  if (is_multicast(mac)) return;
  if (const auto known = site_of_mac_.find(mac); known != site_of_mac_.end()) {
    known->second = site;
  } else if (site_of_mac_.size() < kMostMacs) {
    site_of_mac_.emplace(mac, site);
  }
}

void Network::take(std::size_t from, std::span<const std::uint8_t> frame, std::int64_t arrival_ns) {
  if (frame.size() < kEthernetHeader) return;
  learn(source_of(frame), from);
  const FrameInfo info = read_frame(frame);
  const Mac mac = destination_of(frame);
  const auto known = is_multicast(mac) ? site_of_mac_.end() : site_of_mac_.find(mac);
  if (known != site_of_mac_.end()) {
    if (known->second != from) pass(from, known->second, frame, info, arrival_ns);
    return;
  }
  for (std::size_t to = 0; to < sites_.size(); ++to)
    if (to != from) pass(from, to, frame, info, arrival_ns);
}

void Network::pass(std::size_t from, std::size_t to, std::span<const std::uint8_t> frame,
                   const FrameInfo& info, std::int64_t arrival_ns) {
  Pair& way = pair(from, to);
  if (way.rule.cut.hits(info)) {
    ++way.counters.cut;
    return;
  }
  // Always three numbers a frame: which frames are lost does not depend on the other rates.
  auto& dice = way.dice[static_cast<std::size_t>(info.kind)];
  bool lost = share(dice) < way.rule.loss;
  bool duplicated = share(dice) < way.rule.duplicate;
  bool reordered = share(dice) < way.rule.reorder;
  // Real sites have routers, and no WAN between a host and the one that answers its ARP: a lost answer would
  // silence a host for a second.
  if (info.kind == Kind::neighbour) lost = duplicated = reordered = false;
  if (lost) {
    ++way.counters.lost;
    return;
  }
  std::int64_t due_ns = arrival_ns;
  if (reordered) {
    ++way.counters.reordered;
  } else {
    if (arrival_ns >= way.jitter_until_ns) {
      way.jitter_ns = static_cast<std::int64_t>((2 * share(way.jitter_dice) - 1) *
                                                static_cast<double>(way.rule.jitter_ns));
      way.jitter_until_ns = arrival_ns + kJitterStep_ns;
    }
    const auto wanted_ns = arrival_ns + std::max<std::int64_t>(0, way.rule.delay_ns + way.jitter_ns);
    due_ns = way.last_due_ns = std::max(wanted_ns, way.last_due_ns);
  }
  enqueue(from, to, frame, due_ns);
  if (duplicated) {
    ++way.counters.duplicated;
    enqueue(from, to, frame, due_ns);
  }
}

void Network::enqueue(std::size_t from, std::size_t to, std::span<const std::uint8_t> frame,
                      std::int64_t due_ns) {
  Pair& way = pair(from, to);
  if (way.queued >= most_queued_) {
    ++way.counters.overflowed;
    return;
  }
  if (free_buffers_.empty()) {
    free_buffers_.push_back(static_cast<std::uint32_t>(buffers_.size()));
    buffers_.emplace_back();
  }
  const std::uint32_t buffer = free_buffers_.back();
  free_buffers_.pop_back();
  buffers_[buffer].assign(frame.begin(), frame.end());
  ++way.queued;
  queue_.push(due_ns, {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to), buffer, due_ns});
}

void Network::sent(const Delivery& delivery, std::int64_t late_ns) {
  Counters& counters = pair(delivery.from, delivery.to).counters;
  ++counters.forwarded;
  counters.worst_late_ns = std::max(counters.worst_late_ns, late_ns);
  settle(delivery);
}

void Network::refused(const Delivery& delivery) {
  ++pair(delivery.from, delivery.to).counters.unsent;
  settle(delivery);
}

void Network::settle(const Delivery& delivery) {
  --pair(delivery.from, delivery.to).queued;
  free_buffers_.push_back(delivery.buffer);
}

void Network::clear_counters() {
  for (Pair& each : pairs_)
    each.counters = {};
}

}  // namespace causeway::wan
