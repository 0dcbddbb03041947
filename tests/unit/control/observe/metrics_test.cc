// The exposition, as a scraper reads it.
#include "control/observe/metrics.h"

#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "control/observe/exposition.h"
#include "tests/unit/control/core/pair.h"
#include "tests/unit/control/observe/sample.h"

namespace causeway::control {
namespace {

std::map<std::string, std::string> samples_of(const std::string& text) {
  std::map<std::string, std::string> samples;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t space = line.rfind(' ');
    EXPECT_TRUE(samples.emplace(line.substr(0, space), line.substr(space + 1)).second) << "twice: " << line;
  }
  return samples;
}

TEST(Metrics, HaveEachDropByItsReasonOverAllWorkers) {
  const auto workers = std::make_unique<WorkerCounters[]>(2);
  workers[0].drops[static_cast<std::size_t>(Drop::no_transport)].add(3);
  workers[1].drops[static_cast<std::size_t>(Drop::no_transport)].add(4);
  workers[1].egress_drops[static_cast<std::size_t>(EgressDrop::tx_full)].add(5);
  workers[1].received.add(6);
  Metrics metrics;
  metrics.workers = {&workers[0], &workers[1]};
  const auto samples = samples_of(to_text(metrics));
  EXPECT_EQ(samples.at(R"(causeway_drops_total{reason="no_transport",stage="lookup",severity="notice"})"),
            "7");
  EXPECT_EQ(samples.at(R"(causeway_egress_drops_total{reason="tx_full",stage="emit",severity="warning"})"),
            "5");
  EXPECT_EQ(samples.at(R"(causeway_worker_received_frames_total{worker="0"})"), "0");
  EXPECT_EQ(samples.at(R"(causeway_worker_received_frames_total{worker="1"})"), "6");
  for (std::size_t i = 1; i < kDrops; ++i) {
    const DropInfo& about = info(static_cast<Drop>(i));
    EXPECT_NE(to_text(metrics).find("{reason=\"" + std::string(about.name) + "\""), std::string::npos);
  }
}

TEST(Metrics, SayWhatIsKnownOfEachPeer) {
  Metrics metrics;
  FleetView::Peer peer{.id = 1, .name = "oslo", .site = "north", .link = {}};
  peer.link.link = beat::LinkState::up;
  peer.link.round_trip_us = 12'500;
  peer.link.lost_to_peer_ppm = 250'000;
  peer.link.broken_flows = 0b101;
  peer.link.verdict = verdict::Verdict::half_open_in;
  peer.link.hold_us = 5'000'000;
  metrics.fleet.peers = {peer};
  const auto samples = samples_of(to_text(metrics));
  EXPECT_EQ(samples.at(R"(causeway_peer_link_state{peer="oslo",site="north",state="up"})"), "1");
  EXPECT_EQ(samples.at(R"(causeway_peer_link_state{peer="oslo",site="north",state="down"})"), "0");
  EXPECT_EQ(samples.at(R"(causeway_peer_round_trip_seconds{peer="oslo",site="north"})"), "0.0125");
  EXPECT_EQ(samples.at(R"(causeway_peer_lost_ratio{peer="oslo",site="north",direction="to"})"), "0.25");
  EXPECT_EQ(samples.at(R"(causeway_peer_broken_flows{peer="oslo",site="north"})"), "2");
  EXPECT_EQ(samples.at(R"(causeway_peer_verdict{peer="oslo",site="north",verdict="half_open_in"})"), "1");
  EXPECT_EQ(samples.at(R"(causeway_peer_penalty_seconds{peer="oslo",site="north"})"), "5");
}

TEST(Metrics, CountWhatTheCoreCounts) {
  Metrics metrics;
  metrics.fleet.relays = {.tracks = 5, .wanted = 4, .fed = 3};
  metrics.fleet.relay_counters.nacks_sent[static_cast<std::size_t>(relay::NackReason::too_deep)] = 2;
  metrics.fleet.relay_counters.gate_refusals = 1;
  metrics.fleet.frames_not_authentic = 9;
  metrics.fleet.journal[static_cast<std::size_t>(JournalKind::lie)] = 8;
  metrics.fleet.self.drains.shadow_hard = 7;
  const auto samples = samples_of(to_text(metrics));
  EXPECT_EQ(samples.at("causeway_relay_unfed_tracks"), "1");
  EXPECT_EQ(samples.at(R"(causeway_relay_nacks_total{direction="sent",reason="too_deep"})"), "2");
  EXPECT_EQ(samples.at("causeway_relay_gate_refusals_total"), "1");
  EXPECT_EQ(samples.at(R"(causeway_frames_total{result="not_authentic"})"), "9");
  EXPECT_EQ(samples.at(R"(causeway_journal_entries_total{kind="lie",severity="warning"})"), "8");
  EXPECT_EQ(samples.at(R"(causeway_drains_total{kind="shadow_hard"})"), "7");
}

TEST(FleetView, HasWhatTheCoreKnows) {
  test::Group group(3);
  group.tell(1, [&](Core& core, Effects& effects) { core.want(group.track, group.now_us, effects); });
  group.run(8'000'000);
  const Membership membership{{0, 1, 2}};
  const std::vector<std::string> nodes{"a-1", "b-1", "c-1"};
  const std::vector<std::string> sites{"a", "b", "c"};
  FleetView view;
  view.loop_drops = 7;  // the shell's own stays
  fill(view, group.core(1), {membership, nodes, sites, 1}, group.now_us);
  count(group.journal(1), view.journal);
  EXPECT_EQ(view.node, "b-1");
  ASSERT_EQ(view.peers.size(), 2U);
  EXPECT_EQ(view.peers[1].site, "c");
  EXPECT_TRUE(view.peers[1].link.is_two_way);
  EXPECT_EQ(view.relays.wanted, 1U);
  EXPECT_GT(view.frames.taken, 0U);
  EXPECT_EQ(view.journal[static_cast<std::size_t>(JournalKind::started)], 1U);
  EXPECT_EQ(view.loop_drops, 7U);
}

// Version 0.0.4 of the text format: a HELP and a TYPE before the samples of each metric, and its samples
// together.
TEST(Metrics, AreInTheTextFormat) {
  const std::string text = to_text(sample_metrics());
  const std::regex sample_line(
      R"re(([a-z_]+)(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? [-0-9.e+]+)re");
  std::set<std::string> begun;
  std::string current;
  std::string type;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(begun.insert(current).second) << current << " begins twice";
    } else if (line.starts_with("# TYPE ")) {
      EXPECT_EQ(line.substr(7, current.size() + 1), current + " ");
      type = line.substr(8 + current.size());
      EXPECT_EQ(current.ends_with("_total"), type == "counter") << line;
    } else {
      std::smatch match;
      ASSERT_TRUE(std::regex_match(line, match, sample_line)) << line;
      EXPECT_EQ(match[1], current);
    }
  }
  EXPECT_GT(begun.size(), 90U);
}

TEST(Exposition, EscapesWhatLabelsMayNotHold) {
  Exposition out;
  out.gauge("x", "of\nlines\\");
  out.sample({{"name", "a\"b\\c\nd"}}, 1);
  EXPECT_EQ(
      out.take(),
      "# HELP causeway_x of\\nlines\\\\\n# TYPE causeway_x gauge\ncauseway_x{name=\"a\\\"b\\\\c\\nd\"} 1\n");
}

}  // namespace
}  // namespace causeway::control
