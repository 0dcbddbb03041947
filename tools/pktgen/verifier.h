// Looks at what the appliance sends: each packet of each leg is opened with the leg's keys and compared with
// what its publisher sent. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/counters.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/srtp/index.h"
#include "tools/measure/histogram.h"
#include "tools/measure/tsc.h"
#include "tools/pktgen/frame.h"
#include "tools/pktgen/languages.h"
#include "tools/pktgen/plan.h"
#include "tools/pktgen/stamp.h"

namespace causeway::pktgen {

// What one leg was seen to be sent in a phase. With Verify::none only `packets` is counted; with sample,
// `forged` and `wrong` are those of the sample.
struct LegSeen {
  std::uint64_t packets = 0;     // of every kind but RTCP
  std::uint64_t fresh = 0;       // authentic, right, seen for the first time: what was expected
  std::uint64_t late = 0;        // of these, behind one with a higher number
  std::uint64_t duplicates = 0;  // seen before
  std::uint64_t forged = 0;      // did not authenticate
  std::uint64_t wrong = 0;       // authentic, but not what was sent
};

struct SeenCounters {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;          // UDP payload
  std::uint64_t foreign = 0;        // no datagram, or not for us
  std::uint64_t bad_checksums = 0;  // of datagrams for us
  std::uint64_t strays = 0;         // RTP for us, of no leg
  std::uint64_t stale = 0;          // of an earlier phase
  std::uint64_t verified = 0;       // RTP that was opened
  std::uint64_t rtcp = 0;           // authentic
  std::uint64_t rtcp_forged = 0;
};

// One thread, but for total().
class Verifier {
 public:
  static constexpr std::size_t kBurst = 32;

  Verifier(const Plan& plan, const EndpointIndex& endpoints, srtp::Engine& engine, const Verify& verify,
           measure::TscRate rate);

  // At most kBurst frames, read by read_frame(); their payloads are changed. tsc: of their arrival.
  void take(std::span<const Frame> frames, std::uint64_t tsc);

  void begin_phase(std::uint32_t phase);
  const SeenCounters& counters() const { return counters_; }
  const std::vector<LegSeen>& legs() const { return legs_; }
  const measure::Histogram& latency() const { return latency_; }  // ns, of what was opened
  // Shall the checksums of the next frame be looked at? Of a sample, one in N.
  bool wants_checksums() {
    return verify_.kind != Verify::Kind::none && checksum_turn_++ % verify_.every == 0;
  }

  // Packets of legs in this phase. Any thread.
  std::uint64_t total() const { return total_.read(); }

 private:
  struct LegState {
    srtp::RtpIndex index;
  };

  void take_rtp(const Frame& frame, Id transport, std::uint64_t tsc);
  void take_rtcp(const Frame& frame, const PlanTransport& transport);
  void count_unopened(Id leg, std::uint16_t sequence);
  void open_pending(std::uint64_t tsc);
  void settle(const srtp::OpenJob& job, Id leg, std::uint64_t tsc);
  bool is_right(const srtp::OpenJob& job, Id leg, const Stamp& stamp) const;

  const Plan& plan_;
  const EndpointIndex& endpoints_;
  srtp::Engine& engine_;
  Verify verify_;
  measure::TscRate rate_;
  std::uint32_t phase_ = 0;
  std::uint64_t turn_ = 0;  // of sampling
  std::uint64_t checksum_turn_ = 0;
  std::vector<LegState> states_;
  std::array<srtp::OpenJob, kBurst> jobs_;
  std::array<Id, kBurst> owners_{};
  std::size_t pending_ = 0;

  SeenCounters counters_;
  std::vector<LegSeen> legs_;
  measure::Histogram latency_;
  Cell total_;
};

}  // namespace causeway::pktgen
