// Whatever arrives: garbage, what was recorded, and floods.
#include <cstdlib>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"
#include "tests/unit/control/pair/world.h"

namespace causeway::control::pair {
namespace {

constexpr int kGermany = World::kGermany;
constexpr int kFrance = World::kFrance;

Datagram garbage(beat::Random& random) {
  Datagram datagram(random.below(200));
  for (auto& byte : datagram)
    byte = static_cast<std::uint8_t>(random.next());
  return datagram;
}

Datagram fatal_alert(std::uint8_t what) {
  return {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, what};
}

// A client that has no certificate to show, or no business here.
class Stranger : public Wire {
 public:
  explicit Stranger(const std::shared_ptr<const Context>& context)
      : context_(context), ssl_(context->make(*this, "france", kWallS)) {
    SSL_set_connect_state(ssl_.get());
  }
  // Without a certificate.
  void undress() { SSL_certs_clear(ssl_.get()); }
  void step() { SSL_do_handshake(ssl_.get()); }
  Datagrams sent;
  std::vector<Datagram> received;

 private:
  std::size_t receive(std::span<std::uint8_t> room) override {
    if (received.empty()) return 0;
    const Datagram datagram = received.front();
    received.erase(received.begin());
    std::ranges::copy(datagram, room.begin());
    return datagram.size();
  }
  void transmit(std::span<const std::uint8_t> datagram) override {
    sent.emplace_back(datagram.begin(), datagram.end());
  }
  Cookie cookie(bool) const override { return {}; }
  void refuse(int, int, x509_st*) override {}

  std::shared_ptr<const Context> context_;
  Ssl ssl_;
};

TEST(Hostile, AClientWithoutACertificateGetsNoKey) {
  World world;
  world.cut = true;
  world.start(kFrance);
  Stranger stranger(context_of(named("germany")));
  stranger.undress();
  for (int round = 0; round < 6; ++round) {
    stranger.step();
    for (const Datagram& datagram : std::exchange(stranger.sent, {})) {
      world.give(kFrance, [&](PairOutput& out) {
        world.pair(kFrance).on_datagram(datagram, world.now(), out);
        stranger.received.insert(stranger.received.end(), out.datagrams.begin(), out.datagrams.end());
      });
    }
  }
  EXPECT_EQ(world.sending_key(kFrance), nullptr);
  EXPECT_EQ(world.last(kFrance, JournalKind::pair_refused),
            "germany shows no certificate: configure one there, as at this node");
}

TEST(Hostile, GarbageDisturbsNoHandshakeAndNoKey) {
  World world;
  beat::Random random(7);
  world.start_both();
  for (int round = 0; round < 400; ++round) {
    for (const int node : {kGermany, kFrance}) {
      world.inject(node, garbage(random));
      world.inject(node, fatal_alert(40));
    }
    world.run(world.now_us + from_ms(1));
  }
  ASSERT_TRUE(world.is_keyed());
  EXPECT_EQ(world.written(kGermany, JournalKind::pair_refused), 0);
  EXPECT_EQ(world.written(kFrance, JournalKind::pair_refused), 0);
}

// Each datagram of a whole handshake again, to both, at any time.
TEST(Hostile, WhatWasRecordedBringsNothingAbout) {
  World world;
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  world.run(world.now_us + from_ms(1000));
  const std::vector<Datagram> recorded = world.seen;
  const wire::PairKey key = *world.sending_key(kGermany);
  for (const Datagram& datagram : recorded) {
    for (const int node : {kGermany, kFrance})
      world.inject(node, datagram);
    world.run(world.now_us + from_ms(700));
  }
  world.run(world.now_us + from_ms(20000));
  EXPECT_EQ(world.frames_lost[kGermany] + world.frames_lost[kFrance], 0);
  ASSERT_TRUE(world.is_keyed());
  EXPECT_EQ(*world.sending_key(kGermany), key);
  // A new incarnation of the server has other cookies.
  world.start(kFrance);
  const std::size_t sent = world.seen.size();
  world.cut = true;
  for (const Datagram& datagram : recorded)
    world.inject(kFrance, datagram);
  EXPECT_FALSE(world.pair(kFrance).is_shaking_hands());
  EXPECT_LE(world.seen.size() - sent, recorded.size());
}

TEST(Hostile, OneBitThatIsWrongAnywhereGivesNoKeyOrTheSame) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    beat::Random random(seed);
    world.start_both();
    for (int round = 0; round < 12; ++round) {
      world.run(world.now_us + from_ms(30));
      if (world.seen.empty()) continue;
      Datagram datagram = world.seen[random.below(world.seen.size())];
      datagram[random.below(datagram.size())] ^= static_cast<std::uint8_t>(1 << random.below(8));
      world.inject(static_cast<int>(random.below(2)), datagram);
    }
    EXPECT_TRUE(world.run_until_keyed(from_ms(30000)));
  }
}

TEST(Hostile, AFloodOfClientHellosLeavesNoState) {
  World world;
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  world.run(world.now_us + from_ms(2000));
  const Datagram hello = world.seen.front().size() > 100 ? world.seen.front() : world.seen[1];
  ASSERT_TRUE(client_random(hello));
  world.cut = true;
  const std::size_t sent = world.seen.size();
  std::size_t given = 0;
  std::size_t answered = 0;
  for (int i = 0; i < 10000; ++i) {
    Datagram other = hello;
    net::store_be32(&other[30], static_cast<std::uint32_t>(i));
    world.inject(kFrance, other);
    given += other.size();
  }
  for (std::size_t i = sent; i < world.seen.size(); ++i)
    answered += world.seen[i].size();
  EXPECT_LT(answered, given) << "nobody's amplifier";
  EXPECT_FALSE(world.pair(kFrance).is_shaking_hands());
  EXPECT_NE(world.sending_key(kFrance), nullptr);
}

// Whoever can send from the server's address can make the client begin now and then, and nothing more.
TEST(Hostile, HelloRequestsCostLittle) {
  World world;
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  world.run(world.now_us + from_ms(2000));
  for (int i = 0; i < 1000; ++i) {
    world.inject(kGermany, hello_request(static_cast<std::uint64_t>(i)));
    world.run(world.now_us + from_ms(10));
  }
  EXPECT_EQ(world.written(kGermany, JournalKind::pair_keyed), 1) << "the peer is heard: it has the key";
  world.frames = false;
  for (int i = 0; i < 1000; ++i) {
    world.inject(kGermany, hello_request(static_cast<std::uint64_t>(i)));
    world.run(world.now_us + from_ms(10));
  }
  EXPECT_LE(world.written(kGermany, JournalKind::pair_keyed), 21);
}

TEST(Hostile, AnEchoOfItsOwnIsNobody) {
  World world;
  world.network.loss_percent = 100;
  world.start(kGermany);
  world.start(kFrance);
  for (int round = 0; round < 100; ++round) {
    world.run(world.now_us + from_ms(50));
    const std::vector<Datagram> seen = world.seen;
    for (const Datagram& datagram : seen)
      world.inject(kGermany, datagram);
    world.seen.resize(std::min<std::size_t>(world.seen.size(), 20));
  }
  EXPECT_EQ(world.sending_key(kGermany), nullptr);
}

}  // namespace
}  // namespace causeway::control::pair
