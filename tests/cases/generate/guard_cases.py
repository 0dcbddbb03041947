"""8xx: the ingress guard. What strangers send gets the name of what it is, and who floods the name of that."""

from collections.abc import Iterable
from functools import partial

import wire
from case import ALICE, BOB, BOB_SSRC, Case, define
from rtp import noise
from srtp import CM_80, GCM_128, NONE
from topology import Layer, Transport

_STRANGER = "198.51.100.9"
_STRANGER_V6 = "2001:db8:bad::9"
_OTHER_PORT = 9  # no media port
_COOKIE = bytes.fromhex("2112a442") + bytes(range(12))


def _cast(case: Case) -> tuple[Transport, Transport, Layer]:
    """Alice publishes, Bob takes it; there is a transport over IPv6, too."""
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    return alice, case.transport("alice-v6", ("2001:db8::a", ALICE[1]), NONE, NONE), camera


def _dns(kind: int, answers: int = 1) -> bytes:
    question = b"\7example\3org\0" + kind.to_bytes(2) + b"\0\1"
    return bytes.fromhex("4d2181800001") + answers.to_bytes(2) + bytes(4) + question + noise((kind,), 400)


def _sip(request: str, agent: str) -> bytes:
    return (
        f"{request} SIP/2.0\r\nVia: SIP/2.0/UDP {_STRANGER}:5060;branch=z9hG4bK-1;rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:100@1.1.1.1>;tag=1\r\nTo: <sip:100@1.1.1.1>\r\nUser-Agent: {agent}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _chargen() -> bytes:
    return b"".join(bytes(0x20 + (line + i) % 95 for i in range(72)) + b"\r\n" for line in range(4))


_SSDP = b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\n\r\n"
_WSD = b'<?xml version="1.0"?><e:Envelope xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"/>'

# class: source port and payload
_CLASSES: dict[str, list[tuple[int, bytes]]] = {
    "dns_reflection": [
        (53, _dns(255, 13)),
        (53, _dns(16)),
        (53, _dns(1)),
        (5353, bytes.fromhex("000084000000000100000000055f68747470045f746370056c6f63616c00000c0001")),
    ],
    "ntp_reflection": [
        (123, bytes.fromhex("d700032a00060048") + bytes(432)),
        (123, bytes.fromhex("97000300000100 20") + bytes(32)),
        (123, bytes.fromhex("168200010618000000000020") + b'version="ntpd 4.2.6p5", system="x"'),
        (123, bytes.fromhex("240206e90000081c00000c40") + noise((123,), 36)),
    ],
    "ssdp_reflection": [
        (1900, _SSDP),
        (49152, _SSDP),
        (1900, b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\n\r\n"),
    ],
    "memcached_reflection": [
        (11211, bytes.fromhex("0001000000020000") + b"VALUE a 0 1024\r\n" + b"a" * 1024),
        (11211, bytes.fromhex("0001000100020000") + b"a" * 1024),
    ],
    "cldap_reflection": [(389, bytes.fromhex("308400000b640201076484 00000b5b040030") + noise((389,), 300))],
    "chargen_reflection": [(19, _chargen()), (40000, _chargen())],
    "snmp_reflection": [
        (161, bytes.fromhex("3082053902010104067075626c6963a282052a020101") + noise((161,), 1200)),
        (161, bytes.fromhex("306c020103300f02024a69020300ffe3040100020103")),
    ],
    "mssql_reflection": [(1434, b"\5\x3b\0ServerName;DB1;InstanceName;MSSQLSERVER;IsClustered;No;;")],
    "coap_reflection": [(5683, bytes.fromhex("604504d2c128ff") + b"</.well-known/core>;ct=40")],
    "wsd_reflection": [(3702, _WSD), (50001, _WSD)],
    "other_reflection": [
        (111, bytes.fromhex("65720a010000000100000000") + bytes(24)),
        (27960, b"\xff\xff\xff\xffstatusResponse\n\\sv_hostname\\x"),
        (520, bytes.fromhex("0201000000020000") + bytes(16)),
    ],
    "sip_scan": [
        (5070, _sip("OPTIONS sip:100@192.0.2.1", "friendly-scanner")),
        (5060, _sip("REGISTER sip:192.0.2.1", "PBX")),
        (5060, _sip("INVITE sip:00441234567@192.0.2.1", "sipcli/v1.8")),
        (5060, b"SIP/2.0 401 Unauthorized\r\n\r\n"),
    ],
    "stun_abuse": [
        (50000, bytes.fromhex("00010000") + _COOKIE),
        (3478, bytes.fromhex("0101000c") + _COOKIE + bytes.fromhex("002000080001a147e112a643")),
        (50000, bytes.fromhex("00010000") + bytes(range(16))),
    ],
    "turn_abuse": [
        (50000, bytes.fromhex("00030008") + _COOKIE + bytes.fromhex("0019000411000000")),
        (50000, bytes.fromhex("00160000") + _COOKIE),
        (50000, bytes.fromhex("4000001400010000") + _COOKIE),
    ],
}


def _tell_class(name: str, datagrams: Iterable[tuple[int, bytes]], case: Case) -> None:
    alice, alice_v6, camera = _cast(case)
    case.media(camera, 1)
    for source_port, payload in datagrams:
        four = {"source": _STRANGER, "source_port": source_port}
        six = {"source": _STRANGER_V6, "source_port": source_port}
        for path in (
            alice.inward(**four),
            alice.inward(**four, destination_port=_OTHER_PORT),
            alice_v6.inward(**six),
            alice_v6.inward(**six, destination_port=_OTHER_PORT),
        ):
            case.frame(path.frame(payload), drop=f"guard_{name}")
    case.media(camera, 2)


for _number, (_name, _datagrams) in enumerate(_CLASSES.items(), 800):
    define(f"{_number}_{_name}", f"strangers' datagrams of class {_name}, to media ports and others")(
        partial(_tell_class, _name, _datagrams)
    )


@define("820_known_remotes_are_not_scanned", "what a transport's remote sends keeps its reason, whatever it looks like")
def _(case: Case) -> None:
    alice, _, camera = _cast(case)
    case.guard(source_rate_per_s=1, source_burst=1)
    stun = bytes.fromhex("00010000") + _COOKIE
    for _n in range(5):
        case.frame(alice.inward().frame(stun), drop="stun_unsupported")
        case.frame(alice.inward().frame(_sip("OPTIONS sip:nm", "friendly-scanner")), drop="turn_channel_unsupported")
        case.frame(alice.inward().frame(_sip("REGISTER sip:nm", "x")), drop="rtp_wrong_version")
        case.frame(alice.inward().frame(b"\x16\xfe\xfd" + bytes(60)), drop="dtls_unsupported")
        case.frame(alice.inward().frame(bytes(case.packet(camera, 1, ssrc=5))), drop="unknown_ssrc")
    case.frame(alice.inward(source=_STRANGER).frame(stun), drop="guard_stun_abuse")
    case.media(camera, 1)


@define("826_known_remotes_of_each_port", "a remote is known on its transport's port, by the ports of its RTCP, too")
def _(case: Case) -> None:
    case.port("inside", ("192.0.2.1/24",))
    outside = case.port("outside", ("198.51.100.1/24",))
    alice = case.transport("alice", ("198.51.100.10", 5000), NONE, NONE, port=outside, rtcp=(20100, 5001))
    camera = case.track(alice)
    case.leg(camera, case.transport("bob", BOB, NONE, NONE, port=case.topology.ports[0]), BOB_SSRC)
    case.guard(source_rate_per_s=1, source_burst=1)
    stun = bytes.fromhex("00010000") + _COOKIE
    for _n in range(3):
        case.frame(alice.inward().frame(stun), drop="stun_unsupported", port=outside)
        case.frame(alice.inward(rtcp=True).frame(stun), drop="stun_unsupported", port=outside)
    # From the other port of the remote to the right one of ours it is a stranger's.
    case.frame(alice.inward(source_port=5001).frame(stun), drop="guard_stun_abuse", port=outside)
    case.media(camera, 1)


@define("821_media_of_strangers", "RTP, SRTP, RTCP, DTLS and QUIC of no transport match nothing")
def _(case: Case) -> None:
    alice, _, camera = _cast(case)
    for n in range(30):
        path = alice.inward(source=_STRANGER, source_port=30000 + n)
        case.frame(path.frame(bytes(case.packet(camera, n))), drop="no_transport")
        case.frame(path.frame(case.sealed(camera, case.packet(camera, n))), drop="no_transport")
        rtcp = b"\x80\xc8\0\6" + noise((n, 1), 24)
        case.frame(path.frame(rtcp), drop="no_transport")
        case.frame(path.frame(b"\x16\xfe\xfd" + bytes(8) + noise((n, 2), 200)), drop="dtls_unsupported")
    for n in range(64):
        path = alice.inward(source="198.51.100.8", source_port=30000 + n, destination_port=443)
        case.frame(path.frame(bytes([0x40 + n]) + noise((n, 3), 1200)), drop="udp_not_media_port")
        case.frame(
            path.frame(bytes([0xC0 + n]) + b"\0\0\0\1\x08" + noise((n, 4), 1194)), drop="udp_not_media_port"
        )
    case.media(camera, 1)


@define("822_own_signatures", "a site's own signatures in front of the built-in ones")
def _(case: Case) -> None:
    alice, _, camera = _cast(case)
    case.guard(signatures=["guard.yaml", "builtin"])
    case.signatures(
        {"name": "cookie", "class": "custom", "pattern": r"^\xca\xfe\xba\xbe"},
        {"name": "our-scanner", "class": "custom", "pattern": "^options sip:probe@", "flags": "i"},
        {"name": "game", "class": "custom", "pattern": "^ping", "destination_port": 7, "min_length": 8},
    )
    path = alice.inward(source=_STRANGER)
    case.frame(path.frame(b"\xca\xfe\xba\xbe and so on"), drop="guard_custom")
    case.frame(path.frame(b"and \xca\xfe\xba\xbe"), drop="rtp_wrong_version")
    case.frame(path.frame(_sip("OPTIONS sip:probe@192.0.2.1", "friendly-scanner")), drop="guard_custom")
    case.frame(path.frame(_sip("OPTIONS sip:100@192.0.2.1", "friendly-scanner")), drop="guard_sip_scan")
    to_game = alice.inward(source=_STRANGER, destination_port=7)
    case.frame(to_game.frame(b"pinging you"), drop="guard_custom")
    case.frame(to_game.frame(b"ping"), drop="udp_not_media_port")
    case.frame(path.frame(b"pinging you"), drop="rtp_wrong_version")
    case.media(camera, 1)


@define("823_source_flood", "who sends more than source_burst at once is counted as a flood; the others are not")
def _(case: Case) -> None:
    alice, alice_v6, camera = _cast(case)
    case.guard(source_rate_per_s=1, source_burst=5)
    case.media(camera, 1)
    packet = bytes(case.packet(camera, 1))
    for n in range(50):
        flood = alice.inward(source=_STRANGER, source_port=1024 + n)
        case.frame(flood.frame(packet), drop="no_transport" if n < 5 else "source_flood")
    for n in range(50):  # one network is one source
        flood = alice_v6.inward(source=f"2001:db8:bad::{n + 1:x}")
        case.frame(flood.frame(packet), drop="no_transport" if n < 5 else "source_flood")
    for n in range(50):
        other = alice.inward(source=f"203.0.113.{n + 1}")
        case.frame(other.frame(packet), drop="no_transport")
        other = alice_v6.inward(source=f"2001:db8:{n + 1:x}::1", destination_port=_OTHER_PORT)
        case.frame(other.frame(b"anything"), drop="udp_not_media_port")
    case.frame(alice.inward(source=_STRANGER).frame(b""), drop="source_flood")
    # What a signature knows keeps its name.
    case.frame(alice.inward(source=_STRANGER).frame(_sip("OPTIONS sip:nm", "x")), drop="guard_sip_scan")
    case.media(camera, 2)


@define("824_punt_flood", "ICMP and TCP above a source's punt_burst end here; ARP and NDP never")
def _(case: Case) -> None:
    alice, alice_v6, camera = _cast(case)
    case.guard(punt_rate_per_s=1, punt_burst=3)
    case.media(camera, 1)
    # The port has no exception interface: what passes the guard ends there.
    flood = alice.inward(source=_STRANGER)
    flood_v6 = alice_v6.inward(source=_STRANGER_V6)
    for path, icmp, echo in ((flood, wire.ICMP, b"\x08"), (flood_v6, wire.ICMPV6, b"\x80")):
        for n in range(20):
            protocol, body = (wire.TCP, bytes(20)) if n % 2 else (icmp, echo + bytes(7))
            drop = "punt_no_interface" if n < 3 else "punt_flood"
            case.frame(path.link(path.ip_packet(protocol, body)), drop=drop)
    for n in range(20):
        other = alice.inward(source=f"203.0.113.{n + 1}")
        case.frame(other.link(other.ip_packet(wire.ICMP, b"\x08" + bytes(7))), drop="punt_no_interface")
        arp = wire.ethernet(wire.BROADCAST_MAC, alice.remote_mac, wire.ETHERTYPE_ARP, bytes(46))
        case.frame(arp, drop="punt_no_interface")
    # Another meter than that of datagrams.
    case.frame(flood.frame(bytes(case.packet(camera, 1))), drop="no_transport")
    case.media(camera, 2)


@define("825_guard_disabled", "without the guard everything keeps its first reason")
def _(case: Case) -> None:
    alice, _, camera = _cast(case)
    case.guard(enabled=False, source_rate_per_s=1, source_burst=1, punt_rate_per_s=1, punt_burst=1)
    path = alice.inward(source=_STRANGER)
    for _n in range(5):
        case.frame(path.frame(_sip("OPTIONS sip:nm", "friendly-scanner")), drop="turn_channel_unsupported")
        case.frame(path.frame(bytes(case.packet(camera, 1))), drop="no_transport")
        case.frame(path.link(path.ip_packet(wire.ICMP, b"\x08" + bytes(7))), drop="punt_no_interface")
    case.media(camera, 1)
