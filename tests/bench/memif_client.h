// The other end of a memif: sends packets, takes what comes back, counts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tools/measure/tsc.h"

struct rte_mempool;
struct rte_mbuf;

namespace causeway::bench {

class MemifClient {
 public:
  // Connects to the server's socket. Throws std::runtime_error if that takes longer than ten seconds or
  // server_runs says no.
  MemifClient(const std::string& socket, rte_mempool* pool, const std::function<bool()>& server_runs);
  ~MemifClient();
  MemifClient(const MemifClient&) = delete;
  MemifClient& operator=(const MemifClient&) = delete;

  struct Rate {
    double best_mpps = 0;    // of packets that came back, in the best of the windows
    double median_mpps = 0;  // and in the middle one
    std::uint64_t received = 0;
    std::uint64_t stalls = 0;  // times when nothing came back any more: packets were lost
  };

  // Keeps so many packets on their way that the server always has work and no ring overflows: each one sent
  // comes back `fan_out` times.
  Rate run(measure::TscRate rate, double milliseconds, std::size_t fan_out,
           const std::function<rte_mbuf*()>& make_packet);

 private:
  void connect(const std::string& socket, const std::function<bool()>& server_runs);

  std::uint16_t device_ = 0;
};

}  // namespace causeway::bench
