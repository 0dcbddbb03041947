// Who is played: every publisher and every subscriber of an appliance's configuration, from the other end of
// each of its transports. What the appliance receives is what we send, and the other way round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "dataplane/emit.h"
#include "dataplane/net/address.h"
#include "dataplane/rewrite.h"
#include "dataplane/srtp/engine.h"
#include "dataplane/tables.h"

namespace causeway::pktgen {

// One remote of the appliance. Its addresses are ours: `own` sends to `appliance`.
struct PlanTransport {
  std::string name;
  net::Endpoint own;
  net::Endpoint appliance;
  net::Endpoint own_rtcp;  // as own if RTP and RTCP share a port
  net::Endpoint appliance_rtcp;
  HeaderTemplate rtp_header;  // from us to the appliance
  HeaderTemplate rtcp_header;
  srtp::Suite send_suite = srtp::Suite::none;
  std::unique_ptr<srtp::SessionKeys> send;     // null: the appliance accepts nothing from us
  std::unique_ptr<srtp::SessionKeys> receive;  // null: it sends us nothing
  SsrcMap legs;                                // what we are sent: SSRC -> leg
  std::uint32_t own_ssrc = 0;                  // signs our reports
};

// One layer of a track: what one publisher sends under one SSRC.
struct PlanStream {
  std::string name;
  Id transport = kNoId;
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 0;
  std::uint16_t first_sequence = 0;  // its index has rollover counter 0: a receiver assumes that
  std::uint32_t first_timestamp = 0;
  std::vector<Id> legs;
};

struct PlanLeg {
  std::string name;
  Id stream = kNoId;
  Id transport = kNoId;
  LegRewrite rewrite;
};

struct Plan {
  std::vector<PlanTransport> transports;  // as in the configuration
  std::vector<PlanStream> streams;
  std::vector<PlanLeg> legs;  // as in the configuration
  std::vector<Id> sources;    // transports that can send
  std::uint16_t mtu = 1500;   // of the port, bytes of the IP packet
  std::uint16_t vlan = 0;
  std::uint32_t most_payload = 0;        // bytes behind a 12-byte RTP header that fit every leg and the port
  std::uint16_t media_port_first = 0;    // where the appliance takes media
  std::vector<net::Endpoint> strangers;  // addresses that no transport has, of each family in use
};

struct PlanOptions {
  net::MacAddress mac;     // our port's; remotes that the configuration names as neighbours have theirs
  bool video = true;       // decides the payload type where no leg renames one
  std::uint64_t seed = 0;  // of first sequence numbers and timestamps
};

// Expands the keys that are needed. Throws std::invalid_argument if the configuration cannot be played: with
// several ports, or without a track.
Plan make_plan(const config::Config& config, const srtp::Engine& engine, const PlanOptions& options);

// Finds the transport of a received datagram by its endpoints: ours and the appliance's.
class EndpointIndex {
 public:
  explicit EndpointIndex(const Plan& plan);
  Id find(const net::Endpoint& own, const net::Endpoint& appliance) const;  // kNoId if there is none

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Id transport = kNoId;
  };
  void add(const net::Endpoint& own, const net::Endpoint& appliance, Id transport);

  const Plan& plan_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace causeway::pktgen
