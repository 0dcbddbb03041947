// PUT and DELETE: bodies of every kind, conditions, and what the state refuses.
#include <gtest/gtest.h>

#include "tests/unit/control/api/ask.h"

namespace causeway::control::api::test {
namespace {

class Wishes : public testing::Test {
 protected:
  Asked put_transport(const std::string& name, unsigned port = 5000) {
    return client.put("/v1/transports/" + name, transport_body(name, port));
  }
  std::string etag() { return client.get("/v1/transports").response.etag; }

  FakeService service{session::test::node(3, 3, 3)};
  Client client{service};
};

TEST_F(Wishes, PutMakesThenChangesThenLeavesAlone) {
  Asked asked = put_transport("a");
  EXPECT_EQ(asked.response.status, 201U);
  EXPECT_EQ(asked.json["changed"], true);
  EXPECT_EQ(asked.json["version"], 1);
  asked = put_transport("a", 5001);
  EXPECT_EQ(asked.response.status, 200U);
  EXPECT_EQ(asked.json["changed"], true);
  const std::string tag = asked.response.etag;
  asked = put_transport("a", 5001);
  EXPECT_EQ(asked.json["changed"], false);
  EXPECT_EQ(asked.response.etag, tag);
}

TEST_F(Wishes, DeleteCanBeRepeated) {
  put_transport("a");
  EXPECT_EQ(client.ask("DELETE", "/v1/transports/a").json["changed"], true);
  const Asked again = client.ask("DELETE", "/v1/transports/a");
  EXPECT_EQ(again.response.status, 200U);
  EXPECT_EQ(again.json["changed"], false);
  EXPECT_EQ(client.get("/v1/transports/a").response.status, 404U);
}

TEST_F(Wishes, IfMatchHoldsForTheVersionThatWasRead) {
  put_transport("a");
  const std::string tag = etag();
  EXPECT_EQ(client.put("/v1/transports/a", transport_body("a", 5001), tag).response.status, 200U);
  const Asked late = client.put("/v1/transports/a", transport_body("a", 5002), tag);
  EXPECT_EQ(late.response.status, 412U);
  EXPECT_EQ(late.response.etag, etag());
  EXPECT_EQ(client.get("/v1/transports/a").json["remote"], "192.0.2.9:5001");
  EXPECT_EQ(client.ask("DELETE", "/v1/transports/a", "", tag).response.status, 412U);
  EXPECT_EQ(client.ask("DELETE", "/v1/transports/a", "", etag()).response.status, 200U);
}

TEST_F(Wishes, IfMatchOfAnotherStartOrNoneAtAllHoldsNever) {
  put_transport("a");
  for (const std::string tag : {"\"6-1\"", "\"7-\"", "\"7-1", "7-1", "W/\"7-1\"", "\"7-1\", \"7-2\"",
                                "\"7--1\"", "\"\"", "\"7-99999999999999999999\""})
    EXPECT_EQ(client.put("/v1/transports/a", transport_body("a", 5001), tag).response.status, 412U) << tag;
}

TEST_F(Wishes, IfMatchStarHoldsForWhatIsThere) {
  EXPECT_EQ(client.put("/v1/transports/a", transport_body("a", 5000), "*").response.status, 412U);
  put_transport("a");
  EXPECT_EQ(client.put("/v1/transports/a", transport_body("a", 5001), "*").response.status, 200U);
}

TEST_F(Wishes, AMissingBodyIsSaidSo) {
  EXPECT_EQ(client.put("/v1/transports/a", "").code(), "no_body");
}

TEST_F(Wishes, AnotherContentTypeIsRefused) {
  for (const std::string type :
       {"", "text/plain", "application/yaml", "application/json5", "multipart/form-data"}) {
    const Asked asked = client.ask("PUT", "/v1/transports/a", transport_body("a", 5000), "", type);
    EXPECT_EQ(asked.response.status, 415U) << type;
  }
  const Asked asked = client.ask("PUT", "/v1/transports/a", transport_body("a", 5000), "",
                                 "Application/JSON ; charset=utf-8");
  EXPECT_EQ(asked.response.status, 201U);
}

TEST_F(Wishes, BrokenJsonIsShownByLineAndColumn) {
  const Asked asked = client.put("/v1/transports/a", "{\n  \"name\": \"a\",\n  \"port\": wan0\n}");
  EXPECT_EQ(asked.response.status, 400U);
  EXPECT_EQ(asked.code(), "bad_json");
  EXPECT_EQ(asked.line(), 3);
  EXPECT_EQ(asked.column(), 11);
}

TEST_F(Wishes, WhatOnlyYamlAllowsIsNoJson) {
  for (const std::string body : {"name: a",
                                 "{name: a}",
                                 "{'name': 'a'}",
                                 "{\"name\": \"a\",}",
                                 "{\"name\": &x \"a\"}",
                                 "# a\n{}",
                                 "{} {}",
                                 "--- {}",
                                 "{\"name\" \"a\"}",
                                 "{\"ssrc\": 0x10}",
                                 "{\"ssrc\": 01}",
                                 "{\"ssrc\": .5}",
                                 "{\"ssrc\": 1.}",
                                 "{\"a\": NaN}",
                                 "{\"a\": \"\\x41\"}",
                                 "{\"a\": \"\t\"}",
                                 "{\"a\": \"\\ud800\"}",
                                 "{\"a\": \"\\u12\"}",
                                 "[",
                                 "{\"a\": \"",
                                 "nul",
                                 "\xef\xbb\xbf{}"})
    EXPECT_EQ(client.put("/v1/transports/a", body).code(), "bad_json") << body;
}

TEST_F(Wishes, JsonThatIsNoMapIsRefused) {
  for (const std::string body : {"[]", "1", "\"a\"", "null", "true"})
    EXPECT_EQ(client.put("/v1/transports/a", body).code(), "bad_json") << body;
}

TEST_F(Wishes, EveryProblemOfABodyIsSaidAtOnce) {
  const Asked asked =
      client.put("/v1/transports/a",
                 "{\"name\": \"a\",\n \"port\": 5,\n \"local\": \"here\",\n \"remote\": [],\n \"rtpc\": {}}");
  EXPECT_EQ(asked.response.status, 422U);
  EXPECT_EQ(asked.code(), "invalid");
  EXPECT_EQ(asked.line(), 3);
  EXPECT_EQ(asked.json["error"]["more"].size(), 2U);
  EXPECT_NE(asked.response.body.find("did you mean \\\"rtcp\\\""), std::string::npos) << asked.response.body;
}

TEST_F(Wishes, NumbersInQuotesAreNoNumbers) {
  put_transport("a");
  const Asked asked = client.put(
      "/v1/tracks/t", R"({"id": "t", "transport": "a", "layers": [{"name": "main", "ssrc": "7"}]})");
  EXPECT_EQ(asked.response.status, 422U);
}

TEST_F(Wishes, AHostileBodyIsRefusedQuickly) {
  const std::string deep(200'000, '[');
  EXPECT_EQ(client.put("/v1/transports/a", deep).code(), "bad_json");
  std::string wide = "{";
  for (int i = 0; i < 20'000; ++i)
    wide += "\"key" + std::to_string(i) + "\":1,";
  EXPECT_EQ(client.put("/v1/transports/a", wide + "\"x\":1}").code(), "bad_json");
  std::string twice = "{\"name\": \"a\"";
  for (int i = 0; i < 1000; ++i)
    twice += ", \"name\": \"a\"";
  EXPECT_EQ(client.put("/v1/transports/a", twice + "}").response.status, 422U);
  EXPECT_EQ(client.put("/v1/transports/a", "{\"" + std::string(200'000, 'x') + "\": 1}").response.status,
            422U);
}

TEST_F(Wishes, TheNameInTheBodyIsThatInThePath) {
  EXPECT_EQ(client.put("/v1/transports/b", transport_body("a", 5000)).code(), "other_name");
  put_transport("a");
  EXPECT_EQ(client.put("/v1/tracks/t", track_body("u", "a", 7)).code(), "other_name");
}

TEST_F(Wishes, KeysAreNeverGivenBack) {
  const std::string body =
      R"({"name": "a", "port": "wan0", "local": "192.0.2.1:20000", "remote": "192.0.2.9:5000",
          "send": {"suite": "AEAD_AES_128_GCM", "key": "inline:)" +
      std::string(kKey) + "\"}}";
  ASSERT_EQ(client.put("/v1/transports/a", body).response.status, 201U)
      << client.put("/v1/transports/a", body).response.body;
  for (const std::string target : {"/v1/transports/a", "/v1/transports", "/v1/snapshot"}) {
    const Asked asked = client.get(target);
    EXPECT_EQ(asked.response.body.find("inline"), std::string::npos) << asked.response.body;
    EXPECT_EQ(asked.response.body.find(kKey.substr(0, 20)), std::string::npos);
    EXPECT_NE(asked.response.body.find("AEAD_AES_128_GCM"), std::string::npos);
  }
}

TEST_F(Wishes, KeysAreInNoMessage) {
  for (const std::string& body :
       {R"({"name": "a", "send": {"suite": "AEAD_AES_128_GCM", "key": "inline:)" + std::string(kKey) +
            R"(x"}})",
        R"({"name": "inline:)" + std::string(kKey) + R"("})", R"({"inline:)" + std::string(kKey) + R"(": 1})",
        R"({"name": "a", "send": "inline:)" + std::string(kKey) + R"("})"}) {
    const Asked asked = client.put("/v1/transports/a", body);
    EXPECT_GE(asked.response.status, 400U);
    EXPECT_EQ(asked.response.body.find(kKey.substr(0, 20)), std::string::npos) << asked.response.body;
  }
}

TEST_F(Wishes, FilesOfTheNodeCannotBeNamed) {
  const Asked asked =
      client.put("/v1/transports/a",
                 R"({"name": "a", "port": "wan0", "local": "192.0.2.1:20000", "remote": "192.0.2.9:5000",
          "send": {"suite": "AEAD_AES_128_GCM", "key_file": "/etc/shadow"}})");
  EXPECT_EQ(asked.response.status, 422U);
  EXPECT_NE(asked.message().find("key_file"), std::string::npos);
}

TEST_F(Wishes, WhatIsReadCanBePutAgain) {
  put_transport("a");
  put_transport("b", 5001);
  client.put("/v1/tracks/t", track_body("t", "a", 7));
  client.put(
      "/v1/subscriptions/s",
      R"({"track": "t", "transport": "b", "ssrc": 8, "payload_types": {"96": 100}, "priority": "high"})");
  for (const std::string target : {"/v1/transports/a", "/v1/tracks/t", "/v1/subscriptions/s"}) {
    const Asked read = client.get(target);
    ASSERT_EQ(read.response.status, 200U) << target << read.response.body;
    const Asked again = client.put(target, read.response.body);
    EXPECT_EQ(again.response.status, 200U) << again.response.body;
    EXPECT_EQ(again.json["changed"], false) << target << read.response.body;
  }
}

TEST_F(Wishes, WhatTheStateRefusesHasAStatusOfItsOwn) {
  put_transport("a");
  EXPECT_EQ(client.put("/v1/tracks/t", track_body("t", "nobody", 7)).response.status, 409U);
  EXPECT_EQ(put_transport("b").response.status, 409U);  // the same endpoints
  EXPECT_EQ(put_transport("b", 5001).response.status, 201U);
  EXPECT_EQ(put_transport("c", 5002).response.status, 201U);
  const Asked full = put_transport("d", 5003);
  EXPECT_EQ(full.response.status, 507U);
  EXPECT_NE(full.message().find("limits.transports"), std::string::npos);
  const Asked invalid =
      client.put("/v1/transports/a", R"({"name": "a", "port": "wan0", "local": "192.0.2.7:20000",
      "remote": "192.0.2.9:5000"})");
  EXPECT_EQ(invalid.response.status, 422U);
}

TEST_F(Wishes, ASubscriptionTakesItsNameFromThePath) {
  put_transport("a");
  EXPECT_EQ(client.put("/v1/subscriptions/t-%3Ea", leg_body("t", "a", 8)).response.status, 201U);
  EXPECT_EQ(client.get("/v1/subscriptions/t->a").json["name"], "t->a");
  EXPECT_EQ(client.put("/v1/subscriptions/no%20name", leg_body("t", "a", 9)).response.status, 422U);
}

TEST_F(Wishes, ADescriptionSaysWhatATrackOfOthersLooksLike) {
  const Asked asked = client.put("/v1/descriptions/t", R"({"id": "t", "layers": ["low", "main"]})");
  EXPECT_EQ(asked.response.status, 201U) << asked.response.body;
  EXPECT_EQ(client.get("/v1/descriptions/t").json["layers"], nlohmann::json({"low", "main"}));
  EXPECT_EQ(client.get("/v1/tracks/t").response.status, 404U);
  EXPECT_EQ(client.get("/v1/tracks").json["items"].size(), 0U);
  EXPECT_EQ(client.put("/v1/descriptions/t", R"({"id": "t", "layers": []})").response.status, 422U);
  EXPECT_EQ(client.ask("DELETE", "/v1/descriptions/t").json["changed"], true);
}

TEST_F(Wishes, TheSnapshotHoldsAllThatIsAskedFor) {
  put_transport("a");
  put_transport("b", 5001);
  client.put("/v1/tracks/t", track_body("t", "a", 7));
  client.put("/v1/descriptions/u", R"({"id": "u", "layers": ["main"]})");
  client.put("/v1/subscriptions/s", leg_body("u", "b", 8));
  const Asked asked = client.get("/v1/snapshot");
  ASSERT_TRUE(asked.json.is_object()) << asked.response.body;
  EXPECT_EQ(asked.json["version"], 5);
  EXPECT_EQ(asked.json["transports"].size(), 2U);
  EXPECT_EQ(asked.json["tracks"][0]["id"], "t");
  EXPECT_EQ(asked.json["descriptions"][0]["id"], "u");
  EXPECT_EQ(asked.json["subscriptions"][0]["name"], "s");
}

}  // namespace
}  // namespace causeway::control::api::test
