// The model and the code are tied: what the model checker did, the real state machines do, step by step. Its
// random runs end in the same states; where a rule was taken out of the model, the code does not follow.
#include "tests/unit/control/relay/trace.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "control/relay/relay.h"

namespace causeway::control::relay::test {
namespace {

constexpr Stamp kClaimStamp = Stamp{1} << 30;  // only to have a node asked: a claim is a hint
constexpr Stamp kOnDisk = 1'000'000;           // the model reserves nothing ahead: all stamps are covered

std::string text(const Label& label) {
  return std::to_string(label.stamp) + "," + std::to_string(label.origin) + "," + std::to_string(label.depth);
}

class Node final : public Surroundings, public Outbox {
 public:
  Node(NodeId id, const Trace& trace) : id_(id), nodes_(trace.nodes), hop_limit_(trace.hop_limit) {
    start(0);
  }

  void start(Stamp watermark) {
    config::Relaying config;
    config.hop_limit = hop_limit_;
    // Time does not pass in the model: nothing but a step ends anything.
    config.feed_window_ms = config.answer_ms = config.proof_ms = config.lease_ms = config.refresh_ms =
        1'000'000;
    config.retry_min_ms = config.retry_max_ms = config.improve_ms = config.forget_ms = 1'000'000;
    config.avoid_min_ms = config.avoid_max_ms = config.stamp_interval_ms = 0;
    Membership membership;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < nodes_; ++i) {
      membership.site_of.push_back(static_cast<SiteId>(i));
      names.push_back(std::to_string(i));
    }
    relay = std::make_unique<Relay>(id_, membership, names, config, watermark, *this, *this, now_us);
    relay->on_watermark(kOnDisk, now_us);
    relay->want(key, now_us);
    acks.clear();
    nacked = false;
  }

  bool is_reachable(NodeId) const override { return true; }
  bool is_lively(NodeId, TimeUs) const override { return true; }
  bool is_settled(NodeId) const override { return true; }
  TimeUs round_trip_us(NodeId) const override { return 1000; }
  bool hears(NodeId, NodeId) const override { return true; }
  std::size_t claims(const TrackKey&, std::span<Claim> out) const override {
    if (claimed == kNoNode || out.empty()) return 0;
    out[0] = {claimed, kClaimStamp};
    return 1;
  }
  void send(NodeId, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t) override {
    if (Ack ack; type == wire::RecordType::ack && read(body, ack)) acks.push_back(ack);
    if (type == wire::RecordType::nack) nacked = true;
    if (Subscribe asked; type == wire::RecordType::subscribe && read(body, asked)) nonce = asked.nonce;
  }

  // Has the node ask this upstream, whatever it would have chosen.
  void ask(NodeId upstream) {
    claimed = upstream;
    relay->on_claims_changed(key, now_us);
    relay->tick(now_us);
    claimed = kNoNode;
  }

  const TrackKey key{7, 7};
  TimeUs now_us = 1'000'000;
  std::unique_ptr<Relay> relay;
  NodeId claimed = kNoNode;
  std::vector<Ack> acks;
  bool nacked = false;
  std::uint32_t nonce = 0;

 private:
  NodeId id_;
  std::size_t nodes_;
  unsigned hop_limit_;
};

class Replay {
 public:
  explicit Replay(const Trace& trace) {
    for (std::size_t i = 0; i < trace.nodes; ++i)
      nodes_.push_back(std::make_unique<Node>(static_cast<NodeId>(i), trace));
  }

  void step(const TraceLine& line) {
    for (auto& node : nodes_)
      ++node->now_us;
    const std::string& step = line.step;
    if (step == "publish")
      return act("node", line, [](Node& node) { node.relay->publish(node.key, node.now_us); });
    if (step == "unpublish")
      return act("node", line, [](Node& node) { node.relay->unpublish(node.key, node.now_us); });
    if (step == "subscribe") return act("node", line, [&](Node& node) { node.ask(line.node("upstream")); });
    if (step == "restart") return restart(line);
    if (step == "deliver_subscribe") return subscribe(line);
    if (step == "stamp") {
      return act("node", line, [&](Node& node) {
        node.relay->on_stamp_request(other(line.node("node")), {node.key, line.number_of("stamp") - 1, 1},
                                     node.now_us);
      });
    }
    if (step == "deliver_ack") {
      return act("to", line, [&](Node& node) {
        node.relay->on_ack(line.node("from"),
                           {node.key, line.number_of("nonce"), line.label("label"), line.path("path")},
                           node.now_us);
      });
    }
    if (step == "give_up") {
      return act("node", line, [&](Node& node) {
        node.relay->on_nack(line.node("upstream"),
                            {node.key, line.number_of("nonce"), NackReason::not_fed, {}}, node.now_us);
      });
    }
    if (step == "media") return media(line);
    if (step == "leg_end") {
      return act("node", line, [&](Node& node) {
        node.relay->on_unsubscribe(line.node("peer"), {node.key, line.number_of("nonce")}, node.now_us);
      });
    }
    if (step == "boot_seen") {
      return act("node", line, [&](Node& node) { node.relay->on_peer_boot(line.node("peer"), node.now_us); });
    }
    if (step == "feed_lost") return withdraw(line, WithdrawReason::not_fed);
    if (step == "drop_upstream") return withdraw(line, WithdrawReason::ended);
    FAIL() << "line " << line.number << ": the step " << step << " is not known";
  }

  // Empty if the node is what the model says it is.
  std::string difference(const TraceLine& state) {
    Node& node = *nodes_[state.node("node")];
    const RelayView view = node.relay->view(node.key);
    std::string found;
    const auto compare = [&](std::string_view what, const std::string& ours, const std::string& theirs) {
      if (ours != theirs) found += std::string(what) + " is " + ours + ", in the model " + theirs + "; ";
    };
    compare("fd", text(view.label), state.text("fd"));
    compare("origin", view.is_origin ? "1" : "0", state.text("origin"));
    compare("fed", view.active && view.active->fed ? "1" : "0", state.text("fed"));
    compare("active", view.active ? std::to_string(view.active->upstream) : "none", state.text("active"));
    compare("pending", view.pending ? std::to_string(view.pending->upstream) : "none", state.text("pending"));
    const std::string stage = !view.pending ? "none" : view.pending->acknowledged ? "acknowledged" : "asking";
    compare("stage", stage, state.text("stage"));
    std::vector<unsigned> legs(view.legs.begin(), view.legs.end());
    std::ranges::sort(legs);
    std::string legs_text;
    for (const unsigned leg : legs)
      legs_text += (legs_text.empty() ? "" : ",") + std::to_string(leg);
    compare("legs", legs_text.empty() ? "none" : legs_text, state.text("legs"));
    return found;
  }

  // I1, I2 and R5 in the code.
  std::string violation() {
    Order order;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const RelayView view = nodes_[i]->relay->view(nodes_[i]->key);
      if (view.active && std::ranges::count(view.legs, view.active->upstream) > 0)
        return "a leg to the own upstream";
      for (const auto& edge : {view.active, view.pending}) {
        if (!edge || !edge->acknowledged) continue;
        Node& upstream = *nodes_[edge->upstream];
        if (!is_better(upstream.relay->view(upstream.key).label, view.label))
          return "an upstream without a better label";
        if (!order.add(static_cast<NodeId>(i), edge->upstream).empty()) return "a cycle";
      }
    }
    return "";
  }

 private:
  template <class Visit>
  void act(const std::string& who, const TraceLine& line, Visit&& visit) {
    visit(*nodes_[line.node(who)]);
  }
  NodeId other(NodeId node) const { return static_cast<NodeId>((node + 1) % nodes_.size()); }

  // What is on disk is at least what the node held: the model without the watermark says less.
  void restart(const TraceLine& line) {
    Node& node = *nodes_[line.node("node")];
    node.start(std::max<Stamp>(line.number_of("watermark"), node.relay->view(node.key).label.stamp));
  }

  void subscribe(const TraceLine& line) {
    Node& node = *nodes_[line.node("to")];
    const NodeId from = line.node("from");
    node.acks.clear();
    node.nacked = false;
    node.relay->on_subscribe(from, {node.key, line.label("fd"), line.number_of("nonce"), Path(from)},
                             node.now_us);
    answered = node.acks.empty() ? "nack" : "ack";
    if (!node.acks.empty() && line.text("result") == "ack") {
      answered = node.acks[0].label == line.label("label") && node.acks[0].path == line.path("path")
                     ? "ack"
                     : "another ack";
    }
  }

  // R7 is the sender's: its packets carry no label that its control thread never held.
  void media(const TraceLine& line) {
    Node& sender = *nodes_[line.node("from")];
    impossible = is_better(line.label("label"), sender.relay->view(sender.key).label);
    if (impossible) return;
    Node& node = *nodes_[line.node("to")];
    node.relay->on_media(node.key, line.node("from"), line.label("label"), node.now_us, node.now_us);
  }

  void withdraw(const TraceLine& line, WithdrawReason reason) {
    Node& node = *nodes_[line.node("node")];
    const RelayView view = node.relay->view(node.key);
    if (!view.active) return;
    // The model's step names no nonce: it is whatever the upstream answered last.
    for (std::uint32_t nonce = node.nonce + 1; nonce-- > 0;)
      node.relay->on_withdraw(view.active->upstream, {node.key, nonce, reason}, node.now_us);
  }

  std::vector<std::unique_ptr<Node>> nodes_;

 public:
  std::string answered;     // to the last deliver_subscribe
  bool impossible = false;  // the last packet is one that no node sends
};

// The line where the code does something else than the model; 0: nowhere; below 0: where it breaks an
// invariant.
int first_difference(const Trace& trace, std::string& what) {
  Replay replay(trace);
  for (const TraceLine& line : trace.lines) {
    if (line.is_state) {
      what = replay.difference(line);
    } else {
      replay.step(line);
      what = replay.violation();
      if (!what.empty()) return -line.number;
      if (replay.impossible) what = "no packet carries this label";
      if (line.step == "deliver_subscribe" && replay.answered != line.text("result")) {
        what = "answers " + replay.answered + ", in the model " + line.text("result");
      }
    }
    if (!what.empty()) return line.number;
  }
  return 0;
}

std::vector<std::string> traces(bool of_mutants) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(CAUSEWAY_SOURCE_ROOT "/tests/model/traces")) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".trace" && name.starts_with("without-") == of_mutants)
      files.push_back(name);
  }
  std::ranges::sort(files);
  return files;
}

Trace trace_of(const std::string& name) {
  return read_trace(CAUSEWAY_SOURCE_ROOT "/tests/model/traces/" + name + ".trace");
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

class OfTheModel : public ::testing::TestWithParam<std::string> {};
TEST_P(OfTheModel, IsWhatTheCodeDoes) {
  const Trace trace = trace_of(GetParam());
  ASSERT_GT(trace.lines.size(), 20U);
  std::string what;
  const int line = first_difference(trace, what);
  EXPECT_EQ(line, 0) << what;
}
INSTANTIATE_TEST_SUITE_P(Traces, OfTheModel, ::testing::ValuesIn(traces(false)), test_name);

class WithoutARule : public ::testing::TestWithParam<std::string> {};
// Where it follows to the end, the same steps break nothing.
TEST_P(WithoutARule, BreaksTheModelAndNotTheCode) {
  const Trace trace = trace_of(GetParam());
  ASSERT_NE(trace.violates, "none");
  std::string what;
  const int line = first_difference(trace, what);
  EXPECT_GE(line, 0) << what;
}
INSTANTIATE_TEST_SUITE_P(Traces, WithoutARule, ::testing::ValuesIn(traces(true)), test_name);

}  // namespace
}  // namespace causeway::control::relay::test
