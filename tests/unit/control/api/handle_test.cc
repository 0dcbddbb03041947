// Paths, methods, names, pages and what the node says of itself.
#include "control/api/handle.h"

#include <gtest/gtest.h>

#include "control/api/events.h"
#include "control/journal/record.h"
#include "tests/unit/control/api/ask.h"

namespace causeway::control::api::test {
namespace {

class Handle : public testing::Test {
 protected:
  FakeService service;
  Client client{service};
};

TEST_F(Handle, AnUnknownPathSaysWhereThePathsAre) {
  for (const std::string target :
       {"/", "/v1", "/v1/", "/v2/status", "/v1/statuses", "/v1/status/", "", "//", "*"}) {
    const Asked asked = client.get(target);
    EXPECT_EQ(asked.response.status, 404U) << target;
    EXPECT_EQ(asked.code(), "no_such_path") << target;
  }
}

TEST_F(Handle, AWrongMethodNamesTheRightOnes) {
  const Asked asked = client.ask("POST", "/v1/transports/a");
  EXPECT_EQ(asked.response.status, 405U);
  EXPECT_EQ(asked.response.allow, "GET, PUT, DELETE");
  EXPECT_EQ(client.ask("GET", "/v1/drain").response.allow, "POST");
  EXPECT_EQ(client.ask("HEAD", "/healthz").response.status, 405U);
  EXPECT_EQ(client.ask("", "/healthz").response.status, 405U);
}

TEST_F(Handle, AUnknownParameterIsRefused) {
  EXPECT_EQ(client.get("/v1/status?x=1").code(), "bad_query");
  EXPECT_EQ(client.get("/v1/tracks?limits=1").code(), "bad_query");
  EXPECT_EQ(client.get("/v1/tracks?limit=1&limit=2").code(), "bad_query");
  EXPECT_EQ(client.get("/v1/tracks?limit=%zz").code(), "bad_query");
}

TEST_F(Handle, NamesMayHoldSlashesEncodedOrNot) {
  client.put("/v1/transports/a", transport_body("a", 5000));
  EXPECT_EQ(client.put("/v1/tracks/demo%2Fvideo", track_body("demo/video", "a", 7)).response.status, 201U);
  EXPECT_EQ(client.get("/v1/tracks/demo/video").json["id"], "demo/video");
  EXPECT_EQ(client.get("/v1/tracks/demo%2fvideo").json["id"], "demo/video");
  EXPECT_EQ(client.get("/v1/tracks/demo%2").code(), "bad_path");
  EXPECT_EQ(client.get("/v1/tracks/demo%00video").code(), "bad_path");
}

TEST_F(Handle, ListsComeInPages) {
  for (const std::string name : {"a", "b", "c", "d", "e"})
    client.put("/v1/transports/" + name, transport_body(name, 5000 + static_cast<unsigned>(name[0])));
  Asked page = client.get("/v1/transports?limit=2");
  ASSERT_EQ(page.json["items"].size(), 2U);
  EXPECT_EQ(page.json["next"], "b");
  page = client.get("/v1/transports?limit=2&after=b");
  EXPECT_EQ(page.json["items"][0]["name"], "c");
  EXPECT_EQ(page.json["next"], "d");
  page = client.get("/v1/transports?limit=2&after=d");
  EXPECT_EQ(page.json["items"].size(), 1U);
  EXPECT_TRUE(page.json["next"].is_null());
}

TEST_F(Handle, TheLimitOfAPageIsBounded) {
  for (const std::string limit : {"0", "1001", "-1", "", "two", "1e3", "99999999999999999999"})
    EXPECT_EQ(client.get("/v1/tracks?limit=" + limit).response.status, 400U) << limit;
  EXPECT_EQ(client.get("/v1/tracks?limit=1000").response.status, 200U);
}

TEST_F(Handle, ReadyUntilItDrains) {
  EXPECT_EQ(client.get("/readyz").response.status, 200U);
  service.drain_state = DrainState::soft;
  EXPECT_EQ(client.get("/readyz").response.status, 503U);
  EXPECT_NE(client.get("/readyz").message().find("soft"), std::string::npos);
  service.drain_state = DrainState::none;
  EXPECT_EQ(client.ask("POST", "/v1/drain").json["by_operator"], true);
  EXPECT_NE(client.get("/readyz").message().find("operator"), std::string::npos);
  EXPECT_EQ(client.ask("POST", "/v1/drain").response.status, 200U);
  EXPECT_EQ(client.ask("POST", "/v1/undrain").json["by_operator"], false);
  EXPECT_EQ(client.get("/readyz").response.status, 200U);
}

TEST_F(Handle, HealthyUntilAWorkerStandsStill) {
  EXPECT_EQ(client.get("/healthz").response.status, 200U);
  service.stuck = {1, 3};
  const Asked asked = client.get("/healthz");
  EXPECT_EQ(asked.response.status, 503U);
  EXPECT_NE(asked.message().find("1, 3"), std::string::npos);
}

TEST_F(Handle, ARelayIsFoundByItsIdAndByItsKey) {
  const TrackKey key = track_key("keynote");
  RelayView view;
  view.is_fed = true;
  view.label = {12, 2, 1};
  view.active = Edge{.upstream = 1, .fed = true, .acknowledged = true};
  view.legs = {2};
  service.relays[key] = view;
  for (const std::string& name : {std::string("keynote"), to_text(key)}) {
    const Asked asked = client.get("/v1/relays/" + name);
    EXPECT_EQ(asked.json["upstream"]["node"], "oslo") << name;
    EXPECT_EQ(asked.json["label"]["origin"], "lima");
    EXPECT_EQ(asked.json["legs"], nlohmann::json({"lima"}));
    EXPECT_TRUE(asked.json["pending"].is_null());
  }
  EXPECT_EQ(client.get("/v1/relays/other").response.status, 404U);
  EXPECT_EQ(client.get("/v1/relays").json["items"].size(), 1U);
  EXPECT_EQ(client.get("/v1/relays?after=keynote").code(), "bad_query");
}

TEST_F(Handle, RelaysComeInPages) {
  for (std::uint64_t i = 1; i <= 5; ++i)
    service.relays[{0, i}].is_wanted = true;
  const Asked first = client.get("/v1/relays?limit=3");
  EXPECT_EQ(first.json["next"], "00000000000000000000000000000003");
  const Asked second = client.get("/v1/relays?limit=3&after=" + first.json["next"].get<std::string>());
  EXPECT_EQ(second.json["items"].size(), 2U);
  EXPECT_TRUE(second.json["next"].is_null());
}

TEST_F(Handle, PeersAndVerdictsSayWhatTheCoreConcluded) {
  FleetView::Peer peer{.id = 1, .name = "oslo", .site = "north", .link = {}};
  peer.link.verdict = verdict::Verdict::path_broken;
  peer.link.lost_to_peer_ppm = 250000;
  peer.link.broken_flows = 0b101;
  service.view.peers = {peer};
  service.view.self.verdict = verdict::SelfVerdict::islanded;
  const Asked peers = client.get("/v1/peers");
  EXPECT_EQ(peers.json["items"][0]["lost_to_ratio"], 0.25);
  EXPECT_EQ(peers.json["items"][0]["broken_flows"], nlohmann::json({0, 2}));
  const Asked verdicts = client.get("/v1/verdicts");
  EXPECT_EQ(verdicts.json["peers"][0]["verdict"], "path_broken");
  EXPECT_EQ(verdicts.json["self"]["verdict"], "islanded");
  EXPECT_EQ(client.get("/v1/status").json["peers"]["total"], 1);
}

TEST_F(Handle, EventsAreAStream) {
  EXPECT_TRUE(client.get("/v1/events").response.is_stream);
}

TEST_F(Handle, MetricsAreText) {
  const Asked asked = client.get("/metrics");
  EXPECT_EQ(asked.response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(asked.response.body.find("\ncauseway_drops_total{reason=\"no_transport\""), std::string::npos);
}

TEST(WriteEvent, IsOneFieldWhateverTheTextIs) {
  JournalEntry entry{
      .kind = JournalKind::starvation, .peer = 1, .track = {1, 2}, .text = "a\nb\xff", .numbers = {}};
  entry.numbers = {{"starved_ms", 5000}};
  const std::string text = write_event(entry, 9, 1000, {"paris", "oslo"});
  EXPECT_TRUE(text.starts_with("id: 9\nevent: starvation\ndata: {"));
  EXPECT_TRUE(text.ends_with("}\n\n"));
  const std::string data = text.substr(text.find('{'));
  EXPECT_EQ(data.find('\n'), data.size() - 2);
  const auto json = nlohmann::json::parse(data);
  EXPECT_EQ(json["node"], "oslo");
  EXPECT_EQ(json["track"], "00000000000000010000000000000002");
  EXPECT_EQ(json["numbers"]["starved_ms"], 5000);
  EXPECT_EQ(json["severity"], "alarm");
}

}  // namespace
}  // namespace causeway::control::api::test
