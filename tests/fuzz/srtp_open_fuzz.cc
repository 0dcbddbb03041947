// Bytes -> engine, suite, jobs with lengths that may lie, and packet bytes -> rtcp_trailer, open_rtp,
// open_rtcp, and the index estimate and replay window with the packets' sequence numbers. Each packet has
// memory of its own, of its claimed length up to a bound, so that the sanitizer sees a byte read too far.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "dataplane/net/bytes.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/index.h"

namespace {

using namespace causeway::srtp;
using causeway::net::load_be16;

struct Machine {
  explicit Machine(std::unique_ptr<Engine> with) : engine(std::move(with)) {
    const std::vector<std::uint8_t> key(kMaxMasterKey, 1);
    const std::vector<std::uint8_t> salt(kMaxMasterSalt, 2);
    for (const SuiteInfo& suite : all_suites()) {
      keys.push_back(engine->expand(suite.suite, std::span(key).first(suite.key_length),
                                    std::span(salt).first(suite.salt_length)));
    }
  }

  std::unique_ptr<Engine> engine;
  std::vector<std::unique_ptr<SessionKeys>> keys;
};

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t byte() { return bytes_.empty() ? std::uint8_t{0} : take(1)[0]; }
  std::span<const std::uint8_t> take(std::size_t count) {
    const auto taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::span<const std::uint8_t> bytes_;
};

void require(bool holds) {
  if (!holds) std::abort();
}

// A length that fits the memory, or one that no packet has.
std::uint32_t length_of(std::uint8_t choice, std::uint32_t fitting) {
  constexpr std::array<std::uint32_t, 4> kImpossible{0xffffffff, 65508, 0x80000000, 0x10000};
  return choice < 250 ? fitting : kImpossible[choice % kImpossible.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Machine machines[] = {Machine(make_ipsec_mb_engine()), Machine(make_libsrtp_engine())};
  Input input({data, size});
  const bool rtcp = input.byte() & 1;
  const std::uint8_t choice = input.byte();
  const bool plain = choice & 1;
  Machine& machine = machines[choice >> 1 & 1];
  RtpIndex index;
  std::vector<std::vector<std::uint8_t>> packets;
  std::vector<OpenJob> jobs;
  while (!input.empty() && jobs.size() < 200) {
    const SessionKeys* keys = machine.keys[input.byte() % machine.keys.size()].get();
    const std::uint8_t header_length = input.byte();
    const std::uint8_t length_choice = input.byte();
    const auto bytes = input.take(input.byte());
    std::vector<std::uint8_t>& packet = packets.emplace_back(bytes.begin(), bytes.end());
    const auto sequence = packet.size() < 4 ? std::uint16_t{0} : load_be16(&packet[2]);
    const std::uint64_t estimate = plain ? index.estimate_plain(sequence) : index.estimate(sequence);
    const auto verdict = index.check(estimate);
    require(index.accept(estimate) == verdict);
    require(verdict != ReplayWindow::Verdict::fresh ||
            index.check(estimate) == ReplayWindow::Verdict::replayed);
    jobs.push_back({.keys = keys,
                    .packet = packet.data(),
                    .length = length_of(length_choice, static_cast<std::uint32_t>(packet.size())),
                    .header_length = length_of(header_length, header_length),
                    .index = estimate,
                    .authentic = true});
    const auto trailer = rtcp_trailer(keys->suite(), packet);
    require(!trailer || trailer->index < 1u << 31);
  }
  const std::vector<OpenJob> before = jobs;
  rtcp ? machine.engine->open_rtcp(jobs) : machine.engine->open_rtp(jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    require(jobs[i].authentic ? jobs[i].length <= before[i].length : jobs[i].length == before[i].length);
    require(!jobs[i].authentic || rtcp || jobs[i].header_length <= jobs[i].length);
  }
  return 0;
}
