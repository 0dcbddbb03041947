// A judge and an arbiter under watch: what must hold after every step, found out independently of how they do
// it. Used by the random test and by the fuzzer; so without a test library.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/verdict/arbiter.h"
#include "control/verdict/judge.h"

namespace causeway::control::verdict::test {

struct WatchedSettings {
  Membership membership;
  NodeId self = 0;
  bool has_arbiter = true;
  config::Heartbeat heartbeat;
  config::Isolation isolation;
};

class Watched {
 public:
  explicit Watched(const WatchedSettings& given)
      : settings_(given),
        fleet_(given.membership),
        judge_(given.heartbeat, given.isolation, given.membership, {"a", "b"}, given.self,
               given.has_arbiter) {
    before_.fill(Verdict::none);
  }

  // Null, or what does not hold.
  const char* turn(const View& view, TimeUs now_us) {
    Journal journal;
    Output output{journal};
    const NodeSet convicted = judge_.convicted();
    const DrainState drain = judge_.drain();
    judge_.turn(view, now_us, output);
    note(view, now_us, output);
    if (const char* broken = check_peers(view, convicted, output, journal)) return broken;
    if (const char* broken = check_drain(view, drain, now_us)) return broken;
    if (judge_.next_due_us() <= now_us) return "it is due again at once";
    if (judge_.next_due_us() > now_us + from_ms(2000)) return "it is not due for long";
    return nullptr;
  }

  void on_token(bool granted, TimeUs now_us) {
    answer_ = granted;
    judge_.on_token(granted, now_us);
  }
  void on_common_mode(bool told) {
    told_ = told;
    judge_.on_common_mode(told);
  }
  const char* take_quota(std::uint64_t sessions, TimeUs now_us) {
    const std::uint64_t taken = judge_.drain_quota(sessions, now_us);
    if (taken != 0 && judge_.drain() != DrainState::hard) return "sessions move though the drain is not hard";
    const std::uint64_t share =
        std::max<std::uint64_t>(sessions * settings_.isolation.drain_percent_per_s / 100, 1);
    std::erase_if(moved_, [&](const auto& each) { return now_us - each.first >= from_ms(1000); });
    std::uint64_t sum = taken;
    for (const auto& [at_us, count] : moved_)
      sum += count;
    if (taken != 0) moved_.emplace_back(now_us, taken);
    return taken != 0 && sum > share ? "too many sessions move in a second" : nullptr;
  }
  const Judge& judge() const { return judge_; }

 private:
  // What the views said, in this test's own words.
  void note(const View& view, TimeUs now_us, const Output& output) {
    // The last answer counts, with this turn. One that nobody asked for changes nothing.
    if (answer_ && asked_us_ != kNever) granted_us_ = *answer_ ? asked_us_ : kNever;
    if (answer_) asked_us_ = kNever;
    answer_.reset();
    if (output.release_token) granted_us_ = asked_us_ = kNever;
    if (output.ask_token && asked_us_ == kNever) asked_us_ = now_us;
    bool hears_others = false;
    for (std::size_t n = 0; n < fleet_.nodes; ++n) {
      const PeerView& peer = view.peers[n];
      const bool is_heard = n != settings_.self && (peer.beats_heard || peer.media_heard);
      hears_others = hears_others || (is_heard && is_elsewhere(n));
    }
    if (hears_others || view.frozen || view.starting || told_)
      quiet_since_us_ = kNever;
    else if (quiet_since_us_ == kNever)
      quiet_since_us_ = now_us;
    if (!hears_others)
      heard_since_us_ = kNever;
    else if (heard_since_us_ == kNever)
      heard_since_us_ = now_us;
  }

  const char* check_peers(const View& view, const NodeSet& convicted, const Output& output,
                          const Journal& journal) {
    if (view.starting && !judge_.convicted().empty()) return "convicted while it starts";
    if (view.frozen && !view.starting && !(judge_.convicted() == convicted)) return "a verdict while frozen";
    int told = 0;
    for (const PeerChange& each : output.peers) {
      if (each.from == each.to || before_[each.peer] != each.from) return "a change of something else";
      before_[each.peer] = each.to;
      told += each.to > Verdict::suspect || each.from > Verdict::suspect;
    }
    for (const SelfChange& each : output.self) {
      if (each.from == each.to) return "a change to the same";
      ++told;
    }
    for (std::size_t n = 0; n < kMaxNodes; ++n) {
      const auto id = static_cast<NodeId>(n);
      if (before_[n] != judge_.verdict(id)) return "a change that was not told";
      if ((before_[n] == Verdict::peer_gone) != judge_.convicted().contains(id)) return "convicted otherwise";
      const bool is_judged = n < fleet_.nodes && n != settings_.self;
      if (!is_judged && before_[n] != Verdict::none) return "a verdict on nobody";
      if (!is_judged || before_[n] != Verdict::peer_gone) continue;
      const bool is_new = !convicted.contains(id);
      const PeerView& peer = view.peers[n];
      if (is_new && (peer.beats_heard || peer.media_heard)) return "convicted while it is heard";
      if (is_new && peer.probe != ProbeResult::silent) return "convicted without a helper's word";
    }
    for (const JournalEntry& entry : journal)
      told -= entry.kind == JournalKind::verdict || entry.kind == JournalKind::verdict_cleared;
    return told == 0 ? nullptr : "the journal does not hold each change once";
  }

  const char* check_drain(const View& view, DrainState before, TimeUs now_us) const {
    const DrainState drain = judge_.drain();
    const config::Isolation& isolation = settings_.isolation;
    if (drain == DrainState::none) return nullptr;
    if (isolation.shadow) return "shadow mode drains";
    if (count(fleet_.sites) < 3) return "one of two sites drains";
    if (told_) return "drains in common mode";
    if (heard_since_us_ != kNever && now_us - heard_since_us_ >= from_ms(isolation.recover_ms))
      return "drains after recovery";
    const TimeUs quiet_us = quiet_since_us_ == kNever ? 0 : now_us - quiet_since_us_;
    if (before == DrainState::none && quiet_us < from_ms(isolation.soft_drain_ms)) return "drains too early";
    if (drain != DrainState::hard) return nullptr;
    if (!settings_.has_arbiter) return "drains hard without an arbiter";
    if (granted_us_ == kNever) return "drains hard without a token";
    if (now_us - granted_us_ >= kTokenLeaseUs) return "drains hard after the lease";
    if (before == DrainState::hard) return nullptr;
    if (quiet_us < from_ms(isolation.hard_drain_ms)) return "drains hard too early";
    SiteSet left = 0;
    SiteSet draining = 0;
    for (std::size_t n = 0; n < fleet_.nodes; ++n) {
      if (!is_elsewhere(n)) continue;
      const Row& row = view.peers[n].row;
      if (row.at_us == kNever) continue;  // it never said anything
      left |= only(fleet_.site_of[n]);
      if (row.drain != DrainState::none) draining |= only(fleet_.site_of[n]);
    }
    const bool is_enough = count(left & ~draining) >= static_cast<int>(isolation.min_sites);
    return is_enough ? nullptr : "too few sites would be left";
  }

  bool is_elsewhere(std::size_t node) const { return fleet_.site_of[node] != fleet_.site_of[settings_.self]; }

  WatchedSettings settings_;
  Fleet fleet_;
  Judge judge_;
  std::array<Verdict, kMaxNodes> before_{};
  std::optional<bool> answer_;
  TimeUs asked_us_ = kNever;
  TimeUs granted_us_ = kNever;  // when it was asked for
  TimeUs quiet_since_us_ = kNever;
  TimeUs heard_since_us_ = kNever;
  bool told_ = false;
  std::vector<std::pair<TimeUs, std::uint64_t>> moved_;
};

class WatchedArbiter {
 public:
  WatchedArbiter(const Membership& membership, unsigned min_sites, TimeUs now_us)
      : fleet_(membership), min_sites_(min_sites), arbiter_(membership, min_sites, now_us, true) {
    ends_us_.fill(kLongAgo);
    islanded_until_us_.fill(kLongAgo);
  }

  const char* ask(NodeId node, TimeUs now_us) {
    const ArbiterAnswer answer = arbiter_.ask(node, now_us);
    reported(node, now_us);
    if (answer != ArbiterAnswer::granted) return check(now_us);
    if (node >= fleet_.nodes) return "a token for a stranger";
    ends_us_[node] = now_us + kTokenLeaseUs;
    const SiteSet islanded = islanded_sites(now_us);
    if (count(islanded) > 1) return "a token in common mode";
    if (count(fleet_.sites & ~islanded) < static_cast<int>(min_sites_))
      return "a token for one of the last sites";
    return check(now_us);
  }
  const char* report(NodeId node, TimeUs now_us) {
    reported(node, now_us);
    const bool is_common = count(islanded_sites(now_us)) >= 2;
    return arbiter_.report(node, now_us) == is_common ? check(now_us) : "common mode otherwise";
  }
  const char* release(NodeId node, TimeUs now_us) {
    arbiter_.release(node, now_us);
    if (node < fleet_.nodes) ends_us_[node] = kLongAgo;
    return check(now_us);
  }

 private:
  void reported(NodeId node, TimeUs now_us) {
    if (node < fleet_.nodes) islanded_until_us_[fleet_.site_of[node]] = now_us + Arbiter::kReportUs;
  }
  SiteSet islanded_sites(TimeUs now_us) const {
    SiteSet found = 0;
    for_each_site(fleet_.sites, [&](SiteId site) {
      if (now_us < islanded_until_us_[site]) found |= only(site);
    });
    return found;
  }
  const char* check(TimeUs now_us) const {
    SiteSet holding = 0;
    for (std::size_t n = 0; n < fleet_.nodes; ++n) {
      if (now_us < ends_us_[n]) holding |= only(fleet_.site_of[n]);
    }
    if (count(holding) > 1) return "two sites hold the token";
    return holding == 0 || holding == only(arbiter_.holder(now_us)) ? nullptr : "a holder is forgotten";
  }

  Fleet fleet_;
  unsigned min_sites_;
  Arbiter arbiter_;
  std::array<TimeUs, kMaxNodes> ends_us_{};
  std::array<TimeUs, kMaxSites> islanded_until_us_{};
};

}  // namespace causeway::control::verdict::test
