#include "tools/ctl/pages.h"

#include <gtest/gtest.h>

namespace causeway::ctl {
namespace {

const Json kStatus = Json::parse(R"({"node": "oslo-1", "site": "oslo", "version": "0.1.0", "boot": 9,
  "up_seconds": 245.0, "fleet": true, "drain": {"state": "none", "by_operator": false}, "verdict": "none",
  "frozen": false, "session": {"version": 4, "transports": 2, "tracks": 1, "subscriptions": 3, "waiting": 0},
  "peers": {"total": 2, "up": 1},
  "relays": {"up": 1, "pending": 0, "starving": 1, "wanted": 2, "unfed": 1}})");
const Json kRelay =
    Json::parse(R"({"key": "00112233445566778899aabbccddeeff", "track": "cam", "origin_here": false,
  "wanted": true, "fed": true, "label": {"stamp": 5, "origin": "lima-1", "depth": 2},
  "upstream": {"node": "paris-1", "acknowledged": true, "fed": true}, "pending": null,
  "legs": ["rome-1", "bonn-1"]})");

TEST(Pages, Status) {
  EXPECT_EQ(status_text(kStatus),
            "oslo-1 in oslo, causeway 0.1.0, up for 4 min 05 s\n"
            "service     in service\n"
            "verdict     none\n"
            "session     2 transports, 1 tracks, 3 subscriptions, 0 waiting\n"
            "peers       1 of 2 up\n"
            "relays      1 up, 0 pending, 1 starving; 2 wanted, 1 of them unfed\n");
}

TEST(Pages, StatusOfOneAlone) {
  Json alone = kStatus;
  alone["fleet"] = false;
  alone["drain"] = {{"state", "none"}, {"by_operator", true}};
  const std::string text = status_text(alone);
  EXPECT_NE(text.find("service     drained by an operator\n"), text.npos) << text;
  EXPECT_NE(text.find("fleet       none: this appliance is alone\n"), text.npos) << text;
}

TEST(Pages, Peers) {
  const Json peers = Json::parse(R"({"items": [
    {"name": "paris-1", "site": "paris", "link": "up", "reachable": true, "two_way": true, "settled": true,
     "silent_seconds": 0.012, "round_trip_seconds": 0.0405, "lost_from_ratio": 0.0, "lost_to_ratio": 0.025,
     "broken_flows": [], "flaps": 0, "penalty_seconds": 1, "verdict": "none", "drain": "none",
     "load_percent": 12, "stalled": false},
    {"name": "lima-1", "site": "lima", "link": "down", "reachable": false, "two_way": false, "settled": false,
     "silent_seconds": 75.0, "round_trip_seconds": 0, "lost_from_ratio": 1.0, "lost_to_ratio": 0.0,
     "broken_flows": [], "flaps": 3, "penalty_seconds": 1, "verdict": "path_broken", "drain": "hard",
     "load_percent": 0, "stalled": false}]})");
  EXPECT_EQ(peers_text(peers),
            "PEER     SITE   LINK      SILENT    RTT  LOSS FROM  LOSS TO  FLAPS  LOAD  VERDICT      DRAIN\n"
            "paris-1  paris  up         12 ms  40 ms      0.0 %    2.5 %      0  12 %  -            -\n"
            "lima-1   lima   down  1 min 15 s      -          -        -      3     -  path_broken  hard\n");
}

TEST(Pages, Relays) {
  Json starving = kRelay;
  starving["track"] = nullptr;
  starving["fed"] = false;
  starving["upstream"] = nullptr;
  starving["pending"] = {{"node", "rome-1"}, {"acknowledged", false}, {"fed", false}};
  starving["label"]["origin"] = "";
  starving["legs"] = Json::array();
  EXPECT_EQ(relays_text({{"items", {kRelay, starving}}}),
            "TRACK                             ORIGIN  FROM     HOPS  STATE                 WANTED  TO\n"
            "cam                               lima-1  paris-1     2  flows                 yes     rome-1, "
            "bonn-1\n"
            "00112233445566778899aabbccddeeff  -       -           2  STARVES, asks rome-1  yes     -\n");
}

TEST(Pages, Where) {
  EXPECT_EQ(where_text(kRelay),
            "cam: flows\n"
            "origin      lima-1\n"
            "from        paris-1, 2 hops from the origin\n"
            "to          rome-1, bonn-1\n"
            "subscribers here\n"
            "next        causewayctl where cam   (on paris-1)\n");
  Json origin = kRelay;
  origin["origin_here"] = true;
  EXPECT_EQ(where_text(origin),
            "cam: flows\n"
            "origin      this node\n"
            "to          rome-1, bonn-1\n"
            "subscribers here\n");
}

TEST(Pages, Events) {
  const Json event =
      Json::parse(R"({"id": 3, "at_ms": 1707297243250, "kind": "starvation", "severity": "alarm",
    "track": "00112233445566778899aabbccddeeff", "text": "no media"})");
  EXPECT_EQ(event_text(event),
            "2024-02-07T09:14:03.250Z alarm starvation: no media (track 00112233445566778899aabbccddeeff)\n");
}

TEST(Pages, Errors) {
  EXPECT_EQ(
      error_text(400, R"({"error": {"code": "x", "message": "no; yes", "where": {"line": 2, "column": 5}}})"),
      "line 2, column 5: no; yes");
  EXPECT_EQ(error_text(404, R"({"error": {"code": "x", "message": "no; yes", "where": null}})"), "no; yes");
  EXPECT_EQ(error_text(502, "<html>"), "the node answers 502, and does not say why");
}

}  // namespace
}  // namespace causeway::ctl
