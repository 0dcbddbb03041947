// What publishers send, and when: the packets of thousands of streams in the order of their media time. Video
// comes in frames, many packets at once, and in far larger ones now and then; audio each 20 ms. Pure and
// seeded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <random>
#include <vector>

#include "tools/pktgen/languages.h"

namespace causeway::pktgen {

struct MediaPacket {
  std::uint64_t at_ns = 0;  // media time
  std::uint32_t stream = 0;
  std::uint32_t timestamp = 0;  // since the stream's first: 90 kHz video, 48 kHz audio
  std::uint32_t payload_length = 0;
  bool marker = false;  // the last packet of a video frame
};

class Schedule {
 public:
  // most_payload: bytes behind the RTP header that a packet may have; least_payload: that it must.
  Schedule(const Profile& profile, std::size_t streams, std::uint64_t seed, std::uint32_t most_payload,
           std::uint32_t least_payload);

  // Never ends. Requires at least one stream.
  std::uint64_t next_ns() const { return queue_.top().at_ns; }
  MediaPacket next();

  double packets_per_second() const { return packets_per_second_; }  // mean of all streams in media time

 private:
  struct Due {
    std::uint64_t at_ns;
    std::uint32_t stream;
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
  };
  struct Stream {
    std::uint64_t frame_ns = 0;    // begin of the frame
    std::uint32_t frame = 0;       // number in its group of pictures
    std::uint32_t timestamp = 0;   // of the frame
    std::uint32_t bytes_left = 0;  // of the frame
    std::uint32_t packets_left = 0;
  };

  std::uint32_t uniform(std::uint32_t first, std::uint32_t last);
  void begin_frame(Stream& stream);
  double mean_packets_per_frame() const;

  Profile profile_;
  std::uint32_t most_payload_;
  std::uint32_t least_payload_;
  std::uint64_t interval_ns_;
  double packets_per_second_ = 0;
  std::mt19937_64 random_;
  std::vector<Stream> streams_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
};

}  // namespace causeway::pktgen
