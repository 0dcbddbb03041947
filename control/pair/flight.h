// The datagrams of one flight (RFC 6347, 4.2.4), kept until the peer's next one, to be sent again.
//
// OpenSSL would send them again by itself, but by a timer of the wall clock. So this does it, from bytes that
// are written: a record that nothing protects gets a new sequence number (4.1), since the peer may have
// marked the old one as received and dropped the record nevertheless, as OpenSSL does with an early
// ChangeCipherSpec. Protected records are the same bytes again; the only ones of a handshake are the two
// Finished, which are either taken or kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "control/pair/records.h"

namespace causeway::control::pair {

class Flight {
 public:
  static constexpr std::size_t kMostDatagrams = 32;  // 38 kB: more than the longest chain that is accepted

  // What is added next begins another flight.
  void close() { is_open_ = false; }
  // False, and nothing changed, if there is no room.
  bool add(std::span<const std::uint8_t> datagram);
  bool is_open() const { return is_open_; }
  bool empty() const { return datagrams_.empty(); }
  void send(Datagrams& out);
  void clear() { datagrams_.clear(); }

 private:
  Datagrams datagrams_;
  std::uint64_t next_sequence_ = 0;  // of epoch 0
  bool is_open_ = false;
};

}  // namespace causeway::control::pair
