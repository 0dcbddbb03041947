// Silence, from the first missing beat to what helpers say of it.
#include <gtest/gtest.h>

#include "control/beat/detector.h"
#include "tests/unit/control/beat/fleet.h"

namespace causeway::control::beat {
namespace {

TEST(Silence, CutsBelowThreeSecondsConvictNobody) {
  for (TimeUs cut_ms = 100; cut_ms <= 2900; cut_ms += 100) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      Fleet fleet(5, 1, Fleet::quick(), seed);
      std::size_t convictions = 0;
      fleet.after_tick = [&](NodeId) { convictions += fleet.convictions(); };
      fleet.run(from_ms(3000 + cut_ms % 97));
      fleet.isolate(0);
      fleet.run(from_ms(cut_ms));
      fleet.heal();
      fleet.run(from_ms(2000));
      EXPECT_EQ(convictions, 0U) << cut_ms << " ms, seed " << seed;
      EXPECT_EQ(fleet.count(EventKind::down), 0U) << cut_ms << " ms, seed " << seed;
      for (NodeId peer = 1; peer < 5; ++peer) {
        EXPECT_TRUE(fleet[0].is_settled(peer));
        EXPECT_TRUE(fleet[peer].is_settled(0));
      }
      const std::size_t suspected = fleet.count(EventKind::suspected);
      EXPECT_TRUE(cut_ms > 700 || suspected == 0) << cut_ms;
      EXPECT_TRUE(cut_ms < 1000 || suspected == 8) << cut_ms;
    }
  }
}

TEST(Silence, ADeadPeerIsSuspectedWithinASecondAndConfirmedByThree) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    Fleet fleet(6, 1, Fleet::quick(), seed);
    fleet.run(from_ms(4000));
    fleet.forget();
    const TimeUs dead_us = fleet.now_us();
    fleet.kill(2);
    fleet.run(from_ms(4000));
    for (NodeId node = 0; node < 6; ++node) {
      if (node == 2) continue;
      const auto suspected = fleet.events(node, EventKind::suspected);
      ASSERT_EQ(suspected.size(), 1U);
      EXPECT_EQ(suspected[0].event.peer, 2);
      EXPECT_LE(suspected[0].at_us, dead_us + from_ms(1000)) << "seed " << seed;
      const auto probed = fleet.events(node, EventKind::probed);
      ASSERT_EQ(probed.size(), 1U);
      EXPECT_EQ(probed[0].event.peer, 2);
      EXPECT_EQ(fleet[node].probe(2), ProbeResult::silent);
      EXPECT_GE(probed[0].at_us, dead_us + from_ms(2900));
      // The time on the way, and the one beat that is not missing yet.
      EXPECT_LE(probed[0].at_us, dead_us + from_ms(3100) + Fleet::kDelayUs) << "seed " << seed;
      EXPECT_FALSE(fleet[node].is_up(2));
      EXPECT_EQ(fleet.events(node, EventKind::down).size(), 1U);
    }
  }
}

TEST(Silence, IsDescribedWithNumbers) {
  Fleet fleet(3);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.kill(2);
  fleet.run(from_ms(4000));
  ASSERT_EQ(fleet.journal(0).size(), 2U);
  const JournalEntry& suspected = fleet.journal(0)[0];
  EXPECT_EQ(suspected.kind, JournalKind::link_suspected);
  EXPECT_EQ(suspected.peer, 2);
  EXPECT_EQ(suspected.text, "no beat from germany for 900 ms (9 expected), and no media");
  ASSERT_EQ(suspected.numbers.size(), 2U);
  EXPECT_EQ(suspected.numbers[0].second, 900'000);
  EXPECT_EQ(suspected.numbers[1].second, 9);
  const JournalEntry& down = fleet.journal(0)[1];
  EXPECT_EQ(down.kind, JournalKind::link_down);
  EXPECT_EQ(down.text, "no beat from germany for 3100 ms: the link is down; once up, it is held for 2000 ms");
}

TEST(Silence, OfOnePathOnlyIsContradictedByHelpers) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.cut(0, 1);
  fleet.run(from_ms(2750));
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::alive) << "as soon as one says so";
  EXPECT_EQ(fleet[1].probe(0), ProbeResult::alive);
  fleet.run(from_ms(10'000));
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::alive);
  EXPECT_EQ(fleet.events(0, EventKind::probed).size(), 1U) << "the same word again is no news";
  EXPECT_EQ(fleet.convictions(), 0U);
  fleet.heal();
  fleet.run(from_ms(500));
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::none);
}

TEST(Silence, OfEverybodyIsAnsweredByNobody) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  fleet.isolate(0);
  fleet.run(from_ms(3300));
  for (NodeId peer = 1; peer < 5; ++peer) {
    EXPECT_EQ(fleet[0].probe(peer), ProbeResult::unanswered) << "perhaps it is we who are cut off";
    EXPECT_EQ(fleet[peer].probe(0), ProbeResult::silent);
  }
}

TEST(Silence, HelpersThatHearUsButAreNotHeardAccuseUs) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  fleet.kill(1);
  for (NodeId helper = 2; helper < 5; ++helper)
    fleet.cut_one_way(0, helper);  // our questions are lost
  fleet.run(from_ms(3300));
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::unanswered);
}

TEST(Silence, IsAskedAboutEachSecond) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  fleet.kill(1);
  fleet.records = true;
  fleet.run(from_ms(12'000));
  std::set<TimeUs> asked;
  std::size_t requests = 0;
  for (const Fleet::Sent& sent : fleet.sent) {
    if (sent.from != 0 || sent.type != wire::RecordType::probe_request) continue;
    asked.insert(sent.at_us);
    ++requests;
  }
  EXPECT_EQ(asked.size(), 10U);
  EXPECT_EQ(requests, 30U);
}

TEST(Silence, IsNotAskedAboutWhileStarting) {
  config::Heartbeat heartbeat;  // with its 60 s
  Fleet fleet(4, 1, heartbeat);
  fleet.kill(3);
  fleet.records = true;
  std::size_t convictions = 0;
  fleet.after_tick = [&](NodeId) { convictions += fleet.convictions(); };
  fleet.run(from_ms(59'900));
  for (const Fleet::Sent& sent : fleet.sent)
    ASSERT_EQ(sent.type, wire::RecordType::beat);
  EXPECT_EQ(fleet[0].probe(3), ProbeResult::none);
  EXPECT_TRUE(fleet[0].is_starting());
  EXPECT_EQ(convictions, 0U);
  fleet.run(from_ms(1000));
  EXPECT_FALSE(fleet[0].is_starting());
  EXPECT_EQ(fleet[0].probe(3), ProbeResult::silent);
}

TEST(Silence, BrokenByMediaIsNone) {
  Fleet fleet(4);
  fleet.run(from_ms(4000));
  fleet.forget();
  fleet.pass = [](NodeId from, NodeId to, wire::RecordType, std::uint8_t) { return from != 1 || to != 0; };
  for (int i = 0; i < 50; ++i) {
    fleet.send_media(1, 0);
    fleet.run(from_ms(100));
  }
  EXPECT_TRUE(fleet[0].is_reachable(1));
  EXPECT_FALSE(fleet[0].is_two_way(1));
  const View view = fleet.view(0);
  EXPECT_TRUE(view.peers[1].media_heard);
  EXPECT_FALSE(view.peers[1].beats_heard);
  EXPECT_EQ(view.peers[1].probe, ProbeResult::none);
  EXPECT_EQ(fleet.events(0, EventKind::suspected).size(), 0U);
  EXPECT_EQ(fleet.entries(0, JournalKind::link_down), 1U) << "RFC 5880's Up needs beats";
}

TEST(Silence, AHelperIsSatisfiedByMedia) {
  Fleet fleet(3);
  fleet.run(from_ms(4000));
  fleet.pass = [](NodeId from, NodeId, wire::RecordType, std::uint8_t) {
    return from != 1;
  };  // its beats are lost
  for (int i = 0; i < 40; ++i) {
    fleet.send_media(1, 2);
    fleet.run(from_ms(100));
  }
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::alive);
}

// A node 0 that was asked by node 1 about node 2.
class Helper : public ::testing::Test {
 protected:
  Helper() : fleet_(4) {
    fleet_.run(from_ms(4000));
    fleet_.records = true;
  }
  void ask(std::uint32_t nonce, NodeId target = 2, NodeId from = 1) {
    fleet_.give(0, [&](Detector& d, const Output& out) {
      d.on_probe_request(from, {target, nonce}, fleet_.now_us(), out);
    });
  }
  std::vector<ProbeReply> replies() const {
    std::vector<ProbeReply> found;
    for (const Fleet::Sent& sent : fleet_.sent) {
      ProbeReply reply;
      if (sent.from == 0 && sent.type == wire::RecordType::probe_reply && read(sent.body, reply))
        found.push_back(reply);
    }
    return found;
  }
  Fleet fleet_;
};

TEST_F(Helper, AsksTheTargetAtOnceAndSaysAliveOnlyByANewEcho) {
  const TimeUs asked_us = fleet_.now_us();
  ask(9);
  ASSERT_EQ(fleet_.sent.size(), 1U);
  EXPECT_EQ(fleet_.sent[0].to, 2);
  EXPECT_EQ(fleet_.sent[0].type, wire::RecordType::beat);
  fleet_.run(Fleet::kDelayUs * 2 - 1);
  EXPECT_TRUE(replies().empty()) << "what arrived until now was sent before it was asked";
  fleet_.run(from_ms(110));
  ASSERT_EQ(replies().size(), 1U);
  EXPECT_EQ(replies()[0].answer, ProbeAnswer::alive);
  EXPECT_EQ(replies()[0].nonce, 9U);
  EXPECT_EQ(replies()[0].target, 2);
  EXPECT_LT(fleet_.now_us() - asked_us, from_ms(200));
  fleet_.run(from_ms(1000));
  EXPECT_EQ(replies().size(), 1U) << "and only once";
}

TEST_F(Helper, SaysSilentAfterItsPatience) {
  fleet_.kill(2);
  ask(9);
  fleet_.run(from_ms(399));
  EXPECT_TRUE(replies().empty());
  fleet_.run(from_ms(2));
  ASSERT_EQ(replies().size(), 1U);
  EXPECT_EQ(replies()[0].answer, ProbeAnswer::silent);
}

TEST_F(Helper, ServesNoMoreThanTwoQuestionsOfOneRequester) {
  fleet_.kill(2);
  for (std::uint32_t nonce = 1; nonce <= 100; ++nonce)
    ask(nonce);
  EXPECT_EQ(fleet_.sent.size(), 2U);
  EXPECT_EQ(fleet_[0].requests_refused(), 98U);
  ask(1, 2, 3);
  EXPECT_EQ(fleet_.sent.size(), 3U) << "others are served";
  fleet_.run(from_ms(500));
  EXPECT_EQ(replies().size(), 3U);
}

TEST_F(Helper, AnswersNoNonsense) {
  ask(1, 0);
  ask(2, 1);
  ask(3, 100);
  EXPECT_TRUE(fleet_.sent.empty()) << "about itself, about who asks, about nobody";
  EXPECT_EQ(fleet_[0].requests_refused(), 3U);
}

TEST_F(Helper, DoesNotAnswerWhileItMistrustsItself) {
  fleet_.kill(2);
  fleet_.stall(0, from_ms(500));
  fleet_.run(from_ms(600));
  ASSERT_TRUE(fleet_[0].is_frozen());
  ask(9);
  fleet_.run(from_ms(600));
  EXPECT_TRUE(replies().empty());
}

TEST_F(Helper, DoesNotAnswerWhatItWasAskedBeforeItStoodStill) {
  fleet_.kill(2);
  ask(9);
  fleet_.stall(0, from_ms(500));
  fleet_.run(from_ms(2000));
  EXPECT_TRUE(replies().empty());
}

TEST_F(Helper, SaysNoSilenceWhileItStarts) {
  fleet_.kill(2);
  fleet_.start(0);
  fleet_.run(from_ms(500));
  ask(9);
  ask(10, 3);
  fleet_.run(from_ms(1000));
  ASSERT_EQ(replies().size(), 1U);
  EXPECT_EQ(replies()[0].nonce, 10U);
  EXPECT_EQ(replies()[0].answer, ProbeAnswer::alive);
}

TEST(Silence, ForgedRepliesChangeNothing) {
  Fleet fleet(5);
  fleet.run(from_ms(4000));
  const auto reply = [&](NodeId from, NodeId about, std::uint32_t nonce) {
    fleet.give(0, [&](Detector& d, const Output& out) {
      d.on_probe_reply(from, {about, nonce, ProbeAnswer::alive}, fleet.now_us(), out);
    });
  };
  reply(2, 1, 5);  // nothing was asked
  reply(2, 0, 5);
  reply(2, 99, 5);
  EXPECT_EQ(fleet[0].replies_refused(), 3U);
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::none);
  fleet.kill(1);
  fleet.records = true;
  fleet.run(from_ms(2700));
  ProbeRequest request;
  for (const Fleet::Sent& sent : fleet.sent) {
    if (sent.from != 0 || sent.type != wire::RecordType::probe_request) continue;
    ASSERT_TRUE(read(sent.body, request));
  }
  ASSERT_NE(request.nonce, 0U);
  const std::uint64_t refused = fleet[0].replies_refused();
  reply(2, 1, request.nonce + 1);
  reply(1, 1, request.nonce);
  EXPECT_EQ(fleet[0].replies_refused(), refused + 2);
  EXPECT_EQ(fleet[0].probe(1), ProbeResult::none);
}

TEST(Silence, AHelperThatSaysItIsStalledIsNotAsked) {
  Fleet fleet(4);
  fleet.run(from_ms(4000));
  fleet.kill(1);
  fleet.run(from_ms(1500));
  fleet.stall(2, from_ms(800));
  fleet.run(from_ms(850));
  fleet.records = true;
  fleet.run(from_ms(200));
  std::set<NodeId> asked;
  for (const Fleet::Sent& sent : fleet.sent)
    if (sent.from == 0 && sent.type == wire::RecordType::probe_request) asked.insert(sent.to);
  EXPECT_EQ(asked, std::set<NodeId>{3});
}

}  // namespace
}  // namespace causeway::control::beat
