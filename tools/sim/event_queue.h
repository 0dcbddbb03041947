// What is yet to happen, the earliest first; of two at the same time the one that was put in first.
#pragma once

#include <cstddef>
#include <cstdint>
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

// A heap of four children for each entry: half as many levels as two, and the four share cache lines.
// Allocates only while it grows.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  TimeUs next_us() const { return heap_.front().at_us; }

  void push(Event event) {
    event.order = ++order_;
    std::size_t at = heap_.size();
    heap_.push_back(event);
    while (at > 0) {
      const std::size_t parent = (at - 1) / 4;
      if (!is_before(event, heap_[parent])) break;
      heap_[at] = heap_[parent];
      at = parent;
    }
    heap_[at] = event;
  }

  Event pop() {
    const Event first = heap_.front();
    const Event last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
    return first;
  }

 private:
  static bool is_before(const Event& a, const Event& b) {
    return a.at_us < b.at_us || (a.at_us == b.at_us && a.order < b.order);
  }

  // Puts `event` where the first one was.
  void sink(const Event& event) {
    std::size_t at = 0;
    for (std::size_t child = 1; child < heap_.size(); child = 4 * at + 1) {
      const std::size_t end = child + 4 < heap_.size() ? child + 4 : heap_.size();
      std::size_t least = child;
      for (std::size_t other = child + 1; other < end; ++other) {
        if (is_before(heap_[other], heap_[least])) least = other;
      }
      if (!is_before(heap_[least], event)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = event;
  }

  std::vector<Event> heap_;
  std::uint64_t order_ = 0;
};

}  // namespace causeway::sim
