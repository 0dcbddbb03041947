// What the generator receives: nothing is read outside of a frame, and an answer fits its buffer.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tools/pktgen/frame.h"
#include "tools/pktgen/stamp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::pktgen;
  if (size == 0) return 0;
  const std::uint16_t vlan = data[0] % 2 == 0 ? 0 : data[0];
  std::vector<std::uint8_t> bytes(data + 1, data + size);
  const Frame frame = read_frame(bytes, vlan, data[0] % 4 < 2);
  switch (frame.kind) {
    case Frame::Kind::datagram:
      if (frame.payload < bytes.data() || frame.payload + frame.length > bytes.data() + bytes.size())
        std::abort();
      read_stamp({frame.payload, frame.length});
      break;
    case Frame::Kind::arp_request:
    case Frame::Kind::neighbour_query: {
      std::array<std::uint8_t, kMostReply> reply;
      if (write_reply(frame, vlan, {{2, 0, 0, 0, 0, 9}}, reply.data()) > reply.size()) std::abort();
      break;
    }
    case Frame::Kind::other:
      break;
  }
  return 0;
}
