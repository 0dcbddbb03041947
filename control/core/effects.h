// What the control core wants done after an event. The shell (or the simulator) does it and calls back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "control/journal/entry.h"
#include "control/wire/frame.h"
#include "control/wire/ids.h"

namespace causeway::control {

struct Effects {
  struct Datagram {
    NodeId to = kNoNode;
    std::uint8_t flow = 0;  // which source port carries it
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // at most wire::kMaxPlainBytes
  };
  std::vector<Datagram> datagrams;
  std::vector<std::uint8_t> bytes;  // of the datagrams: frames that are not sealed yet

  std::optional<Stamp> persist;      // write this watermark to disk, then call on_watermark()
  std::vector<TrackKey> tracks;      // whose relay() changed: bring the data plane's tables in line, now
  std::vector<TrackKey> keepalives;  // of own tracks: send one at once, its label is new
  struct Received {
    NodeId from = kNoNode;
    wire::RecordType type{};
    std::vector<std::uint8_t> body;
  };
  std::vector<Received> received;  // records for the session layer

  bool ask_token = false;  // for a hard drain, of the arbiter; then call on_token()
  bool release_token = false;
  bool report_islanded = false;  // tell the arbiter that this site looks islanded: at least once a second
  Journal journal;

  std::span<const std::uint8_t> frame(const Datagram& datagram) const {
    return std::span(bytes).subspan(datagram.offset, datagram.size);
  }
  void clear() {
    datagrams.clear();
    bytes.clear();
    persist.reset();
    tracks.clear();
    keepalives.clear();
    received.clear();
    ask_token = release_token = report_islanded = false;
    journal.clear();
  }
};

}  // namespace causeway::control
