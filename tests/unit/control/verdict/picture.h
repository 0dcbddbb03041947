// Who hears whom, drawn as text, and what a node sees of it.
//
//     us       . x x
//     france   x . -      france does not hear germany
//     germany! x x .      germany stalled
//     spain    ? ? ?      nobody has a row of spain that counts
//
// One line for each node: its name, and a cell for each node of the fleet in the same order.
#pragma once

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "control/verdict/judge.h"

namespace causeway::control::verdict::test {

inline constexpr TimeUs kStart = from_ms(1'000'000);

struct Picture {
  std::vector<std::string> names;
  std::vector<std::string> cells;
  std::vector<bool> stalled;
  Membership membership;

  // A node is a site of its own; "eu/a" and "eu/b" are two nodes of one site.
  explicit Picture(const std::string& text) {
    std::istringstream lines(text);
    std::vector<std::string> sites;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string name;
      if (!(words >> name)) continue;
      stalled.push_back(name.back() == '!');
      if (stalled.back()) name.pop_back();
      names.push_back(name);
      cells.emplace_back();
      for (std::string cell; words >> cell;)
        cells.back() += cell;
      const std::string site = name.substr(0, name.find('/'));
      const auto found = std::ranges::find(sites, site);
      membership.site_of.push_back(static_cast<SiteId>(found - sites.begin()));
      if (found == sites.end()) sites.push_back(site);
    }
    for (const std::string& row : cells)
      EXPECT_EQ(row.size(), names.size()) << text;
  }

  std::size_t size() const { return names.size(); }
  NodeId id(const std::string& name) const {
    const auto found = std::ranges::find(names, name);
    EXPECT_NE(found, names.end()) << name;
    return static_cast<NodeId>(found - names.begin());
  }
  bool hears(std::size_t a, std::size_t b) const { return cells[a][b] == 'x'; }
  bool has_row(std::size_t node) const { return cells[node].find('?') == std::string::npos; }

  Row row(std::size_t node, std::size_t receiver, TimeUs at_us) const {
    Row row;
    for (std::size_t other = 0; other < size(); ++other) {
      const auto id = static_cast<NodeId>(other);
      if (!hears(node, other)) continue;
      row.heard.insert(id);
      if (hears(other, node)) row.two_way.insert(id);
      if (has_row(other) && !stalled[other] && hears(other, receiver)) row.hear_us.insert(id);
    }
    row.stalled = stalled[node];
    row.at_us = at_us;
    return row;
  }

  // What `self` sees now, if it has been so since since_us. Of nodes that it does not hear it has no rows.
  View view(NodeId self, TimeUs since_us, TimeUs now_us) const {
    View view;
    view.self = self;
    view.started_us = 0;
    view.frozen = stalled[self];
    view.load_percent = 30;
    view.peers.resize(size());
    for (std::size_t n = 0; n < size(); ++n) {
      if (n == self) continue;
      PeerView& peer = view.peers[n];
      peer.beats_heard = hears(self, n);
      peer.beats_two_way = hears(self, n) && hears(n, self);
      peer.silent_since_us = hears(self, n) ? now_us : since_us;
      if (hears(self, n) && has_row(n)) peer.row = row(n, self, now_us);
    }
    return view;
  }
};

// All hear all.
inline Picture connected(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t a = 0; a < names.size(); ++a) {
    text += names[a];
    for (std::size_t b = 0; b < names.size(); ++b)
      text += a == b ? " ." : " x";
    text += "\n";
  }
  return Picture(text);
}

// One node's judge, shown one picture after the other.
struct Viewer {
  Viewer(const Picture& fleet, NodeId who, bool has_arbiter = true, config::Isolation isolation = {})
      : self(who), judge(config::Heartbeat(), isolation, fleet.membership, fleet.names, who, has_arbiter) {}

  // Shows the picture for so long, a turn each 50 ms. `change(View&)` may alter what is seen.
  template <class Change>
  void see(const Picture& picture, int for_ms, Change&& change) {
    const TimeUs since_us = now_us;
    const TimeUs end_us = now_us + from_ms(static_cast<unsigned>(for_ms));
    while (now_us < end_us) {
      now_us += from_ms(50);
      View view = picture.view(self, since_us, now_us);
      keep_old_rows(view);
      change(view);
      last = view;
      Output output{journal};
      judge.turn(view, now_us, output);
      asked += output.ask_token;
      released += output.release_token;
      reported += output.report_islanded;
      for (const PeerChange& each : output.peers)
        peer_changes.push_back(each);
      for (const SelfChange& each : output.self)
        self_changes.push_back(each);
    }
  }
  void see(const Picture& picture, int for_ms) {
    see(picture, for_ms, [](View&) {});
  }

  // What was heard last stays in the View, and how long a peer has been silent goes on from picture to
  // picture.
  void keep_old_rows(View& view) const {
    for (std::size_t n = 0; n < std::min(view.peers.size(), last.peers.size()); ++n) {
      if (n == self || view.peers[n].beats_heard) continue;
      view.peers[n].row = last.peers[n].row;
      if (!last.peers[n].beats_heard) view.peers[n].silent_since_us = last.peers[n].silent_since_us;
    }
  }

  int written(JournalKind kind) const {
    return static_cast<int>(std::ranges::count(journal, kind, &JournalEntry::kind));
  }
  std::string text(JournalKind kind) const {  // the last one
    std::string found;
    for (const JournalEntry& entry : journal)
      if (entry.kind == kind) found = entry.text;
    return found;
  }

  NodeId self;
  Judge judge;
  TimeUs now_us = kStart;
  View last;
  Journal journal;
  int asked = 0;
  int released = 0;
  int reported = 0;
  std::vector<PeerChange> peer_changes;
  std::vector<SelfChange> self_changes;
};

// "france: path_broken, germany: peer_gone": all that are not none.
inline std::string verdicts(const Picture& picture, const Judge& judge) {
  std::string text;
  for (std::size_t n = 0; n < picture.size(); ++n) {
    const Verdict verdict = judge.verdict(static_cast<NodeId>(n));
    if (verdict == Verdict::none) continue;
    if (!text.empty()) text += ", ";
    text += picture.names[n] + ": " + std::string(name(verdict));
  }
  return text;
}

}  // namespace causeway::control::verdict::test
