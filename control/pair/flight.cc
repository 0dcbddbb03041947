#include "control/pair/flight.h"

#include <algorithm>

namespace causeway::control::pair {

bool Flight::add(std::span<const std::uint8_t> datagram) {
  if (!is_open_) datagrams_.clear();
  is_open_ = true;
  if (datagrams_.size() == kMostDatagrams || datagram.size() > kMaxDatagramBytes) return false;
  datagrams_.emplace_back(datagram.begin(), datagram.end());
  return true;
}

void Flight::send(Datagrams& out) {
  for (Datagram& datagram : datagrams_) {
    std::span<const std::uint8_t> rest(datagram);
    while (const auto record = next_record(rest)) {
      if (record->epoch != 0) continue;
      const auto offset = static_cast<std::size_t>(record->bytes.data() - datagram.data());
      // Never below what OpenSSL wrote: a server goes on from its client's number (4.2.1).
      const std::uint64_t sequence = std::max(next_sequence_, record->sequence);
      set_sequence(std::span(datagram).subspan(offset, record->bytes.size()), sequence);
      next_sequence_ = sequence + 1;
    }
    out.push_back(datagram);
  }
}

}  // namespace causeway::control::pair
