// Takes what the device receives: media to the verifier, neighbours' questions to be answered. One thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tools/pktgen/run/device.h"
#include "tools/pktgen/run/transmitter.h"
#include "tools/pktgen/verifier.h"

namespace causeway::pktgen {

class Receiver {
 public:
  Receiver(Device& device, const Plan& plan, const EndpointIndex& endpoints, Verifier& verifier,
           Transmitter& transmitter, bool learn_mac);

  // One receive burst. Returns its frames.
  std::size_t poll();

 private:
  void meet(const Frame& frame);
  void answer(const Frame& question);

  Device& device_;
  const Plan& plan_;
  const EndpointIndex& endpoints_;
  Verifier& verifier_;
  Transmitter& transmitter_;
  bool learn_mac_;
};

}  // namespace causeway::pktgen
