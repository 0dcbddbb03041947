// The ingress guard: what no transport claims is held against the signatures, then metered by its source.
// Media of a known transport never comes here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/guard/database.h"
#include "dataplane/guard/meter.h"
#include "dataplane/packet.h"
#include "dataplane/ring.h"

namespace causeway::guard {

// For each worker: a source whose packets arrive at several workers has so much at each.
struct Settings {
  Rate source;  // of what no transport claims
  Rate punt;    // of what is for the kernel, but for ARP and NDP
  std::uint32_t samples_per_s = 0;
  std::uint64_t ticks_per_s = 0;  // of the clock of `now`
  HashKey key{};                  // random
};

// A few of what was dropped here, for the journal.
struct Sample {
  static constexpr std::uint32_t kNoSignature = 0xffffffff;
  static constexpr std::size_t kPrefix = 32;

  std::uint64_t generation = 0;  // of the signature's set
  std::uint32_t signature = kNoSignature;
  std::uint32_t length = 0;  // bytes of UDP payload; of a frame that was for the kernel 0
  Drop drop = Drop::none;
  std::uint8_t prefix_length = 0;
  std::uint16_t port_index = 0;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  net::IpAddress source;
  std::array<std::uint8_t, kPrefix> prefix{};  // of the payload
};

using Samples = Ring<Sample, 256>;

// Is this the end of a UDP datagram for us that might be a stranger's? The guard looks at these only.
bool is_suspect(Drop drop);

// Is this such a datagram to a media port, so that it may come from a known remote (its DTLS or STUN, say)?
inline bool may_be_of_a_transport(const Packet& packet) {
  return packet.drop != Drop::none && packet.drop != Drop::no_transport &&
         packet.drop != Drop::udp_not_media_port && is_suspect(packet.drop);
}

class Guard {
 public:
  // worker: 0 to N - 1, as the database counts them.
  Guard(std::size_t worker, const Settings& settings);

  // Behind the lookup: replaces the drop of what a signature knows by that of its class, and that of a source
  // above its rate by source_flood; drops as punt_flood what is for the kernel and above its source's rate.
  // Bit i of `known`: packet i is of a known transport, and left alone. At most 64 packets. `now` in ticks.
  // On the worker's thread. No allocation, lock or system call.
  void judge(std::span<Packet> burst, std::uint64_t known, const Database& database, std::uint64_t now);

  // The worker produces, control consumes.
  Samples& samples() { return samples_; }

 private:
  void judge_stranger(Packet& packet, const Database& database, std::uint64_t now);
  void sample(const Packet& packet, std::uint32_t signature, std::uint64_t generation, std::uint64_t now);

  std::size_t worker_;
  Meter sources_;
  Meter punts_;
  bool sampling_;
  Pace sample_pace_;
  std::uint64_t samples_full_at_ = 0;
  Samples samples_;
};

}  // namespace causeway::guard
