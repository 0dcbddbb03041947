"""1xx: media that goes through."""

from functools import partial

import wire
from case import ALICE, ALICE_V6, BOB, BOB_SSRC, BOB_V6, CAMERA_SSRC, CAROL, CAROL_SSRC, Case, define
from srtp import CM256_32, CM256_80, CM_32, CM_80, GCM_128, GCM_256, NONE, SUITES, Suite

# Payloads around the ciphers' blocks (16) and the hash's (64), one without any, and a full-size one.
SIZES = (0, 1, 15, 16, 17, 63, 64, 65, 160, 1200)


def _suite_to_all(ingress: Suite, case: Case) -> None:
    alice = case.transport("alice", ALICE, ingress, ingress)
    camera = case.track(alice)
    for n, egress in enumerate(SUITES):
        subscriber = case.transport(f"subscriber-{n}", (f"192.0.2.{20 + n}", 6000), egress, egress)
        case.leg(camera, subscriber, BOB_SSRC + n, sequence_offset=1000 * n)
    for n, size in enumerate(SIZES):
        case.media(camera, 100 + n, size)


for _n, _suite in enumerate(SUITES):
    define(f"{100 + _n}_{_suite.name.lower()}_to_every_suite", f"a publisher with {_suite.name}, a leg of each suite")(
        partial(_suite_to_all, _suite)
    )


@define("110_rewriting", "SSRC, payload type, sequence and timestamp change; CSRCs, extension, marker, padding stay")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(
        payload_types={96: 100, 97: 101, 0: 8}, sequence_offset=40000, timestamp_offset=0xFFFF0000
    )
    one_byte_extension = (0xBEDE, bytes.fromhex("10aa21bbcc320102"))
    case.media(camera, 30000)
    case.media(camera, 30001, marker=True, payload_type=97)
    case.media(camera, 30002, payload_type=0)
    case.media(camera, 30003, payload_type=127)
    case.media(camera, 30004, csrcs=(0x01020304,))
    case.media(camera, 30005, csrcs=tuple(range(1, 16)))
    case.media(camera, 30006, extension=one_byte_extension)
    case.media(camera, 30007, extension=(0x1000, b""))
    case.media(camera, 30008, csrcs=(7, 8), extension=one_byte_extension, marker=True, padding=b"\0\0\0\4")
    case.media(camera, 30009, size=0, csrcs=(7, 8), extension=one_byte_extension)
    case.media(camera, 30010, timestamp=0x0000FFFF)
    case.media(camera, 30011, timestamp=0x00010000)


@define("111_rewriting_plain", "the same fields without SRTP on either side")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(
        NONE, NONE, payload_types={96: 127}, sequence_offset=65535, timestamp_offset=0x80000000
    )
    case.media(camera, 1000, extension=(0xBEDE, bytes(8)), csrcs=(9,))
    case.media(camera, 1001, marker=True, timestamp=0x80000000)
    case.media(camera, 1002, size=0)


@define("112_padding", "RTP padding stays as it is, up to a payload that is all padding")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_32, GCM_256)
    case.media(camera, 1, padding=b"\1")
    case.media(camera, 2, padding=bytes(254) + b"\xff")
    case.media(camera, 3, size=0, padding=b"\0\0\0\4")


@define("120_fan_out_100", "one publisher, 100 legs of all suites in turn, each in its own numbers")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    camera = case.track(alice)
    for n in range(100):
        subscriber = case.transport(f"subscriber-{n}", (f"192.0.2.{100 + n}", 6000 + n), None, SUITES[n % len(SUITES)])
        case.leg(camera, subscriber, BOB_SSRC + n, sequence_offset=n, timestamp_offset=n << 24)
    for n in range(5):
        case.media(camera, 1000 + n, 40 + n)


@define("121_many_tracks", "tracks of several publishers interleaved, several legs on one transport")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, None)
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    carol = case.transport("carol", CAROL, None, CM256_80)
    camera = case.track(alice, CAMERA_SSRC, "alice/camera")
    microphone = case.track(alice, 0x11111112, "alice/microphone")
    screen = case.track(bob, CAMERA_SSRC, "bob/screen")  # SSRCs are unique on a transport only
    case.leg(camera, bob, BOB_SSRC)
    case.leg(microphone, bob, BOB_SSRC + 1, sequence_offset=500)
    case.leg(camera, carol, CAROL_SSRC)
    case.leg(microphone, carol, CAROL_SSRC + 1)
    case.leg(screen, carol, CAROL_SSRC + 2, sequence_offset=7)
    for n in range(10):
        case.media(camera, 1000 + n, 300)
        case.media(microphone, 65000 + n, 80)
        case.media(screen, 20000 + 3 * n, 900)


@define("122_simulcast", "three layers of a track: each leg takes the layer that it names")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    bob = case.transport("bob", BOB, CM_80, CM256_32)
    carol = case.transport("carol", CAROL, CM_80, GCM_256)
    layers = case.simulcast(alice, {"low": 0x11111110, "mid": 0x11111111, "high": 0x11111112}).layers
    case.leg(layers["low"], bob, BOB_SSRC)
    case.leg(layers["high"], carol, CAROL_SSRC)
    case.leg(layers["high"], bob, BOB_SSRC + 1)
    for n in range(6):
        case.media(layers["low"], 10 + n, 100)
        case.media(layers["mid"], 20 + n, 300, drop="track_without_legs")
        case.media(layers["high"], 30 + n, 1000)


@define("123_both_ways", "a call: each side publishes and takes")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM256_80)
    bob = case.transport("bob", BOB, GCM_128, GCM_256)
    cameras = [case.track(alice, 0xA, "alice"), case.track(bob, 0xB, "bob")]
    case.leg(cameras[0], bob, 0xA)
    case.leg(cameras[1], alice, 0xB)
    for n in range(20):
        case.media(cameras[n % 2], 5000 + n, 120)


@define("130_two_ports", "from one port out of another, with VLAN tags on one of them")
def _(case: Case) -> None:
    case.port("inside", ("192.0.2.1/24",))
    outside = case.port("outside", ("198.51.100.1/24", "2001:db8:1::1/64"), vlan=200)
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    bob = case.transport("bob", ("198.51.100.20", 6000), GCM_128, GCM_128, port=outside)
    carol = case.transport("carol", ("2001:db8:1::30", 7000), CM_32, CM_32, port=outside)
    camera = case.track(alice, 0xA, "alice")
    screen = case.track(bob, 0xB, "bob")
    case.leg(camera, bob, BOB_SSRC)
    case.leg(camera, carol, CAROL_SSRC)
    case.leg(screen, alice, 0xC)
    for n in range(10):
        case.media(camera, n, 500)
    for n in range(10):
        case.media(screen, n, 500)


@define("131_ipv4_to_ipv6", "IPv4 publisher to IPv6 subscriber, and back")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    bob = case.transport("bob", BOB_V6, GCM_128, GCM_128)
    camera = case.track(alice, 0xA, "alice")
    screen = case.track(bob, 0xB, "bob")
    case.leg(camera, bob, BOB_SSRC)
    case.leg(screen, alice, 0xC)
    for n in range(5):
        case.media(camera, n, 200 + n)
        case.media(screen, n, 300 + n)


@define("132_ipv6", "IPv6 on both sides, odd and even lengths")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE_V6, CM_80, CM_80)
    bob = case.transport("bob", BOB_V6, NONE, NONE)
    camera = case.track(alice)
    case.leg(camera, bob, BOB_SSRC)
    for n in range(8):
        case.media(camera, n, n)


@define("134_jumbo_mtu", "a port with MTU 9000 forwards packets of up to 9000 bytes")
def _(case: Case) -> None:
    case.port(mtu=9000)
    _, camera, _ = case.alice_to_bob(NONE, NONE)
    for size in (1473, 4000, 9000 - 20 - 8 - 12):
        case.media(camera, size, size)


@define("135_mtu_reached", "an IP packet of exactly the MTU comes in, and one of exactly the MTU goes out")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(NONE, NONE)
    carol = case.transport("carol", CAROL, NONE, GCM_128)
    leg = case.leg(camera, carol, CAROL_SSRC)
    whole = 1500 - 20 - 8 - 12
    case.media(camera, 1, whole - 16)
    case.media(camera, 2, whole, egress={leg: "mtu_exceeded"})


@define("136_udp_checksum_zero", "a UDP checksum that computes to 0 is sent as 0xffff, since 0 would mean none")
def _(case: Case) -> None:
    _, camera, leg = case.alice_to_bob(NONE, NONE)
    carol = case.transport("carol", BOB_V6, NONE, NONE)
    leg_v6 = case.leg(camera, carol, CAROL_SSRC)
    for sequence, target in ((1, leg), (2, leg_v6)):
        # The last word makes the sum over pseudo header and datagram come to 0xffff.
        copy = bytes(case.packet(camera, sequence, payload=b"causeway\0\0", ssrc=target.ssrc))
        path = target.transport.outward()
        datagram = wire.udp(path.source, path.destination, path.source_port, path.destination_port, copy, checksum=0)
        word = 0xFFFF - wire.udp_sum(path.source, path.destination, datagram)
        case.media(camera, sequence, payload=b"causeway" + word.to_bytes(2, "big"))
