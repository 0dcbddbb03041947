// What is read of a beat or a probe message is what was written; and whatever arrives in whatever order, a
// detector of four nodes sends little, never sleeps through a deadline, and says of nobody that it is silent
// without a helper's word, in its start-up, or while it mistrusts itself.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "control/beat/detector.h"

namespace {

using namespace causeway;
using namespace causeway::control;
using namespace causeway::control::beat;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Message>
void round_trip(std::span<const std::uint8_t> body, std::size_t size) {
  Message message;
  if (!read(body, message)) return;
  require(body.size() >= size);
  std::array<std::uint8_t, kBeatBytes + 1> first;
  wire::Writer writer(first);
  write(writer, message);
  require(!writer.failed() && writer.size() == size);
  Message again;
  require(read(writer.written(), again));
  std::array<std::uint8_t, kBeatBytes> second;
  wire::Writer rewriter(second);
  write(rewriter, again);
  require(std::ranges::equal(writer.written(), rewriter.written()));
}

constexpr NodeId kNodes = 4;
constexpr NodeId kSelf = 0;

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> data) : data_(data) {}
  bool empty() const { return data_.empty(); }
  std::uint8_t byte() {
    if (data_.empty()) return 0;
    const std::uint8_t value = data_.front();
    data_ = data_.subspan(1);
    return value;
  }
  std::span<const std::uint8_t> bytes(std::size_t most) {
    const auto taken = data_.first(std::min(most, data_.size()));
    data_ = data_.subspan(taken.size());
    return taken;
  }
  NodeId peer() { return static_cast<NodeId>(1 + byte() % (kNodes - 1)); }

 private:
  std::span<const std::uint8_t> data_;
};

// Checks all that is sent, and remembers what an answer needs.
class Box : public Outbox {
 public:
  void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body,
            std::uint8_t flow) override {
    ++sent;
    require(to != kSelf && to < kNodes);
    Beat beat;
    ProbeRequest request;
    ProbeReply reply;
    if (type == wire::RecordType::beat) {
      require(read(body, beat) && flow < wire::kMaxFlows);
      require(beat.number == numbers[to] + 1);
      require(!beat.row.heard.contains(kSelf) && beat.row.heard.size() < kNodes);
      numbers[to] = beat.number;
      sent_us[to] = beat.sent_us;
    } else if (type == wire::RecordType::probe_request) {
      require(read(body, request) && request.target != to && request.target != kSelf);
      nonces[request.target] = request.nonce;
    } else {
      require(type == wire::RecordType::probe_reply && read(body, reply) && reply.target != to);
    }
  }
  std::size_t sent = 0;
  std::array<std::uint64_t, kNodes> numbers{};
  std::array<TimeUs, kNodes> sent_us{};
  std::array<std::uint32_t, kNodes> nonces{};
};

class Run {
 public:
  explicit Run(std::uint8_t settings)
      : detector_(heartbeat(settings), {{0, 1, 2, 2}}, {"a", "b"}, kSelf, settings, 0) {}

  void step(Input& input) {
    const auto op = input.byte() % 12;
    const std::size_t most = op == 0 || op == 1 ? std::size_t{kNodes} * 10 : 20;
    events_.clear();
    journal_.clear();
    box_.sent = 0;
    note_before();
    act(op, input);
    require(events_.size() <= most && journal_.size() <= most && box_.sent <= most);
    for (const Event& event : events_)
      require(event.peer < kNodes);
    check();
  }

 private:
  static config::Heartbeat heartbeat(std::uint8_t settings) {
    config::Heartbeat heartbeat;
    heartbeat.startup_ms = (settings & 1) != 0 ? 5000 : 0;
    heartbeat.flows = 1 + (settings >> 1 & 3);
    heartbeat.hold_min_ms = (settings & 8) != 0 ? 0 : 2000;
    heartbeat.up_beats = 3;
    return heartbeat;
  }

  void act(int op, Input& input) {
    const Output out{box_, events_, journal_};
    switch (op) {
      case 0:
      case 1:
        now_us_ += op == 0 ? from_ms(input.byte()) : from_ms(std::uint64_t{input.byte()} * 100);
        latest_us_ = std::max(latest_us_, now_us_);
        detector_.tick(now_us_, out);
        ticked_ = true;
        return require(detector_.next_due_us() > latest_us_);
      case 2:
        return give_beat(input, out);
      case 3: {
        Beat beat;
        const NodeId from = input.peer();
        if (read(input.bytes(kBeatBytes), beat))
          detector_.on_beat(from, input.byte(), beat, now_us_, now_us_, out);
        return;
      }
      case 4:
        return detector_.on_media(input.peer(), now_us_ - from_ms(input.byte() * 8), now_us_, out);
      case 5: {
        const NodeId from = input.peer();
        const ProbeRequest request{static_cast<NodeId>(input.byte() % (kNodes + 1)), input.byte() + 1U};
        return detector_.on_probe_request(from, request, now_us_, out);
      }
      case 6:
        return give_reply(input, out);
      case 7:
        return detector_.on_peer_boot(input.peer(), now_us_, out);
      case 8:
        if (input.byte() % 8 == 0) detector_.on_overflow(now_us_, out);
        return;
      case 9:
        return detector_.on_local_media(now_us_ - from_ms(input.byte()));
      case 10:
        now_us_ -= from_ms(std::uint64_t{input.byte()} * 20);
        return;
      default:
        detector_.set_drain(static_cast<DrainState>(input.byte() % 3));
        detector_.set_load(input.byte());
        return detector_.set_clock(input.byte());
    }
  }

  // One that a peer could have sent: the next number, an echo of our newest beat.
  void give_beat(Input& input, const Output& out) {
    const NodeId from = input.peer();
    const std::uint8_t how = input.byte();
    Beat beat;
    beat.number = numbers_[from] += how % 4 == 3 ? 5 : 1;
    beat.sent_us = now_us_ - from_ms(40);
    beat.state = static_cast<LinkState>(1 + (how >> 2) % 3);
    if ((how & 32) == 0) beat.echo = {box_.numbers[from], box_.sent_us[from], input.byte() * 100U};
    beat.received = static_cast<std::uint32_t>(beat.echo.number);
    beat.row.heard = NodeSet({input.byte(), 0});
    beat.row.two_way = beat.row.heard;
    beat.row.stalled = (how & 64) != 0;
    const TimeUs lag_us = (how & 128) != 0 ? from_ms(input.byte() * 20) : 0;
    detector_.on_beat(from, static_cast<std::uint8_t>(beat.number % 3), beat, now_us_ - lag_us, now_us_, out);
  }

  void give_reply(Input& input, const Output& out) {
    const NodeId from = input.peer();
    const NodeId target = input.byte() % (kNodes + 1);
    const std::uint8_t how = input.byte();
    const std::uint32_t nonce = target < kNodes && (how & 2) == 0 ? box_.nonces[target] : how;
    const ProbeAnswer answer = (how & 1) != 0 ? ProbeAnswer::alive : ProbeAnswer::silent;
    if (answer == ProbeAnswer::silent && target < kNodes && from != target) said_silent_[target] = true;
    if (nonce != 0) detector_.on_probe_reply(from, {target, nonce, answer}, now_us_, out);
  }

  void note_before() {
    for (NodeId peer = 1; peer < kNodes; ++peer) {
      probes_[peer] = detector_.probe(peer);
      ups_[peer] = detector_.is_up(peer);
    }
    ticked_ = false;
  }

  void check() {
    detector_.fill(view_, now_us_);
    require(view_.peers.size() == kNodes && view_.self == kSelf);
    for (NodeId peer = 1; peer < kNodes; ++peer) {
      const PeerView& seen = view_.peers[peer];
      const bool reachable = detector_.is_reachable(peer);
      require(reachable == (seen.beats_heard || seen.media_heard));
      require(!seen.beats_two_way || seen.beats_heard);
      require(!detector_.is_settled(peer) || (reachable && detector_.is_up(peer)));
      require(seen.silent_since_us <= latest_us_);
      require(seen.probe == ProbeResult::none || !reachable);
      require(seen.probe != ProbeResult::silent || said_silent_[peer]);
      const bool concluded = seen.probe == ProbeResult::silent || seen.probe == ProbeResult::unanswered;
      require(!(concluded && view_.starting));
      // A reply may still say that somebody answered at all.
      require(!(ticked_ && view_.frozen && concluded && seen.probe != probes_[peer]));
      require(!(ticked_ && view_.frozen && ups_[peer] && !detector_.is_up(peer)));
      require((seen.row.heard.words()[0] >> kNodes) == 0 && seen.row.heard.words()[1] == 0);
    }
  }

  Box box_;
  std::vector<Event> events_;
  Journal journal_;
  Detector detector_;
  View view_;
  TimeUs now_us_ = 0;
  TimeUs latest_us_ = 0;
  bool ticked_ = false;
  std::array<std::uint64_t, kNodes> numbers_{};
  std::array<bool, kNodes> said_silent_{};
  std::array<bool, kNodes> ups_{};
  std::array<ProbeResult, kNodes> probes_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  round_trip<Beat>(bytes, kBeatBytes);
  round_trip<ProbeRequest>(bytes, kProbeRequestBytes);
  round_trip<ProbeReply>(bytes, kProbeReplyBytes);
  if (size < 2 || size > 4096) return 0;
  Input input(bytes);
  Run run(input.byte());
  while (!input.empty())
    run.step(input);
  return 0;
}
