// Several nodes' relay protocols over a network that is a bag: messages and packets may be lost, doubled,
// late and out of order, exactly as a test says. One track.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/relay/relay.h"

namespace causeway::control::relay::test {

struct Letter {
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  BootId from_boot = 0;
  BootId to_boot = 0;
  bool is_media = false;
  Label label;  // of media
  wire::RecordType type{};
  std::vector<std::uint8_t> body;
};

class Fleet {
 public:
  explicit Fleet(std::size_t nodes, config::Relaying config = {}, std::size_t nodes_per_site = 1);

  struct Node final : Surroundings, Outbox {
    Fleet* fleet = nullptr;
    NodeId id = kNoNode;
    BootId boot = 0;
    Stamp disk = 0;  // the watermark that a restart finds
    std::optional<Stamp> writing;
    NodeSet reachable;  // by default everybody
    std::vector<BootId> known_boots;
    bool is_published = false;
    bool is_wanted = false;
    bool is_blind = false;  // the directory has not come here
    std::vector<JournalEntry> journal;
    std::unique_ptr<Relay> relay;

    bool is_reachable(NodeId node) const override { return reachable.contains(node); }
    bool is_lively(NodeId node, TimeUs) const override { return reachable.contains(node); }
    bool is_settled(NodeId node) const override { return reachable.contains(node); }
    TimeUs round_trip_us(NodeId) const override { return 20'000; }
    bool hears(NodeId node, NodeId other) const override {
      return fleet->nodes[node]->reachable.contains(other) && fleet->nodes[other]->reachable.contains(node);
    }
    std::size_t claims(const TrackKey& key, std::span<Claim> out) const override;
    void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) override;
  };

  Relay& relay(NodeId node) { return *nodes[node]->relay; }
  RelayView view(NodeId node) { return nodes[node]->relay->view(track); }
  bool is_fed(NodeId node) { return view(node).is_fed; }
  std::optional<NodeId> upstream(NodeId node);

  void publish(NodeId node);
  void unpublish(NodeId node);
  void want(NodeId node);
  void restart(NodeId node);  // with what is on its disk
  void write_disk(NodeId node);
  void cut(NodeId a, NodeId b);  // neither is reachable for the other; letters between them get lost
  void heal(NodeId a, NodeId b);

  // Each fed node sends one packet with its own label to each of its legs (R7).
  void send_media();
  void send_beats();  // by which restarts are noticed
  void deliver(std::size_t letter, bool keep = false);
  void deliver_all();                 // in order, with all that this causes
  void tick(NodeId still = kNoNode);  // all but who stands still
  // Time goes on in steps: media each 100 ms, everything delivered at once, ticks.
  void run(TimeUs us);

  // What must hold in every state; empty if it does. I1, I2, I3, R2 and R5.
  std::string violation();

  std::string describe();  // every node's state and last words, for a failure

  TrackKey track = track_key("room/alice/video");
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<Letter> bag;
  std::vector<std::optional<Stamp>> claims;  // the directory, by node
  TimeUs now_us = 1'000'000;

 private:
  void start(Node& node);
  void collect(Node& node);
  bool is_cut(NodeId a, NodeId b) const {
    return !nodes[a]->reachable.contains(b) || !nodes[b]->reachable.contains(a);
  }

  Membership membership_;
  std::vector<std::string> names_;
  config::Relaying config_;
};

inline Fleet::Fleet(std::size_t count, config::Relaying config, std::size_t nodes_per_site)
    : config_(config) {
  NodeSet all;
  for (std::size_t i = 0; i < count; ++i) {
    membership_.site_of.push_back(static_cast<SiteId>(i / nodes_per_site));
    names_.push_back("n" + std::to_string(i));
    all.insert(static_cast<NodeId>(i));
  }
  claims.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto node = std::make_unique<Node>();
    node->fleet = this;
    node->id = static_cast<NodeId>(i);
    node->reachable = all;
    node->known_boots.resize(count);
    nodes.push_back(std::move(node));
  }
  for (auto& node : nodes) {
    start(*node);
    write_disk(node->id);
  }
}

inline void Fleet::start(Node& node) {
  ++node.boot;
  node.writing.reset();
  std::ranges::fill(node.known_boots, BootId{0});
  node.relay = std::make_unique<Relay>(node.id, membership_, names_, config_, node.disk, node, node, now_us);
  collect(node);
}

inline std::size_t Fleet::Node::claims(const TrackKey&, std::span<Claim> out) const {
  std::vector<Claim> all;
  if (is_blind) return 0;
  for (std::size_t i = 0; i < fleet->claims.size(); ++i) {
    if (fleet->claims[i]) all.push_back({static_cast<NodeId>(i), *fleet->claims[i]});
  }
  std::ranges::sort(all, [](const Claim& a, const Claim& b) {
    return is_better({a.stamp, a.origin, 0}, {b.stamp, b.origin, 0});
  });
  const std::size_t count = std::min(all.size(), out.size());
  std::copy_n(all.begin(), count, out.begin());
  return count;
}

inline void Fleet::Node::send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body,
                              std::uint8_t) {
  fleet->bag.push_back({id, to, boot, known_boots[to], false, {}, type, {body.begin(), body.end()}});
}

inline std::string Fleet::describe() {
  std::string text = "\n";
  for (auto& node : nodes) {
    const RelayView seen = view(node->id);
    text += "n" + std::to_string(node->id) + (seen.is_origin ? " origin" : "") + (seen.is_fed ? " fed" : "") +
            " label " + std::to_string(seen.label.stamp) + "," + std::to_string(seen.label.origin) + "," +
            std::to_string(seen.label.depth);
    if (seen.active) text += " active n" + std::to_string(seen.active->upstream);
    if (seen.pending) text += " pending n" + std::to_string(seen.pending->upstream);
    for (const NodeId leg : seen.legs)
      text += " leg n" + std::to_string(leg);
    if (claims[node->id]) text += " claims " + std::to_string(*claims[node->id]);
    text += "\n";
    const std::size_t count = std::min<std::size_t>(node->journal.size(), 12);
    for (std::size_t i = node->journal.size() - count; i < node->journal.size(); ++i)
      text += "    " + std::to_string(node->journal[i].at_us) + " " + node->journal[i].text + "\n";
  }
  return text + "now " + std::to_string(now_us);
}

// What the protocol wants done, except for the disk, which the test writes.
inline void Fleet::collect(Node& node) {
  Output& output = node.relay->output();
  for (const Output::Announcement& announcement : output.announcements) {
    claims[node.id] = announcement.stamp == 0 ? std::nullopt : std::optional<Stamp>(announcement.stamp);
  }
  const bool announced = !output.announcements.empty();
  output.announcements.clear();
  output.changed.clear();
  output.keepalives.clear();
  std::ranges::move(output.journal, std::back_inserter(node.journal));
  output.journal.clear();
  if (const auto request = node.relay->take_watermark_request()) node.writing = request;
  if (!announced) return;
  for (auto& other : nodes) {
    if (other->id == node.id || !other->relay) continue;
    other->relay->on_claims_changed(track, now_us);
    collect(*other);
  }
}

inline std::optional<NodeId> Fleet::upstream(NodeId node) {
  const RelayView seen = view(node);
  return seen.active ? std::optional(seen.active->upstream) : std::nullopt;
}

inline void Fleet::publish(NodeId node) {
  nodes[node]->is_published = true;
  relay(node).publish(track, now_us);
  collect(*nodes[node]);
}
inline void Fleet::unpublish(NodeId node) {
  nodes[node]->is_published = false;
  relay(node).unpublish(track, now_us);
  collect(*nodes[node]);
}
inline void Fleet::want(NodeId node) {
  nodes[node]->is_wanted = true;
  relay(node).want(track, now_us);
  collect(*nodes[node]);
}

inline void Fleet::restart(NodeId id) {
  Node& node = *nodes[id];
  node.is_published = false;
  claims[id].reset();
  start(node);
  if (node.is_wanted) want(id);
}

inline void Fleet::write_disk(NodeId id) {
  Node& node = *nodes[id];
  if (!node.writing) return;
  node.disk = std::max(node.disk, *node.writing);
  node.writing.reset();
  node.relay->on_watermark(node.disk, now_us);
  collect(node);
}

inline void Fleet::cut(NodeId a, NodeId b) {
  nodes[a]->reachable.erase(b);
  nodes[b]->reachable.erase(a);
}
inline void Fleet::heal(NodeId a, NodeId b) {
  nodes[a]->reachable.insert(b);
  nodes[b]->reachable.insert(a);
  for (const auto& [node, peer] : {std::pair{a, b}, std::pair{b, a}}) {
    relay(node).on_heard_again(peer, now_us);
    collect(*nodes[node]);
  }
}

inline void Fleet::send_media() {
  for (auto& node : nodes) {
    const RelayView seen = node->relay->view(track);
    if (!seen.is_fed) continue;
    for (const NodeId leg : seen.legs)
      bag.push_back({node->id, leg, node->boot, node->known_boots[leg], true, seen.label, {}, {}});
  }
}

inline void Fleet::send_beats() {
  for (auto& node : nodes) {
    for (auto& other : nodes) {
      if (node != other) node->send(other->id, wire::RecordType::beat, {}, 0);
    }
  }
}

inline void Fleet::deliver(std::size_t index, bool keep) {
  const Letter letter = bag[index];
  if (!keep) {
    bag[index] = std::move(bag.back());
    bag.pop_back();
  }
  Node& node = *nodes[letter.to];
  if (is_cut(letter.from, letter.to)) return;
  // R8
  BootId& known = node.known_boots[letter.from];
  if (letter.from_boot < known || (letter.to_boot != 0 && letter.to_boot != node.boot)) return;
  if (letter.from_boot > known) {
    const bool is_first_contact = known == 0;
    known = letter.from_boot;
    if (!is_first_contact) node.relay->on_peer_boot(letter.from, now_us);
  }
  const auto give = [&](auto message, auto handler) {
    if (read(letter.body, message)) (node.relay.get()->*handler)(letter.from, message, now_us);
  };
  if (letter.is_media) {
    node.relay->on_media(track, letter.from, letter.label, now_us, now_us);
  } else if (letter.type == wire::RecordType::subscribe) {
    give(Subscribe{}, &Relay::on_subscribe);
  } else if (letter.type == wire::RecordType::ack) {
    give(Ack{}, &Relay::on_ack);
  } else if (letter.type == wire::RecordType::nack) {
    give(Nack{}, &Relay::on_nack);
  } else if (letter.type == wire::RecordType::unsubscribe) {
    give(Unsubscribe{}, &Relay::on_unsubscribe);
  } else if (letter.type == wire::RecordType::withdraw) {
    give(Withdraw{}, &Relay::on_withdraw);
  } else if (letter.type == wire::RecordType::stamp_request) {
    give(StampRequest{}, &Relay::on_stamp_request);
  } else if (letter.type == wire::RecordType::advert) {
    give(Advert{}, &Relay::on_advert);
  }
  collect(node);
}

inline void Fleet::deliver_all() {
  while (!bag.empty()) {
    std::vector<Letter> letters;
    letters.swap(bag);
    for (Letter& letter : letters) {
      bag.push_back(std::move(letter));
      std::swap(bag.front(), bag.back());
      std::vector<Letter> rest(bag.begin() + 1, bag.end());
      bag.resize(1);
      deliver(0);
      rest.insert(rest.end(), bag.begin(), bag.end());
      bag = std::move(rest);
    }
  }
}

inline void Fleet::tick(NodeId still) {
  for (auto& node : nodes) {
    if (node->id == still) continue;
    node->relay->tick(now_us);
    collect(*node);
  }
}

inline void Fleet::run(TimeUs us) {
  now_us = now_us / 10'000 * 10'000;
  for (const TimeUs end_us = now_us + us; now_us < end_us;) {
    now_us += 10'000;
    for (auto& node : nodes)
      write_disk(node->id);
    if (now_us % 100'000 == 0) {
      send_media();
      send_beats();
    }
    deliver_all();
    tick();
    deliver_all();
  }
}

inline std::string Fleet::violation() {
  struct Arrow {
    NodeId from, to;
  };
  std::vector<Arrow> arrows;
  for (auto& node : nodes) {
    const RelayView seen = node->relay->view(track);
    const std::string who = "n" + std::to_string(node->id);
    if (seen.label.origin != kNoNode && seen.label.stamp > node->disk)
      return who + " holds a stamp above its disk's";
    if (seen.active) arrows.push_back({node->id, seen.active->upstream});
    if (seen.pending && seen.pending->acknowledged) arrows.push_back({node->id, seen.pending->upstream});
    if (seen.active && std::ranges::count(seen.legs, seen.active->upstream) > 0) {
      return who + " has a leg to its own upstream";
    }
    if (seen.is_origin && (seen.active || seen.pending)) return who + " is the origin and has an upstream";
    if (node->relay->counters().gate_refusals > 0) return who + "'s gate fired";
  }
  Order order;
  for (const Arrow& arrow : arrows) {
    const Label from = view(arrow.from).label;
    const Label to = view(arrow.to).label;
    if (!is_better(to, from)) {
      return "n" + std::to_string(arrow.from) + "'s upstream n" + std::to_string(arrow.to) +
             " has no better label";
    }
    if (!order.add(arrow.from, arrow.to).empty()) return "a cycle";
  }
  return "";
}

}  // namespace causeway::control::relay::test
