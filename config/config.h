// The configuration as values. Every field's key, unit, limits, default and help stand in schema.h, which is
// the only source of the loader, the reference page and the JSON Schema.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/location.h"
#include "config/secret.h"
#include "config/timers.h"
#include "dataplane/drop.h"
#include "dataplane/net/address.h"
#include "dataplane/priority.h"
#include "dataplane/srtp/suite.h"

namespace causeway::config {

struct Site {
  std::string name;
  Location where;
};

struct Node {
  std::string name;
  std::string site;  // one of sites
  Location where;
};

struct Workers {
  unsigned control_lcore = 0;       // runs the control thread
  std::vector<unsigned> lcores{1};  // one worker each
  bool share_cpus = false;          // several of them, and control, on one CPU: for tests
  unsigned legs_per_shard = 1024;   // of one track that one worker serves, while others have room
  unsigned max_queue_delay_ms = 100;
  Location where;
};

struct Memory {
  bool huge_pages = true;           // false: ordinary pages (slower; tests and vdevs only)
  unsigned size_mb = 256;           // memory that DPDK takes at start
  unsigned packet_buffers = 16384;  // mbufs, per node
  Location where;
};

// Capacities of the tables, fixed at start: nothing grows afterwards.
struct Limits {
  unsigned transports = 4096;
  unsigned tracks = 4096;
  unsigned legs = 16384;
  Location where;
};

struct Eal {
  std::string file_prefix =
      "causeway";  // distinguishes several appliances on one machine; names the telemetry socket's folder
  std::vector<std::string> extra_args;  // passed to the EAL as they are
  Location where;
};

enum class UdpChecksum : std::uint8_t { verify, tolerate };

// A neighbour that needs no resolution (and no exception interface).
struct StaticNeighbour {
  net::IpAddress address;
  net::MacAddress mac;
  Location where;
};

struct Port {
  std::string name;
  std::string device;  // PCI address "0000:03:00.1" or vdev string "net_af_packet0,iface=eth1"
  std::vector<net::InterfaceAddress> addresses;
  std::uint16_t vlan = 0;    // 0: untagged
  std::uint16_t mtu = 1500;  // bytes of the IP packet
  unsigned queues = 0;       // RX/TX queue pairs; 0: one for each worker, or as many as the device has
  unsigned rx_descriptors = 1024;
  unsigned tx_descriptors = 1024;
  UdpChecksum udp_checksum = UdpChecksum::verify;
  std::string exception_interface;  // name of the kernel interface that owns the addresses; "" for none
  std::optional<net::IpAddress> gateway_v4;  // default routes set on the exception interface, if given
  std::optional<net::IpAddress> gateway_v6;
  std::vector<StaticNeighbour> neighbours;
  Location where;
  Location device_where;
};

struct PortRange {
  std::uint16_t first = 20000;
  std::uint16_t last = 29999;
};

struct Media {
  PortRange port_range;
  Location where;
};

enum class SrtpEngine : std::uint8_t { ipsec_mb, libsrtp };

// How media is sealed and opened.
struct Srtp {
  SrtpEngine engine = SrtpEngine::ipsec_mb;
  Location where;
};

// One direction's SRTP suite and master key and salt.
struct Crypto {
  srtp::Suite suite = srtp::Suite::none;
  Secret key;   // info(suite).key_length bytes
  Secret salt;  // info(suite).salt_length bytes
  Location where;
};

// Ports of RTCP when it is not multiplexed with RTP (RFC 5761 is the default).
struct RtcpPorts {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
};

struct Transport {
  std::string name;
  std::string port;     // one of ports
  net::Endpoint local;  // an address of that port, a port in media.port_range
  net::Endpoint remote;
  std::optional<RtcpPorts> rtcp;  // absent: RTP and RTCP on one port
  std::optional<Crypto> receive;  // what the remote sends us; absent: nothing is accepted from it
  std::optional<Crypto> send;     // what we send the remote; absent: nothing is sent to it
  Location where;
};

struct Layer {
  std::string name;  // e.g. "main", "low", "rtx"; unique in its track
  std::uint32_t ssrc = 0;
  Location where;
};

inline constexpr std::size_t kMaxLayersPerTrack = 16;

struct Track {
  std::string id;             // fleet-wide
  std::string transport;      // its publisher, one of transports, with `receive`
  std::vector<Layer> layers;  // at least one
  Priority priority = Priority::normal;
  Location where;
};

struct Leg {
  std::string name;  // unique; default: "<track>-><transport>", with "/<layer>" if the track has several
  std::string track;
  std::string layer;                                   // "" if the track has one layer
  std::string transport;                               // one of transports, with `send`
  std::uint32_t ssrc = 0;                              // unique on its transport
  std::map<std::uint8_t, std::uint8_t> payload_types;  // publisher's -> leg's, 0..127; others pass unchanged
  std::uint16_t sequence_offset = 0;
  std::uint32_t timestamp_offset = 0;
  std::optional<Priority> priority;  // absent: the track's
  Location where;
};

// The ingress guard: what is done with packets of no transport. Each limit is for each worker.
struct Guard {
  bool enabled = true;
  std::vector<std::string> signatures{"builtin"};  // files; "builtin" is the set of the program
  unsigned source_rate_per_s = 100;                // packets of one source that no transport claims
  unsigned source_burst = 200;
  unsigned punt_rate_per_s = 5000;  // packets of one source for the kernel
  unsigned punt_burst = 500;
  unsigned samples_per_s = 10;  // lines in the journal
  Location where;
};

// One signature as it stands in a file (config/guard).
enum class PatternFlags : std::uint8_t { caseless };
struct WrittenSignature {
  std::string name;
  Drop drop = Drop::guard_custom;
  std::string pattern;
  std::optional<PatternFlags> flags;
  std::optional<std::uint16_t> source_port;
  std::optional<std::uint16_t> destination_port;
  std::uint16_t min_length = 0;
  Location where;
};
struct SignatureFile {
  std::vector<WrittenSignature> signatures;
};

// One appliance of the fleet, this one included.
struct FleetNode {
  unsigned id = 0;  // its index in the membership
  std::string name;
  std::string site;
  net::Endpoint endpoint;  // the first of heartbeat.flows UDP ports
  Location where;
};

// The nodes between which tracks are relayed. The same on each of them.
struct Fleet {
  std::vector<FleetNode> nodes;  // empty: this appliance is alone
  // By what they know each other: certificates ...
  std::string certificate_file;  // this node's first, then those between it and the CA
  std::string private_key_file;
  std::string ca_file;
  unsigned rekey_hours = 8;
  // ... or one secret of all of them.
  std::string key_file;
  Secret key;  // what it holds: 32 bytes
  std::string state_folder = "/var/lib/causeway";
  std::uint32_t journal_mb = 64;  // 0: none
  Location where;
};

// Where the node is managed and watched (docs/openapi.yaml).
struct Api {
  std::string listen = "/run/causeway/api.sock";  // a unix socket; "" for none
  std::optional<net::Endpoint> tcp;
  std::string token_file;  // needed with tcp
  Location where;
};

struct Config {
  std::vector<Site> sites;
  Node node;
  Fleet fleet;
  Workers workers;
  Memory memory;
  Limits limits;
  Eal eal;
  std::vector<Port> ports;
  Media media;
  Guard guard;
  Srtp srtp;
  Api api;
  Heartbeat heartbeat;
  Isolation isolation;
  Relaying relay;
  DirectoryTimers directory;
  std::vector<Transport> transports;
  std::vector<Track> tracks;
  std::vector<Leg> legs;
};

}  // namespace causeway::config
