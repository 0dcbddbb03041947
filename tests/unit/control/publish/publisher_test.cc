#include "control/publish/publisher.h"

#include <map>
#include <stdexcept>

#include <gtest/gtest.h>

#include "dataplane/srtp/engine.h"

namespace causeway::control {
namespace {

// Remembers what was made findable.
class Registry : public TransportRegistry {
 public:
  bool add(const TransportKey& key, Id transport) override { return keys.emplace(key, transport).second; }
  std::map<TransportKey, Id> keys;
};

// Grace periods that pass when the test says so.
class Grace : public GracePeriods {
 public:
  std::uint64_t begin() override { return ++last; }
  bool passed(std::uint64_t token) override { return token <= quiescent; }
  std::uint64_t last = 0;
  std::uint64_t quiescent = 0;
};

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() {
    auto snapshot = std::make_unique<Snapshot>();
    snapshot->ports.push_back({.mac = *net::MacAddress::parse("02:00:00:00:00:01"), .addresses = {}});
    publisher.publish_snapshot(std::move(snapshot), {"wan0"});
  }

  static config::Transport transport(const std::string& name, std::uint16_t remote_port) {
    config::Transport made;
    made.name = name;
    made.port = "wan0";
    made.local = *net::Endpoint::parse("192.0.2.1:20000");
    made.remote = {*net::IpAddress::parse("192.0.2.9"), remote_port};
    made.receive.emplace();
    made.send.emplace();
    return made;
  }

  static config::Leg leg(const std::string& name, const std::string& to, std::uint32_t ssrc) {
    config::Leg made;
    made.name = name;
    made.track = "track";
    made.transport = to;
    made.ssrc = ssrc;
    return made;
  }

  Tables tables{3, 2, 2};
  Registry registry;
  Grace grace;
  std::unique_ptr<srtp::Engine> engine = srtp::make_ipsec_mb_engine();
  Publisher publisher{tables, registry, *engine, grace};
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
  EXPECT_EQ(tables.legs[id].layer, layer);
  EXPECT_EQ(tables.layers[layer].legs.load()->legs, std::vector<Id>{id});
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
  EXPECT_EQ(before->legs.size(), 1U) << "a worker may still read it";
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

}  // namespace
}  // namespace causeway::control
