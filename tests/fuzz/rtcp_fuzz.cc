// Both ways of a compound write something valid or nothing, inside their output. The first 20 bytes are the
// mapping and the appliance's SSRC.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "dataplane/net/bytes.h"
#include "dataplane/rtcp.h"

namespace {

using namespace causeway;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::size_t kPrefix = 20;
constexpr std::uint8_t kGuard = 0x5a;
constexpr std::size_t kGuardBytes = 8;

// Runs a rewrite into exactly the input's size and checks what it wrote.
template <class F>
std::span<const std::uint8_t> check(std::span<const std::uint8_t> in, std::span<std::uint8_t> room,
                                    F&& rewrite) {
  std::ranges::fill(room, kGuard);
  const std::size_t length = rewrite(room.first(in.size()));
  require(length <= in.size());
  require(std::ranges::all_of(room.subspan(length), [](std::uint8_t byte) { return byte == kGuard; }));
  const auto out = room.first(length);
  require(out.empty() || rtcp::valid(out));
  return out;
}

bool has_target(std::span<const std::uint8_t> compound, std::uint32_t ssrc) {
  std::array<std::uint32_t, rtcp::kMaxTargets> found;
  const std::size_t count = rtcp::targets(compound, found);
  require(count <= found.size());
  return count == found.size() || ssrc == 0 || std::ranges::count(std::span(found).first(count), ssrc) == 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kPrefix || size > kPrefix + 2048) return 0;
  const rtcp::Mapping mapping{
      .publisher_ssrc = net::load_be32(data),
      .leg_ssrc = net::load_be32(data + 4),
      .timestamp_offset = net::load_be32(data + 8),
      .sequence_delta = static_cast<std::int32_t>(net::load_be32(data + 12)),
  };
  const std::uint32_t own_ssrc = net::load_be32(data + 16);

  const std::size_t length = size - kPrefix;
  const auto bytes = std::make_unique<std::uint8_t[]>(length);
  std::copy(data + kPrefix, data + size, bytes.get());
  const std::span<const std::uint8_t> in(bytes.get(), length);
  const auto memory = std::make_unique<std::uint8_t[]>(length + kGuardBytes);
  const std::span<std::uint8_t> room(memory.get(), length + kGuardBytes);

  const bool valid = rtcp::valid(in);
  rtcp::sender_ssrc(in);
  const bool speaks = rtcp::speaks_for(in, mapping.publisher_ssrc);
  const bool target = has_target(in, mapping.leg_ssrc);
  const auto down = check(in, room, [&](auto out) { return rtcp::to_leg(in, mapping, out); });
  require(!down.empty() == speaks);
  const auto up = check(in, room, [&](auto out) { return rtcp::to_publisher(in, mapping, own_ssrc, out); });
  require(up.empty() || target);
  require(up.empty() || !valid || rtcp::sender_ssrc(up) == own_ssrc);
  return 0;
}
