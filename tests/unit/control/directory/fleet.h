// Directories of several nodes and a network between them that loses, doubles, delays and reorders, in
// virtual time from one seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "control/directory/directory.h"

namespace causeway::control::directory::test {

struct Weather {
  TimeUs delay_us = 20'000;
  TimeUs jitter_us = 1'000;
  unsigned loss_percent = 0;
  unsigned doubled_percent = 0;
};

inline TrackKey key(std::uint64_t number) {
  return track_key("track " + std::to_string(number));
}

inline Membership members(std::size_t nodes) {
  Membership membership;
  for (std::size_t node = 0; node < nodes; ++node)
    membership.site_of.push_back(static_cast<SiteId>(node % kMaxSites));
  return membership;
}

class Fleet {
 public:
  explicit Fleet(std::size_t nodes, config::DirectoryTimers given = {}, std::uint64_t seed = 1)
      : config(given), random(seed), membership_(members(nodes)), nodes_(nodes) {
    for (NodeId node = 0; node < nodes; ++node)
      start(node);
  }

  // With an empty directory; its publishers come back if the test says so.
  void start(NodeId id) {
    Node& node = nodes_[id];
    node.fleet = this;
    node.id = id;
    ++node.boot;
    node.known_boots.assign(nodes_.size(), 0);
    node.own.clear();
    node.directory =
        std::make_unique<Directory>(config, membership_, id, node.boot, seed(), node, node, now_us);
    node.directory->set_reachable(all(), now_us);
  }
  void put(NodeId id, const TrackKey& track) { put(id, track, ++stamp_); }
  void put(NodeId id, const TrackKey& track, Stamp stamp) {
    if (directory(id).put(track, stamp, now_us)) nodes_[id].own[track] = stamp;
  }
  void remove(NodeId id, const TrackKey& track) {
    directory(id).remove(track, now_us);
    nodes_[id].own.erase(track);
  }

  void run(TimeUs length_us) {
    const TimeUs end_us = now_us + length_us;
    while (true) {
      TimeUs next_us = mail_.empty() ? kNever : mail_.top().at_us;
      for (const Node& node : nodes_)
        next_us = std::min(next_us, node.directory->next_due_us());
      if (next_us > end_us) break;
      now_us = std::max(now_us, next_us);
      while (!mail_.empty() && mail_.top().at_us <= now_us) {
        const Mail mail = mail_.top();
        mail_.pop();
        deliver(mail);
      }
      for (Node& node : nodes_) {
        if (node.directory->next_due_us() <= now_us) node.directory->tick(now_us);
        ++turns;
      }
    }
    now_us = end_us;
  }
  // How long until they are all equal, in steps of 10 ms; kNever if not within limit_us.
  TimeUs run_until_equal(TimeUs limit_us) {
    const TimeUs begin_us = now_us;
    while (!difference().empty()) {
      if (now_us - begin_us >= limit_us) return kNever;
      run(10'000);
    }
    return now_us - begin_us;
  }

  // Empty if every node knows exactly what every other one originates.
  std::string difference() const {
    for (const Node& owner : nodes_) {
      for (const Node& node : nodes_) {
        const Summary& summary = node.directory->summary(owner.id);
        const Summary& own = owner.directory->summary(owner.id);
        if (summary.tracks != own.tracks || summary.hash != own.hash || summary.buckets != own.buckets) {
          return "node " + std::to_string(node.id) + " has " + std::to_string(summary.tracks) + " of " +
                 std::to_string(own.tracks) + " tracks of node " + std::to_string(owner.id);
        }
      }
    }
    return {};
  }

  std::vector<Claim> claims(NodeId id, const TrackKey& track) const {
    std::vector<Claim> found(kMaxNodes);
    found.resize(nodes_[id].directory->claims(track, std::span(found)));
    return found;
  }
  bool knows(NodeId id, const TrackKey& track, NodeId origin) const {
    return std::ranges::count(claims(id, track), origin, &Claim::origin) == 1;
  }

  // What `from` says to `to`, true or not, at once.
  template <class Message>
  RecordError say(NodeId from, NodeId to, wire::RecordType type, const Message& message) {
    std::array<std::uint8_t, wire::kMaxRecordBytes> bytes;
    wire::Writer writer(bytes);
    write(writer, message);
    return directory(to).on_record(from, type, writer.written(), now_us);
  }

  Directory& directory(NodeId id) { return *nodes_[id].directory; }
  const std::map<TrackKey, Stamp>& own(NodeId id) const { return nodes_[id].own; }
  std::uint64_t changes(NodeId id) const { return nodes_[id].changes; }
  std::size_t size() const { return nodes_.size(); }
  NodeSet all() const {
    NodeSet set;
    for (NodeId node = 0; node < nodes_.size(); ++node)
      set.insert(node);
    return set;
  }
  void cut(NodeId id, bool is_cut) { nodes_[id].is_cut = is_cut; }

  config::DirectoryTimers config;
  std::mt19937_64 random;
  Weather weather;
  TimeUs now_us = 1'000'000;
  std::uint64_t turns = 0;
  struct Sent {
    TimeUs at_us;
    NodeId from;
    wire::RecordType type;
    std::size_t bytes;
  };
  std::vector<Sent> sent;  // everything
  bool records_sent = false;
  // Whether a record gets through; without it all do.
  std::function<bool(NodeId from, NodeId to, wire::RecordType)> pass;

 private:
  struct Node final : Outbox, Listener {
    void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) override {
      fleet->post(*this, to, type, body);
    }
    void on_claims_changed(const TrackKey&) override { ++changes; }

    Fleet* fleet = nullptr;
    NodeId id = 0;
    BootId boot = 0;
    std::vector<BootId> known_boots;
    std::map<TrackKey, Stamp> own;
    std::unique_ptr<Directory> directory;
    std::uint64_t changes = 0;
    bool is_cut = false;
  };
  struct Mail {
    TimeUs at_us;
    std::uint64_t order;
    NodeId from;
    NodeId to;
    BootId boot;
    BootId to_boot;
    wire::RecordType type;
    std::vector<std::uint8_t> body;
    bool operator>(const Mail& other) const {
      return std::tie(at_us, order) > std::tie(other.at_us, other.order);
    }
  };

  std::uint64_t seed() { return random(); }
  bool chance(unsigned percent) { return percent != 0 && random() % 100 < percent; }

  void post(const Node& from, NodeId to, wire::RecordType type, std::span<const std::uint8_t> body) {
    ASSERT_LT(to, nodes_.size());
    ASSERT_NE(to, from.id);
    ASSERT_LE(body.size(), wire::kMaxRecordBytes);
    if (records_sent) sent.push_back({now_us, from.id, type, body.size() + kOverheadBytes});
    if (pass && !pass(from.id, to, type)) return;
    const int copies = chance(weather.loss_percent) ? 0 : chance(weather.doubled_percent) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const auto late_us =
          static_cast<TimeUs>(random() % (static_cast<std::uint64_t>(weather.jitter_us) + 1));
      mail_.push({now_us + weather.delay_us + late_us,
                  ++order_,
                  from.id,
                  to,
                  from.boot,
                  from.known_boots[to],
                  type,
                  {body.begin(), body.end()}});
    }
  }
  // What the core does with boots. A newer one is learnt even from a frame that is meant for an older one of
  // the receiver: else two nodes that both know an older boot of each other would never talk again.
  void deliver(const Mail& mail) {
    Node& node = nodes_[mail.to];
    BootId& known = node.known_boots[mail.from];
    if (node.is_cut || nodes_[mail.from].is_cut || mail.boot < known) return;
    if (mail.boot > known) {
      known = mail.boot;
      node.directory->on_peer_boot(mail.from, mail.boot, now_us);
    }
    if (mail.to_boot != 0 && mail.to_boot != node.boot) return;
    EXPECT_EQ(node.directory->on_record(mail.from, mail.type, mail.body, now_us), RecordError::none);
  }

  Membership membership_;
  std::vector<Node> nodes_;
  std::priority_queue<Mail, std::vector<Mail>, std::greater<>> mail_;
  std::uint64_t order_ = 0;
  Stamp stamp_ = 0;
};

}  // namespace causeway::control::directory::test
