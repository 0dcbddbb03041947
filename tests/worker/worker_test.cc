// One worker or several, turned by hand: what each turn does is certain.
#include <map>

#include <gtest/gtest.h>

#include "dataplane/net/bytes.h"
#include "tests/worker/rig.h"

namespace causeway::test {
namespace {

constexpr std::uint32_t kSsrc = 100;
constexpr std::array<std::uint16_t, 2> kTwoPorts{5000, 5010};
constexpr std::array<std::uint16_t, 3> kThreePorts{5000, 5010, 5020};

// A publisher "from" with one track, and `legs` legs to the subscriber "to": SSRCs from 1000 on.
void add_room(Rig& rig, const std::string& track, std::uint16_t port, std::uint32_t legs,
              Priority priority = Priority::normal) {
  rig.add_transport(Rig::transport("from " + track, port));
  rig.add_transport(Rig::transport("to " + track, static_cast<std::uint16_t>(port + 1)));
  rig.add_track(track, "from " + track, kSsrc, priority);
  for (std::uint32_t i = 0; i < legs; ++i)
    rig.publisher.add_leg(Rig::leg(track + std::to_string(i), track, "to " + track, 1000 + i));
}

std::map<std::uint32_t, std::size_t> count_by_track(const std::vector<Sent>& all) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const Sent& sent : all)
    ++counts[sent.track];
  return counts;
}

TEST(Slices, ATrackOfManyLegsLetsOthersPass) {
  Rig rig;
  add_room(rig, "big", 5000, 1000);
  add_room(rig, "small", 5010, 1);
  rig.worker(0).enter();
  ASSERT_TRUE(rig.publish(0, 5000, kSsrc, 1, 1, 1));
  rig.worker(0).turn();
  auto first = count_by_track(rig.take());
  EXPECT_GT(first[1], 0U);
  EXPECT_LT(first[1], 200U) << "a slice";
  EXPECT_EQ(rig.worker(0).counters().waiting.read(), 1U);

  ASSERT_TRUE(rig.publish(0, 5010, kSsrc, 1, 2, 1));
  std::size_t turns = 0;
  std::size_t big = first[1];
  for (bool served = false; !served; ++turns) {
    ASSERT_LT(turns, 2U);
    rig.worker(0).turn();
    auto counts = count_by_track(rig.take());
    big += counts[1];
    served = counts[2] == 1;
  }
  while (big < 1000) {
    rig.worker(0).turn();
    big += count_by_track(rig.take())[1];
  }
  EXPECT_EQ(big, 1000U);
  rig.worker(0).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.all_drops() + rig.all_egress_drops(), 0U);
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(Slices, PacketsOfOneTrackStayInTheirOrderForEachLeg) {
  Rig rig;
  add_room(rig, "big", 5000, 300);
  rig.worker(0).enter();
  std::map<std::uint32_t, std::uint32_t> last;
  std::size_t taken = 0;
  const auto take = [&] {
    for (const Sent& sent : rig.take()) {
      EXPECT_EQ(sent.number, last[sent.ssrc] + 1);
      last[sent.ssrc] = sent.number;
      ++taken;
    }
  };
  for (std::uint32_t number = 1; number <= 50; ++number) {
    ASSERT_TRUE(rig.publish(0, 5000, kSsrc, static_cast<std::uint16_t>(number), 1, number));
    if (number % 7 == 0) rig.worker(0).turn();
    take();
  }
  for (int i = 0; i < 1000 && taken < 300U * 50U; ++i) {
    rig.worker(0).turn();
    take();
  }
  EXPECT_EQ(taken, 300U * 50U);
  rig.worker(0).leave();
  rig.expect_conservation();
}

TEST(Slices, ALegThatIsAddedOrRemovedInMidPacketCostsTheOthersNothing) {
  Rig rig;
  add_room(rig, "big", 5000, 500);
  rig.worker(0).enter();
  ASSERT_TRUE(rig.publish(0, 5000, kSsrc, 1, 1, 1));
  std::map<std::uint32_t, int> copies;
  const auto turn = [&] {
    rig.worker(0).turn();
    for (const Sent& sent : rig.take())
      ++copies[sent.ssrc];
    rig.publisher.reclaim();
  };
  turn();
  ASSERT_LT(copies.size(), 500U);
  for (const int i : {3, 7, 250, 499})  // served already, and still waiting
    rig.publisher.remove_leg("big" + std::to_string(i));
  for (std::uint32_t i = 600; i < 610; ++i)
    rig.publisher.add_leg(Rig::leg("big" + std::to_string(i), "big", "to big", 1000 + i));
  for (int i = 0; i < 100; ++i)
    turn();
  for (std::uint32_t i = 0; i < 500; ++i) {
    const bool removed = i == 3 || i == 7 || i == 250 || i == 499;
    EXPECT_LE(copies[1000 + i], 1);
    if (!removed) {
      EXPECT_EQ(copies[1000 + i], 1) << i;
    }
  }
  rig.worker(0).leave();
  rig.expect_conservation();
}

TEST(Waiting, ARemovedTracksPacketsDoNotReachTheTrackThatTakesItsPlace) {
  Rig rig;
  add_room(rig, "old", 5000, 500);
  rig.add_transport(Rig::transport("new", 5100));
  rig.worker(0).enter();
  ASSERT_TRUE(rig.publish(0, 5000, kSsrc, 1, 1, 1));
  rig.worker(0).turn();
  rig.take();
  ASSERT_EQ(rig.worker(0).counters().waiting.read(), 1U);
  rig.publisher.remove_transport("from old");
  // The worker's grace period must not make the waiting packet dangerous: here its queue is frozen while the
  // slots are used again.
  rig.worker(0).leave();
  rig.publisher.reclaim();
  rig.add_track("new", "new", kSsrc);
  for (std::uint32_t i = 0; i < 500; ++i)
    rig.publisher.add_leg(Rig::leg("new" + std::to_string(i), "new", "to old", 5000 + i));
  rig.worker(0).enter();
  for (int i = 0; i < 20; ++i)
    rig.worker(0).turn();
  EXPECT_EQ(rig.take().size(), 0U);
  EXPECT_EQ(rig.dropped(Drop::removed_meanwhile), 1U);
  rig.worker(0).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(Overload, WhatWaitedTooLongIsDroppedInOnePlaceAndCounted) {
  Rig rig({.max_queue_delay_ms = 0});
  add_room(rig, "big", 5000, 1000);
  rig.worker(0).enter();
  for (std::uint16_t sequence = 1; sequence <= 5; ++sequence)
    ASSERT_TRUE(rig.publish(0, 5000, kSsrc, sequence, 1, sequence));
  std::size_t sent = 0;
  for (int i = 0; i < 50; ++i) {
    rig.worker(0).turn();
    sent += rig.take().size();
  }
  EXPECT_EQ(sent % 1000, 0U) << "what was begun is finished";
  EXPECT_GT(rig.dropped(Drop::overload), 0U);
  EXPECT_EQ(rig.dropped(Drop::overload) + sent / 1000, 5U);
  rig.worker(0).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(Overload, TracksOfHighPriorityAreServedFirst) {
  Rig rig;
  add_room(rig, "video", 5000, 400);
  add_room(rig, "audio", 5010, 10, Priority::high);
  rig.worker(0).enter();
  for (std::uint16_t sequence = 1; sequence <= 4; ++sequence)
    ASSERT_TRUE(rig.publish(0, 5000, kSsrc, sequence, 1, sequence));
  rig.worker(0).turn();
  rig.take();
  ASSERT_TRUE(rig.publish(0, 5010, kSsrc, 1, 2, 1));
  rig.worker(0).turn();
  EXPECT_EQ(count_by_track(rig.take())[2], 10U) << "while 1500 copies of the other track wait";
  rig.worker(0).leave();
  rig.expect_conservation();
}

TEST(Overload, AFullPortCostsVideoAndNotAudio) {
  Rig rig({.ring_size = 16});
  add_room(rig, "video", 5000, 100);
  add_room(rig, "audio", 5010, 20, Priority::high);
  rig.worker(0).enter();
  std::size_t audio = 0;
  for (std::uint16_t sequence = 1; sequence <= 10; ++sequence) {
    ASSERT_TRUE(rig.publish(0, 5000, kSsrc, sequence, 1, sequence));
    ASSERT_TRUE(rig.publish(0, 5010, kSsrc, sequence, 2, sequence));
    rig.worker(0).turn();
    audio += count_by_track(rig.take())[2];  // 16 frames leave in each turn, 52 are wanted
  }
  for (int i = 0; i < 20; ++i) {
    rig.worker(0).turn();
    audio += count_by_track(rig.take())[2];
  }
  EXPECT_EQ(audio, 200U);
  EXPECT_GT(rig.dropped(EgressDrop::tx_full), 0U);
  rig.worker(0).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(HandOff, ThereMayBeAsManyWorkersAsTheConfigurationAllows) {
  Handoff handoff(kMaxWorkers);
  EXPECT_EQ(handoff.workers(), kMaxWorkers);
  std::array<rte_mbuf*, 1> none{};
  EXPECT_EQ(handoff.take(kMaxWorkers - 1, kMaxWorkers - 2, none), 0U);
}

TEST(HandOff, PacketsCrossToTheOwnerAndItsFramesComeBackToTheQueue) {
  Rig rig({.workers = 3, .queues = 1});
  for (const std::uint16_t port : kThreePorts)
    add_room(rig, "track" + std::to_string(port), port, 2);
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).enter();
  for (std::uint16_t sequence = 1; sequence <= 10; ++sequence) {
    for (const std::uint16_t port : kThreePorts)
      ASSERT_TRUE(rig.publish(0, port, kSsrc, sequence, port, sequence));
  }
  for (int turn = 0; turn < 5; ++turn) {
    for (std::size_t i = 0; i < 3; ++i)
      rig.worker(i).turn();
  }
  const auto counts = count_by_track(rig.take());
  for (const std::uint16_t port : kThreePorts)
    EXPECT_EQ(counts.at(port), 20U);
  EXPECT_EQ(rig.sum(&WorkerCounters::handed_off), 20U) << "each worker owns one of the publishers";
  EXPECT_EQ(rig.sum(&WorkerCounters::frames_handed_off), 40U);
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(HandOff, AFullRingIsACountedDropAndNothingStalls) {
  Rig rig({.workers = 2, .queues = 1});
  add_room(rig, "one", 5000, 1);
  add_room(rig, "two", 5010, 1);
  for (std::size_t i = 0; i < 2; ++i)
    rig.worker(i).enter();
  std::uint32_t published = 0;
  for (std::uint16_t sequence = 1; sequence <= 2000; ++sequence) {
    for (const std::uint16_t port : kTwoPorts)
      published += rig.publish(0, port, kSsrc, sequence, port, sequence) ? 1 : 0;
    rig.worker(0).turn();  // and worker 1 sleeps
    rig.take();
  }
  EXPECT_GT(rig.dropped(Drop::handoff_full), 0U);
  for (int turn = 0; turn < 200; ++turn) {
    rig.worker(0).turn();
    rig.worker(1).turn();
    rig.take();
  }
  EXPECT_EQ(rig.sum(&WorkerCounters::received), published);
  EXPECT_EQ(rig.sum(&WorkerCounters::forwarded) + rig.dropped(Drop::handoff_full), published);
  for (std::size_t i = 0; i < 2; ++i)
    rig.worker(i).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(Shards, EachLegOfASplitTrackGetsEachPacketOnce) {
  Rig rig({.workers = 3, .queues = 3, .legs_per_shard = 16});
  add_room(rig, "big", 5000, 100);
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).enter();
  std::map<std::uint32_t, std::uint32_t> last;
  for (std::uint16_t sequence = 1; sequence <= 20; ++sequence) {
    ASSERT_TRUE(rig.publish(1, 5000, kSsrc, sequence, 1, sequence));
    for (int turn = 0; turn < 4; ++turn) {
      for (std::size_t i = 0; i < 3; ++i)
        rig.worker(i).turn();
    }
    for (const Sent& sent : rig.take()) {
      EXPECT_EQ(sent.number, last[sent.ssrc] + 1);
      last[sent.ssrc] = sent.number;
    }
  }
  EXPECT_EQ(last.size(), 100U);
  for (const auto& [ssrc, number] : last)
    EXPECT_EQ(number, 20U) << ssrc;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GT(rig.worker(i).counters().copies.read(), 0U) << "each worker serves a shard";
    rig.worker(i).leave();
  }
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

// RFC 4585, 6.3.1: PLI. Sender's SSRC 7, about the leg's SSRC.
std::vector<std::uint8_t> picture_loss(std::uint32_t ssrc) {
  std::vector<std::uint8_t> pli{0x81, 206, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0};
  net::store_be32(&pli[8], ssrc);
  return pli;
}

TEST(Shards, FeedbackAboutAnyLegReachesThePublisher) {
  Rig rig({.workers = 3, .queues = 3, .legs_per_shard = 16});
  add_room(rig, "big", 5000, 100);
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).enter();
  const auto turn_all = [&] {
    for (int turn = 0; turn < 6; ++turn) {
      for (std::size_t i = 0; i < 3; ++i)
        rig.worker(i).turn();
    }
  };
  ASSERT_TRUE(rig.publish(1, 5000, kSsrc, 1, 1, 1));
  turn_all();
  rig.take();
  for (std::uint32_t ssrc = 1000; ssrc < 1100; ++ssrc) {
    // The subscriber's packets arrive at worker 2, the publisher's at worker 1.
    ASSERT_TRUE(rig.send(2, 5001, picture_loss(ssrc)));
    turn_all();
    const auto sent = rig.take();
    ASSERT_EQ(sent.size(), 1U) << ssrc;
    EXPECT_TRUE(sent[0].rtcp);
    EXPECT_EQ(sent[0].port, 5000);
  }
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

TEST(Overload, AFloodOfFeedbackTakesABoundedPartOfATurn) {
  constexpr std::uint32_t kLegs = 120;
  Rig rig;
  add_room(rig, "big", 5000, kLegs);
  rig.worker(0).enter();
  ASSERT_TRUE(rig.publish(0, 5000, kSsrc, 1, 1, 1));
  for (int turn = 0; turn < 5; ++turn)
    rig.worker(0).turn();
  rig.take();
  std::vector<std::uint8_t> compound;
  for (std::uint32_t i = 0; i < kLegs; ++i) {
    const auto pli = picture_loss(1000 + i);
    compound.insert(compound.end(), pli.begin(), pli.end());
  }
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(rig.send(0, 5001, compound));
  rig.worker(0).turn();
  const std::size_t sent = rig.take().size();
  EXPECT_GE(sent, kLegs);
  EXPECT_LT(sent, 1000U) << "of 2400";
  EXPECT_EQ(rig.dropped(EgressDrop::feedback_overload), 20 * kLegs - sent);
  ASSERT_TRUE(rig.send(0, 5001, compound));
  rig.worker(0).turn();
  EXPECT_EQ(rig.take().size(), kLegs);
  rig.worker(0).leave();
  rig.expect_conservation();
  EXPECT_EQ(rig.lost_buffers(), 0U);
}

// RFC 3550, 6.6: BYE of the publisher.
TEST(Shards, APublishersByeReachesEveryLegBehindItsMedia) {
  Rig rig({.workers = 3, .queues = 3, .legs_per_shard = 16});
  add_room(rig, "big", 5000, 100);
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).enter();
  for (std::uint16_t sequence = 1; sequence <= 3; ++sequence)
    ASSERT_TRUE(rig.publish(1, 5000, kSsrc, sequence, 1, sequence));
  const std::vector<std::uint8_t> bye{0x80, 201, 0, 1, 0, 0, 0, kSsrc, 0x81, 203, 0, 1, 0, 0, 0, kSsrc};
  ASSERT_TRUE(rig.send(1, 5000, bye));
  for (int turn = 0; turn < 10; ++turn) {
    for (std::size_t i = 0; i < 3; ++i)
      rig.worker(i).turn();
  }
  std::map<std::uint32_t, int> media;
  std::map<std::uint32_t, int> byes;
  for (const Sent& sent : rig.take()) {
    if (sent.rtcp) {
      EXPECT_EQ(media[sent.ssrc], 3) << "the BYE came before the media";
      ++byes[sent.ssrc];
    } else {
      ++media[sent.ssrc];
    }
  }
  EXPECT_EQ(byes.size(), 100U);
  for (std::size_t i = 0; i < 3; ++i)
    rig.worker(i).leave();
  rig.expect_conservation();
}

}  // namespace
}  // namespace causeway::test
