// Each refusal is a sentence that says what is wrong with what, and what to do.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "control/session/state.h"
#include "tests/unit/control/session/world.h"

namespace causeway::control::session {
namespace {

using test::crypto;
using test::leg;
using test::track;
using test::transport;

struct Case {
  std::string name;
  std::function<Outcome(State&)> wish;
  Refusal refusal;
  std::string text;
};

// Publisher a, subscriber b, one that only receives and one that only sends; a track with one layer and one
// with two.
State usual() {
  State state(test::node());
  config::Transport from = transport("a", 5000);
  from.receive = crypto(1);
  config::Transport to = transport("b", 5001);
  to.send = crypto(2);
  config::Transport deaf = transport("deaf", 5002);
  deaf.receive.reset();
  config::Transport mute = transport("mute", 5003);
  mute.send.reset();
  for (const config::Transport& one : {from, to, deaf, mute})
    EXPECT_TRUE(state.put_transport(one).ok());
  config::Track two = track("two", "a", 2, "low");
  two.layers.push_back({.name = "high", .ssrc = 3});
  EXPECT_TRUE(state.publish(track("t", "a", 1)).ok());
  EXPECT_TRUE(state.publish(two).ok());
  EXPECT_TRUE(state.subscribe(leg("l", "t", "b", 7)).ok());
  return state;
}

config::Transport changed(const std::string& name, std::uint16_t port,
                          const std::function<void(config::Transport&)>& change) {
  config::Transport made = transport(name, port);
  change(made);
  return made;
}

config::Leg with_layer(config::Leg made, const std::string& layer) {
  made.layer = layer;
  return made;
}

config::Leg with_payload_types(std::uint8_t from, std::uint8_t to) {
  config::Leg made = leg("m", "t", "b", 8);
  made.payload_types[from] = to;
  return made;
}

config::Track with_layers(const std::string& id, std::vector<config::Layer> layers) {
  config::Track made = track(id, "a", 1);
  made.layers = std::move(layers);
  return made;
}

TrackInfo with_names(std::vector<std::string> names) {
  return {.id = "far", .layers = std::move(names)};
}

using T = config::Transport;

const Case kTransports[] = {
    {"name", [](State& s) { return s.put_transport(transport("node:paris", 6000)); }, Refusal::invalid,
     "transport \"node:paris\" is not possible; give 1 to 64 letters, digits and . _ -"},
    {"no_direction",
     [](State& s) {
       return s.put_transport(changed("c", 6000, [](T& t) {
         t.send.reset();
         t.receive.reset();
       }));
     },
     Refusal::invalid, "transport \"c\" neither receives nor sends; add receive, send or both"},
    {"port", [](State& s) { return s.put_transport(changed("c", 6000, [](T& t) { t.port = "lan7"; })); },
     Refusal::invalid, "transport \"c\", port: \"lan7\" is none of ports; give the name of one"},
    {"local_address",
     [](State& s) {
       return s.put_transport(
           changed("c", 6000, [](T& t) { t.local = *net::Endpoint::parse("192.0.2.7:20000"); }));
     },
     Refusal::invalid,
     "transport \"c\", local: 192.0.2.7 is not an address of port wan0; give one of ports[0].addresses"},
    {"local_port",
     [](State& s) { return s.put_transport(changed("c", 6000, [](T& t) { t.local.port = 99; })); },
     Refusal::invalid,
     "transport \"c\", local: UDP port 99 is outside media.port_range (20000-29999); give one inside, or "
     "widen "
     "the range"},
    {"remote_address",
     [](State& s) {
       return s.put_transport(
           changed("c", 6000, [](T& t) { t.remote.address = *net::IpAddress::parse("224.0.0.1"); }));
     },
     Refusal::invalid,
     "transport \"c\", remote: 224.0.0.1 is a multicast address; give another host's address"},
    {"remote_port", [](State& s) { return s.put_transport(transport("c", 0)); }, Refusal::invalid,
     "transport \"c\" has UDP port 0; give 1 to 65535"},
    {"rtcp_remote_port",
     [](State& s) {
       return s.put_transport(
           changed("c", 6000, [](T& t) { t.rtcp = {.local_port = 20001, .remote_port = 0}; }));
     },
     Refusal::invalid, "transport \"c\" has UDP port 0; give 1 to 65535"},
    {"endpoints", [](State& s) { return s.put_transport(transport("c", 5000)); }, Refusal::in_use,
     "transport \"c\": 192.0.2.1:20000 and 192.0.2.9:5000 are the endpoints of transport \"a\"; give another "
     "local port, or remove that one"},
    {"rtcp_endpoints",
     [](State& s) {
       return s.put_transport(changed("c", 5000, [](T& t) {
         t.local.port = 20002;
         t.rtcp = {.local_port = 20000, .remote_port = 5001};
       }));
     },
     Refusal::in_use,
     "transport \"c\": 192.0.2.1:20000 and 192.0.2.9:5001 are the endpoints of transport \"b\"; give another "
     "local port, or remove that one"},
    {"key_length",
     [](State& s) {
       return s.put_transport(
           changed("c", 6000, [](T& t) { t.send->suite = srtp::Suite::aead_aes_128_gcm; }));
     },
     Refusal::invalid,
     "transport \"c\", send: key and salt have not the length that the suite needs; give a key of this "
     "suite"},
    {"key_of_both_directions",
     [](State& s) {
       return s.put_transport(changed("c", 6000, [](T& t) { t.send = t.receive = crypto(9); }));
     },
     Refusal::in_use,
     "transport \"c\", send: has the key and salt of receive; give each its own: one key stream for two is "
     "broken encryption"},
    {"key_of_another_sender",
     [](State& s) { return s.put_transport(changed("c", 6000, [](T& t) { t.send = crypto(2); })); },
     Refusal::in_use,
     "transport \"c\", send: has the key and salt of transport \"b\"; give each its own: one key stream for "
     "two is broken encryption"},
    {"key_of_another_receiver",
     [](State& s) { return s.put_transport(changed("c", 6000, [](T& t) { t.send = crypto(1); })); },
     Refusal::in_use, "transport \"c\", send: has the key and salt of transport \"a\""},
    {"received_key_of_a_sender",
     [](State& s) { return s.put_transport(changed("c", 6000, [](T& t) { t.receive = crypto(2); })); },
     Refusal::in_use, "transport \"c\", receive: has the key and salt of transport \"b\""},
    {"still_publishes",
     [](State& s) { return s.put_transport(changed("a", 5000, [](T& t) { t.receive.reset(); })); },
     Refusal::in_use, "transport \"a\" has no receive, which track \"t\" needs; keep it, or unpublish first"},
    {"still_subscribed",
     [](State& s) { return s.put_transport(changed("b", 5001, [](T& t) { t.send.reset(); })); },
     Refusal::in_use,
     "transport \"b\" has no send, which subscription \"l\" needs; keep it, or unsubscribe first"},
    {"version", [](State& s) { return s.remove_transport("a", 3); }, Refusal::version,
     "the state is at version 7 and not 3; read it again, and decide anew"},
};

const Case kTracks[] = {
    {"id", [](State& s) { return s.publish(track("t t", "a", 9)); }, Refusal::invalid,
     "track \"t t\" is not possible; give 1 to 64 letters, digits and . _ - /"},
    {"no_layer", [](State& s) { return s.publish(with_layers("u", {})); }, Refusal::invalid,
     "track \"u\" has 0 layers; give 1 to 16"},
    {"many_layers", [](State& s) { return s.publish(with_layers("u", std::vector<config::Layer>(17))); },
     Refusal::invalid, "track \"u\" has 17 layers; give 1 to 16"},
    {"layer_name", [](State& s) { return s.publish(track("u", "a", 9, "")); }, Refusal::invalid,
     "layer \"\" is not possible; give 1 to 64 letters, digits and . _ -"},
    {"layer_twice",
     [](State& s) {
       return s.publish(with_layers("u", {{.name = "x", .ssrc = 8}, {.name = "x", .ssrc = 9}}));
     },
     Refusal::invalid, "track \"u\" has layer \"x\" twice; give each layer a name of its own"},
    {"ssrc_zero", [](State& s) { return s.publish(track("u", "a", 0)); }, Refusal::invalid,
     "track \"u\", layer \"main\" has SSRC 0; give 1 to 4294967295"},
    {"own_ssrc_twice",
     [](State& s) {
       return s.publish(with_layers("u", {{.name = "x", .ssrc = 9}, {.name = "y", .ssrc = 9}}));
     },
     Refusal::invalid, "track \"u\" has SSRC 9 twice; give the one that the publisher uses"},
    {"ssrc_of_another_track", [](State& s) { return s.publish(track("u", "a", 1)); }, Refusal::in_use,
     "track \"u\": SSRC 1 on transport \"a\" is that of track \"t\"; give the one that the publisher uses, "
     "or "
     "move the other one"},
    {"ssrc_of_a_subscription", [](State& s) { return s.publish(track("u", "b", 7)); }, Refusal::in_use,
     "track \"u\": SSRC 7 on transport \"b\" is that of subscription \"l\""},
    {"no_transport", [](State& s) { return s.publish(track("u", "x", 9)); }, Refusal::absent,
     "there is no transport \"x\"; put it first"},
    {"deaf_transport", [](State& s) { return s.publish(track("u", "deaf", 9)); }, Refusal::invalid,
     "track \"u\": transport \"deaf\" receives nothing; give it receive, or another transport here"},
    {"sent_back", [](State& s) { return s.publish(track("t", "b", 9)); }, Refusal::in_use,
     "track \"t\": subscription \"l\" would send it back to its publisher, transport \"b\"; unsubscribe "
     "first"},
    {"description_id", [](State& s) { return s.describe({.id = "", .layers = {"main"}}); }, Refusal::invalid,
     "track \"\" is not possible"},
    {"description_of_nothing", [](State& s) { return s.describe(with_names({})); }, Refusal::invalid,
     "track \"far\" has 0 layers; give 1 to 16"},
    {"description_layer_twice",
     [](State& s) {
       return s.describe(with_names({"x", "y", "x"}));
     },
     Refusal::invalid, "track \"far\" has layer \"x\" twice; give each layer a name of its own"},
};

const Case kSubscriptions[] = {
    {"name", [](State& s) { return s.subscribe(leg("relay:t", "t", "b", 8)); }, Refusal::invalid,
     "subscription \"relay:t\" is not possible; give 1 to 64 letters, digits and . _ - / >"},
    {"track_id", [](State& s) { return s.subscribe(leg("m", "", "b", 8)); }, Refusal::invalid,
     "track \"\" is not possible; give 1 to 64 letters, digits and . _ - /"},
    {"payload_type_from", [](State& s) { return s.subscribe(with_payload_types(128, 96)); }, Refusal::invalid,
     "subscription \"m\": payload type 128 does not exist; give 0 to 127"},
    {"payload_type_to", [](State& s) { return s.subscribe(with_payload_types(96, 255)); }, Refusal::invalid,
     "subscription \"m\": payload type 255 does not exist; give 0 to 127"},
    {"no_transport", [](State& s) { return s.subscribe(leg("m", "t", "x", 8)); }, Refusal::absent,
     "there is no transport \"x\"; put it first"},
    {"mute_transport", [](State& s) { return s.subscribe(leg("m", "t", "mute", 8)); }, Refusal::invalid,
     "subscription \"m\": transport \"mute\" sends nothing; give it send, or another transport here"},
    {"ssrc_zero", [](State& s) { return s.subscribe(leg("m", "t", "b", 0)); }, Refusal::invalid,
     "subscription \"m\" has SSRC 0; give 1 to 4294967295"},
    {"ssrc_of_another", [](State& s) { return s.subscribe(leg("m", "t", "b", 7)); }, Refusal::in_use,
     "subscription \"m\": SSRC 7 on transport \"b\" is that of subscription \"l\"; give another"},
    {"ssrc_of_a_track", [](State& s) { return s.subscribe(leg("m", "far", "a", 1)); }, Refusal::in_use,
     "subscription \"m\": SSRC 1 on transport \"a\" is that of track \"t\"; give another"},
    {"to_its_publisher", [](State& s) { return s.subscribe(leg("m", "t", "a", 8)); }, Refusal::invalid,
     "subscription \"m\": transport \"a\" publishes track \"t\"; give another: a publisher is not sent its "
     "own "
     "media"},
    {"layer_of_several", [](State& s) { return s.subscribe(leg("m", "two", "b", 8)); }, Refusal::invalid,
     "subscription \"m\": track \"two\" has several layers; give one of them"},
    {"layer_unknown", [](State& s) { return s.subscribe(with_layer(leg("m", "two", "b", 8), "mid")); },
     Refusal::invalid, "subscription \"m\": \"mid\" is no layer of track \"two\"; give one of its layers"},
    {"layer_name", [](State& s) { return s.subscribe(with_layer(leg("m", "far", "b", 8), "a b")); },
     Refusal::invalid, "layer \"a b\" is not possible; give 1 to 64 letters, digits and . _ -"},
};

void expect_refusal(const Case& test_case) {
  SCOPED_TRACE(test_case.name);
  State state = usual();
  ASSERT_EQ(state.version(), 7U);
  const Outcome outcome = test_case.wish(state);
  EXPECT_EQ(outcome.refusal, test_case.refusal) << outcome.text;
  EXPECT_TRUE(outcome.text.starts_with(test_case.text)) << outcome.text << "\n" << test_case.text;
  EXPECT_FALSE(outcome.changed);
  EXPECT_EQ(state.version(), 7U);
}

TEST(Refusals, OfTransportsSayWhatIsWrongAndWhatToDo) {
  for (const Case& test_case : kTransports)
    expect_refusal(test_case);
}

TEST(Refusals, OfTracksSayWhatIsWrongAndWhatToDo) {
  for (const Case& test_case : kTracks)
    expect_refusal(test_case);
}

TEST(Refusals, OfSubscriptionsSayWhatIsWrongAndWhatToDo) {
  for (const Case& test_case : kSubscriptions)
    expect_refusal(test_case);
}

TEST(Refusals, OfLimitsNameTheKeyToRaise) {
  State state(test::node(1, 1, 1));
  ASSERT_TRUE(state.put_transport(transport("a", 5000)).ok());
  EXPECT_EQ(state.put_transport(transport("b", 5001)).text,
            "limits.transports (1) is reached; remove what is not needed, or raise it and restart the node");
  ASSERT_TRUE(state.publish(track("t", "a", 1)).ok());
  EXPECT_TRUE(state.publish(track("u", "a", 2)).text.starts_with("limits.tracks (1) is reached"));
  ASSERT_TRUE(state.describe({.id = "x", .layers = {"main"}}).ok());
  EXPECT_TRUE(state.describe({.id = "y", .layers = {"main"}}).text.starts_with("limits.tracks (1)"));
  ASSERT_TRUE(state.subscribe(leg("l", "x", "a", 5)).ok());
  EXPECT_TRUE(state.subscribe(leg("m", "x", "a", 6)).text.starts_with("limits.legs (1) is reached"));
}

TEST(Refusals, ShowNothingThatTheTerminalWouldObeyAndNoKeys) {
  State state = usual();
  const std::string text = state.put_transport(transport("a\x1b[2J", 6000)).text;
  EXPECT_EQ(text.find('\x1b'), text.npos) << text;
  const std::string key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA";
  EXPECT_EQ(state.subscribe(leg("m m", "t", key, 8)).text.find(key), std::string::npos);
  EXPECT_EQ(state.subscribe(leg("m", "t", key, 8)).text.find(key), std::string::npos);
}

}  // namespace
}  // namespace causeway::control::session
