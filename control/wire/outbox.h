// Where the parts of the control core put what they say to other nodes.
#pragma once

#include <cstdint>
#include <span>

#include "control/wire/frame.h"
#include "control/wire/ids.h"

namespace causeway::control {

inline constexpr std::uint8_t kAnyFlow = 0xff;

class Outbox {
 public:
  virtual ~Outbox() = default;
  // One record of at most wire::kMaxRecordBytes. Nothing is promised: it may be lost, late, doubled or out of
  // order. Records for one node and flow that are sent in one turn share frames. The body is copied.
  virtual void send(NodeId to, wire::RecordType type, std::span<const std::uint8_t> body,
                    std::uint8_t flow = kAnyFlow) = 0;
};

}  // namespace causeway::control
