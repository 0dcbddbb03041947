// What is yet to happen, the earliest first; of two at the same time the one that was put in first.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "control/wire/ids.h"

namespace causeway::sim {

using control::NodeId;
using control::TimeUs;

enum class EventKind : std::uint8_t {
  datagram,      // arrives at the node; slot: of the datagrams
  media,         // a packet arrives at the node; slot: of the packets
  keepalive,     // the node's data plane sends the next one; slot: track
  wake,          // the node's control thread has something due
  written,       // the node's disk has the watermark
  boot,          // the node comes back
  resume,        // its control thread goes on
  action,        // the next one of the plan
  publisher,     // a track's publisher that is on the move arrives; slot: track
  lie_ends,      // the node stops announcing a track that it does not have; slot: track
  watch,         // a deadline of the invariants; slot: of the watches
  token_asked,   // the node's request reaches the arbiter
  token_freed,   // likewise
  reported,      // likewise, its word that its site looks islanded
  token_answer,  // the arbiter's word reaches the node; slot: 1 if granted
  common_mode,   // likewise; slot: 1 if other sites look islanded, too
};

struct Event {
  TimeUs at_us = 0;
  std::uint64_t order = 0;
  std::uint32_t slot = 0;
  EventKind kind{};
  NodeId node = control::kNoNode;
  std::uint16_t tag = 0;  // of which life of the node or table it speaks; an old one is ignored
};

// A wheel of buckets for the next quarter of a second, in which almost everything happens, and a heap for
// what is later. The bucket whose time has come is a heap of its own, mostly of one event or two. Allocates
// only while it grows.
class EventQueue {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // When the first event is due. There must be one, here and for pop().
  TimeUs next_us() {
    if (now_.empty()) turn();
    return now_.front().at_us;
  }

  void push(Event event) {
    event.order = ++order_;
    ++size_;
    place(event);
  }
  Event pop() {
    if (now_.empty()) turn();
    --size_;
    return take(now_);
  }

 private:
  using Heap = std::vector<Event>;
  static constexpr unsigned kShift = 8;  // a bucket is 256 us
  static constexpr std::int64_t kBuckets = 1024;
  static constexpr std::size_t kWords = kBuckets / 64;

  static bool is_later(const Event& a, const Event& b) {
    return a.at_us > b.at_us || (a.at_us == b.at_us && a.order > b.order);
  }
  static void add(Heap& heap, const Event& event) {
    heap.push_back(event);
    std::push_heap(heap.begin(), heap.end(), is_later);
  }
  static Event take(Heap& heap) {
    if (heap.size() > 1) std::pop_heap(heap.begin(), heap.end(), is_later);
    const Event event = heap.back();
    heap.pop_back();
    return event;
  }

  void place(const Event& event) {
    const std::int64_t number = event.at_us >> kShift;
    if (number <= current_) {
      add(now_, event);
    } else if (number - current_ < kBuckets) {
      const auto bucket = static_cast<std::size_t>(number % kBuckets);
      buckets_[bucket].push_back(event);
      used_[bucket / 64] |= std::uint64_t{1} << bucket % 64;
    } else {
      add(later_, event);
    }
  }

  // The next bucket's time has come. What is later than the wheel reached is now within its reach, perhaps.
  void turn() {
    const std::int64_t next = next_used();
    current_ = next < 0 ? later_.front().at_us >> kShift : next;
    while (!later_.empty() && (later_.front().at_us >> kShift) - current_ < kBuckets)
      place(take(later_));
    if (next < 0) return;
    const auto bucket = static_cast<std::size_t>(current_ % kBuckets);
    std::swap(now_, buckets_[bucket]);
    if (now_.size() > 1) std::make_heap(now_.begin(), now_.end(), is_later);
    used_[bucket / 64] &= ~(std::uint64_t{1} << bucket % 64);
  }

  // The number of the first used bucket behind the current one; -1: none is.
  std::int64_t next_used() const {
    const auto first = static_cast<std::size_t>((current_ + 1) % kBuckets);
    for (std::size_t i = 0; i <= kWords; ++i) {
      const std::size_t word = (first / 64 + i) % kWords;
      std::uint64_t used = used_[word];
      if (i == 0) used &= ~std::uint64_t{0} << first % 64;
      if (i == kWords) used &= ~(~std::uint64_t{0} << first % 64);
      if (used == 0) continue;
      const auto bucket = static_cast<std::int64_t>(word * 64) + std::countr_zero(used);
      return current_ + 1 + (bucket - static_cast<std::int64_t>(first) + kBuckets) % kBuckets;
    }
    return -1;
  }

  Heap now_;                   // of the current bucket, and anything before it
  std::int64_t current_ = -1;  // its number: its time in 256 us
  std::array<std::vector<Event>, kBuckets> buckets_;
  std::array<std::uint64_t, kWords> used_{};
  Heap later_;
  std::size_t size_ = 0;
  std::uint64_t order_ = 0;
};

}  // namespace causeway::sim
