// What peers put around media: whatever bytes a packet of a peer has, taking the shim out leaves a packet
// whose header is as long as it says; and putting one in and taking it out changes nothing.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>

#include "dataplane/classify.h"
#include "dataplane/relay/shim.h"
#include "dataplane/rtcp.h"

namespace {

using namespace causeway;

void require(bool holds) {
  if (!holds) std::abort();
}

void take_out(std::span<std::uint8_t> bytes, const RtpHeader& header) {
  if (!relay::read_shim(bytes)) return;
  Packet packet{
      .payload = bytes.data(), .payload_length = static_cast<std::uint32_t>(bytes.size()), .rtp = header};
  relay::strip_shim(packet);
  RtpHeader left;
  require(parse_rtp_header({packet.payload, packet.payload_length}, left) == Drop::none);
  require(left.length == packet.rtp.length && left.length == header.length - relay::kShimBytes);
  require(left.ssrc == header.ssrc && left.sequence == header.sequence);
}

void put_in_and_take_out(std::span<const std::uint8_t> plain, const RtpHeader& header) {
  const std::size_t size = plain.size() + relay::kShimBytes;
  const auto bytes = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(plain.begin(), header.length, bytes.get());
  std::copy(plain.begin() + header.length, plain.end(), bytes.get() + header.length + relay::kShimBytes);
  const relay::Shim shim{.label = {.stamp = 7, .origin = 3, .depth = 1}, .rollover = 9, .epoch = 5};
  require(relay::insert_shim(shim, header.length, bytes.get()) == header.length + relay::kShimBytes);
  const auto read = relay::read_shim({bytes.get(), size});
  require(read && read->label == shim.label && read->rollover == 9 && read->epoch == 5);
  RtpHeader with;
  require(parse_rtp_header({bytes.get(), size}, with) == Drop::none);
  Packet packet{.payload = bytes.get(), .payload_length = static_cast<std::uint32_t>(size), .rtp = with};
  relay::strip_shim(packet);
  require(std::ranges::equal(std::span(packet.payload, packet.payload_length), plain));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2048) return 0;
  const auto bytes = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(data, size, bytes.get());
  const std::span<std::uint8_t> packet(bytes.get(), size);
  if (rtcp::valid(packet)) {
    if (const auto label = relay::read_keepalive(packet)) {
      std::array<std::uint8_t, relay::kKeepaliveBytes> again;
      relay::write_keepalive(*label, rtcp::sender_ssrc(packet), again);
      require(relay::read_keepalive(again) == label);
    }
  }
  RtpHeader header;
  if (parse_rtp_header(packet, header) != Drop::none) return 0;
  constexpr std::uint32_t kLongest = 60000;  // of a header that a shim still fits into
  if (header.length < kLongest) put_in_and_take_out(packet, header);
  take_out(packet, header);
  return 0;
}
