#include "dataplane/srtp/framing.h"

#include "dataplane/srtp/engine.h"

namespace causeway::srtp {

std::optional<Layout> rtp_layout(std::uint32_t tag_length, std::uint32_t header_length,
                                 std::uint32_t length) {
  if (header_length < kRtpHeaderMin || length > kMaxPacketLength || header_length > length ||
      length - header_length < tag_length) {
    return std::nullopt;
  }
  const std::uint32_t body_end = length - tag_length;
  return Layout{.header_length = header_length, .body_end = body_end, .tag = body_end, .word = 0};
}

std::optional<Layout> rtcp_layout(std::uint32_t tag_length, bool aead, std::uint32_t length) {
  const std::uint32_t trailer_length = tag_length + kWordLength;
  if (length > kMaxPacketLength || length < kRtcpHeader + trailer_length) return std::nullopt;
  const std::uint32_t body_end = length - trailer_length;
  if (aead) {
    return Layout{
        .header_length = kRtcpHeader, .body_end = body_end, .tag = body_end, .word = body_end + tag_length};
  }
  return Layout{
      .header_length = kRtcpHeader, .body_end = body_end, .tag = body_end + kWordLength, .word = body_end};
}

std::optional<RtcpTrailer> rtcp_trailer(Suite suite, std::span<const std::uint8_t> packet) {
  if (packet.size() < kRtcpHeader || packet.size() > kMaxPacketLength) return std::nullopt;
  if (suite == Suite::none) return RtcpTrailer{};
  const SuiteInfo& lengths = info(suite);
  const auto layout = rtcp_layout(static_cast<std::uint32_t>(lengths.rtcp_tag_length), lengths.aead,
                                  static_cast<std::uint32_t>(packet.size()));
  if (!layout) return std::nullopt;
  const std::uint32_t word = net::load_be32(packet.data() + layout->word);
  return RtcpTrailer{.index = word & kRtcpIndexMask, .encrypted = (word & kEncryptedFlag) != 0};
}

}  // namespace causeway::srtp
