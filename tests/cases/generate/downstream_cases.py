"""40x: RTCP downstream: what a publisher says of its streams."""

import rtcp
from case import ALICE, BOB, BOB_SSRC, CAMERA_SSRC, CAROL, CAROL_SSRC, Case, define
from rtcp import block, cname, goodbye, receiver_report, sender_report, source_description
from srtp import CM256_80, CM_32, CM_80, GCM_128, NONE, SUITES

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


@define("402_report_blocks_stay", "SR goes down without report blocks and extensions: those are about what it was sent")
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
    chunk = source_description((CAMERA_SSRC, cname("abc")))[4:]
    padded = rtcp.padded_packet(rtcp.SOURCE_DESCRIPTION, 1, chunk, bytes(7) + b"\x08")
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
