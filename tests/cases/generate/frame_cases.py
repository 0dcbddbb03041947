"""5xx: frames that end in classify, each by its own drop. After each comes one good packet: nothing was upset."""

import struct
from dataclasses import replace
from functools import partial

import wire
from case import ALICE, ALICE_V6, BOB, BOB_SSRC, BOB_V6, CAMERA_SSRC, Case, define
from srtp import CM_80, GCM_128, NONE
from topology import Layer, Transport
from wire import ExtensionHeader

Drops = list[tuple[bytes, str]]


def _v4(case: Case) -> tuple[Transport, Layer]:
    alice, camera, _ = case.alice_to_bob(NONE, GCM_128)
    return alice, camera


def _v6(case: Case) -> tuple[Transport, Layer]:
    alice = case.transport("alice", ALICE_V6, NONE, NONE)
    camera = case.track(alice)
    case.leg(camera, case.transport("bob", BOB_V6, None, CM_80), BOB_SSRC)
    return alice, camera


def _end(case: Case, camera: Layer, drops: Drops) -> None:
    """The bad frames, each followed by a good one."""
    for n, (frame, drop) in enumerate(drops):
        case.frame(frame, drop=drop)
        case.media(camera, n, 20)


def _end_each(case: Case, camera: Layer, drop: str, paths: list[wire.Path]) -> None:
    _end(case, camera, [(path.frame(_bytes(case, camera)), drop) for path in paths])


def _bytes(case: Case, camera: Layer) -> bytes:
    return bytes(case.packet(camera, 60000, 20))


@define("500_truncated_v4_frame", "an IPv4 frame cut off after each of its bytes")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    whole = alice.inward().frame(_bytes(case, camera))
    for length in range(1, len(whole)):
        case.frame(whole[:length], drop="frame_truncated" if length < 14 + 20 else "ip_bad_length")
    case.media(camera, 1)


@define("501_truncated_v6_frame", "an IPv6 frame cut off after each of its bytes")
def _(case: Case) -> None:
    alice, camera = _v6(case)
    whole = alice.inward().frame(_bytes(case, camera))
    for length in range(1, len(whole)):
        case.frame(whole[:length], drop="frame_truncated" if length < 14 + 40 else "ip_bad_length")
    case.media(camera, 1)


@define("502_truncated_vlan_frame", "a tagged frame that ends inside its tag or its IP header")
def _(case: Case) -> None:
    case.port(vlan=5)
    alice, camera, _ = case.alice_to_bob(NONE, GCM_128)
    whole = alice.inward().frame(_bytes(case, camera))
    _end(case, camera, [(whole[:length], "frame_truncated") for length in (14, 15, 17, 18, 19, 37)])


@define("503_truncated_ip_payload", "an IP packet that ends inside its UDP header, or before its datagram does")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    path = alice.inward()
    datagram = path.datagram(_bytes(case, camera))
    drops = [(path.link(path.ip_packet(wire.UDP, datagram[:n])), "frame_truncated") for n in (0, 1, 7)]
    drops += [(path.link(path.ip_packet(wire.UDP, datagram[:n])), "udp_bad_length") for n in (8, 9, len(datagram) - 1)]
    _end(case, camera, drops)


@define("504_truncated_rtp", "datagrams that end inside the RTP header, its CSRC list or its extension")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    path = alice.inward()
    plain = _bytes(case, camera)
    with_csrcs = case.packet(camera, 60000, csrcs=(1, 2, 3)).header
    with_extension = case.packet(camera, 60000, extension=(0xBEDE, bytes(12))).header
    bad = [plain[:n] for n in range(1, 12)]
    bad += [with_csrcs[:n] for n in (12, 16, 23)]
    bad += [with_extension[:n] for n in (12, 13, 15, 16, 27)]
    _end(case, camera, [(path.frame(payload), "rtp_truncated") for payload in bad])


@define("505_truncated_rtcp", "datagrams that end inside the first RTCP header and SSRC")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    report = struct.pack(">BBHI", 0x80, 201, 1, CAMERA_SSRC)
    _end(case, camera, [(alice.inward().frame(report[:n]), "rtcp_truncated") for n in range(2, 8)])


@define("506_empty_datagram", "UDP without payload")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    _end(case, camera, [(alice.inward().frame(b""), "media_empty")])


@define("510_oversized", "IP packets longer than the port's MTU")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    carol = case.transport("carol", ALICE_V6, NONE, None)
    path, path_v6 = alice.inward(), carol.inward()
    drops = [(path.frame(bytes(case.packet(camera, 60000, size - 40))), "frame_oversized") for size in (1501, 1800)]
    drops += [(path_v6.frame(bytes(case.packet(camera, 60000, size - 60))), "frame_oversized") for size in (1501, 1800)]
    _end(case, camera, drops)


@define("511_longer_than_a_buffer", "jumbo frames do not fit a receive buffer of a port with MTU 1500")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    path = alice.inward()
    drops = [(path.frame(bytes(case.packet(camera, 60000, size - 40))), "rx_multi_segment") for size in (3000, 9000)]
    _end(case, camera, drops)


@define("512_small_mtu", "a port with MTU 576: 576 bytes are taken, 577 are not")
def _(case: Case) -> None:
    case.port(addresses=("192.0.2.1/24",), mtu=576)
    _, camera, _ = case.alice_to_bob(NONE, NONE)
    case.media(camera, 1, 576 - 40)
    case.media(camera, 2, 577 - 40, drop="frame_oversized")


@define("520_wrong_mac", "frames for other stations")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    others = ("02:70:63:61:70:01", "02:70:63:61:71:00", "00:00:00:00:00:00")
    _end_each(case, camera, "mac_not_ours", [alice.inward(destination_mac=mac) for mac in others])


@define("521_wrong_vlan", "tagged frames on an untagged port, and stacks of tags")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    packet = alice.inward().packet(_bytes(case, camera))
    stacks = ((1,), (4095,), (0, 0), (0, 1), (1, 0))
    drops = [(alice.inward(tags=tags).link(packet), "vlan_not_ours") for tags in stacks]
    for outer in (wire.ETHERTYPE_SERVICE_VLAN, 0x9100):
        stack = struct.pack(">HHH", 0, wire.ETHERTYPE_VLAN, 0) + struct.pack(">H", wire.ETHERTYPE_IPV4)
        frame = wire.ethernet(case.topology.ports[0].mac, alice.remote_mac, outer, stack + packet)
        drops.append((frame, "vlan_not_ours"))
    _end(case, camera, drops)


@define("522_stacked_on_vlan_port", "the port's own VLAN inside another one, and another inside the port's")
def _(case: Case) -> None:
    case.port(vlan=100)
    alice, camera, _ = case.alice_to_bob(NONE, GCM_128)
    packet = alice.inward().packet(_bytes(case, camera))
    stacks = ((100, 100), (7, 100), (100, 7), (0, 100), (100, 0))
    _end(case, camera, [(alice.inward(tags=tags).link(packet), "vlan_not_ours") for tags in stacks])


@define("523_unknown_ethertype", "LLDP, MPLS, an 802.3 length, PPPoE")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    mac = case.topology.ports[0].mac
    drops = [
        (wire.ethernet(mac, alice.remote_mac, ethertype, bytes(60)), "ethertype_unknown")
        for ethertype in (wire.ETHERTYPE_LLDP, 0x8847, 0x0026, 0x8864, 0xFFFF)
    ]
    _end(case, camera, drops)


def _each_v4(changes: list[dict], drop: str, case: Case) -> None:
    alice, camera = _v4(case)
    _end_each(case, camera, drop, [alice.inward(ip=ip) for ip in changes])


def _each_v6(changes: list[dict], drop: str, case: Case) -> None:
    alice, camera = _v6(case)
    _end_each(case, camera, drop, [alice.inward(ip=ip) for ip in changes])


def _define_each(name: str, about: str, v6: bool, changes: list[dict], drop: str) -> None:
    define(name, about)(partial(_each_v6 if v6 else _each_v4, changes, drop))


_define_each(
    "530_ipv4_version",
    "another version in an IPv4 frame",
    False,
    [{"version": n} for n in (0, 5, 6, 15)],
    "ip_wrong_version",
)
_define_each(
    "531_ipv6_version",
    "another version in an IPv6 frame",
    True,
    [{"version": n} for n in (0, 4, 15)],
    "ip_wrong_version",
)
_define_each(
    "532_ipv4_lengths",
    "header or total length that cannot be",
    False,
    [{"header_words": n} for n in (0, 4)] + [{"total_length": n} for n in (0, 19, 61, 65535)],
    "ip_bad_length",
)
_define_each(
    "533_ipv6_lengths",
    "payload length of 0 (a jumbogram) or beyond the frame",
    True,
    [{"payload_length": 0}, {"payload_length": 41}, {"payload_length": 65535}],
    "ip_bad_length",
)
_define_each(
    "534_ipv4_checksum",
    "wrong IPv4 header checksum",
    False,
    [{"checksum": sum_} for sum_ in (0, 0xFFFF, 0x1234)],
    "ip_checksum",
)
_define_each(
    "535_ipv4_fragments",
    "first, middle and last fragments, with and without DF",
    False,
    [{"flags": flags} for flags in (0x2000, 0x6000, 0x2001, 0x0001, 0x1FFF, 0x4005)],
    "ip_fragment",
)
_define_each("536_ttl", "TTL 0", False, [{"ttl": 0}], "ip_ttl_expired")
_define_each("537_hop_limit", "hop limit 0", True, [{"hop_limit": 0}], "ip_ttl_expired")
_define_each(
    "538_ipv4_options",
    "options without, with a too small or with a too large length",
    False,
    [{"options": content} for content in (b"\7\0\0\0", b"\7\1\0\0", b"\7\5\4\0", b"\1\1\1\7", b"\x94\xff\0\0")],
    "ip_bad_options",
)
_define_each(
    "539_ipv4_source_route",
    "loose and strict source routes, used up or not",
    False,
    [
        {"options": content}
        for content in (
            b"\x83\7\4\xc0\0\2\1\0",
            b"\x89\7\4\xc0\0\2\1\0",
            b"\1\x83\7\x08\xc0\0\2\1",
            b"\x94\4\0\0\x89\3\4\0",
        )
    ],
    "ip_source_route",
)


@define("540_ipv6_fragments", "any fragment header, also of an atomic fragment, also behind other headers")
def _(case: Case) -> None:
    alice, camera = _v6(case)
    first = ExtensionHeader(wire.IPV6_FRAGMENT, struct.pack(">HI", 0x0001, 7), length=0)
    last = ExtensionHeader(wire.IPV6_FRAGMENT, struct.pack(">HI", 0x0010, 7), length=0)
    atomic = ExtensionHeader(wire.IPV6_FRAGMENT, struct.pack(">HI", 0, 7), length=0)
    hop = ExtensionHeader(wire.IPV6_HOP_BY_HOP)
    chains = ((first,), (last,), (atomic,), (hop, first), (hop, atomic))
    _end_each(case, camera, "ip_fragment", [alice.inward(extensions=chain) for chain in chains])


@define("541_ipv6_extension_headers", "too many, out of place, beyond the packet, or with options that forbid to go on")
def _(case: Case) -> None:
    alice, camera = _v6(case)
    hop = ExtensionHeader(wire.IPV6_HOP_BY_HOP)
    destination = ExtensionHeader(wire.IPV6_DESTINATION_OPTIONS)

    def option(content: bytes) -> ExtensionHeader:
        return ExtensionHeader(wire.IPV6_DESTINATION_OPTIONS, content)

    chains = (
        (destination,) * 9,
        (hop,) + (destination,) * 8,
        (destination, hop),
        (hop, hop),
        (ExtensionHeader(wire.IPV6_DESTINATION_OPTIONS, length=255),),
        (option(b"\x01\x05\0\0\0\0"),),
        (option(b"\0\0\0\0\0\x01"),),
        (option(b"\x5e\x04\0\0\0\0"),),
        (option(b"\x9e\x04\0\0\0\0"),),
        (option(b"\xc2\x04\0\0\0\0"),),
    )
    drops = [(alice.inward(extensions=chain).frame(_bytes(case, camera)), "ip_bad_options") for chain in chains]
    path = alice.inward()
    for cut_off in (b"\x11", b"\x11\0\1\4\0\0\0"):
        drops.append((path.link(path.ip_packet(wire.IPV6_DESTINATION_OPTIONS, cut_off)), "ip_bad_options"))
    _end(case, camera, drops)


@define("542_ipv6_routing_header", "routing headers with segments left")
def _(case: Case) -> None:
    alice, camera = _v6(case)
    routes = ((0, 1), (2, 1), (4, 255))  # type, segments left
    chains = [(ExtensionHeader(wire.IPV6_ROUTING, bytes(route) + bytes(20)),) for route in routes]
    _end_each(case, camera, "ip_source_route", [alice.inward(extensions=chain) for chain in chains])


@define("543_ipv4_spoofed_source", "sources that nobody can send from")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    sources = (
        "192.0.2.1",
        "192.0.2.255",
        "224.0.0.1",
        "239.255.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "255.255.255.255",
        "0.0.0.0",
        "0.1.2.3",
    )
    _end_each(case, camera, "ip_spoofed_source", [alice.inward(source=x) for x in sources])


@define("544_ipv6_spoofed_source", "sources that nobody can send from, IPv4-mapped ones among them")
def _(case: Case) -> None:
    alice, camera = _v6(case)
    sources = ("2001:db8::1", "ff02::1", "::1", "::", "::ffff:192.0.2.10")
    _end_each(case, camera, "ip_spoofed_source", [alice.inward(source=x) for x in sources])


@define("545_ipv4_not_ours", "IPv4 to other hosts, to broadcast and to multicast")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    drops = []
    for destination in ("192.0.2.2", "192.0.2.255", "255.255.255.255", "224.0.0.1", "10.0.0.1", "127.0.0.1"):
        frame = alice.inward(destination=destination).frame(_bytes(case, camera))
        drops.append((frame, "ip_not_ours"))
    _end(case, camera, drops)


@define("546_ipv6_not_ours", "IPv6 media to other hosts, to multicast and to link-local addresses")
def _(case: Case) -> None:
    alice, camera = _v6(case)
    destinations = ("2001:db8::2", "ff02::1", "fe80::1", "::1", "::ffff:192.0.2.1")
    _end_each(case, camera, "ip_not_ours", [alice.inward(destination=x) for x in destinations])


@define("547_other_protocols", "GRE, ESP, SCTP, UDP-Lite, IPv6 without next header, and 255")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    carol = case.transport("carol", ALICE_V6, NONE, None)
    path, path_v6 = alice.inward(), carol.inward()
    frames = [path.link(path.ip_packet(x, bytes(40))) for x in (0, 2, 47, 50, 132, 136, 255)]
    frames += [path_v6.link(path_v6.ip_packet(x, bytes(40))) for x in (1, 47, 51, 59, 255)]
    _end(case, camera, [(frame, "ip_protocol_unknown") for frame in frames])


@define("550_udp_lengths", "UDP length below 8 or beyond the IP packet")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    lengths = (0, 7, 41, 1500, 65535)
    _end_each(case, camera, "udp_bad_length", [alice.inward(udp={"length": x}) for x in lengths])


@define("551_udp_checksum", "wrong UDP checksums, and none over IPv6")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    carol = case.transport("carol", ALICE_V6, NONE, None)
    flipped = bytearray(alice.inward().frame(_bytes(case, camera)))
    flipped[-1] ^= 0x10
    drops = [(alice.inward(udp={"checksum": x}).frame(_bytes(case, camera)), "udp_checksum") for x in (1, 0xFFFF)]
    drops += [(carol.inward(udp={"checksum": x}).frame(_bytes(case, camera)), "udp_checksum") for x in (0, 0xFFFF)]
    drops.append((bytes(flipped), "udp_checksum"))
    # The right sum for another source: the pseudo header counts.
    moved = replace(alice.inward(), source="192.0.2.11")
    drops.append((moved.link(moved.ip_packet(wire.UDP, alice.inward().datagram(_bytes(case, camera)))), "udp_checksum"))
    _end(case, camera, drops)


@define("552_not_a_media_port", "UDP below and above media.port_range")
def _(case: Case) -> None:
    alice, camera = _v4(case)
    ports = (53, 19999, 30000, 65535)
    _end_each(case, camera, "udp_not_media_port", [alice.inward(destination_port=x) for x in ports])


def _first_bytes(values: tuple[int, ...], drop: str, case: Case) -> None:
    alice, camera = _v4(case)
    rest = bytes(27)
    _end(case, camera, [(alice.inward().frame(bytes([value]) + rest), drop) for value in values])


# RFC 7983, 7: what else may come to a port of RTP, by its first byte.
for _name, _about, _values, _drop in (
    ("560_stun", "first bytes of STUN", (0, 1, 3), "stun_unsupported"),
    ("561_unknown_first_byte", "first bytes of no protocol", (4, 9, 15), "first_byte_unknown"),
    ("562_zrtp", "first bytes of ZRTP", (16, 17, 19), "zrtp_unsupported"),
    ("563_dtls", "first bytes of DTLS", (20, 22, 25, 63), "dtls_unsupported"),
    ("564_turn_channel", "first bytes of TURN channels", (64, 70, 79), "turn_channel_unsupported"),
    ("565_wrong_rtp_version", "RTP versions 1 and 3", (80, 127, 192, 255), "rtp_wrong_version"),
):
    define(_name, _about)(partial(_first_bytes, _values, _drop))


@define("570_from_bob", "bad frames on behalf of a subscriber end alike")
def _(case: Case) -> None:
    _, camera, leg = case.alice_to_bob(CM_80, GCM_128)
    bob = leg.transport
    drops = [
        (bob.inward().frame(b"\x80"), "rtp_truncated"),
        (bob.inward(source=BOB[0], source_port=ALICE[1]).frame(_bytes(case, camera)), "no_transport"),
        (bob.inward(ip={"ttl": 0}).frame(_bytes(case, camera)), "ip_ttl_expired"),
    ]
    _end(case, camera, drops)
