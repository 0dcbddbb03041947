// A fleet in a few lines: beats with rows each 100 ms, 50 ms under way, helpers that know the truth, one
// arbiter; and the judge of every node. Which paths work is set from outside.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/verdict/arbiter.h"
#include "control/verdict/judge.h"

namespace causeway::control::verdict::test {

class World {
 public:
  static constexpr TimeUs kStepUs = from_ms(50);
  static constexpr TimeUs kBegin = from_ms(3'600'000);

  struct Node {
    std::unique_ptr<Judge> judge;
    View view;
    Journal journal;
    std::vector<TimeUs> echo_us;          // by peer
    std::vector<std::uint64_t> received;  // number of the newest beat of each peer
    std::vector<std::uint64_t> echoed;    // the greatest number of ours that each peer echoed
    Row own;
    bool dead = false;
    bool frozen = false;
    bool starting = false;
    bool local_media = false;
    bool reaches_arbiter = true;
    std::uint8_t load_percent = 30;
    int asked = 0;
    TimeUs hard_without_token_us = 0;
    TimeUs soft_since_us = kNever;
    TimeUs ended_us = kNever;
  };

  // sites: how many nodes each has.
  explicit World(const std::vector<int>& sites, bool has_arbiter = true, config::Isolation isolation = {})
      : isolation_(isolation), has_arbiter_(has_arbiter) {
    for (std::size_t site = 0; site < sites.size(); ++site) {
      for (int n = 0; n < sites[site]; ++n) {
        membership.site_of.push_back(static_cast<SiteId>(site));
        names.push_back("s" + std::to_string(site) + std::string(1, static_cast<char>('a' + n)));
      }
    }
    const std::size_t count = names.size();
    open_.assign(count, std::vector<bool>(count, true));
    nodes.resize(count);
    for (std::size_t n = 0; n < count; ++n) {
      Node& node = nodes[n];
      node.judge = std::make_unique<Judge>(config::Heartbeat(), isolation, membership, names,
                                           static_cast<NodeId>(n), has_arbiter);
      node.view.self = static_cast<NodeId>(n);
      node.view.peers.resize(count);
      node.echo_us.assign(count, kLongAgo);
      node.received.assign(count, 0);
      node.echoed.assign(count, 0);
      for (PeerView& peer : node.view.peers)
        peer.silent_since_us = kBegin;
    }
    arbiter = std::make_unique<Arbiter>(membership, isolation.min_sites, kBegin, true);
    run(2000);
  }

  void run(int for_ms) {
    for (const TimeUs end_us = now_us + from_ms(static_cast<unsigned>(for_ms)); now_us < end_us;)
      step();
  }

  // Paths. From then on; what is under way arrives.
  void set(std::size_t from, std::size_t to, bool open) { open_[from][to] = open; }
  void cut(std::size_t a, std::size_t b) { set(a, b, false), set(b, a, false); }
  void set_sites(std::size_t site, bool open) {  // between this site and all others
    for_pairs([&](std::size_t a, std::size_t b) {
      if (site_of(a) != site_of(b) && (site_of(a) == site || site_of(b) == site)) set(a, b, open);
    });
  }
  void cut_site(std::size_t site) { set_sites(site, false); }
  void heal() {
    for_pairs([&](std::size_t a, std::size_t b) { set(a, b, true); });
  }
  void cut_all_sites() {
    for (std::size_t site = 0; site < membership.sites(); ++site)
      cut_site(site);
  }

  const Judge& judge(std::size_t n) const { return *nodes[n].judge; }
  std::size_t site_of(std::size_t n) const { return membership.site_of[n]; }
  int draining(DrainState state) const {
    int found = 0;
    for (const Node& node : nodes)
      found += node.judge->drain() == state;
    return found;
  }
  bool any_drain() const { return draining(DrainState::none) != static_cast<int>(nodes.size()); }
  int written(std::size_t n, JournalKind kind) const {
    int found = 0;
    for (const JournalEntry& entry : nodes[n].journal)
      found += entry.kind == kind;
    return found;
  }
  std::string text(std::size_t n, JournalKind kind) const {
    std::string found;
    for (const JournalEntry& entry : nodes[n].journal) {
      if (entry.kind == kind) found = entry.text;
    }
    return found;
  }

  Membership membership;
  std::vector<std::string> names;
  std::vector<Node> nodes;
  std::unique_ptr<Arbiter> arbiter;
  TimeUs now_us = kBegin;
  int soft_drains = 0;
  int hard_drains = 0;

 private:
  struct Beat {
    std::size_t from = 0;
    std::size_t to = 0;
    std::uint64_t number = 0;
    std::uint64_t echo = 0;
    Row row;
  };

  template <class Visitor>
  void for_pairs(Visitor&& visit) const {
    for (std::size_t a = 0; a < names.size(); ++a) {
      for (std::size_t b = 0; b < names.size(); ++b) {
        if (a != b) visit(a, b);
      }
    }
  }

  void step() {
    now_us += kStepUs;
    const std::vector<Beat> arrived = std::move(under_way_);
    under_way_.clear();
    for (const Beat& beat : arrived)
      take(beat);
    for (std::size_t n = 0; n < nodes.size(); ++n)
      look(n);
    for (Node& node : nodes) {
      for (std::size_t p = 0; p < nodes.size(); ++p)
        node.view.peers[p].probe = probe(node, p);
    }
    for (std::size_t n = 0; n < nodes.size(); ++n)
      judge_now(n);
    if (now_us / kStepUs % 2 != 0) return;
    ++number_;
    for_pairs([&](std::size_t a, std::size_t b) { send(a, b); });
  }

  void send(std::size_t from, std::size_t to) {
    const Node& node = nodes[from];
    if (node.dead || node.frozen || !open_[from][to]) return;
    Beat beat{from, to, number_, node.received[to], node.own};
    node.own.heard.for_each([&](NodeId k) {
      if (node.view.peers[k].row.heard.contains(static_cast<NodeId>(to))) beat.row.hear_us.insert(k);
    });
    under_way_.push_back(beat);
  }

  void take(const Beat& beat) {
    Node& node = nodes[beat.to];
    if (node.dead || node.frozen) return;
    PeerView& peer = node.view.peers[beat.from];
    peer.silent_since_us = now_us;
    peer.row = beat.row;
    peer.row.at_us = now_us;
    node.received[beat.from] = beat.number;
    heard_[beat.to * 256 + beat.from] = true;
    if (beat.echo <= node.echoed[beat.from]) return;
    node.echoed[beat.from] = beat.echo;
    node.echo_us[beat.from] = now_us;
  }

  void look(std::size_t n) {
    Node& node = nodes[n];
    node.view.frozen = node.frozen;
    node.view.starting = node.starting;
    node.view.local_media = node.local_media;
    node.view.load_percent = node.load_percent;
    node.own = {};
    node.own.drain = node.judge->drain();
    node.own.load_percent = node.load_percent;
    node.own.stalled = node.frozen;
    node.own.local_media = node.local_media;
    for (std::size_t p = 0; p < nodes.size(); ++p) {
      if (p == n) continue;
      PeerView& peer = node.view.peers[p];
      const bool was_heard = heard_[n * 256 + p];
      peer.beats_heard = was_heard && now_us - peer.silent_since_us <= from_ms(900);
      peer.beats_two_way = peer.beats_heard && now_us - node.echo_us[p] <= from_ms(900);
      if (peer.beats_heard) node.own.heard.insert(static_cast<NodeId>(p));
      if (peer.beats_two_way) node.own.two_way.insert(static_cast<NodeId>(p));
    }
  }

  ProbeResult probe(const Node& node, std::size_t target) const {
    const PeerView& peer = node.view.peers[target];
    if (peer.beats_heard || now_us - peer.silent_since_us < from_ms(3050)) return ProbeResult::none;
    ProbeResult result = ProbeResult::unanswered;
    for (std::size_t helper = 0; helper < nodes.size(); ++helper) {
      if (helper == target || !node.own.two_way.contains(static_cast<NodeId>(helper))) continue;
      if (nodes[helper].own.two_way.contains(static_cast<NodeId>(target))) return ProbeResult::alive;
      result = ProbeResult::silent;
    }
    return result;
  }

  void judge_now(std::size_t n) {
    Node& node = nodes[n];
    if (node.dead) return;
    const DrainState before = node.judge->drain();
    Output output{node.journal};
    node.judge->turn(node.view, now_us, output);
    const auto id = static_cast<NodeId>(n);
    const bool reaches = has_arbiter_ && node.reaches_arbiter;
    if (output.report_islanded && reaches) arbiter->report(id, now_us);
    if (output.release_token && reaches) arbiter->release(id, now_us);
    node.asked += output.ask_token;
    if (output.ask_token && reaches)
      node.judge->on_token(arbiter->ask(id, now_us) == ArbiterAnswer::granted, now_us);
    if (reaches) node.judge->on_common_mode(arbiter->is_common_mode(now_us));
    const DrainState after = node.judge->drain();
    if (after == DrainState::hard && arbiter->holder(now_us) != site_of(n))
      node.hard_without_token_us += kStepUs;
    soft_drains += before == DrainState::none && after != DrainState::none;
    hard_drains += before != DrainState::hard && after == DrainState::hard;
    if (before == DrainState::none && after == DrainState::soft) node.soft_since_us = now_us;
    if (before != DrainState::none && after == DrainState::none) node.ended_us = now_us;
  }

  config::Isolation isolation_;
  bool has_arbiter_;
  std::vector<std::vector<bool>> open_;
  std::vector<bool> heard_ = std::vector<bool>(256 * 256);
  std::vector<Beat> under_way_;
  std::uint64_t number_ = 0;
};

}  // namespace causeway::control::verdict::test
