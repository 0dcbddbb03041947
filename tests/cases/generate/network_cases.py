"""3xx: what Ethernet, VLAN, IP and UDP may look like and still be taken, and what is the kernel's."""

import struct

import wire
from case import ALICE, ALICE_V6, BOB, BOB_SSRC, BOB_V6, Case, define
from srtp import CM_80, GCM_128, NONE
from topology import Layer, Transport
from wire import ExtensionHeader


def _plain(case: Case) -> tuple[Transport, Layer]:
    alice, camera, _ = case.alice_to_bob(NONE, NONE)
    return alice, camera


def _plain_v6(case: Case) -> tuple[Transport, Layer]:
    alice = case.transport("alice", ALICE_V6, NONE, NONE)
    camera = case.track(alice)
    case.leg(camera, case.transport("bob", BOB_V6, NONE, NONE), BOB_SSRC)
    return alice, camera


@define("300_ethernet_padding", "bytes behind the IP packet and behind the datagram are ignored")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    path = alice.inward()
    tails = ((1, b"", bytes(20)), (2, b"\xaa" * 9, b""), (3, b"\xaa" * 3, b"\x55" * 40))
    for sequence, packet_tail, frame_tail in tails:
        sealed = case.sealed(camera, case.packet(camera, sequence, 4))
        longer = path.link(path.ip_packet(wire.UDP, path.datagram(sealed) + packet_tail) + frame_tail)
        case.media(camera, sequence, 4, frame=longer)


@define("301_ipv4_header_fields", "TTL 1, any type of service, identification and no DF are fine")
def _(case: Case) -> None:
    alice, camera = _plain(case)
    changes = (
        {"ttl": 1},
        {"ttl": 255},
        {"tos": 0xB8},
        {"identification": 4711},
        {"flags": 0},
        {"flags": 0x8000},
    )
    for n, fields in enumerate(changes):
        case.media(camera, n, path=alice.inward(ip=fields))


@define("302_ipv4_options", "well-formed options without source route are skipped")
def _(case: Case) -> None:
    alice, camera = _plain(case)
    options = {
        "no operation": b"\1\1\1\1",
        "end of list": b"\0\0\0\0",
        "end of list with bytes behind it": b"\0\x83\xff\xff",
        "router alert": b"\x94\4\0\0",
        "record route": b"\7\7\4\0\0\0\0\0",
        "timestamp": b"\x44\x0c\5\0" + bytes(8),
        "ten words": b"\1" * 40,
        "unknown": b"\x9e\6\1\2\3\4\1\0",
    }
    for n, content in enumerate(options.values()):
        case.media(camera, n, path=alice.inward(ip={"options": content}))


@define("303_ipv6_header_fields", "hop limit 1, any traffic class and flow label are fine")
def _(case: Case) -> None:
    alice, camera = _plain_v6(case)
    for n, fields in enumerate(({"hop_limit": 1}, {"hop_limit": 255}, {"flow": 0x0B8ABCDE})):
        case.media(camera, n, path=alice.inward(ip=fields))


@define("304_ipv6_extension_headers", "hop-by-hop, destination options and finished routing headers, up to 8 of them")
def _(case: Case) -> None:
    alice, camera = _plain_v6(case)
    hop = ExtensionHeader(wire.IPV6_HOP_BY_HOP)
    destination = ExtensionHeader(wire.IPV6_DESTINATION_OPTIONS)
    finished_route = ExtensionHeader(wire.IPV6_ROUTING, b"\2\0" + bytes(20))
    skippable = ExtensionHeader(wire.IPV6_DESTINATION_OPTIONS, b"\x1e\2\xaa\xbb\0\0" + b"\1\6" + bytes(6))
    for n, headers in enumerate(
        (
            (hop,),
            (destination,),
            (finished_route,),
            (skippable,),
            (hop, destination, finished_route, destination),
            (hop,) + (destination,) * 7,
        )
    ):
        case.media(camera, n, path=alice.inward(extensions=headers))


@define("305_udp_checksum_absent", "IPv4 without UDP checksum is taken (RFC 768)")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    for n in range(3):
        case.media(camera, n, 100 + n, path=alice.inward(udp={"checksum": 0}))


@define("306_udp_checksum_tolerated", "udp_checksum: tolerate takes unfinished checksums; none over IPv6 stays wrong")
def _(case: Case) -> None:
    case.port(udp_checksum="tolerate")
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    carol = case.transport("carol", ALICE_V6, CM_80, None)
    screen = case.track(carol, 0x44444444, "screen")
    case.leg(screen, case.transport("dave", BOB_V6, None, CM_80), 0x55555555)
    for n, checksum in enumerate((0x1234, 0xFFFF, 0, None)):
        case.media(camera, n, path=alice.inward(udp={"checksum": checksum}))
    case.media(screen, 1, path=carol.inward(udp={"checksum": 0x1234}))
    case.media(screen, 2, path=carol.inward(udp={"checksum": 0}), drop="udp_checksum")
    case.media(camera, 10, path=alice.inward(ip={"checksum": 0x1234}), drop="ip_checksum")


@define("310_vlan_port", "a port with a VLAN takes and sends that VLAN only, whatever the priority")
def _(case: Case) -> None:
    case.port(vlan=100)
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 1)
    case.media(camera, 2, path=alice.inward(tags=(0xE000 | 100,)))
    case.media(camera, 3, path=alice.inward(tags=(0x1000 | 100,)))
    case.media(camera, 4, path=alice.inward(tags=()), drop="vlan_not_ours")
    case.media(camera, 4, path=alice.inward(tags=(0,)), drop="vlan_not_ours")
    case.media(camera, 4, path=alice.inward(tags=(101,)), drop="vlan_not_ours")
    case.media(camera, 4)


@define("311_priority_tag", "VLAN id 0 is a priority only: such a frame counts as untagged")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 1, path=alice.inward(tags=(0,)))
    case.media(camera, 2, path=alice.inward(tags=(0xA000,)))


@define("312_vlan_and_ipv6", "an IPv6 leg on a VLAN port")
def _(case: Case) -> None:
    case.port(vlan=4094)
    _, camera = _plain_v6(case)
    for n in range(3):
        case.media(camera, n, n)


def _arp(source: str, source_mac: str, target: str) -> bytes:
    hosts = wire.mac_bytes(source_mac) + wire.address_bytes(source) + bytes(6) + wire.address_bytes(target)
    request = struct.pack(">HHBBH", 1, wire.ETHERTYPE_IPV4, 6, 4, 1) + hosts
    return wire.ethernet(wire.BROADCAST_MAC, source_mac, wire.ETHERTYPE_ARP, request)


@define("320_no_exception_interface", "ARP, ICMP, ICMPv6 and TCP are the kernel's: without an interface to it they end")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    alice_v6 = case.transport("alice-v6", ALICE_V6, CM_80, None)
    path, path_v6 = alice.inward(), alice_v6.inward()
    frames = [
        _arp(ALICE[0], alice.remote_mac, "192.0.2.1"),
        _arp(ALICE[0], alice.remote_mac, "192.0.2.99"),
        path.link(path.ip_packet(wire.ICMP, b"\x08\0" + bytes(62))),
        path.link(path.ip_packet(wire.TCP, bytes(20))),
        path_v6.link(path_v6.ip_packet(wire.ICMPV6, b"\x80\0" + bytes(62))),
        path_v6.link(path_v6.ip_packet(wire.TCP, bytes(20))),
    ]
    neighbour_solicitation = wire.ipv6(ALICE_V6[0], "ff02::1:ff00:1", wire.ICMPV6, b"\x87\0" + bytes(30), hop_limit=255)
    detection = wire.ipv6("::", "ff02::1:ff00:1", wire.ICMPV6, b"\x87\0" + bytes(22), hop_limit=255)
    for packet in (neighbour_solicitation, detection):
        frames.append(wire.ethernet("33:33:ff:00:00:01", alice_v6.remote_mac, wire.ETHERTYPE_IPV6, packet))
    for frame in frames:
        case.frame(frame, drop="punt_no_interface")
    case.media(camera, 1)


@define("330_several_addresses", "each address of a port is the appliance's")
def _(case: Case) -> None:
    case.port(addresses=("192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64"))
    alice, camera = _plain(case)
    case.media(camera, 1)
    other = case.packet(camera, 2)
    case.frame(alice.inward(destination="198.51.100.1").frame(bytes(other)), drop="no_transport")
    case.frame(alice.inward(destination="198.51.100.2").frame(bytes(other)), drop="ip_not_ours")
    case.media(camera, 2)


@define("331_same_remote_other_ports", "a transport is known by all of its 5-tuple")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    sealed = case.sealed(camera, case.packet(camera, 2))
    case.media(camera, 1)
    case.frame(alice.inward(source_port=ALICE[1] + 1).frame(sealed), drop="no_transport")
    case.frame(alice.inward(destination_port=alice.local[1] + 1).frame(sealed), drop="no_transport")
    case.frame(alice.inward(source="192.0.2.11").frame(sealed), drop="no_transport")
    case.frame(alice.inward(source=BOB[0], source_port=BOB[1]).frame(sealed), drop="no_transport")
    case.media(camera, 2)
