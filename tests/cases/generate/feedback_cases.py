"""43x, 44x: RTCP in both ways: its ports, order, indices, and what is about nobody."""

import rtcp
from case import ALICE, BOB, BOB_SSRC, CAMERA_SSRC, Case, define
from rtcp import block, cname, fir, goodbye, nack, pli, receiver_report, remb, sender_report, source_description
from srtp import CM_80, GCM_128, NONE

STRANGER = 0x0BADCAFE


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
