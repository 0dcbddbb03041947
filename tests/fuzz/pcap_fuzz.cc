// Capture files: read to their end or to a clear error, and every frame lies inside the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tools/pktgen/pcap.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway::pktgen;
  PcapReader reader({data, size});
  std::size_t used = kPcapHeader;
  unsigned checksum = 0;
  while (const auto frame = reader.next()) {
    if (frame->bytes.size() > kMostPcapFrame) std::abort();
    for (const std::uint8_t byte : frame->bytes)
      checksum += byte;
    used += kPcapRecord + frame->bytes.size();
    if (used > size || !reader.error().empty()) std::abort();
  }
  // All of it was read, or it says why not.
  if (reader.error().empty() && used != size) std::abort();
  if (reader.next()) std::abort();  // the end is the end
  static volatile unsigned sink;
  sink = checksum;
  return 0;
}
