"""7xx: floods. What strangers send is counted exactly and leaves nothing behind."""

import random
import struct

from case import ALICE, BOB, BOB_SSRC, CAMERA_SSRC, Case, define
from rtcp import receiver_report, sender_report
from srtp import CM_80, GCM_128

FLOOD = 10_000
_RESERVED = (CAMERA_SSRC,)


def _random_ssrc(chance: random.Random) -> int:
    while True:
        ssrc = chance.getrandbits(32)
        if ssrc not in _RESERVED:
            return ssrc


def _rtp(chance: random.Random) -> bytes:
    return struct.pack(">BBHII", 0x80, 96, chance.getrandbits(16), 0, _random_ssrc(chance)) + bytes(10)


@define("700_flood_of_ssrcs_and_transports", f"{FLOOD} packets of random SSRCs and remotes; then media goes on")
def _(case: Case) -> None:
    chance = random.Random(700)
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 1, 40)
    for _n in range(FLOOD // 2):
        case.frame(alice.inward().frame(_rtp(chance)), drop="unknown_ssrc")
        source = f"198.51.{chance.randrange(256)}.{chance.randrange(256)}"
        stranger = alice.inward(source=source, source_port=chance.randrange(1, 65536))
        case.frame(stranger.frame(_rtp(chance)), drop="no_transport")
    for sequence in (2, 3, 4):
        case.media(camera, sequence, 40)


@define("701_flood_of_forgeries", "packets of the right SSRC without the right key, and SRTCP of random sources")
def _(case: Case) -> None:
    chance = random.Random(701)
    alice, camera, leg = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 1, 40)
    case.next_burst()
    for _n in range(500):
        # Not the one packet that was accepted: that would be a replay.
        header = struct.pack(">BBHII", 0x80, 96, 2 + chance.randrange(30000), 0, CAMERA_SSRC)
        case.frame(alice.inward().frame(header + chance.randbytes(20)), drop="srtp_auth_failed")
        compound = receiver_report(_random_ssrc(chance)) + struct.pack(">I", 1 << 31 | chance.getrandbits(31))
        case.frame(alice.inward().frame(compound + chance.randbytes(10)), drop="srtp_auth_failed")
    for sequence in (2, 3, 4):
        case.media(camera, sequence, 40)
    case.next_burst()
    case.rtcp(alice, sender_report(CAMERA_SSRC, 5), to=[(leg, sender_report(BOB_SSRC, 5))])


@define("702_flood_by_a_subscriber", "a subscriber with keys that asks about everything but its leg")
def _(case: Case) -> None:
    chance = random.Random(702)
    alice = case.transport("alice", ALICE)
    bob = case.transport("bob", BOB, GCM_128, GCM_128)
    camera = case.track(alice)
    case.leg(camera, bob, BOB_SSRC)
    case.media(camera, 1, 40)
    for _n in range(300):
        target = _random_ssrc(chance)
        if target == BOB_SSRC:
            continue
        report = struct.pack(">BBHIII", 0x81, 206, 2, 9, target, 0)[:12]
        case.rtcp(bob, report, drop="rtcp_no_target")
    case.media(camera, 2, 40)
