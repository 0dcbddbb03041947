// One interface as the WAN uses it: whole frames in and out, many with one system call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace causeway::wan {

inline constexpr std::size_t kMostFrame = 9216;  // a jumbo frame and its headers
inline constexpr std::size_t kBatch = 64;

class Port {
 public:
  // Opens a packet socket on the interface; throws std::runtime_error.
  explicit Port(const std::string& interface);
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  ~Port();

  int fd() const { return fd_; }

  // Reads at most kBatch frames. `take` gets each, with the time on CLOCK_MONOTONIC at which it arrived at
  // the interface, not at which it was read. Returns how many were too long and so left out.
  std::size_t receive(
      const std::function<void(std::span<const std::uint8_t> frame, std::int64_t arrival_ns)>& take);

  // Sends at most kBatch frames. Returns how many from the first on were sent; the next one was refused.
  std::size_t send(std::span<const std::span<const std::uint8_t>> frames);

  // What the kernel had no room for since the last call.
  std::uint64_t take_drops();

 private:
  int fd_ = -1;
};

std::int64_t monotonic_ns();

}  // namespace causeway::wan
