// Any frame ends with a kind or with a reason, and what it is then said to hold lies inside of it. The first
// two bytes choose the port's policy and the NIC's hints.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "dataplane/classify.h"

namespace {

using namespace causeway;

void require(bool holds) {
  if (!holds) std::abort();
}

PortPolicy make_port(std::uint8_t choice) {
  PortPolicy port;
  port.mac = net::MacAddress::from_u48(0x020000000001);
  port.addresses = {net::InterfaceAddress::parse("192.0.2.1/24").value(),
                    net::InterfaceAddress::parse("2001:db8::1/64").value()};
  port.media_port_first = 20000;
  port.media_port_last = 20099;
  port.verify_udp_checksum = (choice & 1) != 0;
  port.vlan = (choice & 2) != 0 ? 7 : 0;
  port.mtu = (choice & 4) != 0 ? 200 : 1500;
  return port;
}

RxHints make_hints(std::uint8_t choice) {
  return {.ip_checksum_good = (choice & 1) != 0,
          .l4_checksum_good = (choice & 2) != 0,
          .ip_checksum_bad = (choice & 4) != 0,
          .l4_checksum_bad = (choice & 8) != 0,
          .vlan_stripped = (choice & 16) != 0,
          .vlan_tci = static_cast<std::uint16_t>((choice & 32) != 0 ? 7 : 0)};
}

void check_media(const PortPolicy& port, const Packet& packet) {
  const std::uint8_t* frame_end = packet.frame + packet.frame_length;
  require(packet.payload > packet.frame && packet.payload_length > 0);
  require(packet.payload_length <= static_cast<std::size_t>(frame_end - packet.payload));
  require(packet.payload_length <= port.mtu - 28u);
  require(packet.key.local == port.addresses[0].address || packet.key.local == port.addresses[1].address);
  require(packet.key.local.is_v4() == packet.key.remote.is_v4());
  require(!packet.key.remote.is_multicast() && !packet.key.remote.is_unspecified());
  require(packet.key.local_port >= port.media_port_first && packet.key.local_port <= port.media_port_last);
  require(packet.key.port_index == packet.port_index && packet.key.reserved == 0);
  require(packet.payload[0] >> 6 == 2);
  if (packet.kind == Kind::rtp)
    require(packet.rtp.length >= 12 && packet.rtp.length <= packet.payload_length);
  if (packet.kind == Kind::rtcp) require(packet.payload_length >= 8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const PortPolicy port = make_port(data[0]);
  const std::size_t length = size - 2;
  const auto frame = std::make_unique<std::uint8_t[]>(length);
  std::copy(data + 2, data + size, frame.get());

  Packet packet;
  packet.frame = frame.get();
  packet.frame_length = static_cast<std::uint32_t>(length);
  packet.port_index = 3;
  packet.hints = make_hints(data[1]);
  classify(port, packet);

  require(std::equal(data + 2, data + size, frame.get()));  // classify only reads
  require((packet.drop == Drop::none) == (packet.kind != Kind::unclassified));
  if (packet.drop != Drop::none) require(info(packet.drop).stage == "classify");
  if (packet.kind == Kind::rtp || packet.kind == Kind::rtcp) check_media(port, packet);
  return 0;
}
