// What the workers of one node do with media of tracks, as far as relaying goes: they send keepalives of own
// tracks, take a track from its upstream only, send it on with their own label (R7 of
// docs/relay-protocol.md), and tell control what arrives, thinned.
#pragma once

#include <cstdint>
#include <vector>

#include "control/relay/view.h"
#include "control/wire/ids.h"
#include "control/wire/label.h"

namespace causeway::sim {

using control::Label;
using control::NodeId;
using control::RelayView;
using control::TimeUs;

using TrackIndex = std::uint32_t;  // of the simulated world; a track's key is for the control core

// A packet of a track with its shim.
struct Packet {
  TrackIndex track = 0;
  NodeId from = control::kNoNode;   // the last node that sent it
  NodeId maker = control::kNoNode;  // the first one
  std::uint8_t hops = 0;            // nodes that sent it
  Label label;                      // of the last one
};

// What becomes of a packet that arrives.
enum class PacketEnd : std::uint8_t {
  forwarded,  // to the legs and the local subscribers
  reported,   // of the upstream that is asked: for control only
  stranger,   // of a node that is not the track's upstream
  stale,      // its label is not better than the own one
  too_far,    // more hops than relay.hop_limit
  own,        // this node sent it before: a loop
};

struct Table {
  Label label;  // that own packets carry
  NodeId active = control::kNoNode;
  NodeId pending = control::kNoNode;
  bool is_acknowledged = false;  // the pending one
  bool is_source = false;        // own track: keepalives are sent
  std::uint16_t life = 0;        // of the keepalive timer: others are out of date
  Label reported;                // to control, with the time, as a count of report intervals
  TimeUs reported_at = -1;
  Label early;  // likewise of the pending upstream
  TimeUs early_at = -1;
  TimeUs packet_us = control::kLongAgo;    // the last one that was forwarded
  NodeId packet_of = control::kNoNode;     // and its maker
  TimeUs promised_us = control::kLongAgo;  // the last one of the pending upstream that would do
  std::vector<NodeId> legs;
};

class DataPlane {
 public:
  DataPlane() = default;
  // report_us: of an upstream's packets control hears of one in each such interval, and of all new labels.
  DataPlane(std::size_t tracks, unsigned hop_limit, TimeUs report_us)
      : slots_(tracks, 0), hop_limit_(hop_limit), report_us_(report_us) {}

  // Brings the track's table in line with what control decided. True: it becomes a source, keepalives begin.
  bool sync(TrackIndex track, const RelayView& view);

  // is_report: control is to be told. The table is valid until the next sync().
  struct Arrival {
    PacketEnd end{};
    bool is_report = false;
    const Table* table = nullptr;          // if it is to be forwarded
    TimeUs before_us = control::kLongAgo;  // the packet before, if there was one
    NodeId before_of = control::kNoNode;   // and its maker
  };
  Arrival receive(NodeId self, const Packet& packet, TimeUs now_us);

  const Table* find(TrackIndex track) const {
    return slots_[track] == 0 ? nullptr : &tables_[slots_[track] - 1];
  }
  void clear();  // the node dies

 private:
  std::vector<std::uint32_t> slots_;  // by track: its place among the tables, from 1
  std::vector<Table> tables_;
  unsigned hop_limit_ = 1;
  TimeUs report_us_ = 1;
};

}  // namespace causeway::sim
