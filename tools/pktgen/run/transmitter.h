// Carries frames to the device: the sender's, and answers to neighbours. One thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/pktgen/run/device.h"
#include "tools/pktgen/sender.h"

struct rte_mbuf;

namespace causeway::pktgen {

class Transmitter {
 public:
  Transmitter(Device& device, Sender& sender) : device_(device), sender_(sender) {}
  ~Transmitter();
  Transmitter(const Transmitter&) = delete;
  Transmitter& operator=(const Transmitter&) = delete;

  // Sends what is due at a media time, at most a batch. What the device does not take is kept for the next
  // turn: the generator itself loses nothing. Returns the frames that it took.
  std::size_t turn(std::uint64_t until_ns);
  // Sends what was held back. False when there is nothing left.
  bool flush();
  void probe(Id stream);

  bool waits() const { return next_ < count_; }  // for the device to take more

  // The receiver has learned where the appliance is. Any thread.
  void learn(const net::MacAddress& mac) { learned_.store(mac.to_u48() | kKnown, std::memory_order_relaxed); }

 private:
  static constexpr std::uint64_t kKnown = std::uint64_t{1} << 63;

  std::span<OutFrame> take_frames();
  void queue(std::size_t filled);
  std::size_t send();
  void send_replies();
  void use_learned();

  Device& device_;
  Sender& sender_;
  std::array<OutFrame, Sender::kBatch> frames_;
  std::size_t prepared_ = 0;  // frames that have a buffer
  std::array<rte_mbuf*, Sender::kBatch> waiting_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::atomic<std::uint64_t> learned_{0};
  std::uint64_t used_ = 0;
};

}  // namespace causeway::pktgen
