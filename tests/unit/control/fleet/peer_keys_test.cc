#include "control/fleet/peer_keys.h"

#include <deque>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/control/pair/world.h"

namespace causeway::control::fleet {
namespace {

using pair::Moment;
using pair::PairOutput;
using Bytes = std::vector<std::uint8_t>;

TEST(MediaKeys, AreOthersForEachDirectionAndEachBootOfEitherEnd) {
  const wire::PairKey pair{1, 2, 3};
  std::set<Bytes> seen;
  for (const auto& [from, to] : {std::pair<NodeId, NodeId>{1, 2}, {2, 1}}) {
    for (const BootId from_boot : {10U, 11U}) {
      for (const BootId to_boot : {10U, 11U}) {
        const config::Crypto crypto = media_keys(pair, from, from_boot, to, to_boot);
        EXPECT_EQ(crypto.suite, srtp::Suite::aead_aes_128_gcm);
        EXPECT_EQ(crypto.key.bytes().size(), srtp::info(crypto.suite).key_length);
        EXPECT_EQ(crypto.salt.bytes().size(), srtp::info(crypto.suite).salt_length);
        seen.insert({crypto.key.bytes().begin(), crypto.key.bytes().end()});
      }
    }
  }
  EXPECT_EQ(seen.size(), 8U);
}

// Two nodes, and a network without loss or delay.
class Pair {
 public:
  explicit Pair(pair::Means germany, pair::Means france)
      : sides_{Side{PeerKeys({0, 1, "france"}, timers(), std::move(germany), 10, 1)},
               Side{PeerKeys({1, 0, "germany"}, timers(), std::move(france), 20, 2)}} {
    for (Side& side : sides_) {
      PairOutput out;
      side.keys.start(now(), out);
      post(side, out);
    }
    carry();
  }

  Moment now() const { return {us_, pair::kWallS}; }
  PeerKeys& keys(int side) { return sides_[static_cast<std::size_t>(side)].keys; }
  void pass(TimeUs us) {
    us_ += us;
    for (Side& side : sides_) {
      PairOutput out;
      side.keys.tick(now(), out);
      post(side, out);
    }
    carry();
  }
  // A frame from one side to the other. False: there was no key, or it did not open.
  bool say(int from) {
    Side& sender = sides_[static_cast<std::size_t>(from)];
    Side& receiver = sides_[static_cast<std::size_t>(1 - from)];
    wire::FrameBuilder frame;
    frame.add(wire::RecordType::beat, [](wire::Writer& writer) { writer.u8(1); });
    const auto plain = frame.finish({static_cast<NodeId>(from), 0, from == 0 ? 10U : 20U, 0, ++sequence_});
    std::array<std::uint8_t, wire::kMaxFrameBytes> sealed;
    std::array<std::uint8_t, wire::kMaxFrameBytes> room;
    const std::size_t size = sender.keys.seal(plain, sealed);
    if (size == 0) return false;
    PairOutput out;
    const auto opened = receiver.keys.open(std::span(sealed).first(size), room, now(), out);
    post(receiver, out);
    carry();
    return opened.has_value();
  }
  // What this side's transport is given.
  struct Media {
    config::Transport transport;
    NodeLink link;
  };
  Media media(int side) {
    Media media;
    keys(side).key(side == 0 ? 20 : 10, media.transport, media.link);
    return media;
  }
  // Would what `from` sends now be opened?
  bool is_heard(int from) {
    const Media sender = media(from);
    const Media receiver = media(1 - from);
    const bool is_other = receiver.link.receive_other && receiver.link.other_epoch == sender.link.send_epoch;
    const auto& key = is_other ? receiver.link.receive_other : receiver.transport.receive;
    return sender.transport.send && key && key->key == sender.transport.send->key;
  }

 private:
  struct Side {
    PeerKeys keys;
    std::deque<Bytes> outbox{};
  };
  static pair::PairTimers timers() {
    pair::PairTimers timers;
    timers.rekey_us = from_ms(60'000);
    timers.grace_us = from_ms(5'000);
    return timers;
  }
  static void post(Side& side, PairOutput& out) {
    for (const auto& datagram : out.datagrams)
      side.outbox.emplace_back(datagram.begin(), datagram.end());
  }
  void carry() {
    for (bool any = true; any;) {
      any = false;
      for (std::size_t i = 0; i < 2; ++i) {
        while (!sides_[i].outbox.empty()) {
          const Bytes datagram = std::move(sides_[i].outbox.front());
          sides_[i].outbox.pop_front();
          PairOutput out;
          sides_[1 - i].keys.on_dtls(datagram, now(), out);
          post(sides_[1 - i], out);
          any = true;
        }
      }
    }
  }

  TimeUs us_ = 1'000'000;
  std::uint64_t sequence_ = 0;
  std::array<Side, 2> sides_;
};

TEST(PeerKeys, OfAFleetKeyAreThereFromTheStart) {
  const wire::PairKey key{7};
  Pair nodes(key, key);
  EXPECT_TRUE(nodes.say(0));
  EXPECT_TRUE(nodes.say(1));
  EXPECT_TRUE(nodes.is_heard(0));
  EXPECT_TRUE(nodes.is_heard(1));
}

TEST(PeerKeys, OfTwoFleetsOpenNothing) {
  Pair nodes(wire::PairKey{7}, wire::PairKey{8});
  EXPECT_FALSE(nodes.say(0));
  EXPECT_FALSE(nodes.say(1));
}

TEST(PeerKeys, OfCertificatesChangeWithoutAFrameOrAPacketThatCannotBeOpened) {
  const auto context = [](const char* name) {
    return pair::context_of(pair::Wish{.common_name = name, .names = std::string("DNS:") + name});
  };
  Pair nodes(context("germany"), context("france"));
  for (int i = 0; i < 20; ++i)
    nodes.pass(from_ms(100));
  ASSERT_TRUE(nodes.say(0));
  ASSERT_TRUE(nodes.say(1));
  const config::Secret first = nodes.media(0).transport.send->key;
  std::size_t changes = 0;
  for (int step = 0; step < 900; ++step) {
    nodes.pass(from_ms(100));
    ASSERT_TRUE(nodes.say(0)) << step;
    ASSERT_TRUE(nodes.is_heard(0)) << step;
    ASSERT_TRUE(nodes.say(1)) << step;
    ASSERT_TRUE(nodes.is_heard(1)) << step;
    changes += nodes.keys(0).take_changed() ? 1 : 0;
  }
  EXPECT_NE(nodes.media(0).transport.send->key, first) << "there was a rekey";
  EXPECT_GT(changes, 0U) << "of which the transport is told";
  EXPECT_FALSE(nodes.media(0).link.receive_other) << "and the old key is forgotten";
}

}  // namespace
}  // namespace causeway::control::fleet
