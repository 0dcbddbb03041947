// Bytes -> bursts of packets as classify and lookup leave them -> the guard with the built-in set. Each
// payload has memory of its own, so that the sanitizer sees a byte read too far.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "config/guard/signatures.h"
#include "dataplane/guard/guard.h"

namespace {

using namespace causeway;

constexpr std::size_t kBurst = 32;
constexpr std::uint64_t kSecond = 1'000'000'000;

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  std::span<const std::uint8_t> take(std::size_t length) {
    const auto taken = rest_.first(std::min(length, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::uint8_t> rest_;
};

const guard::Database& builtin() {
  static const auto compiled = config::compile_signatures({"builtin"}, 1, 1);
  return *compiled.database;
}

struct Received {
  Packet packet;
  std::unique_ptr<std::uint8_t[]> payload;
};

Received receive(Input& input) {
  constexpr std::uint16_t kPorts[] = {53,  123,  1900, 11211, 389,  161, 5060, 40000,
                                      137, 5683, 19,   3702,  1701, 520, 111,  3283};
  Received received;
  Packet& packet = received.packet;
  const std::uint8_t kind = input.byte();
  packet.kind = static_cast<Kind>(kind % 5);
  packet.drop = static_cast<Drop>(input.byte() % kDrops);
  packet.key.remote = net::IpAddress::v4(input.byte());
  packet.key.remote_port = kPorts[kind / 16];
  packet.key.local_port = 20000;
  const auto bytes = input.take(std::size_t{input.byte()} * 2);
  received.payload = std::make_unique<std::uint8_t[]>(bytes.size());
  std::ranges::copy(bytes, received.payload.get());
  packet.payload = received.payload.get();
  packet.payload_length = static_cast<std::uint32_t>(bytes.size());
  return received;
}

void check(const Packet& before, const Packet& after, bool known) {
  if (after.drop == before.drop) return;
  if (info(after.drop).stage != "guard") __builtin_trap();
  const bool punt = before.drop == Drop::none && before.kind == Kind::punt;
  if (punt != (after.drop == Drop::punt_flood)) __builtin_trap();
  if (!punt && (known || !guard::is_suspect(before.drop))) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  const guard::Settings settings{.source = {1u + input.byte(), 1u + input.byte()},
                                 .punt = {1u + input.byte(), 1u + input.byte()},
                                 .samples_per_s = input.byte(),
                                 .ticks_per_s = kSecond,
                                 .key = {1, 2}};
  const auto guard = std::make_unique<guard::Guard>(0, settings);
  std::uint64_t now = kSecond;
  std::size_t packets = 0;
  std::size_t samples = 0;
  while (!input.empty()) {
    now += std::uint64_t{input.byte()} << (input.byte() % 32);
    const std::uint64_t known = input.byte();
    std::vector<Received> received;
    std::vector<Packet> burst;
    while (!input.empty() && burst.size() < kBurst) {
      received.push_back(receive(input));
      burst.push_back(received.back().packet);
    }
    packets += burst.size();
    guard->judge(burst, known, builtin(), now);
    for (std::size_t i = 0; i < burst.size(); ++i) {
      check(received[i].packet, burst[i], (known >> i & 1) != 0);
    }
    while (const auto sample = guard->samples().pop()) {
      ++samples;
      if (sample->prefix_length > guard::Sample::kPrefix || info(sample->drop).stage != "guard")
        __builtin_trap();
    }
  }
  if (samples > packets || (settings.samples_per_s == 0 && samples > 0)) __builtin_trap();
  return 0;
}
