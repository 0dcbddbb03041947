#include "control/publish/publisher.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "dataplane/srtp/engine.h"
#include "tests/unit/control/publish/stand_ins.h"
#include "tests/unit/control/transport.h"
#include "tests/unit/dataplane/seed.h"

namespace causeway::control {
namespace {

using test::Grace;
using test::Registry;
using test::transport;

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() { publisher.publish_snapshot(test::one_port(), {"wan0"}); }

  static config::Leg leg(const std::string& name, const std::string& to, std::uint32_t ssrc) {
    config::Leg made;
    made.name = name;
    made.track = "track";
    made.transport = to;
    made.ssrc = ssrc;
    return made;
  }

  Tables tables{3, 2, 6};
  Session session{3, 2, 6};
  Registry registry;
  Grace grace;
  std::unique_ptr<srtp::Engine> engine = srtp::make_ipsec_mb_engine();
  Publisher publisher{tables, session, registry, *engine, grace, {.workers = 2, .legs_per_shard = 2}};
};

TEST_F(PublisherTest, ATransportIsFoundByItsRtpAndItsRtcpAddresses) {
  config::Transport with_rtcp = transport("a", 5004);
  with_rtcp.rtcp = {.local_port = 20001, .remote_port = 5005};
  const Id a = publisher.add_transport(with_rtcp);
  const Id b = publisher.add_transport(transport("b", 6000));
  ASSERT_EQ(registry.keys.size(), 3U);
  const TransportKey rtcp{with_rtcp.local.address, with_rtcp.remote.address, 20001, 5005, 0, 0};
  EXPECT_EQ(registry.keys.at(rtcp), a);
  EXPECT_NE(a, b);
  EXPECT_EQ(publisher.inventory().transports.at(b), "b");
}

TEST_F(PublisherTest, LegsHangOnTheirLayerAndAreKnownByTheirSsrcToTheSubscriber) {
  const Id from = publisher.add_transport(transport("from", 5000));
  const Id to = publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track",
                       .transport = "from",
                       .layers = {{.name = "low", .ssrc = 9}, {.name = "high", .ssrc = 5}}});
  config::Leg high = leg("leg", "to", 77);
  high.layer = "high";
  const Id id = publisher.add_leg(high);

  const Id layer = tables.transports[from].layers.load()->find(5);
  ASSERT_NE(layer, kNoId);
  EXPECT_EQ(tables.legs[id].settings.load()->layer, layer);
  EXPECT_EQ(tables.layers[layer].legs.load()->shards, (std::vector<std::vector<Id>>{{id}}));
  EXPECT_EQ(tables.layers[tables.transports[from].layers.load()->find(9)].legs.load(), nullptr);
  EXPECT_EQ(tables.transports[to].legs.load()->find(77), id);
  EXPECT_EQ(tables.transports[to].legs.load()->find(78), kNoId);
}

TEST_F(PublisherTest, AReplacedListIsFreedOnlyAfterItsGracePeriod) {
  publisher.add_transport(transport("from", 5000));
  publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  publisher.add_leg(leg("one", "to", 1));
  EXPECT_EQ(publisher.reclaim(), 0U) << "nothing was replaced yet";
  const LegList* before = tables.layers[0].legs.load();
  publisher.add_leg(leg("two", "to", 2));
  EXPECT_EQ(publisher.reclaim(), 2U) << "the layer's legs and the transport's SSRCs";
  EXPECT_EQ(before->size(), 1U) << "a worker may still read it";
  grace.quiescent = grace.last;
  EXPECT_EQ(publisher.reclaim(), 0U);
}

TEST_F(PublisherTest, TheOwnSsrcIsNoLegsAndNoLayers) {
  const Id id = publisher.add_transport(transport("both", 5000));
  const std::uint32_t own = tables.transports[id].own_ssrc;
  publisher.add_track({.id = "track", .transport = "both", .layers = {{.name = "main", .ssrc = own}}});
  publisher.add_leg(leg("leg", "both", own + 1));
  EXPECT_EQ(tables.transports[id].own_ssrc, own + 2);
}

TEST_F(PublisherTest, AFullTableIsAnErrorThatNamesItsLimit) {
  for (std::uint16_t i = 0; i < 3; ++i)
    publisher.add_transport(transport("t" + std::to_string(i), 5000 + i));
  try {
    publisher.add_transport(transport("one too many", 7000));
    FAIL();
  } catch (const std::length_error& error) {
    EXPECT_NE(std::string(error.what()).find("limits.transports"), std::string::npos);
  }
}

TEST_F(PublisherTest, AnAddressThatAnotherTransportHasIsRefusedAndNothingIsKept) {
  publisher.add_transport(transport("a", 5000));
  EXPECT_THROW(publisher.add_transport(transport("b", 5000)), std::invalid_argument);
  EXPECT_EQ(registry.keys.size(), 1U);
  EXPECT_NO_THROW(publisher.add_transport(transport("b", 5001)));
}

TEST_F(PublisherTest, LegsBeyondAShardGoToTheNextWorkerAndThenToTheOneWithTheFewest) {
  publisher.add_transport(transport("from", 5000));
  publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  std::vector<std::uint8_t> shards;
  for (std::uint32_t i = 1; i <= 6; ++i) {
    const Id id = publisher.add_leg(leg("leg" + std::to_string(i), "to", i));
    shards.push_back(tables.legs[id].settings.load()->shard);
  }
  EXPECT_EQ(shards, (std::vector<std::uint8_t>{0, 0, 1, 1, 0, 1}));
  const LegList* legs = tables.layers[0].legs.load();
  EXPECT_EQ(legs->size(), 6U);
  for (const auto& shard : legs->shards)
    EXPECT_TRUE(std::ranges::is_sorted(shard));
}

TEST_F(PublisherTest, ARemovedLegsSlotIsUsedAgainAfterItsGracePeriod) {
  publisher.add_transport(transport("from", 5000));
  const Id to = publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  const Id first = publisher.add_leg(leg("one", "to", 1));
  publisher.remove_leg("one");
  EXPECT_EQ(tables.layers[0].legs.load(), nullptr);
  EXPECT_EQ(tables.transports[to].legs.load()->find(1), kNoId);
  EXPECT_NE(tables.legs[first].settings.load(), nullptr) << "a worker may still read it";
  EXPECT_NE(publisher.add_leg(leg("two", "to", 2)), first);
  grace.quiescent = grace.last;
  publisher.reclaim();
  EXPECT_EQ(publisher.add_leg(leg("three", "to", 3)), first);
  EXPECT_THROW(publisher.remove_leg("one"), std::invalid_argument);
}

TEST_F(PublisherTest, ALegThatComesBackUnderItsSsrcGoesOnBehindItsLastIndex) {
  publisher.add_transport(transport("from", 5000));
  publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  const Id before = publisher.add_leg(leg("leg", "to", 1));
  session.legs[before].sequence.map(70000, 0);
  session.legs[before].sequence.map(70001, 0);
  session.legs[before].rtcp_send_index = 7;
  const std::int64_t next = session.legs[before].sequence.next();
  publisher.remove_leg("leg");
  EXPECT_THROW(publisher.add_leg(leg("leg", "to", 1)), std::invalid_argument) << "workers may still send";
  grace.quiescent = grace.last;
  publisher.reclaim();
  const Id after = publisher.add_leg(leg("leg", "to", 1));
  EXPECT_EQ(session.legs[after].sequence.map(200000, 0), static_cast<std::uint64_t>(next));
  EXPECT_EQ(session.legs[after].rtcp_send_index, 7U);
  EXPECT_EQ(session.legs[after].counters.packets.read(), 0U);
}

TEST_F(PublisherTest, ALegUnderTheAppliancesOwnSsrcGetsNoIndexThatTheApplianceUsed) {
  const Id to = publisher.add_transport(transport("to", 6000));
  publisher.add_transport(transport("from", 5000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  const std::uint32_t own = tables.transports[to].own_ssrc;
  session.transports[to].rtcp_send_index = kFirstLegRtcpIndex;  // all of its own
  const Id id = publisher.add_leg(leg("leg", "to", own));
  EXPECT_NE(tables.transports[to].own_ssrc, own);
  EXPECT_GE(session.legs[id].rtcp_send_index, session.transports[to].rtcp_send_index);
}

TEST_F(PublisherTest, AChangedLegKeepsItsNumbers) {
  publisher.add_transport(transport("from", 5000));
  publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  config::Leg changed = leg("leg", "to", 1);
  const Id id = publisher.add_leg(changed);
  session.legs[id].sequence.map(9, 0);
  changed.payload_types[96] = 97;
  publisher.change_leg(changed);
  EXPECT_EQ(tables.legs[id].settings.load()->rewrite.payload_types[96], 97);
  EXPECT_EQ(session.legs[id].sequence.map(10, 0), 10U);
  changed.ssrc = 2;
  EXPECT_THROW(publisher.change_leg(changed), std::invalid_argument);
}

TEST_F(PublisherTest, AChangedTransportIsFoundByItsNewAddressOnly) {
  const Id id = publisher.add_transport(transport("to", 6000));
  publisher.change_transport(transport("to", 6001));
  ASSERT_EQ(registry.keys.size(), 1U);
  EXPECT_EQ(registry.keys.begin()->first.remote_port, 6001);
  EXPECT_EQ(registry.keys.begin()->second, id);
  EXPECT_EQ(tables.transports[id].settings.load()->rtp_header.remote.port, 6001);
}

TEST_F(PublisherTest, ATransportWithLegsKeepsKeysToSendWith) {
  publisher.add_transport(transport("from", 5000));
  publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  publisher.add_leg(leg("leg", "to", 1));
  config::Transport silent = transport("to", 6000);
  silent.send.reset();
  EXPECT_THROW(publisher.change_transport(silent), std::invalid_argument);
  publisher.remove_leg("leg");
  EXPECT_THROW(publisher.change_transport(silent), std::invalid_argument) << "workers may still send";
  grace.quiescent = grace.last;
  publisher.reclaim();
  EXPECT_NO_THROW(publisher.change_transport(silent));
}

TEST_F(PublisherTest, ARemovedTransportTakesItsTracksAndLegsAlong) {
  const Id from = publisher.add_transport(transport("from", 5000));
  const Id to = publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  const Id id = publisher.add_leg(leg("leg", "to", 1));
  const std::uint32_t generation = tables.transports[from].generation;
  publisher.remove_transport("from");
  EXPECT_EQ(registry.keys.size(), 1U);
  EXPECT_NE(tables.transports[from].generation, generation);
  EXPECT_EQ(tables.transports[to].legs.load()->find(1), kNoId);
  grace.quiescent = grace.last;
  EXPECT_EQ(publisher.reclaim(), 0U);
  EXPECT_EQ(tables.legs[id].settings.load(), nullptr);
  EXPECT_EQ(publisher.add_transport(transport("again", 7000)), from);
  EXPECT_EQ(tables.transports[from].owner, kUnclaimed);
  EXPECT_THROW(publisher.add_leg(leg("leg", "to", 1)), std::invalid_argument) << "its track is gone";
}

TEST_F(PublisherTest, AGenerationIsLiveExactlyWhileItsEntryIsPublished) {
  const Id id = publisher.add_transport(transport("from", 5000));
  EXPECT_FALSE(is_live(tables.layers[0].generation));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  EXPECT_TRUE(is_live(tables.transports[id].generation));
  EXPECT_TRUE(is_live(tables.layers[0].generation));
  publisher.remove_transport("from");
  EXPECT_FALSE(is_live(tables.transports[id].generation));
  EXPECT_FALSE(is_live(tables.layers[0].generation));
  publisher.add_transport(transport("other", 5000));
  EXPECT_THROW(publisher.add_transport(transport("again", 5000)), std::invalid_argument);
  EXPECT_FALSE(is_live(tables.transports[2].generation)) << "a worker may have found one of its keys";
}

// Whatever is added, changed and removed in whatever order, the tables say what a plain list of the wishes
// says.
TEST_F(PublisherTest, TheTablesFollowRandomChanges) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << causeway::test::seed());
  std::mt19937 random(causeway::test::seed());
  publisher.add_transport(transport("from", 5000));
  publisher.add_transport(transport("to", 6000));
  publisher.add_track({.id = "track", .transport = "from", .layers = {{.name = "main", .ssrc = 5}}});
  std::map<std::uint32_t, Id> wanted;
  for (int i = 0; i < 3000; ++i) {
    const std::uint32_t ssrc = 1 + random() % 8;
    const std::string name = "leg" + std::to_string(ssrc);
    if (random() % 4 == 0) grace.quiescent = grace.last;
    publisher.reclaim();
    if (wanted.contains(ssrc)) {
      publisher.remove_leg(name);
      wanted.erase(ssrc);
    } else {
      try {
        wanted[ssrc] = publisher.add_leg(leg(name, "to", ssrc));
      } catch (const std::exception&) {
        wanted.erase(ssrc);  // full, or its number is not known yet
      }
    }
    std::set<Id> in_list;
    if (const LegList* legs = tables.layers[0].legs.load()) {
      for (const auto& shard : legs->shards)
        in_list.insert(shard.begin(), shard.end());
    }
    std::set<Id> in_wishes;
    for (const auto& [number, id] : wanted) {
      in_wishes.insert(id);
      ASSERT_EQ(tables.transports[1].legs.load()->find(number), id);
      ASSERT_EQ(tables.legs[id].settings.load()->rewrite.ssrc, number);
    }
    ASSERT_EQ(in_list, in_wishes) << "step " << i;
  }
}

}  // namespace
}  // namespace causeway::control
