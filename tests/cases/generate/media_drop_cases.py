"""6xx: datagrams that look like media and end behind classify."""

from functools import partial

import rtcp
from case import ALICE, BOB, BOB_SSRC, CAMERA_SSRC, CAROL, CAROL_SSRC, Case, define
from rtcp import block, cname, goodbye, receiver_report, sender_report, source_description
from srtp import CM256_32, CM256_80, CM_32, CM_80, GCM_128, GCM_256, NONE, Keys, Suite
from topology import Transport

SECURE = (CM_80, CM_32, CM256_80, CM256_32, GCM_128, GCM_256)
STRANGER = 0x0BADCAFE


@define("600_no_transport", "strangers with media and with RTCP")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    stranger = alice.inward(source="198.51.100.9", source_port=9999)
    case.frame(stranger.frame(case.sealed(camera, case.packet(camera, 1))), drop="no_transport")
    case.frame(stranger.frame(alice.receive.seal_rtcp(sender_report(CAMERA_SSRC, 1), 1)), drop="no_transport")
    case.media(camera, 1)


@define("601_unknown_ssrc", "RTP of a publisher under an SSRC of no track, and of a subscriber that publishes nothing")
def _(case: Case) -> None:
    alice, camera, leg = case.alice_to_bob(CM_80, GCM_128)
    other = case.packet(camera, 1, ssrc=STRANGER)
    case.frame(alice.inward().frame(case.sealed(camera, other)), drop="unknown_ssrc")
    case.frame(leg.transport.inward().frame(bytes(case.packet(camera, 1, ssrc=BOB_SSRC))), drop="unknown_ssrc")
    case.media(camera, 1)


@define("602_not_a_sender", "media and RTCP from a remote without receive keys")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    bob = case.transport("bob", BOB, None, CM_80)
    camera = case.track(alice)
    case.leg(camera, bob, BOB_SSRC)
    case.frame(bob.inward().frame(bytes(case.packet(camera, 1))), drop="not_a_sender")
    case.frame(bob.inward().frame(receiver_report(9, block(BOB_SSRC, 1)) + bytes(14)), drop="not_a_sender")
    case.media(camera, 1)


@define("603_track_without_legs", "media that nobody takes is authenticated and ends")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    camera = case.track(alice)
    case.media(camera, 1, drop="track_without_legs")
    case.media(camera, 2, drop="track_without_legs")
    case.next_burst()
    case.media(camera, 1, drop="srtp_replayed")


def _wrong_tags(suite: Suite, case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(suite, GCM_128)
    good = case.sealed(camera, case.packet(camera, 1))
    header = 12
    tag = suite.rtp_tag
    case.media(camera, 0)
    for at in (1, 3, 5, header, len(good) - tag - 1, len(good) - tag, len(good) - 1):
        # Marker and payload type, sequence number, timestamp; first and last byte of payload and of tag.
        flipped = bytearray(good)
        flipped[at] ^= 2
        case.frame(alice.inward().frame(bytes(flipped)), drop="srtp_auth_failed")
    case.frame(alice.inward().frame(good + b"\0"), drop="srtp_auth_failed")
    case.frame(alice.inward().frame(good[:-1]), drop="srtp_auth_failed")
    for length in (header, header + tag - 1):
        case.frame(alice.inward().frame(good[:length]), drop="srtp_too_short")
    case.frame(alice.inward().frame(good[: header + tag]), drop="srtp_auth_failed")
    plain = bytes(case.packet(camera, 1))
    case.frame(alice.inward().frame(plain), drop="srtp_auth_failed")
    stolen = Keys.make(suite, "another key").seal_rtp(plain, header, 1)
    case.frame(alice.inward().frame(stolen), drop="srtp_auth_failed")
    case.media(camera, 1)


for _n, _suite in enumerate(SECURE):
    define(
        f"{610 + _n}_bad_srtp_{_suite.name.lower()}",
        f"{_suite.name}: wrong, missing, cut off and shifted tags, changed headers, plain RTP, another key",
    )(partial(_wrong_tags, _suite))


def _wrong_rtcp_tags(suite: Suite, case: Case) -> None:
    alice, _, leg = case.alice_to_bob(suite, GCM_128)
    report = sender_report(CAMERA_SSRC, 5)
    good = alice.receive.seal_rtcp(report, 7)
    overhead = suite.rtcp_tag + 4
    word = len(good) - 4 if suite.aead else len(good) - suite.rtcp_tag - 4
    tag = len(good) - 4 - suite.rtcp_tag if suite.aead else len(good) - suite.rtcp_tag
    for at in (0, 4, 8, len(report) - 1, word + 3, tag, tag + suite.rtcp_tag - 1):
        # Count, SSRC, first and last byte of the body, SRTCP index, first and last byte of the tag.
        flipped = bytearray(good)
        flipped[at] ^= 1
        case.frame(alice.inward().frame(bytes(flipped)), drop="srtp_auth_failed")
    flipped = bytearray(good)
    flipped[word] ^= 0x80
    case.frame(alice.inward().frame(bytes(flipped)), drop="srtcp_unencrypted")
    case.rtcp(alice, report, index=7, encrypted=False, drop="srtcp_unencrypted")
    for length in (8, 8 + overhead - 1):
        case.frame(alice.inward().frame(good[:length]), drop="srtp_too_short")
    case.rtcp(alice, report, index=7, to=[(leg, sender_report(BOB_SSRC, 5))])
    case.rtcp(alice, report, index=7, drop="srtp_replayed")


for _n, _suite in enumerate(SECURE):
    define(
        f"{620 + _n}_bad_srtcp_{_suite.name.lower()}",
        f"{_suite.name}: SRTCP with a wrong tag, changed, unencrypted, too short, replayed",
    )(partial(_wrong_rtcp_tags, _suite))


@define("630_too_many_rtcp_sources", "sixteen authenticated RTCP sources are tracked; forged ones take no room")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(CM_80, GCM_128)
    for n in range(10):
        forged = Keys.make(CM_80, "another key").seal_rtcp(receiver_report(1000 + n), 1)
        case.frame(alice.inward().frame(forged), drop="srtp_auth_failed")
    about = source_description((CAMERA_SSRC, cname("alice")))
    goes = receiver_report(BOB_SSRC) + source_description((BOB_SSRC, cname("alice")))
    for n in range(16):
        case.rtcp(alice, receiver_report(2000 + n) + about, index=1, to=[(leg, goes)])
    for n in range(16, 19):
        case.rtcp(alice, receiver_report(2000 + n) + about, index=1, drop="srtcp_too_many_sources")
    case.next_burst()
    case.rtcp(alice, receiver_report(2019) + about, index=2, drop="srtcp_too_many_sources")
    case.rtcp(alice, receiver_report(2000) + about, index=1, drop="srtp_replayed")
    case.rtcp(alice, receiver_report(2003) + about, index=2, to=[(leg, goes)])


@define("640_rtp_padding", "padding of 0 bytes, longer than the payload, or without any payload")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 1, 19, padding=b"\0", drop="rtp_bad_padding")
    case.media(camera, 2, 19, padding=b"\x15", drop="rtp_bad_padding")
    case.media(camera, 3, 19, padding=b"\xff", drop="rtp_bad_padding")
    case.media(camera, 4, 19, padding=b"\x14")  # all 20 bytes: allowed
    case.media(camera, 5, 0, padding=b"\x02", drop="rtp_bad_padding")
    case.media(camera, 6)


@define("641_rtp_padding_without_payload", "the padding bit of a packet that ends behind its header")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(NONE, GCM_128)
    header = bytearray(case.packet(camera, 1, 0).header)
    header[0] |= 0x20
    case.frame(alice.inward().frame(bytes(header)), drop="rtp_bad_padding")
    case.media(camera, 2)


def _bad_compounds() -> dict[str, bytes]:
    report = sender_report(CAMERA_SSRC, 5)
    return {
        "length beyond the datagram": report[:2] + b"\0\7" + report[4:],
        "length one word short": report[:2] + b"\0\5" + report[4:],
        "length far beyond": report[:2] + b"\xff\xff" + report[4:],
        "first packet without SSRC": rtcp.packet(203, 0, b"") + report,
        "bytes behind the last packet": report + b"\0\0",
        "version 1 in the second": report + b"\x41\xca\0\1" + bytes(4),
        "RTP's payload types in the second": report + b"\x80\x60\0\1" + bytes(4),
        "type 191 in the second": report + b"\x80\xbf\0\1" + bytes(4),
        "padding not on the last": rtcp.padded_packet(201, 0, bytes(4), b"\0\0\0\4") + report,
        "padding of 0": rtcp.padded_packet(201, 0, b"\0\0\0\1", b"\0\0\0\0"),
        "padding of 3": rtcp.padded_packet(201, 0, b"\0\0\0\1", b"\0\0\0\3"),
        "padding longer than its packet": rtcp.padded_packet(201, 0, b"\0\0\0\1", b"\0\0\0\x0c"),
        "more report blocks than there are": b"\x82" + receiver_report(1, block(2, 3))[1:],
        "sender report without its info": rtcp.packet(200, 0, bytes(20)),
        "more chunks than there are": b"\x82" + source_description((CAMERA_SSRC, cname("abc")))[1:],
        "chunk without end": rtcp.packet(202, 1, CAMERA_SSRC.to_bytes(4, "big") + b"\1\2ab"),
        "item beyond its packet": rtcp.packet(202, 1, CAMERA_SSRC.to_bytes(4, "big") + b"\1\xffab"),
        "BYE with too few sources": b"\x9f" + goodbye(CAMERA_SSRC)[1:],
        "BYE reason beyond its packet": rtcp.packet(203, 1, CAMERA_SSRC.to_bytes(4, "big") + b"\7abc"),
        "APP without a name": rtcp.packet(204, 0, CAMERA_SSRC.to_bytes(4, "big")),
        "feedback without media SSRC": rtcp.packet(205, 1, b"\0\0\0\x09"),
        "FIR with half an entry": rtcp.feedback(206, 4, 9, 0, b"\0\0\0\1"),
        "REMB with too few SSRCs": rtcp.feedback(206, 15, 9, 0, b"REMB\5\0\0\0\0\0\0\1"),
        "only a header": b"\x80\xc9\0\0\0\0\0\0",
    }


def _malformed(case: Case, alice: Transport) -> None:
    for compound in _bad_compounds().values():
        case.rtcp(alice, compound, drop="rtcp_malformed")


@define("650_malformed_rtcp", "plain RTCP whose lengths, counts, types or padding cannot be")
def _(case: Case) -> None:
    alice, _, leg = case.alice_to_bob(NONE, GCM_128)
    _malformed(case, alice)
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])


@define("651_malformed_srtcp", "the same by somebody who has the keys")
def _(case: Case) -> None:
    # Some begin with SSRCs of their own, but no more of them than there is room for.
    alice, _, leg = case.alice_to_bob(CM_80, GCM_128)
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])
    for compound in _bad_compounds().values():
        sender = compound[4:8]
        if sender == CAMERA_SSRC.to_bytes(4, "big"):
            case.rtcp(alice, compound, drop="rtcp_malformed")
    case.rtcp(alice, sender_report(CAMERA_SSRC, 6), to=[(leg, sender_report(BOB_SSRC, 6))])


@define("660_next_hop_unresolved", "a leg whose next hop nobody knows loses its copies, others do not")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    bob = case.transport("bob", BOB)
    neighbour = case.transport("silent-neighbour", ("192.0.2.77", 6000), next_hop="")
    far = case.transport("far-without-gateway", ("203.0.113.7", 6000), next_hop="")
    camera = case.track(alice)
    lost = {case.leg(camera, neighbour, CAROL_SSRC): "next_hop_unresolved"}
    case.leg(camera, bob, BOB_SSRC)
    lost[case.leg(camera, far, CAROL_SSRC)] = "next_hop_unresolved"
    for n in range(4):
        case.media(camera, n, egress=lost)


@define("661_all_copies_lost", "a packet whose only copy is lost at the egress was forwarded all the same")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    camera = case.track(alice)
    leg = case.leg(camera, case.transport("bob", BOB, next_hop=""), BOB_SSRC)
    for n in range(3):
        case.media(camera, n, egress={leg: "next_hop_unresolved"})


@define("665_rtcp_copies_lost", "RTCP towards an unknown next hop is lost in both directions")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, CM_80, CM_80, next_hop="")
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    carol = case.transport("carol", CAROL, GCM_256, GCM_256, next_hop="")
    camera = case.track(alice)
    to_bob = case.leg(camera, bob, BOB_SSRC)
    to_carol = case.leg(camera, carol, CAROL_SSRC)
    case.media(camera, 1, egress={to_carol: "next_hop_unresolved"})
    case.next_burst()
    case.rtcp(
        alice,
        sender_report(CAMERA_SSRC, 5),
        to=[(to_bob, sender_report(BOB_SSRC, 5))],
        egress=["next_hop_unresolved"],
    )
    case.rtcp(bob, rtcp.pli(9, BOB_SSRC), to=[], egress=["next_hop_unresolved"])


@define("662_mtu_exceeded", "a tag that makes the packet longer than the egress port's MTU")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, NONE, NONE)
    camera = case.track(alice)
    legs = {}
    for n, suite in enumerate((NONE, CM_32, CM_80, GCM_128)):
        subscriber = case.transport(f"subscriber-{n}", (f"192.0.2.{20 + n}", 6000), None, suite)
        legs[suite] = case.leg(camera, subscriber, BOB_SSRC + n)
    whole = 1500 - 20 - 8 - 12
    for sequence, spare in enumerate((0, 3, 4, 9, 10, 15, 16)):
        lost = {leg: "mtu_exceeded" for suite, leg in legs.items() if suite.rtp_tag > spare}
        case.media(camera, sequence, whole - spare, egress=lost)


@define("663_mtu_exceeded_v6", "the IPv6 header is longer by 20 bytes")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, NONE, NONE)
    carol = case.transport("carol", ("2001:db8::c", 7000), None, NONE)
    camera = case.track(alice)
    leg = case.leg(camera, carol, CAROL_SSRC)
    whole = 1500 - 20 - 8 - 12
    case.media(camera, 1, whole, egress={leg: "mtu_exceeded"})
    case.media(camera, 2, whole - 19, egress={leg: "mtu_exceeded"})
    case.media(camera, 3, whole - 20)


@define("664_smaller_egress_mtu", "the egress port's own MTU counts")
def _(case: Case) -> None:
    case.port("inside", ("192.0.2.1/24",))
    outside = case.port("outside", ("198.51.100.1/24",), mtu=1000)
    alice = case.transport("alice", ALICE, NONE, NONE)
    bob = case.transport("bob", ("198.51.100.20", 6000), NONE, NONE, port=outside)
    camera = case.track(alice)
    leg = case.leg(camera, bob, BOB_SSRC)
    case.media(camera, 1, 1000 - 40)
    case.media(camera, 2, 1001 - 40, egress={leg: "mtu_exceeded"})


@define("670_two_transports_one_remote", "Carol's packets do not open with Bob's keys, though both publish one SSRC")
def _(case: Case) -> None:
    bob = case.transport("bob", BOB, CM_80, None)
    carol = case.transport("carol", CAROL, CM_80, None)
    alice = case.transport("alice", ALICE, None, GCM_128)
    of_bob = case.track(bob, CAMERA_SSRC, "bob")
    of_carol = case.track(carol, CAMERA_SSRC, "carol")
    case.leg(of_bob, alice, BOB_SSRC)
    case.leg(of_carol, alice, CAROL_SSRC)
    case.media(of_bob, 1)
    case.media(of_carol, 1)
    swapped = case.sealed(of_carol, case.packet(of_carol, 2))
    case.frame(bob.inward().frame(swapped), drop="srtp_auth_failed")
    case.media(of_bob, 2)
    case.media(of_carol, 2)
