// Makes the frames that go to the appliance: media as scheduled, sealed with the publishers' keys, RTCP and
// STUN between it, and what the network does to them. Everything is counted as it leaves, so that what must
// arrive is known exactly. Pure: writes into frames that it is given, and takes time as an argument.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "dataplane/emit.h"
#include "dataplane/srtp/engine.h"
#include "tools/pktgen/control_packets.h"
#include "tools/pktgen/impair.h"
#include "tools/pktgen/languages.h"
#include "tools/pktgen/plan.h"
#include "tools/pktgen/traffic.h"

namespace causeway::pktgen {

// A frame to fill, and then to send.
struct OutFrame {
  void* buffer = nullptr;        // the caller's handle of the memory; fill() may change the frames' order
  std::uint8_t* data = nullptr;  // room for the port's MTU and kMaxHeader
  std::uint32_t length = 0;      // out
  const HeaderTemplate* header = nullptr;  // out
  bool checksums_by_port = false;          // out: they are the port's to finish
};

// Packets of one phase, as they were sent.
struct SentCounters {
  std::uint64_t frames = 0;  // of every kind
  std::uint64_t bytes = 0;   // without FCS
  std::uint64_t rtp = 0;     // that are valid and new: what the legs must see
  std::uint64_t sender_reports = 0;
  std::uint64_t feedback = 0;
  std::uint64_t stun = 0;
  std::uint64_t lost = 0;  // made, not sent
  std::uint64_t reordered = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t replayed = 0;
  std::uint64_t garbage = 0;
  std::uint64_t rtcp_to_legs = 0;        // copies that the appliance makes of sender_reports
  std::uint64_t rtcp_to_publishers = 0;  // and of feedback
};

// What was sent of one stream in a phase.
struct StreamCounters {
  std::uint64_t packets = 0;  // valid and new
  std::uint64_t late = 0;     // of these, behind one with a higher number
};

struct SenderOptions {
  Profile profile;
  Mix mix;
  Impairments impairments;
  std::uint64_t seed = 1;
  TxChecksums checksums;
  net::MacAddress mac;       // of our port
  net::MacAddress next_hop;  // the appliance's, or broadcast
};

// One thread.
class Sender {
 public:
  static constexpr std::size_t kBatch = 32;

  // Throws std::invalid_argument if the profile's packets do not fit the port.
  Sender(const Plan& plan, const EndpointIndex& endpoints, srtp::Engine& engine,
         const SenderOptions& options);

  // Fills frames with what is due at a media time, at most kBatch; returns how many. tsc: now.
  std::size_t fill(std::span<OutFrame> frames, std::uint64_t until_ns, std::uint64_t tsc);
  // What was held back, duplicated or replayed and is still to be sent, whatever the time is. 0: nothing.
  std::size_t flush(std::span<OutFrame> frames, std::uint64_t tsc);
  // One packet of one stream, out of schedule.
  std::size_t probe(std::span<OutFrame> frames, Id stream, std::uint64_t tsc);

  std::uint64_t next_ns() const { return schedule_.next_ns(); }
  double packets_per_second() const;  // of all kinds, at the media's own pace
  void set_next_hop(const net::MacAddress& mac) { options_.next_hop = mac; }

  // Counters begin again, and stamps carry this phase.
  void begin_phase(std::uint32_t phase);
  const SentCounters& counters() const { return counters_; }
  const std::vector<StreamCounters>& streams() const { return counted_; }

 private:
  struct Stream {
    std::uint64_t next = 0;     // number
    std::uint64_t highest = 0;  // of those sent, + 1
    std::uint32_t timestamp = 0;
    std::uint64_t octets = 0;
    bool held = false;
  };
  // A UDP payload to send later, or again.
  struct Stored {
    enum class Kind : std::uint8_t { late, repeat, garbage };
    Kind kind = Kind::repeat;
    const HeaderTemplate* header = nullptr;
    Id stream = kNoId;
    std::uint64_t number = 0;
    std::vector<std::uint8_t> payload;
  };
  struct Held {
    Stored packet;
    std::uint32_t remaining = 0;  // packets of its stream that go first
  };
  // What stands in a frame of this batch.
  struct Slot {
    bool media = false;
    bool keep = true;
    Fate fate = Fate::sent;
    Id stream = kNoId;
    std::uint64_t number = 0;
    std::size_t job = 0;
  };

  void place_media(OutFrame& frame, Slot& slot, const MediaPacket& packet, std::uint64_t tsc);
  bool place_control(OutFrame& frame);
  bool place_sender_report(OutFrame& frame);
  bool place_feedback(OutFrame& frame);
  void place_rtcp(OutFrame& frame, Id transport, std::size_t length);
  void place_stun(OutFrame& frame);
  void place_stored(OutFrame& frame, const Stored& stored);
  std::size_t seal(std::span<OutFrame> frames, std::size_t count);
  void finish_media(OutFrame& frame, Slot& slot);
  void finish(OutFrame& frame, const HeaderTemplate& header, std::uint32_t payload_length);
  void deliver(Id stream, std::uint64_t number);
  void release_held();
  void remember(const Stored& stored);
  void add_garbage();
  Stored store(const OutFrame& frame, const Slot& slot, Stored::Kind kind) const;

  const Plan& plan_;
  srtp::Engine& engine_;
  SenderOptions options_;
  Schedule schedule_;
  Dice dice_;
  std::uint32_t phase_ = 0;

  std::vector<Stream> streams_;
  std::vector<std::uint32_t> rtcp_index_;  // of each transport
  std::vector<Id> reporting_;              // streams of which sender reports are sent
  std::vector<Id> subscribed_;             // legs whose transport may speak
  std::size_t next_reporting_ = 0;
  std::size_t next_subscribed_ = 0;
  std::uint64_t control_turn_ = 0;
  double rtcp_credit_ = 0;  // packets that the mix owes
  double stun_credit_ = 0;
  std::vector<HeaderTemplate> strangers_;

  std::deque<Stored> ready_;
  std::vector<Held> held_;
  std::vector<Stored> history_;
  std::size_t next_history_ = 0;

  std::array<Slot, kBatch> slots_;
  std::array<srtp::SealJob, kBatch> jobs_;
  std::size_t job_count_ = 0;
  std::vector<std::uint8_t> plain_;  // payloads of a batch
  std::array<std::uint8_t, kMostControl> control_{};

  SentCounters counters_;
  std::vector<StreamCounters> counted_;
};

}  // namespace causeway::pktgen
