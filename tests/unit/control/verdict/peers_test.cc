// One picture for a while, and what is concluded of each peer.
#include <gtest/gtest.h>

#include "tests/unit/control/verdict/picture.h"

namespace causeway::control::verdict::test {
namespace {

struct Case {
  const char* what;
  const char* picture;  // after a second in which all heard all
  int for_ms;
  ProbeResult probe;     // of all who are silent, once they were so for 3 s
  const char* expected;  // by the first node
};

const Case kCases[] = {
    {"all is well", "us . x x\n fr x . x\n de x x .", 5000, ProbeResult::none, ""},
    {"silent, too early to tell", "us . - x\n fr - . x\n de x x .", 1250, ProbeResult::none, "fr: suspect"},
    {"a pair is cut", "us . - x\n fr - . x\n de x x .", 2000, ProbeResult::none, "fr: path_broken"},
    {"a pair is cut, seen by the other one", "fr . - x\n us - . x\n de x x .", 2000, ProbeResult::none,
     "us: path_broken"},
    {"only the helper's answer tells", "us . - x\n fr - . x\n de ? ? ?", 3500, ProbeResult::alive,
     "fr: path_broken"},
    {"what it sends is lost", "us . - x\n fr x . x\n de x x .", 2000, ProbeResult::none, "fr: half_open_in"},
    {"what we send is lost", "us . x x\n fr - . x\n de x x .", 2000, ProbeResult::none, "fr: half_open_out"},
    {"it is gone", "us . - x\n fr - . -\n de x - .", 2950, ProbeResult::silent, "fr: suspect"},
    {"it is gone, and helpers say so", "us . - x\n fr - . -\n de x - .", 3100, ProbeResult::silent,
     "fr: peer_gone"},
    {"a missing answer convicts nobody", "us . - x\n fr - . -\n de x - .", 60000, ProbeResult::unanswered,
     "fr: suspect"},
    {"nor does no answer", "us . - x\n fr - . -\n de x - .", 60000, ProbeResult::none, "fr: suspect"},
    {"a row that hears it is better than a helper that does not", "us . - x\n fr - . x\n de x x .", 9000,
     ProbeResult::silent, "fr: path_broken"},
    {"a stalled node's row tells nothing", "us . - x\n fr - . x\n de! x x .", 2000, ProbeResult::none,
     "fr: suspect"},
    {"a stalled peer echoes nothing", "us . x x\n fr! - . x\n de x x .", 2000, ProbeResult::none, ""},
    {"all are silent: it is us", "us . - -\n fr - . x\n de - x .", 60000, ProbeResult::unanswered,
     "fr: suspect, de: suspect"},
    {"a site mate that finds all silent knows no more",
     "us/a . x - -\n us/b x . - -\n fr - - . x\n de - - x .", 60000, ProbeResult::silent,
     "fr: suspect, de: suspect"},
    {"a site mate is gone", "us/a . - x x\n us/b - . - -\n fr x - . x\n de x - x .", 4000,
     ProbeResult::silent, "us/b: peer_gone"},
    {"one node of a site is gone", "us . - x\n fr/a - . -\n fr/b x - .", 4000, ProbeResult::silent,
     "fr/a: peer_gone"},
    {"the other one of two is silent: nobody confirms", "us . -\n fr - .", 60000, ProbeResult::unanswered,
     "fr: suspect"},
};

TEST(Peers, VerdictsFollowFromWhoHearsWhom) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.what);
    const Picture picture(each.picture);
    Viewer viewer(picture, 0);
    viewer.see(connected(picture.names), 1000);
    viewer.see(picture, each.for_ms, [&](View& view) {
      for (PeerView& peer : view.peers) {
        if (!peer.beats_heard && viewer.now_us - peer.silent_since_us >= from_ms(3000))
          peer.probe = each.probe;
      }
    });
    EXPECT_EQ(verdicts(picture, viewer.judge), each.expected);
  }
}

TEST(Peers, EachVerdictIsWrittenOnceWithItsEvidence) {
  const Picture picture("us . - x x\n germany - . - -\n france x - . x\n us-west x - x .");
  Viewer viewer(picture, 0);
  viewer.see(connected(picture.names), 1000);
  viewer.see(picture, 20000, [&](View& view) {
    if (viewer.now_us - view.peers[1].silent_since_us >= from_ms(3100))
      view.peers[1].probe = ProbeResult::silent;
  });
  ASSERT_EQ(viewer.written(JournalKind::verdict), 1);
  EXPECT_EQ(
      viewer.text(JournalKind::verdict),
      "germany is gone: silent for 3100 ms both ways, helpers asked it in vain, 2 of 2 other nodes that are "
      "heard do not hear it (france, us-west)");
  EXPECT_EQ(viewer.journal[0].peer, 1);
  EXPECT_TRUE(viewer.judge.convicted().contains(1));
  EXPECT_EQ(viewer.judge.convicted().size(), 1);

  viewer.see(connected(picture.names), 800);
  EXPECT_EQ(viewer.written(JournalKind::verdict_cleared), 0);
  viewer.see(connected(picture.names), 200);
  EXPECT_EQ(viewer.written(JournalKind::verdict_cleared), 1);
  EXPECT_EQ(viewer.text(JournalKind::verdict_cleared),
            "germany: peer_gone no longer holds, after 17850 ms: it is heard");
  EXPECT_TRUE(viewer.judge.convicted().empty());
  EXPECT_EQ(viewer.judge.times(Verdict::peer_gone), 1U);
}

TEST(Peers, MediaAloneIsASignOfLife) {
  const Picture picture("us . - x\n fr - . -\n de x - .");
  Viewer viewer(picture, 0);
  viewer.see(picture, 20000, [&](View& view) {
    view.peers[1].media_heard = true;
    view.peers[1].silent_since_us = viewer.now_us;
    view.peers[1].probe = ProbeResult::silent;
  });
  EXPECT_EQ(verdicts(picture, viewer.judge), "");
}

TEST(Peers, StartingAndFrozenViewsConvictNobody) {
  const Picture gone("us . - x\n fr - . -\n de x - .");
  for (const bool frozen : {false, true}) {
    Viewer viewer(gone, 0);
    viewer.see(gone, 60000, [&](View& view) {
      (frozen ? view.frozen : view.starting) = true;
      view.peers[1].probe = ProbeResult::silent;
    });
    EXPECT_EQ(verdicts(gone, viewer.judge), "");
    EXPECT_TRUE(viewer.judge.convicted().empty());
    EXPECT_EQ(viewer.written(JournalKind::verdict), frozen ? 1 : 0);  // of itself
    EXPECT_EQ(viewer.judge.self_verdict(), frozen ? SelfVerdict::self_stalled : SelfVerdict::none);
  }
}

TEST(Peers, AFreezeKeepsWhatWasConcluded) {
  const Picture cut("us . - x\n fr - . x\n de x x .");
  Viewer viewer(cut, 0);
  viewer.see(connected(cut.names), 1000);
  viewer.see(cut, 3000);
  viewer.see(connected(cut.names), 5000, [](View& view) { view.frozen = true; });
  EXPECT_EQ(verdicts(cut, viewer.judge), "fr: path_broken");
  viewer.see(connected(cut.names), 1000);
  EXPECT_EQ(verdicts(cut, viewer.judge), "");
}

TEST(Peers, AVerdictChangesWithTheEvidenceAndIsWrittenEachTime) {
  const Picture out("us . x x\n fr - . x\n de x x .");
  const Picture cut("us . - x\n fr - . x\n de x x .");
  Viewer viewer(out, 0);
  viewer.see(connected(out.names), 1000);
  viewer.see(out, 5000);
  EXPECT_EQ(verdicts(out, viewer.judge), "fr: half_open_out");
  viewer.see(cut, 1000);  // too early to tell what the silence is
  EXPECT_EQ(verdicts(out, viewer.judge), "fr: half_open_out");
  viewer.see(cut, 1000);
  EXPECT_EQ(verdicts(out, viewer.judge), "fr: path_broken");
  viewer.see(connected(out.names), 1000);
  EXPECT_EQ(verdicts(out, viewer.judge), "");
  EXPECT_EQ(viewer.written(JournalKind::verdict), 2);
  EXPECT_EQ(viewer.written(JournalKind::verdict_cleared), 1);
}

TEST(Peers, ABrokenPathIsClearedWhenNobodyHearsThePeerAnyMore) {
  const Picture cut("us . - x\n fr - . x\n de x x .");
  const Picture dead("us . - x\n fr - . -\n de x - .");
  Viewer viewer(cut, 0);
  viewer.see(connected(cut.names), 1000);
  viewer.see(cut, 3000);
  viewer.see(dead, 3000, [](View& view) { view.peers[1].probe = ProbeResult::unanswered; });
  EXPECT_EQ(verdicts(cut, viewer.judge), "fr: suspect");
  EXPECT_NE(viewer.text(JournalKind::verdict_cleared).find("nobody knows why"), std::string::npos);
  viewer.see(dead, 1000, [](View& view) { view.peers[1].probe = ProbeResult::silent; });
  EXPECT_EQ(verdicts(cut, viewer.judge), "fr: peer_gone");
}

TEST(Peers, AHelpersAnswerHoldsUntilTheNextOne) {
  const Picture cut("us . - x\n fr - . x\n de ? ? ?");
  Viewer viewer(cut, 0);
  viewer.see(connected(cut.names), 1000);
  for (int round = 0; round < 20; ++round) {
    viewer.see(cut, 1000, [&](View& view) {
      view.peers[1].probe = viewer.now_us / 1'000'000 % 2 == 0 ? ProbeResult::alive : ProbeResult::none;
    });
  }
  EXPECT_EQ(verdicts(cut, viewer.judge), "fr: path_broken");
  EXPECT_EQ(viewer.written(JournalKind::verdict), 1);
  EXPECT_EQ(viewer.written(JournalKind::verdict_cleared), 0);
}

TEST(Peers, OnceConvictedMissingAnswersDoNotAcquit) {
  const Picture dead("us . - x\n fr - . -\n de x - .");
  Viewer viewer(dead, 0);
  viewer.see(connected(dead.names), 1000);
  viewer.see(dead, 4000, [](View& view) { view.peers[1].probe = ProbeResult::silent; });
  for (const ProbeResult probe : {ProbeResult::none, ProbeResult::unanswered, ProbeResult::none})
    viewer.see(dead, 2000, [&](View& view) { view.peers[1].probe = probe; });
  EXPECT_EQ(verdicts(dead, viewer.judge), "fr: peer_gone");
  EXPECT_EQ(viewer.written(JournalKind::verdict), 1);
  viewer.see(dead, 1000, [&](View& view) { view.peers[1].probe = ProbeResult::alive; });
  EXPECT_EQ(verdicts(dead, viewer.judge), "fr: path_broken");
}

// Beats that come and go around suspect_ms: suspicion follows, the journal does not fill.
// All paths of a node come back, one after the other within a moment. What helpers said before is no proof
// now.
TEST(Peers, WhoComesBackFromAnIslandConvictsNobodyByWhatWasBefore) {
  const Picture alone("us . - -\n fr - . x\n de - x .");
  const Picture first("us . - x\n fr - . x\n de x - .");
  const auto say_silent = [](View& view) { view.peers[1].probe = ProbeResult::silent; };
  Viewer viewer(alone, 0);
  viewer.see(connected(alone.names), 1000);
  viewer.see(alone, 20'000, say_silent);
  viewer.see(first, 900, say_silent);
  EXPECT_TRUE(viewer.judge.convicted().empty());
  viewer.see(connected(alone.names), 1000);
  EXPECT_EQ(verdicts(alone, viewer.judge), "");
  // But if it stays away, it is.
  viewer.see(first, 4000, say_silent);
  EXPECT_EQ(verdicts(alone, viewer.judge), "fr: peer_gone");
}

TEST(Peers, AFlappingPeerDoesNotFillTheJournal) {
  const Picture cut("us . - x\n fr - . x\n de x x .");
  Viewer viewer(cut, 0);
  for (int i = 0; i < 50; ++i) {
    viewer.see(connected(cut.names), 100);
    viewer.see(cut, 1150);
  }
  EXPECT_TRUE(viewer.journal.empty());
  for (int i = 0; i < 50; ++i) {
    viewer.see(connected(cut.names), 800);
    viewer.see(cut, 1500);
  }
  EXPECT_EQ(viewer.journal.size(), 1U);  // the path is broken, and does not mend
}

TEST(Peers, LongListsOfNamesAreCut) {
  std::vector<std::string> names;
  for (int i = 0; i < 9; ++i)
    names.push_back("n" + std::to_string(i));
  Picture cut = connected(names);
  cut.cells[0][1] = cut.cells[1][0] = '-';
  Viewer viewer(cut, 0);
  viewer.see(connected(names), 1000);
  viewer.see(cut, 2000);
  EXPECT_EQ(
      viewer.text(JournalKind::verdict),
      "the path to n1 is broken: silent for 1300 ms both ways, but connected to n2, n3, n4, n5 and 3 more");
}

}  // namespace
}  // namespace causeway::control::verdict::test
