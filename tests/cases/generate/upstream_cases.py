"""41x, 42x: RTCP upstream: what a subscriber says of its legs."""

from functools import partial

import rtcp
from case import ALICE, BOB, BOB_SSRC, CAMERA_SSRC, CAROL, Case, define
from rtcp import block, cname, fir, nack, pli, receiver_report, remb, sender_report, source_description
from srtp import CM_32, CM_80, GCM_128, GCM_256, SUITES, Suite
from topology import Leg, Transport

STRANGER = 0x0BADCAFE


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
    define(
        f"{410 + _n}_reports_to_{_suite.name.lower()}",
        f"RR and PLI of a subscriber go up to a publisher with {_suite.name}",
    )(partial(_reports_up, _suite))


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
    case.rtcp(
        bob,
        receiver_report(9) + remb(9, [STRANGER, BOB_SSRC]),
        to=[(alice, receiver_report(own) + remb(own, [CAMERA_SSRC]))],
    )


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
                receiver_report(own, block(CAMERA_SSRC, 1002))
                + nack(own, CAMERA_SSRC, (1001, 0))
                + pli(own, CAMERA_SSRC),
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
