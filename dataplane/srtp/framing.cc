#include "dataplane/srtp/framing.h"

#include "dataplane/srtp/engine.h"

namespace causeway::srtp {

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
