// Where a received packet can end: one list for the enum, the counters, the metrics and the documentation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace causeway {

// How an operator should look at a counter that rises.
enum class Severity : std::uint8_t {
  info,     // part of normal operation
  notice,   // strangers or misconfigured clients; nothing of ours is lost
  warning,  // media that somebody wanted is lost
};

// X(name, stage, severity, help). Stages in the order in which a packet meets them.
#define CAUSEWAY_DROPS(X)                                                                                   \
  X(rx_multi_segment, rx, warning,                                                                          \
    "longer than one receive buffer: the port's MTU is below what the wire carries")                        \
  X(frame_truncated, classify, notice, "ends inside its Ethernet, VLAN, IP or UDP header")                  \
  X(frame_oversized, classify, notice, "its IP packet is longer than the port's MTU")                       \
  X(mac_not_ours, classify, info, "Ethernet destination is another station's")                              \
  X(vlan_not_ours, classify, info, "carries another VLAN than the port's, or none, or a stack of tags")     \
  X(ethertype_unknown, classify, info, "neither IPv4, IPv6 nor ARP")                                        \
  X(ip_wrong_version, classify, notice, "the IP version contradicts the EtherType")                         \
  X(ip_bad_length, classify, notice, "an IP length that contradicts the frame or its own header")           \
  X(ip_checksum, classify, warning, "wrong IPv4 header checksum")                                           \
  X(ip_fragment, classify, notice, "a fragment (RFC 791, RFC 8200 4.5): media must fit the MTU")            \
  X(ip_ttl_expired, classify, notice, "TTL or hop limit 0")                                                 \
  X(ip_bad_options, classify, notice,                                                                       \
    "malformed IPv4 options or IPv6 extension headers, or more than 8 of them")                             \
  X(ip_source_route, classify, notice,                                                                      \
    "IPv4 source route (RFC 7126) or IPv6 routing header with segments left")                               \
  X(ip_spoofed_source, classify, notice,                                                                    \
    "source address that nobody can send from: ours, multicast, broadcast, loopback, unspecified")          \
  X(ip_not_ours, classify, info, "IP destination is not an address of this port")                           \
  X(ip_protocol_unknown, classify, info, "neither UDP, TCP nor ICMP")                                       \
  X(udp_bad_length, classify, notice, "UDP length below 8 or beyond its IP packet")                         \
  X(udp_checksum, classify, warning, "wrong UDP checksum, or none over IPv6")                               \
  X(udp_not_media_port, classify, info, "UDP to a port outside media.port_range")                           \
  X(media_empty, classify, notice, "UDP datagram without payload")                                          \
  X(first_byte_unknown, classify, notice, "first byte belongs to no protocol (RFC 7983)")                   \
  X(stun_unsupported, classify, info, "STUN: transports are static, there is nothing to negotiate")         \
  X(zrtp_unsupported, classify, notice, "ZRTP is not supported")                                            \
  X(dtls_unsupported, classify, notice, "DTLS: keys come from the configuration")                           \
  X(turn_channel_unsupported, classify, notice, "TURN channel data: this is no TURN server")                \
  X(rtp_wrong_version, classify, notice, "RTP or RTCP version is not 2")                                    \
  X(rtp_truncated, classify, notice, "shorter than its RTP header, CSRC list or extension says")            \
  X(rtcp_truncated, classify, notice, "shorter than an RTCP header")                                        \
  X(no_transport, lookup, notice, "no transport has these addresses and ports")                             \
  X(guard_dns_reflection, guard, notice, "a DNS or mDNS answer that nobody here asked for")                 \
  X(guard_ntp_reflection, guard, notice,                                                                    \
    "an NTP answer (monlist, control, time) that nobody here asked for")                                    \
  X(guard_ssdp_reflection, guard, notice, "an SSDP answer or announcement (UPnP)")                          \
  X(guard_memcached_reflection, guard, notice, "an answer of memcached")                                    \
  X(guard_cldap_reflection, guard, notice, "an answer of CLDAP (a directory server)")                       \
  X(guard_chargen_reflection, guard, notice, "an answer of chargen (RFC 864)")                              \
  X(guard_snmp_reflection, guard, notice, "an SNMP answer that nobody here asked for")                      \
  X(guard_mssql_reflection, guard, notice, "an answer of MS SQL Server's resolution service")               \
  X(guard_coap_reflection, guard, notice, "a CoAP answer (RFC 7252) that nobody here asked for")            \
  X(guard_wsd_reflection, guard, notice, "a WS-Discovery answer or announcement")                           \
  X(guard_other_reflection, guard, notice,                                                                  \
    "an answer of another service that is used to flood third parties (RPC, NetBIOS, game servers, ...)")   \
  X(guard_sip_scan, guard, notice, "SIP: a scanner for telephone systems, or a lost telephone")             \
  X(guard_stun_abuse, guard, notice, "STUN of a remote that is no transport's")                             \
  X(guard_turn_abuse, guard, notice, "TURN of a remote that is no transport's: a search for open relays")   \
  X(guard_custom, guard, notice, "a signature of class custom: the operator's own")                         \
  X(source_flood, guard, notice,                                                                            \
    "of no transport and known to no signature, from a source above guard.source_rate_per_s")               \
  X(punt_flood, guard, notice, "for the kernel, from a source above guard.punt_rate_per_s")                 \
  X(handoff_full, handoff, warning,                                                                         \
    "the queue to the worker that owns its transport was full: that worker is overloaded")                  \
  X(removed_meanwhile, handoff, info, "its transport or track was removed while it waited in a queue")      \
  X(not_a_sender, open, notice, "the transport has no receive keys: nothing is expected from this remote")  \
  X(unknown_ssrc, open, notice, "RTP from a known transport with an SSRC that no track claims")             \
  X(relay_without_shim, open, notice, "RTP from a peer node that does not say which label it has")          \
  X(srtp_too_short, open, notice, "shorter than the suite's authentication tag")                            \
  X(srtp_replayed, open, notice, "its index was already seen (RFC 3711, 3.3.2)")                            \
  X(srtp_too_old, open, notice, "its index lies behind the replay window")                                  \
  X(srtp_auth_failed, open, warning,                                                                        \
    "wrong authentication tag: another key, suite, rollover counter, or a forgery")                         \
  X(srtcp_unencrypted, open, notice, "SRTCP without encryption where the suite demands it")                 \
  X(srtcp_too_many_sources, open, notice,                                                                   \
    "more authenticated RTCP sources on one transport than are tracked")                                    \
  X(rtp_bad_padding, route, notice, "padding longer than the payload (RFC 3550, 5.1)")                      \
  X(rtcp_malformed, route, notice, "not a valid compound packet (RFC 3550, A.2; RFC 5506)")                 \
  X(rtcp_no_target, route, info, "RTCP that concerns no track and no leg")                                  \
  X(relay_own_node, route, warning, "came back to the node where its track is published: a loop")           \
  X(relay_hop_limit, route, warning, "passed more nodes than relay.hop_limit")                              \
  X(relay_not_upstream, route, info,                                                                        \
    "from a peer that is not the track's upstream, not yet or no longer: its first packets prove the way")  \
  X(relay_old_label, route, notice, "from the track's upstream, with a label that is not better than ours") \
  X(relay_repeated, route, info,                                                                            \
    "forwarded already: by the upstream before this one, or doubled on its way")                            \
  X(track_without_legs, fanout, info, "media of a track that nobody takes")                                 \
  X(overload, fanout, warning,                                                                              \
    "its worker has more to send than it can: the queue was full, or it waited for longer than "            \
    "workers.max_queue_delay_ms")                                                                           \
  X(punt_full, punt, warning, "for the kernel, but the queue to the exception interface was full")          \
  X(punt_no_interface, punt, info, "for the kernel, but the port has no exception interface")               \
  X(node_queue_full, punt, warning, "a peer node's message, but the queue to the control thread was full")

enum class Drop : std::uint8_t {
  none,  // still on its way
#define X(name, stage, severity, help) name,
  CAUSEWAY_DROPS(X)
#undef X
      count_
};

inline constexpr std::size_t kDrops = static_cast<std::size_t>(Drop::count_);

struct DropInfo {
  std::string_view name;
  std::string_view stage;
  Severity severity;
  std::string_view help;
};

// X(name, severity, help): where one output copy can end instead of being sent.
#define CAUSEWAY_EGRESS_DROPS(X)                                                                             \
  X(no_buffer, warning, "no packet buffer left: memory.packet_buffers is too small")                         \
  X(next_hop_unresolved, warning, "the kernel knows no neighbour yet for the leg's next hop")                \
  X(before_first, info, "older than the leg's first packet, and below its first sequence number")            \
  X(mtu_exceeded, warning, "sealed packet longer than the egress port's MTU")                                \
  X(relay_without_label, warning,                                                                            \
    "a leg to a peer node of a track that has no label: a defect, please report it")                         \
  X(key_exhausted, warning, "every index of the leg's key is used up (RFC 3711, 9.2): it needs another key") \
  X(legs_handoff_full, warning, "the queue to the worker that serves the leg, or its port, was full")        \
  X(legs_overload, warning,                                                                                  \
    "as overload, of RTCP, or at a worker that serves some of the legs of another one's track")              \
  X(feedback_overload, warning, "RTCP to publishers: more in one turn of the worker than it may make")       \
  X(seal_failed, warning, "the cipher library refused the packet: a defect, please report it")               \
  X(tx_full, warning, "the egress queue was full: more offered than the port can send")

enum class EgressDrop : std::uint8_t {
  none,
#define X(name, severity, help) name,
  CAUSEWAY_EGRESS_DROPS(X)
#undef X
      count_
};

inline constexpr std::size_t kEgressDrops = static_cast<std::size_t>(EgressDrop::count_);

// Indexed by the enums; entry 0 (none) is named "none".
const DropInfo& info(Drop drop);
const DropInfo& info(EgressDrop drop);  // its stage is "emit"

}  // namespace causeway
