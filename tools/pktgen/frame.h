// A received frame, read as far as a generator needs: a datagram between two endpoints, or a neighbour's
// question. Pure; nothing of the frame is trusted; reads only inside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/net/address.h"

namespace causeway::pktgen {

struct Frame {
  enum class Kind : std::uint8_t {
    other,            // nothing that we take
    datagram,         // UDP
    arp_request,      // for `own`, by `peer`
    neighbour_query,  // NDP's, the same
  };
  Kind kind = Kind::other;
  bool broken = false;  // a datagram whose checksum is wrong or missing
  net::MacAddress source_mac;
  net::Endpoint own;   // destination
  net::Endpoint peer;  // source
  std::uint8_t* payload = nullptr;
  std::uint32_t length = 0;
};

// vlan: of the port, 0 for untagged. The checksums are verified if `verify`.
Frame read_frame(std::span<std::uint8_t> frame, std::uint16_t vlan, bool verify);

inline constexpr std::size_t kMostReply = 96;

// Writes the answer to an arp_request or neighbour_query into `out` (kMostReply bytes): `own` is at `mac`.
// Returns its length.
std::size_t write_reply(const Frame& question, std::uint16_t vlan, const net::MacAddress& mac,
                        std::uint8_t* out);

}  // namespace causeway::pktgen
