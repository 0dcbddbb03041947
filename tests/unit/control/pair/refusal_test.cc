// Whom a node does not let in, and what it says.
#include "control/pair/refusal.h"

#include <gtest/gtest.h>

#include "tests/unit/control/pair/world.h"

namespace causeway::control::pair {
namespace {

constexpr int kGermany = World::kGermany;
constexpr int kFrance = World::kFrance;

// What each says of the other when one of them has these means.
struct Said {
  std::string by_germany;
  std::string by_france;
};

class Refusal : public ::testing::Test {
 protected:
  Said said(int node, std::shared_ptr<const Context> means) {
    World world;
    world.means[static_cast<std::size_t>(node)] = std::move(means);
    world.start_both();
    EXPECT_FALSE(world.run_until_keyed(from_ms(20000)));
    EXPECT_EQ(world.sending_key(kGermany), nullptr);
    EXPECT_EQ(world.sending_key(kFrance), nullptr);
    for (const int each : {kGermany, kFrance}) {
      EXPECT_LE(world.written(each, JournalKind::pair_refused), 4);
      EXPECT_EQ(world.written(each, JournalKind::pair_keyed), 0);
    }
    return {first(world, kGermany), first(world, kFrance)};
  }
  static std::string first(const World& world, int node) {
    for (const JournalEntry& entry : world.journal[static_cast<std::size_t>(node)]) {
      if (entry.kind == JournalKind::pair_refused) return entry.text;
    }
    return "";
  }
  // Either role must refuse it, with the same words.
  void expect(const Wish& wish_of_germany, const std::string& text) {
    EXPECT_EQ(said(kGermany, context_of(wish_of_germany)).by_france, "germany" + text);
    Wish wish = wish_of_germany;
    for (std::string* each : {&wish.common_name, &wish.names}) {
      if (const auto at = each->find("germany"); at != each->npos) each->replace(at, 7, "france");
    }
    EXPECT_EQ(said(kFrance, context_of(wish)).by_germany, "france" + text);
  }
};

TEST_F(Refusal, Expired) {
  Wish wish = named("germany");
  wish.ends_s = kWallS - 3600;
  wish.begins_s = kWallS - 90 * kDay;
  expect(wish, "'s certificate expired on 2027-01-15: renew it");
}

TEST_F(Refusal, NotYetValid) {
  Wish wish = named("germany");
  wish.begins_s = kWallS + 2 * kDay;
  expect(wish, "'s certificate is not valid before 2027-01-17: check the clocks of both nodes");
}

TEST_F(Refusal, OfAnotherName) {
  Wish wish = named("spain");
  wish.names += ",DNS:portugal";
  EXPECT_EQ(said(kGermany, context_of(wish)).by_france,
            "germany's certificate is for \"spain\", \"portugal\": give it one with the DNS name germany");
  // A common name counts only where there is no DNS name (RFC 6125, 6.4.4).
  wish.common_name = "germany";
  EXPECT_EQ(said(kGermany, context_of(wish)).by_france,
            "germany's certificate is for \"spain\", \"portugal\": give it one with the DNS name germany");
}

TEST_F(Refusal, OneForAllNodes) {
  EXPECT_NE(said(kGermany, context_of({.common_name = "*", .names = "DNS:*,DNS:german*"})).by_france, "");
}

TEST_F(Refusal, AStrangersWordsAreHarmless) {
  EXPECT_EQ(said(kGermany, context_of(Wish{.common_name = "a\n\x1b[31m\"b"})).by_france,
            "germany's certificate is for \"a??[31m?b\": give it one with the DNS name germany");
}

TEST_F(Refusal, OfAnotherAuthority) {
  const Authority other("other CA");
  const auto means = context_of(texts(other.issue(named("germany")), fleet().certificate()));
  EXPECT_EQ(said(kGermany, means).by_france,
            "germany's certificate is not from the fleet's CA but from \"other CA\": have the fleet's CA "
            "sign it, or "
            "add that CA's certificate here");
  // One that calls itself the same.
  const Authority twin("fleet CA");
  const auto forged = context_of(texts(twin.issue(named("france")), fleet().certificate()));
  EXPECT_NE(said(kFrance, forged).by_germany.find("france's certificate is not from the fleet's CA"),
            std::string::npos);
}

TEST_F(Refusal, SignedByItself) {
  const Authority self(named("germany"), nullptr);
  EXPECT_EQ(said(kGermany, context_of(texts(self, fleet().certificate()))).by_france,
            "germany's certificate is signed by itself: have the fleet's CA sign it");
}

TEST_F(Refusal, ForOneEndOnly) {
  Wish wish = named("germany");
  wish.usage = "serverAuth";
  EXPECT_EQ(said(kGermany, context_of(wish)).by_france,
            "germany's certificate is not for both ends of a connection: allow it clientAuth and serverAuth");
}

TEST_F(Refusal, AnAuthorityThatExpired) {
  Wish wish{.common_name = "old CA", .authority = true};
  wish.ends_s = kWallS - 10 * kDay;
  wish.begins_s = kWallS - 90 * kDay;
  const Authority middle = fleet().issue(wish);
  const auto means =
      context_of(texts(middle.issue(named("germany")), fleet().certificate(), middle.certificate()));
  EXPECT_EQ(said(kGermany, means).by_france,
            "the CA certificate \"old CA\" above germany's expired on 2027-01-05: renew it");
}

TEST_F(Refusal, TheOneThatIsRefusedIsTold) {
  Wish wish = named("germany");
  wish.ends_s = kWallS - 3600;
  EXPECT_EQ(said(kGermany, context_of(wish)).by_germany,
            "france seems to refuse this node (certificate expired): its journal says why");
}

TEST_F(Refusal, IsNotRepeatedAllTheTime) {
  World world;
  Wish wish = named("germany");
  wish.ends_s = kWallS - 3600;
  world.means[kGermany] = context_of(wish);
  world.start_both();
  world.run(world.now_us + from_ms(600'000));
  EXPECT_LE(world.written(kFrance, JournalKind::pair_refused), 11);
  EXPECT_GE(world.written(kFrance, JournalKind::pair_refused), 9);
  EXPECT_GT(world.journal[kFrance].back().numbers[0].second, 2) << "how many there were";
}

TEST_F(Refusal, ACertificateThatExpiresLaterDoesNotEndTheKey) {
  World world;
  Wish wish = named("germany");
  wish.ends_s = kWallS + 60;
  world.timers.rekey_us = from_ms(100'000);
  world.means[kGermany] = context_of(wish);
  world.start_both();
  ASSERT_TRUE(world.run_until_keyed(from_ms(2000)));
  world.run(world.now_us + from_ms(600'000));
  EXPECT_EQ(world.last(kFrance, JournalKind::pair_refused),
            "germany's certificate expired on 2027-01-15: renew it");
  EXPECT_TRUE(world.is_keyed());
  EXPECT_EQ(world.frames_lost[kGermany] + world.frames_lost[kFrance], 0);
}

TEST_F(Refusal, ANameThatMeansMoreThanOneNode) {
  EXPECT_THROW(check_name(""), std::invalid_argument);
  EXPECT_THROW(check_name(".example"), std::invalid_argument);
  EXPECT_THROW(check_name(std::string("a\0b", 3)), std::invalid_argument);
  EXPECT_NO_THROW(check_name("germany-1.example"));
}

}  // namespace
}  // namespace causeway::control::pair
