#include "tools/pktgen/traffic.h"

#include <algorithm>

namespace causeway::pktgen {

namespace {

// Video as a conference sends it: 1.3 Mbit/s at 30 frames a second, an I-frame each two seconds.
constexpr std::uint64_t kFrame_ns = 33'333'333;
constexpr std::uint32_t kFrameTicks = 3000;
constexpr std::uint32_t kGroupOfPictures = 60;
constexpr std::uint32_t kLeastFrame = 2000, kMostFrame = 8000;
constexpr std::uint32_t kLeastKeyFrame = 24'000, kMostKeyFrame = 48'000;
constexpr std::uint32_t kVideoPayload = 1160;    // what encoders leave room for below the MTU
constexpr std::uint64_t kPacerGap_ns = 100'000;  // between the packets of a frame

// Opus: 20 ms of variable rate.
constexpr std::uint64_t kAudio_ns = 20'000'000;
constexpr std::uint32_t kAudioTicks = 960;
constexpr std::uint32_t kLeastAudio = 60, kMostAudio = 180;

constexpr std::uint32_t kRtpHeader = 12;

}  // namespace

Schedule::Schedule(const Profile& profile, std::size_t streams, std::uint64_t seed,
                   std::uint32_t most_payload, std::uint32_t least_payload)
    : profile_(profile),
      most_payload_(profile.kind == Profile::Kind::video ? std::min(most_payload, kVideoPayload)
                                                         : most_payload),
      least_payload_(least_payload),
      interval_ns_(profile.kind == Profile::Kind::video ? kFrame_ns : kAudio_ns),
      random_(seed),
      streams_(streams) {
  for (std::uint32_t i = 0; i < streams; ++i) {
    Stream& stream = streams_[i];
    // Publishers do not begin together, and neither do their groups of pictures.
    stream.frame_ns = random_() % interval_ns_;
    stream.frame = uniform(0, kGroupOfPictures - 1);
    begin_frame(stream);
    queue_.push({stream.frame_ns, i});
  }
  packets_per_second_ =
      static_cast<double>(streams) * mean_packets_per_frame() * 1e9 / static_cast<double>(interval_ns_);
}

// Not std::uniform_int_distribution: its values differ between libraries.
std::uint32_t Schedule::uniform(std::uint32_t first, std::uint32_t last) {
  return first + static_cast<std::uint32_t>(random_() % (last - first + 1));
}

void Schedule::begin_frame(Stream& stream) {
  switch (profile_.kind) {
    case Profile::Kind::video:
      stream.bytes_left = stream.frame % kGroupOfPictures == 0 ? uniform(kLeastKeyFrame, kMostKeyFrame)
                                                               : uniform(kLeastFrame, kMostFrame);
      break;
    case Profile::Kind::audio:
      stream.bytes_left = uniform(kLeastAudio, kMostAudio);
      break;
    case Profile::Kind::fixed:
      stream.bytes_left = profile_.bytes - kRtpHeader;
      break;
  }
  if (profile_.kind != Profile::Kind::video) stream.bytes_left = std::min(stream.bytes_left, most_payload_);
  stream.packets_left = (stream.bytes_left + most_payload_ - 1) / most_payload_;
}

MediaPacket Schedule::next() {
  const Due due = queue_.top();
  queue_.pop();
  Stream& stream = streams_[due.stream];
  // A frame is cut into packets of about one size.
  const std::uint32_t bytes = (stream.bytes_left + stream.packets_left - 1) / stream.packets_left;
  const bool video = profile_.kind == Profile::Kind::video;
  MediaPacket packet{.at_ns = due.at_ns,
                     .stream = due.stream,
                     .timestamp = stream.timestamp,
                     .payload_length = std::max(bytes, least_payload_),
                     .marker = video && stream.packets_left == 1};
  stream.bytes_left -= bytes;
  --stream.packets_left;
  std::uint64_t next_ns = due.at_ns + kPacerGap_ns;
  if (stream.packets_left == 0) {
    stream.frame_ns += interval_ns_;
    stream.timestamp += video ? kFrameTicks : kAudioTicks;
    stream.frame = (stream.frame + 1) % kGroupOfPictures;
    begin_frame(stream);
    next_ns = std::max(next_ns, stream.frame_ns);
  }
  queue_.push({next_ns, due.stream});
  return packet;
}

double Schedule::mean_packets_per_frame() const {
  if (profile_.kind != Profile::Kind::video) return 1;
  const auto mean = [this](std::uint32_t least, std::uint32_t most) {
    std::uint64_t sum = 0;
    for (std::uint32_t bytes = least; bytes <= most; ++bytes)
      sum += (bytes + most_payload_ - 1) / most_payload_;
    return static_cast<double>(sum) / (most - least + 1);
  };
  return (mean(kLeastKeyFrame, kMostKeyFrame) + (kGroupOfPictures - 1) * mean(kLeastFrame, kMostFrame)) /
         kGroupOfPictures;
}

}  // namespace causeway::pktgen
