// A node of full size: what its tables cost in memory, and that the far end of them works.
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/worker/rig.h"

namespace causeway::test {
namespace {

constexpr std::size_t kTransports = 20000;
constexpr std::size_t kLegs = 100000;
constexpr std::size_t kTracks = 2000;
constexpr std::size_t kMost_mb = 300;

std::size_t resident_mb() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

// Transports beyond the ports of one address have addresses of their own.
config::Transport transport(std::size_t number) {
  config::Transport made = Rig::transport("t" + std::to_string(number), 5000);
  made.remote.address =
      *net::IpAddress::parse("10.1." + std::to_string(number / 250) + "." + std::to_string(1 + number % 250));
  made.send->suite = srtp::Suite::aead_aes_128_gcm;
  made.send->key = config::Secret(std::vector<std::uint8_t>(16, 7));
  made.send->salt = config::Secret(std::vector<std::uint8_t>(12, 9));
  made.receive = made.send;
  return made;
}

TEST(Scale, AHundredThousandLegsAndTwentyThousandTransportsFit) {
  const std::size_t before_mb = resident_mb();
  Rig rig({.buffers = 1023, .transports = kTransports, .layers = kTracks * 16, .legs = kLegs});
  const std::size_t buffers_mb = 4;
  for (std::size_t i = 0; i < kTransports; ++i)
    rig.publisher.add_transport(transport(i));
  for (std::size_t i = 0; i < kTracks; ++i)
    rig.add_track("track" + std::to_string(i), "t" + std::to_string(i), 1);
  for (std::size_t i = 0; i < kLegs; ++i) {
    rig.publisher.add_leg(Rig::leg("leg" + std::to_string(i), "track" + std::to_string(i % kTracks),
                                   "t" + std::to_string(i % kTransports),
                                   static_cast<std::uint32_t>(100 + i)));
    rig.publisher.reclaim();
  }
  const std::size_t used_mb = resident_mb() - before_mb - buffers_mb;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer takes memory of its own";
#endif
  RecordProperty("memory_mb", static_cast<int>(used_mb));
  EXPECT_LT(used_mb, kMost_mb);
  EXPECT_THROW(rig.publisher.add_leg(Rig::leg("one more", "track0", "t0", 99)), std::length_error);
  const Id last = rig.tables.transports[kTransports - 1].legs.load()->entries.front().id;
  EXPECT_NE(rig.tables.legs[last].settings.load(), nullptr);
}

}  // namespace
}  // namespace causeway::test
