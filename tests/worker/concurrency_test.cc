// Workers run against each other while control adds, changes and removes transports, tracks and legs as fast
// as it can: tracks that nobody touches must lose nothing, and nothing may reach whom it is not for.
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/dataplane/seed.h"
#include "tests/worker/rig.h"

namespace causeway::test {
namespace {

constexpr std::uint32_t kSteadyTracks = 4;
constexpr std::uint32_t kSteadyLegs = 40;  // of each
constexpr std::uint32_t kChurnTracks = 4;
constexpr std::uint32_t kChurnLegs = 8;
constexpr std::uint32_t kPackets = 1500;  // of each steady track
constexpr auto kDeadline = std::chrono::seconds(120);

struct Shape {
  std::size_t workers;
  std::uint16_t queues;
  std::size_t legs_per_shard;
};

std::string text(std::uint32_t number) {
  return std::to_string(number);
}
std::uint16_t port_of(std::uint32_t track) {
  return static_cast<std::uint16_t>(5000 + 10 * track);
}
// A leg's SSRC names the track that it is of.
std::uint32_t ssrc_of(std::uint32_t track, std::uint32_t leg) {
  return track << 12 | leg;
}
std::string leg_name(std::uint32_t track, std::uint32_t leg) {
  return text(track) + "/" + text(leg);
}

class Concurrency : public testing::TestWithParam<Shape> {
 protected:
  Concurrency()
      : rig_({.workers = GetParam().workers,
              .queues = GetParam().queues,
              .legs_per_shard = GetParam().legs_per_shard,
              .ring_size = 8192,
              .buffers = 32767}) {
    for (std::uint32_t track = 0; track < kSteadyTracks + kChurnTracks; ++track) {
      rig_.add_transport(Rig::transport("from" + text(track), port_of(track)));
      rig_.add_transport(Rig::transport("to" + text(track), static_cast<std::uint16_t>(port_of(track) + 1)));
      rig_.add_track(text(track), "from" + text(track), 1 + track);
      for (std::uint32_t leg = 0; track < kSteadyTracks && leg < kSteadyLegs; ++leg)
        rig_.publisher.add_leg(
            Rig::leg(leg_name(track, leg), text(track), "to" + text(track), ssrc_of(track, leg)));
    }
  }

  // One change of what is not steady. Many are refused, since what they name is still being removed: that is
  // expected.
  void change() {
    const std::uint32_t track = kSteadyTracks + random_() % kChurnTracks;
    const std::uint32_t number = random_() % kChurnLegs;
    const config::Leg leg =
        Rig::leg(leg_name(track, number), text(track), "to" + text(track), ssrc_of(track, number));
    try {
      switch (random_() % 16) {
        case 0:
          rig_.publisher.remove_transport("from" + text(track));
          break;
        case 1:
          rig_.add_transport(Rig::transport("from" + text(track), port_of(track)));
          break;
        case 2:
          rig_.publisher.remove_track(text(track));
          break;
        case 3:
        case 4:
          rig_.add_track(text(track), "from" + text(track), 1 + track);
          break;
        case 5:
          rig_.publisher.change_transport(
              Rig::transport("to" + text(track), static_cast<std::uint16_t>(port_of(track) + 1)));
          break;
        case 6:
          rig_.publisher.change_leg(leg);
          break;
        case 7:
        case 8:
        case 9:
          rig_.publisher.remove_leg(leg.name);
          break;
        default:
          rig_.publisher.add_leg(leg);
      }
      ++changes_;
    } catch (const std::invalid_argument&) {
      ++refused_;
    } catch (const std::length_error&) {
      ++refused_;
    }
    rig_.publisher.reclaim();
  }

  void publish() {
    for (std::uint32_t track = 0; track < kSteadyTracks; ++track) {
      if (published_[track] >= kPackets || published_[track] >= arrived_everywhere(track) + window_) continue;
      const std::uint32_t number = published_[track] + 1;
      if (rig_.publish(queue_of(track), port_of(track), 1 + track, static_cast<std::uint16_t>(number), track,
                       number))
        published_[track] = number;
    }
    if (random_() % 4 != 0) return;
    const std::uint32_t track = kSteadyTracks + random_() % kChurnTracks;
    const std::uint32_t number = ++published_[track];
    rig_.publish(queue_of(track), port_of(track), 1 + track, static_cast<std::uint16_t>(number), track,
                 number);
  }

  std::uint16_t queue_of(std::uint32_t track) const {
    return static_cast<std::uint16_t>(track % rig_.options.queues);
  }

  std::uint32_t arrived_everywhere(std::uint32_t track) const {
    std::uint32_t least = kPackets;
    for (std::uint32_t leg = 0; leg < kSteadyLegs; ++leg) {
      const auto at = last_.find(ssrc_of(track, leg));
      least = std::min(least, at == last_.end() ? 0 : at->second);
    }
    return least;
  }

  void check(const Sent& sent) {
    const std::uint32_t track = sent.ssrc >> 12;
    ASSERT_EQ(sent.track, track) << "another track's packet";
    ASSERT_EQ(sent.port, port_of(track) + 1) << "sent to another transport";
    std::uint32_t& last = last_[sent.ssrc];
    if (track < kSteadyTracks) {
      ASSERT_EQ(sent.number, last + 1) << "leg " << leg_name(track, sent.ssrc & 0xfff);
    } else {
      ASSERT_GT(sent.number, last) << "twice, or out of order";
    }
    last = sent.number;
  }

  bool done() const {
    for (std::uint32_t track = 0; track < kSteadyTracks; ++track) {
      if (arrived_everywhere(track) < kPackets) return false;
    }
    return true;
  }

  Rig rig_;
  std::mt19937 random_{test::seed()};
  // Packets of a track on their way at once: all their copies fit into the rings between workers.
  std::uint32_t window_ = GetParam().queues < GetParam().workers ? 4 : 32;
  std::uint64_t changes_ = 0;
  std::uint64_t refused_ = 0;
  std::map<std::uint32_t, std::uint32_t> published_;  // by track
  std::map<std::uint32_t, std::uint32_t> last_;       // by leg's SSRC: the publisher's count
};

TEST_P(Concurrency, TablesChangeUnderTrafficAndSteadyTracksLoseNothing) {
  SCOPED_TRACE(testing::Message() << "CAUSEWAY_SEED=" << test::seed());
  rig_.run_workers();
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  while (!done() && !HasFatalFailure() && std::chrono::steady_clock::now() < end) {
    publish();
    change();
    for (const Sent& sent : rig_.take()) {
      check(sent);
      if (HasFatalFailure()) break;
    }
  }
  rig_.end_workers();
  EXPECT_TRUE(done()) << "not all arrived in time";
  EXPECT_GT(changes_, 100U);
  rig_.expect_conservation();
  EXPECT_EQ(rig_.dropped(Drop::handoff_full) + rig_.dropped(Drop::overload), 0U);
  EXPECT_EQ(rig_.all_egress_drops(), 0U);
  EXPECT_EQ(rig_.lost_buffers(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Concurrency,
                         testing::Values(Shape{1, 1, 1024}, Shape{2, 2, 16}, Shape{3, 1, 16}, Shape{4, 4, 16},
                                         Shape{4, 2, 16}),
                         [](const auto& shape) {
                           return text(static_cast<std::uint32_t>(shape.param.workers)) + "WorkersOn" +
                                  text(shape.param.queues) + "Queues";
                         });

}  // namespace
}  // namespace causeway::test
