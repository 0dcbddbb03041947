#include "dataplane/guard/guard.h"

#include <algorithm>

namespace causeway::guard {

namespace {

// Room for so many sources. 16 bytes each, for each worker; what talks to the kernel is few.
constexpr std::size_t kSources = 16384;
constexpr std::size_t kPunters = 4096;

}  // namespace

bool is_suspect(Drop drop) {
  switch (drop) {
    case Drop::udp_not_media_port:
    case Drop::media_empty:
    case Drop::first_byte_unknown:
    case Drop::stun_unsupported:
    case Drop::zrtp_unsupported:
    case Drop::dtls_unsupported:
    case Drop::turn_channel_unsupported:
    case Drop::rtp_wrong_version:
    case Drop::rtp_truncated:
    case Drop::rtcp_truncated:
    case Drop::no_transport:
      return true;
    default:
      return false;
  }
}

Guard::Guard(std::size_t worker, const Settings& settings)
    : worker_(worker),
      sources_(settings.source, kSources, settings.key, settings.ticks_per_s),
      punts_(settings.punt, kPunters, settings.key, settings.ticks_per_s),
      sampling_(settings.samples_per_s > 0),
      sample_pace_({settings.samples_per_s, settings.samples_per_s}, settings.ticks_per_s) {}

void Guard::judge(std::span<Packet> burst, std::uint64_t known, const Database& database, std::uint64_t now) {
  for (std::size_t i = 0; i < burst.size(); ++i) {
    Packet& packet = burst[i];
    if (packet.drop == Drop::none) {
      if (packet.kind != Kind::punt || punts_.admit(packet.key.remote, now)) continue;
      packet.drop = Drop::punt_flood;
      sample(packet, Sample::kNoSignature, database.generation(), now);
    } else if (is_suspect(packet.drop) && (known >> i & 1) == 0) {
      judge_stranger(packet, database, now);
    }
  }
}

void Guard::judge_stranger(Packet& packet, const Database& database, std::uint64_t now) {
  const auto signature = database.scan(worker_, {packet.payload, packet.payload_length},
                                       packet.key.remote_port, packet.key.local_port);
  if (signature) {
    database.count(worker_, *signature);
    packet.drop = database.signatures()[*signature].drop;
  } else if (!sources_.admit(packet.key.remote, now)) {
    packet.drop = Drop::source_flood;
  } else {
    return;
  }
  sample(packet, signature.value_or(Sample::kNoSignature), database.generation(), now);
}

void Guard::sample(const Packet& packet, std::uint32_t signature, std::uint64_t generation,
                   std::uint64_t now) {
  if (!sampling_ || !sample_pace_.take(samples_full_at_, now)) return;
  Sample sample;
  sample.generation = generation;
  sample.signature = signature;
  sample.length = packet.payload_length;
  sample.drop = packet.drop;
  sample.prefix_length =
      static_cast<std::uint8_t>(std::min<std::size_t>(packet.payload_length, Sample::kPrefix));
  sample.port_index = packet.port_index;
  sample.source_port = packet.key.remote_port;
  sample.destination_port = packet.key.local_port;
  sample.source = packet.key.remote;
  std::copy_n(packet.payload, sample.prefix_length, sample.prefix.begin());
  samples_.push(sample);  // nobody waits for room: the counters know everything
}

}  // namespace causeway::guard
