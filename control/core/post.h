// The core's outgoing mail: records for one node share frames.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "control/core/effects.h"
#include "control/wire/frame.h"
#include "control/wire/outbox.h"

namespace causeway::control {

class Post final : public Outbox {
 public:
  Post(NodeId self, std::size_t nodes, BootId boot, unsigned flows);

  void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body, std::uint8_t flow) override;

  // Puts what was sent into frames.
  void flush(Effects& effects);
  void set_broken_flows(NodeId peer, std::uint8_t flows) { peers_[peer].broken_flows = flows; }
  void set_boot(NodeId peer, BootId boot) { peers_[peer].boot = boot; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Peer {
    wire::FrameBuilder frame;
    std::uint8_t flow = 0;          // of the frame that is being filled
    std::uint8_t next_flow = 0;     // for who does not care: questions that are asked again take another way
    std::uint8_t broken_flows = 0;  // bit f: not by flow f, if there is another
    BootId boot = 0;                // as far as is known
    std::uint64_t sequence = 0;
  };
  void close(NodeId to, Effects& effects);
  std::uint8_t choose_flow(const Peer& peer) const;

  NodeId self_;
  BootId boot_;
  unsigned flows_;
  std::vector<Peer> peers_;
  NodeSet open_;   // have a frame that is being filled
  Effects early_;  // frames that were full before flush(), or of another flow
  std::uint64_t dropped_ = 0;
};

}  // namespace causeway::control
