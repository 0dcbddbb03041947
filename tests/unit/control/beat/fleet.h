// Detectors of several nodes, and a network between them in virtual time. Each shell does as the appliance's:
// it gives what has arrived, with its arrival time, before it ticks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "control/beat/detector.h"

namespace causeway::control::beat {

class Fleet {
 public:
  static constexpr TimeUs kDelayUs = from_ms(40);
  struct Seen {
    TimeUs at_us;
    Event event;
  };

  explicit Fleet(std::size_t nodes, std::size_t nodes_per_site = 1, config::Heartbeat heartbeat = quick(),
                 std::uint64_t seed = 1)
      : heartbeat_(heartbeat), seed_(seed), random_(seed) {
    const char* const names[] = {"us-east", "us-west", "germany", "france",
                                 "japan",   "brazil",  "india",   "chile"};
    for (std::size_t node = 0; node < nodes; ++node) {
      membership_.site_of.push_back(static_cast<SiteId>(node / nodes_per_site));
      names_.emplace_back(names[node % std::size(names)]);
    }
    nodes_.resize(nodes);
    for (std::size_t node = 0; node < nodes; ++node)
      start(static_cast<NodeId>(node));
  }
  // The defaults, but for a start-up that tests need not wait for.
  static config::Heartbeat quick() {
    config::Heartbeat heartbeat;
    heartbeat.startup_ms = 2000;
    return heartbeat;
  }

  Detector& operator[](NodeId node) { return *nodes_[node].detector; }
  TimeUs now_us() const { return now_us_; }
  std::size_t size() const { return nodes_.size(); }
  const Membership& membership() const { return membership_; }
  View view(NodeId node) {
    View view;
    nodes_[node].detector->fill(view, now_us_);
    return view;
  }

  void cut_one_way(NodeId from, NodeId to) { cuts_.insert({from, to}); }
  void cut(NodeId a, NodeId b) {
    cut_one_way(a, b);
    cut_one_way(b, a);
  }
  void isolate(NodeId node) {
    for (NodeId other = 0; other < nodes_.size(); ++other)
      if (other != node) cut(node, other);
  }
  void heal() { cuts_.clear(); }
  void set_lost_percent(unsigned percent) { lost_percent_ = percent; }
  // Returns false: the datagram is lost.
  std::function<bool(NodeId from, NodeId to, wire::RecordType type, std::uint8_t flow)> pass;
  std::function<void(NodeId node)> after_tick = [](NodeId) {};

  // The control thread stands still; what arrives waits. `lost`: and the queue was too small.
  void stall(NodeId node, TimeUs time_us, bool lost = false) {
    nodes_[node].stalled_until_us = now_us_ + time_us;
    nodes_[node].overflows = lost;
  }
  void kill(NodeId node) { nodes_[node].detector.reset(); }
  void start(NodeId id) {
    Node& node = nodes_[id];
    ++node.boot;
    node.backlog.clear();
    node.known_boots.assign(nodes_.size(), 0);
    node.detector =
        std::make_unique<Detector>(heartbeat_, membership_, names_, id, seed_ * 1000 + id, now_us_);
  }
  void send_media(NodeId from, NodeId to) { push(from, to, 0, {}, true, kAnyFlow); }

  void run(TimeUs time_us) {
    const TimeUs end_us = now_us_ + time_us;
    while (step(end_us)) {
    }
    now_us_ = end_us;
  }

  std::vector<Seen> events(NodeId node, EventKind kind) const {
    std::vector<Seen> found;
    for (const Seen& seen : nodes_[node].seen)
      if (seen.event.kind == kind) found.push_back(seen);
    return found;
  }
  std::size_t count(EventKind kind) const {
    std::size_t sum = 0;
    for (std::size_t node = 0; node < nodes_.size(); ++node)
      sum += events(static_cast<NodeId>(node), kind).size();
    return sum;
  }
  const Journal& journal(NodeId node) const { return nodes_[node].journal; }
  std::size_t entries(NodeId node, JournalKind kind) const {
    std::size_t sum = 0;
    for (const JournalEntry& entry : nodes_[node].journal)
      sum += entry.kind == kind ? 1 : 0;
    return sum;
  }
  // A peer that some node would convict: silent, by its helpers' word, and the node trusts itself.
  std::size_t convictions() {
    std::size_t sum = 0;
    for (NodeId node = 0; node < nodes_.size(); ++node) {
      if (!nodes_[node].detector) continue;
      const View view = this->view(node);
      if (view.frozen || view.starting) continue;
      for (NodeId peer = 0; peer < nodes_.size(); ++peer)
        sum += peer != node && view.peers[peer].probe == ProbeResult::silent ? 1 : 0;
    }
    return sum;
  }
  void forget() {
    for (Node& node : nodes_) {
      node.seen.clear();
      node.journal.clear();
    }
  }
  // Gives a message as if it had come just now.
  template <class Call>
  void give(NodeId node, Call&& call) {
    const Room room = begin(node);
    call(*nodes_[node].detector, room.output);
    end(node);
  }
  struct Sent {
    NodeId from;
    NodeId to;
    wire::RecordType type;
    TimeUs at_us;
    std::uint8_t flow;
    std::vector<std::uint8_t> body;
  };
  std::vector<Sent> sent;  // while `records` is set
  bool records = false;

 private:
  struct Datagram {
    TimeUs at_us = 0;
    std::uint64_t order = 0;
    NodeId from = kNoNode;
    NodeId to = kNoNode;
    std::uint64_t boot = 0;
    bool media = false;
    std::uint8_t flow = 0;
    wire::RecordType type{};
    std::vector<std::uint8_t> body;
    bool operator>(const Datagram& other) const {
      return at_us != other.at_us ? at_us > other.at_us : order > other.order;
    }
  };
  struct Node {
    std::unique_ptr<Detector> detector;
    std::uint64_t boot = 0;
    std::vector<std::uint64_t> known_boots;
    TimeUs stalled_until_us = 0;
    bool overflows = false;
    std::vector<Datagram> backlog;
    std::vector<Seen> seen;
    std::vector<Event> events;
    Journal journal;
  };
  class Box : public Outbox {
   public:
    void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body,
              std::uint8_t flow) override {
      fleet->push(from, to, type, body, false, flow);
    }
    Fleet* fleet = nullptr;
    NodeId from = kNoNode;
  };
  struct Room {
    Output output;
  };

  Room begin(NodeId id) {
    box_.fleet = this;
    box_.from = id;
    return {{box_, nodes_[id].events, nodes_[id].journal}};
  }
  void end(NodeId id) {
    for (const Event& event : nodes_[id].events)
      nodes_[id].seen.push_back({now_us_, event});
    nodes_[id].events.clear();
  }

  void push(NodeId from, NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, bool media,
            std::uint8_t flow) {
    if (records) sent.push_back({from, to, type, now_us_, flow, {body.begin(), body.end()}});
    if (cuts_.contains({from, to}) || random_.below(100) < lost_percent_) return;
    if (pass && !media && !pass(from, to, type, flow)) return;
    network_.push({now_us_ + kDelayUs,
                   ++order_,
                   from,
                   to,
                   nodes_[from].boot,
                   media,
                   flow,
                   type,
                   {body.begin(), body.end()}});
  }
  void push(NodeId from, NodeId to, int, std::span<const std::uint8_t> body, bool media, std::uint8_t flow) {
    push(from, to, wire::RecordType{}, body, media, flow);
  }

  TimeUs due_us(const Node& node) const {
    if (!node.detector) return kNever;
    return std::max(node.detector->next_due_us(), node.stalled_until_us);
  }
  bool step(TimeUs end_us) {
    TimeUs next_us = network_.empty() ? kNever : network_.top().at_us;
    for (const Node& node : nodes_)
      next_us = std::min(next_us, due_us(node));
    if (next_us > end_us) return false;
    now_us_ = std::max(now_us_, next_us);
    if (!network_.empty() && network_.top().at_us <= now_us_) {
      const Datagram datagram = network_.top();
      network_.pop();
      arrive(datagram);
      return true;
    }
    for (NodeId id = 0; id < nodes_.size(); ++id)
      if (due_us(nodes_[id]) <= now_us_) turn(id);
    return true;
  }
  void arrive(const Datagram& datagram) {
    Node& node = nodes_[datagram.to];
    if (!node.detector) return;
    if (now_us_ >= node.stalled_until_us && node.backlog.empty()) return give_datagram(datagram);
    if (!node.overflows) node.backlog.push_back(datagram);
  }
  void turn(NodeId id) {
    Node& node = nodes_[id];
    if (node.overflows) give(id, [&](Detector& d, const Output& out) { d.on_overflow(now_us_, out); });
    node.overflows = false;
    const std::vector<Datagram> backlog = std::move(node.backlog);
    node.backlog.clear();
    for (const Datagram& datagram : backlog)
      give_datagram(datagram);
    give(id, [&](Detector& d, const Output& out) { d.tick(now_us_, out); });
    after_tick(id);
  }
  void give_datagram(const Datagram& datagram) {
    Node& node = nodes_[datagram.to];
    give(datagram.to, [&](Detector& d, const Output& out) {
      std::uint64_t& known = node.known_boots[datagram.from];
      if (datagram.boot < known) return;
      if (datagram.boot > known && known != 0) d.on_peer_boot(datagram.from, now_us_, out);
      known = datagram.boot;
      if (datagram.media) return d.on_media(datagram.from, datagram.at_us, now_us_, out);
      Beat beat;
      ProbeRequest request;
      ProbeReply reply;
      switch (datagram.type) {
        case wire::RecordType::beat:
          if (read(datagram.body, beat))
            d.on_beat(datagram.from, datagram.flow, beat, datagram.at_us, now_us_, out);
          break;
        case wire::RecordType::probe_request:
          if (read(datagram.body, request)) d.on_probe_request(datagram.from, request, now_us_, out);
          break;
        default:
          if (read(datagram.body, reply)) d.on_probe_reply(datagram.from, reply, now_us_, out);
      }
    });
  }

  config::Heartbeat heartbeat_;
  std::uint64_t seed_;
  Random random_;
  Membership membership_;
  std::vector<std::string> names_;
  TimeUs now_us_ = from_ms(1000);
  std::vector<Node> nodes_;
  std::set<std::pair<NodeId, NodeId>> cuts_;
  unsigned lost_percent_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Datagram, std::vector<Datagram>, std::greater<>> network_;
  Box box_;
};

}  // namespace causeway::control::beat
