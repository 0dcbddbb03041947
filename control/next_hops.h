// Which MAC address each transport is sent to. Pure: it takes what the kernel says (routes, neighbours) and
// the time, and answers with what to ask the kernel and what to tell the tables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "dataplane/net/address.h"
#include "dataplane/tables.h"

namespace causeway::control {

// A next hop that some transport uses.
struct Hop {
  std::uint16_t port_index = 0;
  net::IpAddress address;
  auto operator<=>(const Hop&) const = default;
};

class NextHops {
 public:
  // The kernel is asked again this often for a hop that it has not resolved, and this often whether a
  // resolved one is still there (it does not see the media that the workers send).
  static constexpr std::uint64_t kRetry_ms = 1000;
  static constexpr std::uint64_t kRefresh_ms = 15000;
  // A neighbour that the kernel has lost keeps its address for this long: where a path is cut, the kernel
  // asks in vain and gives up, and media must flow again when the cut ends, not when the kernel asks the next
  // time.
  static constexpr std::uint64_t kKeep_ms = 20000;

  // What to tell the tables.
  struct Update {
    Id transport = kNoId;
    std::optional<net::MacAddress> mac;  // nullopt: unresolved
  };

  // Transport `id` is sent to through this hop from now on; nullopt: there is no route to it.
  std::vector<Update> route(Id id, std::optional<Hop> hop);

  // The configuration says this neighbour's address: whatever the kernel thinks of it, it is not asked.
  std::vector<Update> pin(const Hop& hop, const net::MacAddress& mac);

  // The kernel knows this neighbour so (nullopt: no longer; see kKeep_ms).
  std::vector<Update> neighbour(const Hop& hop, std::optional<net::MacAddress> mac);

  // At most `most` hops to ask the kernel for at this time; each is due again kRetry_ms or kRefresh_ms later.
  std::vector<Hop> due(std::uint64_t now_ms, std::size_t most);

  // Those whose address was kept for long enough.
  std::vector<Update> expire(std::uint64_t now_ms);

  std::size_t unresolved() const;  // hops in use

 private:
  struct State {
    std::optional<net::MacAddress> mac;
    std::vector<Id> transports;
    std::uint64_t asked_ms = 0;
    bool ever_asked = false;
    bool lost = false;  // the kernel does not know it any more
    std::optional<std::uint64_t> lost_ms;
  };
  std::map<Hop, State> hops_;
  std::map<Id, Hop> hop_of_;
  std::set<Hop> pinned_;
  std::vector<Update> learn(const Hop& hop, std::optional<net::MacAddress> mac);

  std::map<Hop, net::MacAddress> neighbours_;  // all that were announced: a hop may come into use later
};

}  // namespace causeway::control
