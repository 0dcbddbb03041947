#include "tests/support/wan/port.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace causeway::wan {
namespace {

constexpr int kSocketBuffer = 32 << 20;
constexpr std::int64_t kNsOfS = 1'000'000'000;

std::int64_t to_ns(const timespec& time) {
  return time.tv_sec * kNsOfS + time.tv_nsec;
}

std::int64_t read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return to_ns(time);
}

void set_option(int fd, int level, int name, int value, const std::string& interface) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0)
    throw std::runtime_error(interface + ": socket option " + std::to_string(name) + ": " +
                             std::strerror(errno));
}

// The storage of a recvmmsg, made once.
struct Batch {
  static constexpr std::size_t kControl = CMSG_SPACE(sizeof(timespec));

  std::array<std::array<std::uint8_t, kMostFrame>, kBatch> frames;
  alignas(cmsghdr) std::array<std::array<std::uint8_t, kControl>, kBatch> control;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;

  void prepare() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {frames[i].data(), kMostFrame};
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = control[i].data();
      messages[i].msg_hdr.msg_controllen = kControl;
    }
  }
};

// The kernel stamps arrivals by CLOCK_REALTIME only. 0 if it did not.
std::int64_t arrival_realtime_ns(msghdr& message) {
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(each), sizeof time);
    return to_ns(time);
  }
  return 0;
}

}  // namespace

std::int64_t monotonic_ns() {
  return read_clock(CLOCK_MONOTONIC);
}

Port::Port(const std::string& interface) {
  const unsigned index = if_nametoindex(interface.c_str());
  if (index == 0) throw std::runtime_error(interface + ": " + std::strerror(errno));
  // No protocol yet: until it is bound, it would hear every interface.
  fd_ = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) throw std::runtime_error(interface + ": packet socket: " + std::strerror(errno));
  try {
    set_option(fd_, SOL_SOCKET, SO_RCVBUFFORCE, kSocketBuffer, interface);
    set_option(fd_, SOL_SOCKET, SO_SNDBUFFORCE, kSocketBuffer, interface);
    set_option(fd_, SOL_SOCKET, SO_TIMESTAMPNS, 1, interface);
    set_option(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, interface);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(index);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error(interface + ": " + std::strerror(errno));
  } catch (...) {
    close(fd_);
    throw;
  }
}

Port::~Port() {
  close(fd_);
}

std::size_t Port::receive(
    const std::function<void(std::span<const std::uint8_t> frame, std::int64_t arrival_ns)>& take) {
  static const auto batch = std::make_unique<Batch>();
  batch->prepare();
  const int count = recvmmsg(fd_, batch->messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count <= 0) return 0;  // also an interface that is down: said once, then nothing arrives
  // In this order: if the host takes the CPU between the two, frames are late, as with any such pause, and
  // not early.
  const std::int64_t realtime_ns = read_clock(CLOCK_REALTIME);
  const std::int64_t now_ns = monotonic_ns();
  std::size_t too_long = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    mmsghdr& message = batch->messages[i];
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++too_long;
      continue;
    }
    // A clock that was set meanwhile must not move a frame far.
    const std::int64_t stamp_ns = arrival_realtime_ns(message.msg_hdr);
    const std::int64_t age_ns =
        stamp_ns == 0 ? 0 : std::clamp<std::int64_t>(realtime_ns - stamp_ns, 0, kNsOfS);
    take({batch->frames[i].data(), message.msg_len}, now_ns - age_ns);
  }
  return too_long;
}

std::size_t Port::send(std::span<const std::span<const std::uint8_t>> frames) {
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages{};
  const std::size_t count = std::min(frames.size(), kBatch);
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {const_cast<std::uint8_t*>(frames[i].data()), frames[i].size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = sendmmsg(fd_, messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::uint64_t Port::take_drops() {
  // linux/if_packet.h's tpacket_stats; that header and netpacket/packet.h exclude each other.
  struct {
    unsigned packets;
    unsigned drops;
  } figures{};
  socklen_t size = sizeof figures;
  if (getsockopt(fd_, SOL_PACKET, PACKET_STATISTICS, &figures, &size) != 0) return 0;
  return figures.drops;
}

}  // namespace causeway::wan
