// The line commands of the WAN: what each does to the network, and the line that answers it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/wan/network.h"
#include "tools/measure/histogram.h"

namespace causeway::wan {

// What only the program around the network knows.
struct HostFigures {
  struct Site {
    std::uint64_t received = 0;
    std::uint64_t kernel_dropped = 0;  // arrived faster than they were read
    std::uint64_t too_long = 0;
  };
  std::vector<Site> sites;
  measure::Histogram late;  // how much later than due each frame was sent

  void clear();
};

struct Answer {
  std::string line;  // "ok", "ok ..." or "error ..."
  bool ends = false;
};

inline constexpr std::size_t kMostCommand = 4096;  // characters of a line

inline constexpr std::string_view kCommandHelp = R"(commands, one line each, on standard input:
  set FROM TO KEY=VALUE...   the rule for frames from one site to another; keys that are not named
                             stay. * is every site. All or nothing of a line is done.
  both A B KEY=VALUE...      the same for both directions
  stats                      counters since the start, and the rules, as one line of JSON
  reset                      all counters begin again
  quit                       end; so does the end of standard input

Each is answered by one line on standard output: ok, ok JSON, or error and what is wrong.

keys of a rule; at the start all are 0 or none:
  delay_ms           0 to 60000, fractions too. Frames of a pair keep their order.
  jitter_ms          the delay varies by up to so much more or less: a wave that takes another height
                     every 10 ms. Frames of a pair keep their order.
  loss_percent       0 to 100
  duplicate_percent  sent twice
  reorder_percent    skip the delay, and so overtake
                     These three leave ARP and NDP alone, and depend only on the seed and on how many
                     frames of this kind (media, control, other UDP, other IP) went from FROM to TO.
  cut                none, or what is dropped on entering: all; media (UDP whose payload begins with
                     128..191: RTP, RTCP); control (UDP whose payload begins with less than 64:
                     frames between nodes, DTLS); PORT or FIRST-LAST (UDP from or to these ports).
                     What is already underway arrives.
)";

Answer execute(std::string_view line, Network& network, HostFigures& figures);

}  // namespace causeway::wan
