"""4xx: RTCP, both ways through the appliance."""

from functools import partial

import rtcp
from case import ALICE, BOB, BOB_SSRC, CAMERA_SSRC, CAROL, CAROL_SSRC, Case, define
from rtcp import block, cname, fir, goodbye, nack, pli, receiver_report, remb, sender_report, source_description
from srtp import CM256_80, CM_32, CM_80, GCM_128, GCM_256, NONE, SUITES, Suite
from topology import Leg, Transport

STRANGER = 0x0BADCAFE


@define("400_sender_report_to_every_suite", "SR and SDES go down each leg, whatever its suite, renamed and shifted")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    camera = case.track(alice)
    legs = []
    for n, egress in enumerate(SUITES):
        subscriber = case.transport(f"subscriber-{n}", (f"192.0.2.{20 + n}", 6000), egress, egress)
        legs.append(case.leg(camera, subscriber, BOB_SSRC + n, timestamp_offset=0xFFFFFF00 + n))
    for timestamp in (0x80, 90000):
        case.rtcp(
            alice,
            sender_report(CAMERA_SSRC, timestamp) + source_description((CAMERA_SSRC, cname("alice@example"))),
            to=[
                (
                    leg,
                    sender_report(leg.ssrc, timestamp + leg.timestamp_offset & 0xFFFFFFFF)
                    + source_description((leg.ssrc, cname("alice@example"))),
                )
                for leg in legs
            ],
        )


@define("401_goodbye", "BYE with and without a reason; sources that are not the leg's stay behind")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(CM_80, GCM_128)
    case.rtcp(
        alice,
        receiver_report(CAMERA_SSRC) + goodbye(STRANGER, CAMERA_SSRC, reason="leaving"),
        to=[(leg, receiver_report(BOB_SSRC) + goodbye(BOB_SSRC, reason="leaving"))],
    )
    case.rtcp(
        alice,
        sender_report(CAMERA_SSRC, 1000) + goodbye(CAMERA_SSRC),
        to=[(leg, sender_report(BOB_SSRC, 1000) + goodbye(BOB_SSRC))],
    )
    case.rtcp(alice, goodbye(CAMERA_SSRC), to=[(leg, goodbye(BOB_SSRC))])


@define("402_report_blocks_stay", "SR goes down without report blocks and extensions: they are about what the appliance sent")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(CM_80, CM256_80, timestamp_offset=500)
    case.rtcp(
        alice,
        sender_report(CAMERA_SSRC, 1000, block(STRANGER, 77), block(STRANGER + 1, 78), tail=b"extended"),
        to=[(leg, sender_report(BOB_SSRC, 1500))],
    )


@define("403_source_description_chunks", "only the chunk of the leg's source goes down, behind an empty RR if need be")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(GCM_128, CM_32)
    items = cname("alice@example") + bytes([2, 5]) + b"Alice"
    case.rtcp(
        alice,
        receiver_report(STRANGER)
        + source_description((STRANGER, cname("x")), (CAMERA_SSRC, items), (STRANGER + 1, cname("yy"))),
        to=[(leg, receiver_report(BOB_SSRC) + source_description((BOB_SSRC, items)))],
    )
    case.rtcp(
        alice,
        source_description((CAMERA_SSRC, cname("abc")), (STRANGER, cname("z"))),
        to=[(leg, source_description((BOB_SSRC, cname("abc"))))],
    )


@define("404_application", "APP goes down with its subtype, name and data")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(CM_80, GCM_128)
    data = b"12345678"
    case.rtcp(
        alice,
        sender_report(CAMERA_SSRC, 9) + rtcp.application(CAMERA_SSRC, b"TEST", data),
        to=[(leg, sender_report(BOB_SSRC, 9) + rtcp.application(BOB_SSRC, b"TEST", data))],
    )


@define("405_padded_compound", "padding of the last packet is taken off")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(CM_80, GCM_128)
    plain = sender_report(CAMERA_SSRC, 9)
    padded = rtcp.padded_packet(rtcp.SOURCE_DESCRIPTION, 1, source_description((CAMERA_SSRC, cname("abc")))[4:], b"\0" * 7 + b"\x08")
    case.rtcp(
        alice,
        plain + padded,
        to=[(leg, sender_report(BOB_SSRC, 9) + source_description((BOB_SSRC, cname("abc"))))],
    )


@define("406_sender_report_of_several_layers", "a compound of all layers is told apart by the legs' layers")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    carol = case.transport("carol", CAROL, NONE, NONE)
    layers = case.simulcast(alice, {"low": 0x11111110, "high": 0x11111111}).layers
    low = case.leg(layers["low"], bob, BOB_SSRC)
    high = case.leg(layers["high"], carol, CAROL_SSRC, timestamp_offset=7)
    case.rtcp(
        alice,
        sender_report(0x11111110, 100) + sender_report(0x11111111, 200),
        to=[(low, sender_report(BOB_SSRC, 100)), (high, sender_report(CAROL_SSRC, 207))],
    )


@define("407_longest_compound", "a compound whose sealed packet has exactly the MTU goes down, one word more does not")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, NONE, NONE)
    camera = case.track(alice)
    leg = case.leg(camera, case.transport("bob", BOB, NONE, GCM_128), BOB_SSRC)
    whole = 1500 - 20 - 8
    sealed = 4 + GCM_128.rtcp_tag
    longest, longer = (bytes(whole - sealed - 12 + more) for more in (0, 4))
    case.rtcp(
        alice,
        rtcp.application(CAMERA_SSRC, b"LONG", longest),
        to=[(leg, rtcp.application(BOB_SSRC, b"LONG", longest))],
    )
    case.rtcp(alice, rtcp.application(CAMERA_SSRC, b"LONG", longer), to=[], egress=["mtu_exceeded"])


@define("408_longest_plain_compound", "a compound of exactly the MTU goes from plain RTCP to plain RTCP")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(NONE, NONE)
    data = bytes(1500 - 20 - 8 - 12)
    case.rtcp(
        alice,
        rtcp.application(CAMERA_SSRC, b"LONG", data),
        to=[(leg, rtcp.application(BOB_SSRC, b"LONG", data))],
    )


@define("409_longest_compound_cm", "AES-CM adds 14 bytes to RTCP: what then has up to the MTU goes")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, NONE, NONE)
    camera = case.track(alice)
    leg = case.leg(camera, case.transport("bob", BOB, NONE, CM_80), BOB_SSRC)
    data = bytes(1456 - 12)  # with 14 more: 1470 of 1472
    case.rtcp(
        alice,
        rtcp.application(CAMERA_SSRC, b"LONG", data),
        to=[(leg, rtcp.application(BOB_SSRC, b"LONG", data))],
    )


def _started(case: Case, publisher: Suite, subscriber: Suite, **leg_fields) -> tuple[Transport, Transport, Leg]:
    """Alice's camera, its leg to Bob, and a burst with its first packet behind them."""
    alice, camera, leg = case.alice_to_bob(publisher, subscriber, **leg_fields)
    case.media(camera, 1000)
    case.next_burst()
    return alice, leg.transport, leg


def _reports_up(publisher: Suite, case: Case) -> None:
    alice, bob, _ = _started(case, publisher, GCM_128, sequence_offset=500)
    own = alice.own_ssrc
    case.rtcp(
        bob,
        receiver_report(9, block(BOB_SSRC, 1501)) + source_description((9, cname("bob"))),
        to=[(alice, receiver_report(own, block(CAMERA_SSRC, 1001)))],
    )
    case.rtcp(bob, receiver_report(9) + pli(9, BOB_SSRC), to=[(alice, receiver_report(own) + pli(own, CAMERA_SSRC))])


for _n, _suite in enumerate(SUITES):
    define(f"{410 + _n}_reports_to_{_suite.name.lower()}", f"RR and PLI of a subscriber go up to a publisher with {_suite.name}")(
        partial(_reports_up, _suite)
    )


@define("420_receiver_report", "report blocks about the leg go up in the publisher's numbers, others stay")
def _(case: Case) -> None:
    alice, bob, _ = _started(case, CM_80, GCM_128, sequence_offset=65000)  # 1000 -> 464: 64536 more, modulo 2^16
    own = alice.own_ssrc
    mine = receiver_report(own, block(CAMERA_SSRC, 1000))
    case.rtcp(bob, receiver_report(9, block(BOB_SSRC, 464)), to=[(alice, mine)])
    case.rtcp(bob, receiver_report(9, block(STRANGER, 5), block(BOB_SSRC, 464)), to=[(alice, mine)])
    case.rtcp(bob, sender_report(9, 1, block(BOB_SSRC, 464)), to=[(alice, mine)])
    # Before the publisher's number 536, the leg's 0, there is nothing: this wraps as 32 bits do.
    case.rtcp(
        bob,
        receiver_report(9, block(BOB_SSRC, 0xFFFFFFFF)),
        to=[(alice, receiver_report(own, block(CAMERA_SSRC, 535)))],
    )
    case.rtcp(
        bob,
        receiver_report(9, block(BOB_SSRC, 0x00010005)),
        to=[(alice, receiver_report(own, block(CAMERA_SSRC, 0x00010005 + 536)))],
    )


@define("421_nack", "packet ids of a NACK are mapped back, across the wrap; the masks stay")
def _(case: Case) -> None:
    alice, camera, leg = case.alice_to_bob(CM_80, GCM_128, sequence_offset=30)
    case.media(camera, 65500)
    case.next_burst()
    bob, own = leg.transport, alice.own_ssrc
    pairs = ((65531, 0), (65535, 0x8001), (0, 0xFFFF), (29, 1), (30, 2))
    mapped = ((65501, 0), (65505, 0x8001), (65506, 0xFFFF), (65535, 1), (0, 2))
    case.rtcp(bob, nack(9, BOB_SSRC, *pairs), to=[(alice, nack(own, CAMERA_SSRC, *mapped))])
    case.rtcp(
        bob,
        receiver_report(9) + nack(9, BOB_SSRC, (65533, 0)),
        to=[(alice, receiver_report(own) + nack(own, CAMERA_SSRC, (65503, 0)))],
    )


@define("422_keyframe_requests", "PLI, FIR, SLI and RPSI go up")
def _(case: Case) -> None:
    alice, bob, _ = _started(case, CM_80, CM_32, sequence_offset=5)
    own = alice.own_ssrc
    case.rtcp(bob, pli(9, BOB_SSRC), to=[(alice, pli(own, CAMERA_SSRC))])
    case.rtcp(bob, fir(9, (STRANGER, 1), (BOB_SSRC, 3)), to=[(alice, fir(own, (CAMERA_SSRC, 3)))])
    lost_slices = bytes.fromhex("00080041")
    case.rtcp(bob, rtcp.sli(9, BOB_SSRC, lost_slices), to=[(alice, rtcp.sli(own, CAMERA_SSRC, lost_slices))])
    picture = bytes.fromhex("0060abcd")
    case.rtcp(bob, rtcp.rpsi(9, BOB_SSRC, picture), to=[(alice, rtcp.rpsi(own, CAMERA_SSRC, picture))])


@define("423_remb", "REMB goes up with the one source that it is about there")
def _(case: Case) -> None:
    alice, bob, _ = _started(case, GCM_256, GCM_128)
    own = alice.own_ssrc
    case.rtcp(bob, remb(9, [BOB_SSRC]), to=[(alice, remb(own, [CAMERA_SSRC]))])
    case.rtcp(bob, receiver_report(9) + remb(9, [STRANGER, BOB_SSRC]), to=[(alice, receiver_report(own) + remb(own, [CAMERA_SSRC]))])


@define("424_feedback_in_one_compound", "RR, NACK and PLI of one compound go up as one compound")
def _(case: Case) -> None:
    alice, bob, _ = _started(case, CM_80, GCM_128, sequence_offset=10)
    own = alice.own_ssrc
    case.rtcp(
        bob,
        receiver_report(9, block(BOB_SSRC, 1012))
        + source_description((9, cname("bob")))
        + nack(9, BOB_SSRC, (1011, 0))
        + pli(9, BOB_SSRC),
        to=[
            (
                alice,
                receiver_report(own, block(CAMERA_SSRC, 1002)) + nack(own, CAMERA_SSRC, (1001, 0)) + pli(own, CAMERA_SSRC),
            )
        ],
    )


@define("425_feedback_about_two_publishers", "each publisher gets the part that is about its own track")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    carol = case.transport("carol", CAROL, GCM_256, GCM_256)
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    camera, screen = case.track(alice, 0xA, "camera"), case.track(carol, 0xB, "screen")
    case.leg(camera, bob, 0x100, sequence_offset=1)
    case.leg(screen, bob, 0x200, sequence_offset=2)
    case.media(camera, 50)
    case.media(screen, 60)
    case.next_burst()
    case.rtcp(
        bob,
        receiver_report(9, block(0x200, 62), block(0x100, 51)) + pli(9, 0x100),
        to=[
            (carol, receiver_report(carol.own_ssrc, block(0xB, 60))),
            (alice, receiver_report(alice.own_ssrc, block(0xA, 50)) + pli(alice.own_ssrc, 0xA)),
        ],
    )


@define("426_both_directions_in_one_compound", "who publishes and takes says both in one compound: down and up it goes")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    camera, screen = case.track(alice, 0xA, "camera"), case.track(bob, 0xB, "screen")
    case.leg(camera, bob, 0x100)
    down = case.leg(screen, alice, 0x200, timestamp_offset=1)
    case.media(camera, 50)
    case.next_burst()
    case.rtcp(
        bob,
        sender_report(0xB, 100, block(0x100, 50)),
        to=[(down, sender_report(0x200, 101)), (alice, receiver_report(alice.own_ssrc, block(0xA, 50)))],
    )


@define("427_remb_about_many", "REMB about 100 sources goes up whichever of them the leg is")
def _(case: Case) -> None:
    alice, bob, _ = _started(case, CM_80, GCM_128)
    own = alice.own_ssrc
    strangers = [STRANGER + n for n in range(99)]
    for at in (0, 50, 63, 64, 99):
        sources = strangers[:at] + [BOB_SSRC] + strangers[at:]
        case.rtcp(bob, remb(9, sources), to=[(alice, remb(own, [CAMERA_SSRC]))])


@define("428_reports_about_many", "a compound with 55 report blocks: the one about the leg goes up")
def _(case: Case) -> None:
    alice, bob, _ = _started(case, CM_80, GCM_128, sequence_offset=1)
    blocks = [block(STRANGER + n, n) for n in range(54)] + [block(BOB_SSRC, 1001)]
    case.rtcp(
        bob,
        receiver_report(9, *blocks[:31]) + receiver_report(9, *blocks[31:]),
        to=[(alice, receiver_report(alice.own_ssrc, block(CAMERA_SSRC, 1000)))],
    )


@define("430_rtcp_on_its_own_port", "RTCP that is not multiplexed has ports of its own, in and out")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80, rtcp=(20001, 5001))
    bob = case.transport("bob", BOB, GCM_128, GCM_128, rtcp=(20003, 6101))
    camera = case.track(alice)
    leg = case.leg(camera, bob, BOB_SSRC, sequence_offset=1)
    case.media(camera, 10)
    case.next_burst()
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])
    case.rtcp(bob, pli(9, BOB_SSRC), to=[(alice, pli(alice.own_ssrc, CAMERA_SSRC))])
    wrong_port = bob.inward(rtcp=True, source_port=6102)
    case.rtcp(bob, pli(9, BOB_SSRC), path=wrong_port, drop="no_transport")


@define("431_rtcp_over_two_ports", "feedback comes in on one port and leaves by the publisher's")
def _(case: Case) -> None:
    case.port("inside", ("192.0.2.1/24",))
    outside = case.port("outside", ("2001:db8:1::1/64",), vlan=7)
    alice = case.transport("alice", ALICE, CM_80, CM_80)
    bob = case.transport("bob", ("2001:db8:1::20", 6000), GCM_128, GCM_128, port=outside)
    camera = case.track(alice)
    leg = case.leg(camera, bob, BOB_SSRC, sequence_offset=100)
    case.media(camera, 10)
    case.next_burst()
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])
    case.rtcp(bob, nack(9, BOB_SSRC, (111, 0)), to=[(alice, nack(alice.own_ssrc, CAMERA_SSRC, (11, 0)))])


@define("432_arrival_order", "media and RTCP of one burst leave a port in the order in which they came")
def _(case: Case) -> None:
    alice, camera, leg = case.alice_to_bob(CM_80, GCM_128)
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])
    case.media(camera, 1)
    case.media(camera, 2)
    case.rtcp(alice, sender_report(CAMERA_SSRC, 9), to=[(leg, sender_report(BOB_SSRC, 9))])
    case.media(camera, 3)
    case.rtcp(alice, goodbye(CAMERA_SSRC), to=[(leg, goodbye(BOB_SSRC))])


@define("433_sender_reports_in_plain", "plain RTCP has no index: the same compound twice goes through twice")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(NONE, NONE)
    for _ in range(2):
        case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])


@define("434_srtcp_window", "SRTCP indices: late is fine, twice is not, 1024 behind is too old")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(CM_80, GCM_128)
    report = sender_report(CAMERA_SSRC, 5)
    goes = [(leg, sender_report(BOB_SSRC, 5))]
    case.rtcp(alice, report, index=5, to=goes)
    case.rtcp(alice, report, index=3, to=goes)
    case.rtcp(alice, report, index=5, drop="srtp_replayed")
    case.next_burst()
    case.rtcp(alice, report, index=2000, to=goes)
    case.next_burst()
    case.rtcp(alice, report, index=2000 - 1023, to=goes)
    case.rtcp(alice, report, index=2000 - 1024, drop="srtp_too_old")
    case.rtcp(alice, report, index=3, drop="srtp_too_old")
    case.rtcp(alice, report, index=2000, drop="srtp_replayed")
    case.next_burst()
    case.rtcp(alice, report, index=0x7FFFFFFF, to=goes)


@define("440_nobody_is_meant", "RTCP about nothing that is here: rtcp_no_target")
def _(case: Case) -> None:
    alice, camera, leg = case.alice_to_bob(CM_80, GCM_128)
    bob = leg.transport
    nothing = "rtcp_no_target"
    case.rtcp(bob, receiver_report(9, block(BOB_SSRC, 0)), drop=nothing)  # the leg has not begun
    case.rtcp(bob, pli(9, BOB_SSRC), drop=nothing)
    case.media(camera, 1)
    case.next_burst()
    case.rtcp(alice, sender_report(STRANGER, 5), drop=nothing)
    case.rtcp(alice, source_description((STRANGER, cname("x"))), drop=nothing)
    case.rtcp(alice, goodbye(STRANGER), drop=nothing)
    case.rtcp(alice, receiver_report(CAMERA_SSRC), drop=nothing)
    case.rtcp(bob, receiver_report(9, block(CAMERA_SSRC, 1)), drop=nothing)
    case.rtcp(bob, nack(9, STRANGER, (1, 0)), drop=nothing)
    case.rtcp(bob, fir(9, (STRANGER, 1)), drop=nothing)
    case.rtcp(bob, remb(9, []), drop=nothing)
    case.rtcp(bob, rtcp.extended_report(9), drop=nothing)
    case.rtcp(bob, rtcp.transport_wide(9, BOB_SSRC), drop=nothing)
    case.rtcp(bob, source_description((9, cname("bob"))) + goodbye(9), drop=nothing)
    case.rtcp(bob, sender_report(BOB_SSRC, 5), drop=nothing)
    case.rtcp(bob, rtcp.packet(195, 0, b"\0\0\0\x09"), drop=nothing)
    case.rtcp(bob, pli(9, BOB_SSRC), to=[(alice, pli(alice.own_ssrc, CAMERA_SSRC))])


@define("441_publisher_that_is_not_sent_to", "feedback about a publisher without send keys ends: rtcp_no_target")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, None)
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    camera = case.track(alice)
    case.leg(camera, bob, BOB_SSRC)
    case.media(camera, 1)
    case.next_burst()
    case.rtcp(bob, pli(9, BOB_SSRC), drop="rtcp_no_target")


@define("442_track_nobody_takes", "a sender report of a track without legs: rtcp_no_target")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    case.track(alice)
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), drop="rtcp_no_target")
