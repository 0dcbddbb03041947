// The sender, an appliance and the verifier in a circle: what is injected is counted exactly at each of them.
#include <gtest/gtest.h>

#include "tests/unit/tools/pktgen/support.h"
#include "tools/pktgen/outcome.h"

namespace causeway::pktgen {
namespace {

class Loop : public testing::Test {
 protected:
  void start(const LoadShape& shape, const Impairments& impairments, const Verify& verify = {},
             const Mix& mix = {}) {
    config_ = load(shape);
    plan_ = plan_of(config_, *engine_);
    endpoints_.emplace(plan_);
    sender_.emplace(plan_, *endpoints_, *engine_,
                    SenderOptions{.profile = {Profile::Kind::audio},
                                  .mix = mix,
                                  .impairments = impairments,
                                  .seed = 5,
                                  .mac = kOwnMac,
                                  .next_hop = kApplianceMac});
    verify_ = verify;
    verifier_.emplace(plan_, *endpoints_, *engine_, verify, measure::TscRate(1));
    appliance_ = std::make_unique<TestAppliance>(config_, *engine_);
  }

  void begin_phase(std::uint32_t phase) {
    sender_->begin_phase(phase);
    verifier_->begin_phase(phase);
  }

  // Media of so many seconds through the appliance.
  Outcome run(double seconds) {
    const std::uint64_t end_ns = sender_->next_ns() + static_cast<std::uint64_t>(seconds * 1e9);
    while (pass(sender_->fill(buffers_.frames(), end_ns, 1000))) {
    }
    while (pass(sender_->flush(buffers_.frames(), 1000))) {
    }
    return judge(plan_, *sender_, *verifier_, verify_);
  }

  // Copies reach the verifier in bursts, as from a device.
  bool pass(std::size_t count) {
    std::vector<Bytes> copies;
    for (const OutFrame& frame : buffers_.frames().first(count)) {
      appliance_->receive({frame.data, frame.length}, [&copies](std::span<std::uint8_t> copy) {
        copies.emplace_back(copy.begin(), copy.end());
      });
    }
    std::vector<Frame> frames;
    for (Bytes& copy : copies)
      frames.push_back(read_frame(copy, 0, true));
    for (std::span<const Frame> rest(frames); !rest.empty();) {
      const std::span<const Frame> burst = rest.first(std::min(rest.size(), Verifier::kBurst));
      verifier_->take(burst, 1500);
      rest = rest.subspan(burst.size());
    }
    return count > 0;
  }

  std::unique_ptr<srtp::Engine> engine_ = srtp::make_ipsec_mb_engine();
  config::Config config_;
  Plan plan_;
  std::optional<EndpointIndex> endpoints_;
  std::optional<Sender> sender_;
  std::optional<Verifier> verifier_;
  Verify verify_;
  std::unique_ptr<TestAppliance> appliance_;
  FrameBuffers buffers_;
};

constexpr Impairments kAll{0.02, 0.02, 0.02, 0.02, 0.02, 0.02};

TEST_F(Loop, EverySuiteArrivesWholeAndInOrder) {
  start(every_suite(), {});
  begin_phase(1);
  const Outcome outcome = run(2);
  EXPECT_TRUE(outcome.clean);
  EXPECT_EQ(outcome.legs.size(), 14u);
  EXPECT_EQ(outcome.silent_legs, 0u);
  EXPECT_EQ(outcome.sent.rtp, 7u * 100 + 1);  // 50 a second; the first is due at the phase's first instant
  EXPECT_EQ(outcome.sum.expected, outcome.sent.rtp * 2);
  EXPECT_EQ(outcome.sum.received, outcome.sum.expected);
  EXPECT_EQ(outcome.seen.verified, outcome.sum.expected);
  EXPECT_EQ(outcome.latency.count(), outcome.sum.expected);
  EXPECT_EQ(outcome.latency.percentile(50), 500u);  // ticks of 1 ns
  EXPECT_EQ(appliance_->rtcp, outcome.sent.sender_reports + outcome.sent.feedback);
  EXPECT_GT(outcome.sent.sender_reports, 0u);
  EXPECT_GT(outcome.sent.feedback, 0u);
  EXPECT_EQ(appliance_->dropped(Drop::stun_unsupported), outcome.sent.stun);
  EXPECT_GT(outcome.sent.stun, 0u);
}

TEST_F(Loop, TheMixIsKeptExactly) {
  start(every_suite(), {}, {}, {.rtp = 80, .rtcp = 15, .stun = 5});
  begin_phase(1);
  const SentCounters sent = run(20).sent;
  EXPECT_NEAR(static_cast<double>(sent.rtp), static_cast<double>(sent.frames) * 0.80, 3);
  EXPECT_NEAR(static_cast<double>(sent.sender_reports + sent.feedback),
              static_cast<double>(sent.frames) * 0.15, 3);
  EXPECT_NEAR(static_cast<double>(sent.stun), static_cast<double>(sent.frames) * 0.05, 3);
}

TEST_F(Loop, TheApplianceCountsWhatWasInjected) {
  start(every_suite(), kAll);
  begin_phase(1);
  const Outcome outcome = run(20);
  const SentCounters& sent = outcome.sent;
  for (const std::uint64_t count :
       {sent.lost, sent.reordered, sent.duplicated, sent.corrupted, sent.replayed, sent.garbage})
    EXPECT_NEAR(static_cast<double>(count), 7000 * 0.02, 7000 * 0.01);
  EXPECT_TRUE(outcome.clean) << outcome.lost << " lost, " << outcome.disordered << " disordered";
  EXPECT_EQ(outcome.sum.late, sent.reordered * 2);
  EXPECT_EQ(appliance_->dropped(Drop::srtp_replayed), sent.duplicated + sent.replayed);
  // One suite of seven is plain RTP, which only the UDP checksum guards.
  EXPECT_GT(appliance_->dropped(Drop::udp_checksum), 0u);
  EXPECT_EQ(appliance_->dropped(Drop::srtp_auth_failed) + appliance_->dropped(Drop::udp_checksum),
            sent.corrupted);
  EXPECT_EQ(appliance_->dropped(Drop::no_transport) + appliance_->dropped(Drop::rtp_wrong_version) +
                appliance_->dropped(Drop::rtp_truncated),
            sent.garbage);
  std::uint64_t received = 0;
  for (const std::uint64_t count : appliance_->drops)
    received += count;
  EXPECT_EQ(received, sent.frames);
}

TEST_F(Loop, LossOfOneLegIsThatLegs) {
  start(every_suite(), kAll);
  std::uint64_t lost = 0;
  appliance_->lose = [&](std::size_t leg) { return leg == 3 && ++lost <= 5; };
  begin_phase(1);
  const Outcome outcome = run(5);
  EXPECT_FALSE(outcome.clean);
  EXPECT_EQ(outcome.lost, 5u);
  EXPECT_EQ(outcome.legs[3].lost(), 5u);
  EXPECT_EQ(outcome.sum.expected - outcome.sum.received, 5u);
}

// Whatever bit of a copy changes, it shows; the content of an SRTP leg is never taken for right.
TEST_F(Loop, SpoiltCopiesAreFaults) {
  start(every_suite(), {});
  std::mt19937_64 random(3);
  std::uint64_t spoilt = 0;
  appliance_->spoil = [&](std::span<std::uint8_t> frame) {
    if (random() % 10 != 0) return;
    frame[14 + random() % (frame.size() - 14)] ^= static_cast<std::uint8_t>(1u << random() % 8);
    ++spoilt;
  };
  begin_phase(1);
  const Outcome outcome = run(5);
  EXPECT_FALSE(outcome.clean);
  EXPECT_GT(spoilt, 100u);
  EXPECT_EQ(outcome.lost, spoilt);
  EXPECT_EQ(outcome.seen.bad_checksums + outcome.seen.foreign, spoilt);
}

// The same behind a right checksum: an appliance that is wrong, and not a wire.
TEST_F(Loop, WrongBytesWithARightChecksumAreForgedOrWrong) {
  start(every_suite(), {});
  std::mt19937_64 random(4);
  std::uint64_t spoilt = 0;
  appliance_->spoil = [&](std::span<std::uint8_t> frame) {
    if (random() % 10 != 0) return;
    const bool v4 = frame[12] == 8 && frame[13] == 0;
    ASSERT_TRUE(v4);
    std::uint8_t* udp = frame.data() + 34;
    const std::size_t payload = 42;  // an SSRC that is wrong makes a stray; below it is the packet's own
    std::size_t at = payload + 1 + random() % 7;
    if (random() % 2 == 0) at = payload + 12 + random() % (frame.size() - payload - 12);
    const std::uint8_t before = frame[at];
    frame[at] ^= static_cast<std::uint8_t>(1u << random() % 8);
    if (at == payload + 1 && frame[at] >= 192 && frame[at] <= 223) frame[at] = before ^ 1;
    net::store_be16(udp + 6, 0);
    const auto address = [&](std::size_t from) {
      return net::IpAddress::v4(std::span<const std::uint8_t, 4>(&frame[from], 4));
    };
    net::store_be16(udp + 6, net::udp_checksum(address(26), address(30), frame.subspan(34)));
    ++spoilt;
  };
  begin_phase(1);
  const Outcome outcome = run(5);
  EXPECT_FALSE(outcome.clean);
  EXPECT_GT(spoilt, 100u);
  EXPECT_EQ(outcome.sum.forged + outcome.sum.wrong, spoilt);
  EXPECT_GT(outcome.sum.wrong, 0u);
  EXPECT_EQ(outcome.lost, spoilt);
}

TEST_F(Loop, CopiesThatComeTwiceOrLateAreFaults) {
  start(every_suite(), {});
  begin_phase(1);
  Bytes kept;
  Bytes again;
  int turn = 0;
  const std::uint64_t end_ns = sender_->next_ns() + 2'000'000'000;
  while (const std::size_t n = sender_->fill(buffers_.frames(), end_ns, 1000)) {
    for (const OutFrame& frame : buffers_.frames().first(n)) {
      appliance_->receive({frame.data, frame.length}, [&](std::span<std::uint8_t> copy) {
        const auto take = [&](Bytes bytes) {
          const Frame read = read_frame(bytes, 0, true);
          verifier_->take({&read, 1}, 1500);
        };
        if (++turn == 200) kept.assign(copy.begin(), copy.end());
        if (turn == 300) again.assign(copy.begin(), copy.end());
        if (turn != 200) take(Bytes(copy.begin(), copy.end()));
        if (turn == 300) take(again);
        if (turn == 600) take(kept);
      });
    }
  }
  const Outcome outcome = judge(plan_, *sender_, *verifier_, {});
  EXPECT_EQ(outcome.sum.duplicates, 1u);
  EXPECT_EQ(outcome.disordered, 1u);
  EXPECT_EQ(outcome.lost, 0u);
  EXPECT_FALSE(outcome.clean);
}

TEST_F(Loop, PhasesAreCountedApart) {
  start(every_suite(), kAll);
  begin_phase(1);
  run(2);
  begin_phase(2);
  const Outcome outcome = run(2);
  EXPECT_TRUE(outcome.clean);
  EXPECT_LE(outcome.sent.rtp, 701u);
}

TEST_F(Loop, PacketsOfAnEarlierPhaseAreStale) {
  start(every_suite(), {});
  begin_phase(1);
  run(1);
  verifier_->begin_phase(2);  // and the sender goes on with the first
  run(1);
  EXPECT_GT(verifier_->counters().stale, 0u);
  for (const LegSeen& leg : verifier_->legs())
    EXPECT_EQ(leg.fresh, 0u);
}

TEST_F(Loop, ASampleIsOpenedAndAllAreCounted) {
  start(every_suite(), kAll, {Verify::Kind::sample, 10});
  begin_phase(1);
  const Outcome outcome = run(20);
  EXPECT_TRUE(outcome.clean);
  EXPECT_EQ(outcome.sum.received, outcome.sum.expected);
  EXPECT_NEAR(static_cast<double>(outcome.seen.verified), static_cast<double>(outcome.sum.expected) / 10, 20);
}

TEST_F(Loop, CountingOnlyStillFindsLoss) {
  start(every_suite(), kAll, {Verify::Kind::none, 1});
  begin_phase(1);
  EXPECT_TRUE(run(5).clean);
  std::uint64_t lost = 0;
  appliance_->lose = [&](std::size_t) { return ++lost == 7; };
  begin_phase(2);
  const Outcome outcome = run(5);
  EXPECT_EQ(outcome.lost, 1u);
  EXPECT_FALSE(outcome.clean);
  EXPECT_EQ(outcome.seen.verified, 0u);
}

// Sequence numbers turn over, and the rollover counters of both sides with them.
TEST_F(Loop, RolloversAreFollowed) {
  LoadShape shape{.device = "net_null0", .neighbour = kOwnMac};
  start(shape, kAll);
  begin_phase(1);
  const Outcome outcome = run(840);  // 42,000 packets, and the first is above 256
  EXPECT_GT(outcome.sent.rtp, 39'000u);
  ASSERT_GT(plan_.streams.front().first_sequence + outcome.sent.rtp, 65'536u + 1000);
  EXPECT_TRUE(outcome.clean);
}

TEST_F(Loop, PacketsThatFitNoLegAreRefused) {
  start(every_suite(), {});
  SenderOptions options{.profile = {Profile::Kind::fixed, 1500 - 48 - 16}};
  EXPECT_NO_THROW(Sender(plan_, *endpoints_, *engine_, options));
  ++options.profile.bytes;
  EXPECT_THROW(Sender(plan_, *endpoints_, *engine_, options), std::invalid_argument);
}

TEST_F(Loop, TheSameSeedMakesTheSameFrames) {
  const auto frames = [this] {
    start(every_suite(), kAll);
    Bytes all;
    while (const std::size_t n = sender_->fill(buffers_.frames(), 3'000'000'000, 7)) {
      for (const OutFrame& frame : buffers_.frames().first(n))
        all.insert(all.end(), frame.data, frame.data + frame.length);
    }
    return all;
  };
  const Bytes first = frames();
  EXPECT_GT(first.size(), 10'000u);
  EXPECT_EQ(first, frames());
}

}  // namespace
}  // namespace causeway::pktgen
