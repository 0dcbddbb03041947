// What a node knows of its peers at one moment, as values: the detector (control/beat) fills it, the verdicts
// are a function of it.
#pragma once

#include <cstdint>
#include <vector>

#include "control/wire/ids.h"
#include "control/wire/membership.h"

namespace causeway::control {

enum class DrainState : std::uint8_t { none, soft, hard };

// A node's row of the who-hears-whom matrix, as it stood in its last beat.
struct Row {
  NodeSet heard;    // heard within suspect_ms: by beats, or by authenticated media
  NodeSet two_way;  // and known to hear that node
  // Nodes in `heard` that hear us, the receiver, as their own last rows told this node: how we learn that
  // somebody hears us whom we do not hear.
  NodeSet hear_us;
  DrainState drain = DrainState::none;
  std::uint8_t load_percent = 0;
  bool stalled = false;      // its own view is frozen: its row counts for nothing
  bool local_media = false;  // its own subscribers' or publishers' packets arrive
  TimeUs at_us = kNever;     // when the beat arrived; kNever: there was none
};

// What helpers said of a silent peer.
enum class ProbeResult : std::uint8_t {
  none,        // nobody was asked yet, or answers are still awaited
  silent,      // at least one asked it in vain, and nobody was answered by it
  alive,       // a helper was answered by it
  unanswered,  // no helper said anything in time: perhaps it is we who are cut off
};

struct PeerView {
  bool beats_heard = false;    // within suspect_ms
  bool beats_two_way = false;  // and its beats echo ours
  bool media_heard = false;    // authenticated media of it within suspect_ms
  TimeUs silent_since_us = 0;  // arrival of the last beat or media; while nothing was heard, our own start
  ProbeResult probe = ProbeResult::none;
  bool link_up = false;  // RFC 5880's Up
  Row row;
};

struct View {
  NodeId self = kNoNode;
  const Membership* membership = nullptr;
  TimeUs started_us = 0;
  bool frozen = false;              // the node stalled: its view is not trusted now
  bool starting = false;            // within heartbeat.startup_ms: no verdict on anybody
  bool local_media = false;         // own subscribers' or publishers' packets arrive
  std::uint8_t load_percent = 100;  // of the own node; as long as nobody tells: full, so that no move is rash
  std::vector<PeerView> peers;      // by NodeId; the own one is not used
};

}  // namespace causeway::control
