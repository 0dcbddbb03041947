// The one description of the configuration: every key with its limits and help. The loader, the reference
// page and the JSON Schema are visitors of it. Types and defaults come from the members themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/config.h"
#include "config/field.h"
#include "config/schema_api.h"
#include "config/schema_fleet.h"
#include "config/schema_timers.h"

namespace causeway::config {

// How a struct stands in the file where that differs from how the program holds it.
struct KeyText {
  Secret text;  // "inline:BASE64"; never shown
};
struct WrittenCrypto {
  srtp::Suite suite = srtp::Suite::none;
  std::optional<KeyText> key;
  std::string key_file;
};

// The vdev drivers that a port's device may name.
inline constexpr std::string_view kVdevDrivers[] = {"net_af_packet", "net_af_xdp", "net_memif", "net_tap",
                                                    "net_pcap",      "net_ring",   "net_null"};
std::string device_pattern();  // a PCI address or one of these drivers, as a regular expression

// visit(Field, member) for each member of the struct, in the order of the reference page.

template <Is<Site> S, class Visitor>
void fields(S& site, Visitor&& visit) {
  visit(Field{.key = "name", .help = "Unique.", .required = true, .text = kName}, site.name);
}

template <Is<config::Node> S, class Visitor>
void fields(S& node, Visitor&& visit) {
  visit(
      Field{
          .key = "name", .help = "This appliance among those of its site.", .required = true, .text = kName},
      node.name);
  visit(Field{.key = "site",
              .help = "The data centre it stands in: one of `sites`.",
              .required = true,
              .text = kName},
        node.site);
}

template <Is<Workers> S, class Visitor>
void fields(S& workers, Visitor&& visit) {
  visit(Field{.key = "control_lcore",
              .help = "CPU of the control thread. It may be busy with other things.",
              .max = 1023},
        workers.control_lcore);
  visit(
      Field{.key = "lcores",
            .help =
                "CPUs of the workers, one each. A worker polls: its CPU is always fully used, and should be "
                "isolated from the kernel's scheduler.",
            .max = 1023,
            .min_items = 1,
            .max_items = 64},
      workers.lcores);
  visit(Field{.key = "share_cpus",
              .help = "Whether several workers, and the control thread, may run on one CPU. For tests: they "
                      "take turns "
                      "of milliseconds."},
        workers.share_cpus);
  visit(Field{.key = "legs_per_shard",
              .help = "Legs of one track that one worker serves before it shares the track with another one.",
              .unit = "legs",
              .min = 16,
              .max = 1048576},
        workers.legs_per_shard);
  visit(Field{.key = "max_queue_delay_ms",
              .help = "A packet that waited for longer in an overloaded worker is dropped: media that late "
                      "is of no use.",
              .unit = "ms",
              .min = 1,
              .max = 10000},
        workers.max_queue_delay_ms);
}

template <Is<Memory> S, class Visitor>
void fields(S& memory, Visitor&& visit) {
  visit(Field{.key = "huge_pages",
              .help = "Whether packet memory lies in huge pages, which the kernel must have reserved. "
                      "Ordinary pages are "
                      "slower: for tests and virtual devices."},
        memory.huge_pages);
  visit(Field{.key = "size_mb",
              .help = "Memory that is taken at start, for packet buffers, rings and tables.",
              .unit = "MiB",
              .min = 64,
              .max = 1048576},
        memory.size_mb);
  visit(Field{.key = "packet_buffers",
              .help =
                  "Packets that can be in the node at once. At least the descriptors of all ports and 1024.",
              .unit = "packets",
              .min = 1024,
              .max = 16777216},
        memory.packet_buffers);
}

template <Is<Limits> S, class Visitor>
void fields(S& limits, Visitor&& visit) {
  visit(Field{.key = "transports",
              .help = "Room for so many, those to peer nodes not counted.",
              .min = 1,
              .max = 1048576},
        limits.transports);
  visit(Field{.key = "tracks",
              .help = "Room for so many that are published here, and so many of other nodes.",
              .min = 1,
              .max = 1048576},
        limits.tracks);
  visit(Field{.key = "legs",
              .help = "Room for so many, those to peer nodes included: one for each layer and peer.",
              .min = 1,
              .max = 1048576},
        limits.legs);
}

template <Is<Eal> S, class Visitor>
void fields(S& eal, Visitor&& visit) {
  visit(
      Field{.key = "file_prefix",
            .help = "Tells several appliances on one machine apart. Names DPDK's runtime folder, and so the "
                    "telemetry socket's.",
            .text = kName},
      eal.file_prefix);
  visit(Field{.key = "extra_args",
              .help = "More arguments for DPDK's EAL, as they are. Those that have a key here are refused.",
              .max_items = 64},
        eal.extra_args);
}

template <Is<StaticNeighbour> S, class Visitor>
void fields(S& neighbour, Visitor&& visit) {
  visit(Field{.key = "address", .help = "On one of the port's networks.", .required = true},
        neighbour.address);
  visit(Field{.key = "mac", .help = "Its station's address.", .required = true}, neighbour.mac);
}

template <Is<Port> S, class Visitor>
void fields(S& port, Visitor&& visit) {
  visit(Field{.key = "name", .help = "Unique.", .required = true, .text = kName}, port.name);
  visit(Field{.key = "device",
              .help = "PCI address of the NIC or its virtual function (`0000:03:00.1`), or a DPDK virtual "
                      "device with "
                      "its arguments (`net_af_packet0,iface=eth1`).",
              .required = true,
              .text = {.shortest = 1, .longest = 1024, .any = true},
              .pattern = device_pattern},
        port.device);
  visit(Field{.key = "addresses",
              .help = "The port's own addresses. Networks of different ports do not overlap.",
              .required = true,
              .min_items = 1,
              .max_items = 16},
        port.addresses);
  visit(Field{.key = "vlan", .help = "VLAN id of all frames of the port; 0 for untagged.", .max = 4094},
        port.vlan);
  visit(Field{.key = "mtu",
              .help = "Longest IP packet. At least 1280 with an IPv6 address (RFC 8200, 5).",
              .unit = "bytes",
              .min = 576,
              .max = 9600},
        port.mtu);
  visit(Field{.key = "queues",
              .help = "Pairs of a receive and a transmit queue, one for each of the first workers. Other "
                      "workers' packets "
                      "go through these.",
              .unit = "queue pairs",
              .max = 64,
              .default_note = "one for each worker, or as many as the device has; 1 for `net_memif`, whose "
                              "client decides"},
        port.queues);
  visit(Field{.key = "rx_descriptors",
              .help = "Length of each receive queue.",
              .unit = "packets",
              .min = 64,
              .max = 32768},
        port.rx_descriptors);
  visit(Field{.key = "tx_descriptors",
              .help = "Length of each transmit queue.",
              .unit = "packets",
              .min = 64,
              .max = 32768},
        port.tx_descriptors);
  visit(Field{.key = "udp_checksum",
              .help = "`verify` drops datagrams with a wrong UDP checksum. `tolerate` is for virtual links "
                      "whose sender "
                      "leaves the checksum unfinished: SRTP's tag still guards the content."},
        port.udp_checksum);
  visit(
      Field{
          .key = "exception_interface",
          .help =
              "Kernel interface to make for the port. The kernel answers ARP, NDP, ICMP and TCP on the "
              "port's "
              "addresses through it, and resolves next hops. Empty: none, and only `neighbours` are reached.",
          .text = kInterfaceName},
      port.exception_interface);
  visit(Field{.key = "gateway_v4", .help = "IPv4 default route, set on the exception interface."},
        port.gateway_v4);
  visit(Field{.key = "gateway_v6", .help = "IPv6 default route, set on the exception interface."},
        port.gateway_v6);
  visit(Field{.key = "neighbours", .help = "Stations that need no resolution.", .max_items = 4096},
        port.neighbours);
}

template <Is<Media> S, class Visitor>
void fields(S& media, Visitor&& visit) {
  visit(Field{.key = "port_range",
              .help = "UDP ports that are media on every port's addresses. UDP to other ports is dropped."},
        media.port_range);
}

template <Is<Guard> S, class Visitor>
void fields(S& guard, Visitor&& visit) {
  visit(Field{.key = "enabled",
              .help = "Whether packets of no transport are looked at and metered before they are dropped."},
        guard.enabled);
  visit(
      Field{.key = "signatures",
            .help = "Files of signatures, one set in this order: the first that matches counts. `builtin` is "
                    "the set of the program; other names are relative to the configuration's folder. Read "
                    "again at SIGHUP.",
            .text = {.shortest = 1, .longest = 1024, .any = true},
            .max_items = 64},
      guard.signatures);
  visit(Field{.key = "source_rate_per_s",
              .help = "Packets of one source (an IPv4 address, an IPv6 /64) that no transport claims and no "
                      "signature knows. Those above it are counted as `source_flood`.",
              .unit = "packets/s",
              .min = 1,
              .max = 1000000},
        guard.source_rate_per_s);
  visit(Field{.key = "source_burst", .help = "So many at once.", .unit = "packets", .min = 1, .max = 1000000},
        guard.source_burst);
  visit(Field{.key = "punt_rate_per_s",
              .help = "Packets of one source for the kernel (ICMP, TCP). Those above it are dropped as "
                      "`punt_flood`, so that one source cannot take the exception interface from the others.",
              .unit = "packets/s",
              .min = 1,
              .max = 1000000},
        guard.punt_rate_per_s);
  visit(Field{.key = "punt_burst", .help = "So many at once.", .unit = "packets", .min = 1, .max = 1000000},
        guard.punt_burst);
  visit(Field{.key = "samples_per_s",
              .help = "Dropped packets that the journal shows, at most; 0 for none.",
              .unit = "packets/s",
              .max = 1000},
        guard.samples_per_s);
}

template <Is<Srtp> S, class Visitor>
void fields(S& srtp, Visitor&& visit) {
  visit(
      Field{.key = "engine",
            .help =
                "What seals and opens SRTP. `ipsec_mb`: Intel IPsec-MB, whole bursts at once. `libsrtp`: the "
                "reference implementation, packet by packet and many times slower; to rule the other one out "
                "when media does not open."},
      srtp.engine);
}

template <Is<RtcpPorts> S, class Visitor>
void fields(S& rtcp, Visitor&& visit) {
  visit(Field{.key = "local_port",
              .help = "In `media.port_range`; not the RTP port.",
              .required = true,
              .min = 1},
        rtcp.local_port);
  visit(Field{.key = "remote_port", .help = "Where the remote takes RTCP.", .required = true, .min = 1},
        rtcp.remote_port);
}

template <Is<WrittenCrypto> S, class Visitor>
void fields(S& crypto, Visitor&& visit) {
  visit(Field{.key = "suite",
              .help = "SRTP crypto suite by its SDES name; `none` for plain RTP.",
              .required = true},
        crypto.suite);
  visit(Field{.key = "key",
              .help = "Master key and salt as in SDES (RFC 4568): `inline:` and the base64 of key and salt, "
                      "one behind "
                      "the other. A lifetime behind `|` is accepted and not used; a master key identifier is "
                      "refused."},
        crypto.key);
  visit(
      Field{
          .key = "key_file",
          .help =
              "File that holds the `key` as its only line, relative to the configuration's folder. Only its "
              "owner (root, or who runs the appliance) may have access. Instead of `key`."},
      crypto.key_file);
}

template <Is<Transport> S, class Visitor>
void fields(S& transport, Visitor&& visit) {
  visit(Field{.key = "name", .help = "Unique.", .required = true, .text = kName}, transport.name);
  visit(Field{.key = "port", .help = "One of `ports`.", .required = true, .text = kName}, transport.port);
  visit(Field{.key = "local",
              .help = "An address of that port and a UDP port in `media.port_range`.",
              .required = true},
        transport.local);
  visit(Field{.key = "remote", .help = "Where the remote sends from and receives.", .required = true},
        transport.remote);
  visit(Field{.key = "rtcp",
              .help = "Ports of RTCP. Absent: RTP and RTCP share one port (RFC 5761).",
              .default_note = "shared with RTP"},
        transport.rtcp);
  visit(Field{.key = "receive",
              .help = "Keys of what the remote sends, a subscriber's RTCP reports included. Absent: nothing "
                      "is accepted.",
              .default_note = "nothing is accepted"},
        transport.receive);
  visit(Field{.key = "send",
              .help = "Keys of what the remote is sent. Absent: nothing is sent.",
              .default_note = "nothing is sent"},
        transport.send);
}

template <Is<Layer> S, class Visitor>
void fields(S& layer, Visitor&& visit) {
  visit(Field{.key = "name",
              .help = "Unique in its track, e.g. `main`, `low`, `rtx`.",
              .required = true,
              .text = kName},
        layer.name);
  visit(Field{.key = "ssrc", .help = "As published. Unique on its transport.", .required = true, .min = 1},
        layer.ssrc);
}

template <Is<Track> S, class Visitor>
void fields(S& track, Visitor&& visit) {
  visit(Field{.key = "id", .help = "Unique in the whole fleet.", .required = true, .text = kTrackId},
        track.id);
  visit(Field{.key = "transport",
              .help = "Its publisher: one of `transports`, with `receive`.",
              .required = true,
              .text = kName},
        track.transport);
  visit(Field{.key = "layers",
              .help = "The streams of the track.",
              .required = true,
              .min_items = 1,
              .max_items = kMaxLayersPerTrack},
        track.layers);
  visit(Field{.key = "priority",
              .help = "What an overloaded worker serves first: give audio `high`. Also the legs' default."},
        track.priority);
}

template <Is<Leg> S, class Visitor>
void fields(S& leg, Visitor&& visit) {
  visit(Field{.key = "name",
              .help = "Unique.",
              .text = kLegName,
              .default_note = "`TRACK->TRANSPORT`, with `/LAYER` if the track has several layers"},
        leg.name);
  visit(Field{.key = "track",
              .help = "One of `tracks`; where there is a `fleet`, also a track that another node publishes.",
              .required = true,
              .text = kTrackId},
        leg.track);
  visit(Field{.key = "layer",
              .help = "One of the track's layers.",
              .text = kName,
              .default_note = "the track's only layer"},
        leg.layer);
  visit(
      Field{.key = "transport", .help = "One of `transports`, with `send`.", .required = true, .text = kName},
      leg.transport);
  visit(Field{.key = "ssrc", .help = "As sent. Unique on its transport.", .required = true, .min = 1},
        leg.ssrc);
  visit(
      Field{.key = "payload_types",
            .help = "RTP payload types: the publisher's and what the leg makes of it. Others pass unchanged.",
            .max_items = 96},
      leg.payload_types);
  visit(Field{.key = "sequence_offset", .help = "Added to every sequence number, modulo 2^16."},
        leg.sequence_offset);
  visit(Field{.key = "timestamp_offset", .help = "Added to every timestamp, modulo 2^32."},
        leg.timestamp_offset);
  visit(Field{.key = "priority",
              .help = "What goes first where the port is the limit.",
              .default_note = "the track's"},
        leg.priority);
}

template <Is<Config> S, class Visitor>
void fields(S& config, Visitor&& visit) {
  visit(Field{.key = "sites",
              .help = "The data centres of the fleet: units of isolation.",
              .required = true,
              .min_items = 1,
              .max_items = 4096},
        config.sites);
  visit(Field{.key = "node", .help = "This appliance.", .required = true}, config.node);
  visit(Field{.key = "fleet", .help = "The appliances between which tracks are relayed."}, config.fleet);
  visit(Field{.key = "workers", .help = "Which CPU does what."}, config.workers);
  visit(Field{.key = "memory", .help = "Memory, fixed at start."}, config.memory);
  visit(Field{.key = "limits", .help = "Capacities of the tables, fixed at start: nothing grows afterwards."},
        config.limits);
  visit(Field{.key = "eal", .help = "DPDK's environment layer."}, config.eal);
  visit(Field{.key = "ports",
              .help = "The NIC ports that the appliance takes.",
              .required = true,
              .min_items = 1,
              .max_items = 32},
        config.ports);
  visit(Field{.key = "media", .help = "What counts as media."}, config.media);
  visit(Field{.key = "guard",
              .help = "What is done with packets of no transport. Its rates are for each worker."},
        config.guard);
  visit(Field{.key = "srtp", .help = "How media is sealed and opened."}, config.srtp);
  visit(Field{.key = "api", .help = "Where the node is managed and watched (docs/openapi.yaml)."},
        config.api);
  visit(Field{.key = "heartbeat", .help = "Beats between nodes, and what their absence means."},
        config.heartbeat);
  visit(Field{.key = "isolation", .help = "From silence to a drain."}, config.isolation);
  visit(Field{.key = "relay", .help = "Media between nodes."}, config.relay);
  visit(Field{.key = "directory", .help = "Which node has which track."}, config.directory);
  visit(Field{.key = "transports",
              .help = "Remotes: each a publisher, a subscriber or both, with the keys of each direction.",
              .max_items = 1048576},
        config.transports);
  visit(Field{.key = "tracks", .help = "Published media sources.", .max_items = 1048576}, config.tracks);
  visit(Field{.key = "legs", .help = "Who is sent what.", .max_items = 1048576}, config.legs);
}

}  // namespace causeway::config
