// Random views, and random cuts in a whole fleet. Whatever happens, the rules of drains hold.
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/control/verdict/watched.h"
#include "tests/unit/control/verdict/world.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control::verdict::test {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  NodeSet nodes() { return NodeSet({engine_(), engine_()}); }

 private:
  std::mt19937_64 engine_;
};

WatchedSettings random_settings(Random& random) {
  WatchedSettings settings;
  const std::size_t sites = 1 + random.below(6);
  const std::size_t nodes = sites + random.below(4);
  for (std::size_t n = 0; n < nodes; ++n)
    settings.membership.site_of.push_back(static_cast<SiteId>(n < sites ? n : random.below(sites)));
  settings.self = static_cast<NodeId>(random.below(nodes));
  settings.has_arbiter = !random.one_in(5);
  settings.isolation.shadow = random.one_in(6);
  settings.isolation.min_sites = 2 + static_cast<unsigned>(random.below(2));
  settings.isolation.recover_ms = static_cast<unsigned>(random.below(1000));
  return settings;
}

// A fleet that is well, cut off, or shows anything at all; for a while each.
void shake(View& view, const Membership& membership, Random& random, TimeUs now_us) {
  const std::uint64_t mood = random.below(8);
  view.frozen = random.one_in(12);
  view.starting = random.one_in(40);
  view.local_media = random.one_in(2);
  view.load_percent = static_cast<std::uint8_t>(random.below(256));
  NodeSet all;
  for (std::size_t n = 0; n < membership.nodes(); ++n)
    all.insert(static_cast<NodeId>(n));
  for (std::size_t n = 0; n < view.peers.size(); ++n) {
    PeerView& peer = view.peers[n];
    const bool is_cut = mood < 5 && membership.site_of[n] != membership.site_of[view.self];
    peer.beats_heard = mood == 7 ? random.one_in(2) : !is_cut;
    peer.beats_two_way = peer.beats_heard && !random.one_in(10);
    peer.media_heard = peer.beats_heard && random.one_in(2);
    peer.probe = peer.beats_heard ? ProbeResult::none : static_cast<ProbeResult>(random.below(4));
    if (mood < 4 && is_cut) peer.probe = ProbeResult::unanswered;
    if (!peer.beats_heard) continue;
    peer.row.at_us = now_us;
    peer.row.heard = mood == 7 ? random.nodes() : all;
    peer.row.two_way = random.one_in(3) ? random.nodes() : all;
    peer.row.hear_us = random.nodes();
    peer.row.stalled = random.one_in(10);
    peer.row.drain = random.one_in(10) ? DrainState::hard : DrainState::none;
    peer.row.load_percent = static_cast<std::uint8_t>(random.below(random.one_in(4) ? 256 : 60));
  }
}

TEST(Random, NoSequenceOfViewsBreaksTheRules) {
  const std::uint64_t seed = causeway::test::seed();
  SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
  Random random(seed);
  std::array<int, 3> seen{};
  for (int run = 0; run < 150; ++run) {
    const WatchedSettings settings = random_settings(random);
    Watched watched(settings);
    View view;
    view.self = settings.self;
    view.peers.resize(settings.membership.nodes());
    TimeUs now_us = from_ms(1'000'000);
    for (int phase = 0; phase < 25; ++phase) {
      shake(view, settings.membership, random, now_us);
      if (random.one_in(6)) watched.on_common_mode(random.one_in(3));
      const TimeUs end_us = now_us + from_ms(random.below(random.one_in(3) ? 90000 : 5000));
      while (now_us < end_us) {
        now_us += from_ms(50 + random.below(400));
        for (PeerView& peer : view.peers) {
          if (!peer.beats_heard && !peer.media_heard) continue;
          peer.silent_since_us = now_us;
          peer.row.at_us = now_us;
        }
        if (random.one_in(40)) watched.on_token(!random.one_in(3), now_us);
        const char* broken = watched.turn(view, now_us);
        ASSERT_STREQ(broken, nullptr) << "run " << run;
        broken = watched.take_quota(1000, now_us);
        ASSERT_STREQ(broken, nullptr) << "run " << run;
        ++seen[static_cast<std::size_t>(watched.judge().drain())];
      }
    }
  }
  EXPECT_GT(seen[1], 100);  // or this test is of nothing
  EXPECT_GT(seen[2], 20);
}

TEST(Random, AtMostOneTokenIsOut) {
  const std::uint64_t seed = causeway::test::seed();
  SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int run = 0; run < 100; ++run) {
    const WatchedSettings settings = random_settings(random);
    TimeUs now_us = from_ms(1);
    WatchedArbiter watched(settings.membership, settings.isolation.min_sites, now_us);
    for (int step = 0; step < 500; ++step) {
      now_us += from_ms(random.below(random.one_in(10) ? 40000 : 1500));
      const auto node = static_cast<NodeId>(random.below(settings.membership.nodes() + 1));
      const std::uint64_t what = random.below(8);
      const char* broken = what < 4   ? watched.ask(node, now_us)
                           : what < 7 ? watched.release(node, now_us)
                                      : watched.report(node, now_us);
      ASSERT_STREQ(broken, nullptr) << "run " << run << " step " << step;
    }
  }
}

// I7 of the whole fleet: at most one site drains hard, by a token, and never one of the last two.
TEST(Random, OfAFleetUnderRandomCutsAtMostOneSiteDrainsHard) {
  const std::uint64_t seed = causeway::test::seed();
  SCOPED_TRACE("CAUSEWAY_SEED=" + std::to_string(seed));
  Random random(seed);
  int hard = 0;
  for (int run = 0; run < 24; ++run) {
    std::vector<int> sites(2 + random.below(4), 1);
    sites[0] += static_cast<int>(random.below(2));
    World world(sites);
    for (int phase = 0; phase < 8; ++phase) {
      if (random.one_in(3)) world.heal();
      if (!random.one_in(3)) world.cut_site(random.below(sites.size()));
      if (random.one_in(4))
        world.set(random.below(world.nodes.size()), random.below(world.nodes.size()), false);
      World::Node& node = world.nodes[random.below(world.nodes.size())];
      if (random.one_in(4)) node.frozen = !node.frozen;
      if (random.one_in(4)) node.reaches_arbiter = !node.reaches_arbiter;
      for (std::uint64_t left = 1 + random.below(40); left > 0; --left) {
        world.run(2000);
        SiteSet draining = 0;
        for (std::size_t n = 0; n < world.nodes.size(); ++n) {
          ASSERT_EQ(world.nodes[n].hard_without_token_us, 0) << "run " << run;
          if (world.judge(n).drain() == DrainState::hard) draining |= only(world.membership.site_of[n]);
        }
        ASSERT_LE(count(draining), 1) << "run " << run;
        ASSERT_TRUE(draining == 0 || sites.size() > 2) << "run " << run;
        hard += draining != 0;
      }
    }
  }
  EXPECT_GT(hard, 20);
}

}  // namespace
}  // namespace causeway::control::verdict::test
