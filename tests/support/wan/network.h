// The WAN without its sockets: an Ethernet switch whose ports are sites, with a rule for each ordered pair of
// them. Takes frames and a time, gives frames and the time at which they are due. No clock, so that a test
// can play one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/wan/frame.h"
#include "tests/support/wan/queue.h"
#include "tests/support/wan/rule.h"

namespace causeway::wan {

struct Counters {
  std::uint64_t forwarded = 0;  // handed to the destination
  std::uint64_t lost = 0;       // by loss_percent
  std::uint64_t cut = 0;
  std::uint64_t duplicated = 0;  // copies beyond the first
  std::uint64_t reordered = 0;   // let past the delay
  std::uint64_t overflowed = 0;  // the pair's queue was full
  std::uint64_t unsent = 0;      // refused by the destination's interface
  std::int64_t worst_late_ns = 0;
};

// A frame on its way. Its bytes stay with the network until it is settled.
struct Delivery {
  std::uint16_t from = 0;
  std::uint16_t to = 0;
  std::uint32_t buffer = 0;
  std::int64_t due_ns = 0;
};

class Network {
 public:
  // At least two sites. `most_queued` frames wait for each ordered pair.
  Network(std::vector<std::string> sites, std::uint64_t seed, std::size_t most_queued);

  const std::vector<std::string>& sites() const { return sites_; }
  std::optional<std::size_t> site(std::string_view name) const;

  const Rule& rule(std::size_t from, std::size_t to) const { return pair(from, to).rule; }
  void change(std::size_t from, std::size_t to, const Change& change);

  void take(std::size_t from, std::span<const std::uint8_t> frame, std::int64_t arrival_ns);

  bool empty() const { return queue_.empty(); }
  std::size_t queued() const { return queue_.size(); }
  std::int64_t next_due_ns() const { return queue_.next_due_ns(); }
  Delivery pop() { return queue_.pop(); }
  std::span<const std::uint8_t> frame(const Delivery& delivery) const { return buffers_[delivery.buffer]; }
  // What came of a delivery that was popped: sent so much later than due, or refused.
  void sent(const Delivery& delivery, std::int64_t late_ns);
  void refused(const Delivery& delivery);

  const Counters& counters(std::size_t from, std::size_t to) const { return pair(from, to).counters; }
  std::size_t queued(std::size_t from, std::size_t to) const { return pair(from, to).queued; }
  void clear_counters();

 private:
  using Random = std::mt19937_64;

  struct Pair {
    Rule rule;
    Counters counters;
    std::size_t queued = 0;
    // One for each kind of frame: whether an RTP packet is lost does not depend on the frames between.
    std::vector<Random> dice;
    Random jitter_dice;
    std::int64_t jitter_ns = 0;  // as last drawn
    std::int64_t jitter_until_ns = INT64_MIN;
    std::int64_t last_due_ns = INT64_MIN;
  };

  const Pair& pair(std::size_t from, std::size_t to) const { return pairs_[from * sites_.size() + to]; }
  Pair& pair(std::size_t from, std::size_t to) { return pairs_[from * sites_.size() + to]; }
  void learn(const Mac& mac, std::size_t site);
  void pass(std::size_t from, std::size_t to, std::span<const std::uint8_t> frame, const FrameInfo& info,
            std::int64_t arrival_ns);
  void enqueue(std::size_t from, std::size_t to, std::span<const std::uint8_t> frame, std::int64_t due_ns);
  void settle(const Delivery& delivery);

  std::vector<std::string> sites_;
  std::size_t most_queued_;
  std::vector<Pair> pairs_;
  std::map<Mac, std::size_t> site_of_mac_;
  TimedQueue<Delivery> queue_;
  std::vector<std::vector<std::uint8_t>> buffers_;  // used again: no allocation for a frame
  std::vector<std::uint32_t> free_buffers_;
};

}  // namespace causeway::wan
