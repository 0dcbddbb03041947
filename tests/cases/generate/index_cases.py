"""2xx: sequence numbers, rollover counters and the replay window (RFC 3711, 3.3)."""

from case import ALICE, BOB, BOB_SSRC, CAROL, CAROL_SSRC, Case, define
from srtp import CM256_80, CM_32, CM_80, GCM_128, NONE

TURN = 1 << 16


@define("200_wrap", "the sequence wraps at 65535 once the stream is known: the rollover counter of both sides goes on")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 65530)
    case.next_burst()
    for sequence in range(65531, 65546):
        case.media(camera, sequence)


@define("201_wrap_in_first_burst", "the very first burst holds the wrap: each packet still has its index")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    for sequence in range(65530, 65546):
        case.media(camera, sequence)


@define("202_two_wraps", "jumps of up to half a turn: rollover counter 2 is reached")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(GCM_128, CM256_80, sequence_offset=12345)
    for sequence in (0, 32767, 65534, 65535, 65536, 98303, 131071, 131072, 131073):
        case.media(camera, sequence)
        case.next_burst()


@define("203_leg_wraps_first", "the leg's sequence wraps where the publisher's does not")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_32, CM_80, sequence_offset=65430)
    for sequence in range(100, 112):
        case.media(camera, sequence)


@define("204_publisher_wraps_first", "the publisher's sequence wraps where the leg's does not")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(GCM_128, GCM_128, sequence_offset=30000)
    case.media(camera, 65533)
    case.next_burst()
    for sequence in range(65534, 65540):
        case.media(camera, sequence)


@define("205_reorder_around_wrap", "late packets from before the wrap keep the old rollover counter")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, CM_80)
    case.media(camera, 65500)
    case.next_burst()
    for sequence in (65534, 65536, 65535, 65538, 65533, 65537, 65501):
        case.media(camera, sequence)


@define("210_reorder_and_loss", "gaps and swapped packets of one burst go out as they came, gaps included")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128, sequence_offset=100)
    for sequence in (500, 502, 501, 510, 505, 507, 506, 530, 529, 504):
        case.media(camera, sequence)


@define("211_duplicates", "a packet that comes twice in a burst, and again in a later one, is forwarded once")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 10)
    case.media(camera, 10, drop="srtp_replayed")
    case.media(camera, 11)
    case.media(camera, 10, drop="srtp_replayed")
    case.next_burst()
    case.media(camera, 11, drop="srtp_replayed")
    case.media(camera, 12)
    case.media(camera, 12, drop="srtp_replayed")


@define("212_duplicates_plain", "duplicates of plain RTP are dropped alike")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(NONE, GCM_128)
    case.media(camera, 10)
    case.media(camera, 10, drop="srtp_replayed")
    case.next_burst()
    case.media(camera, 10, drop="srtp_replayed")
    case.media(camera, 11)


@define("213_replay_window", "1024 indices: the oldest inside is taken, the newest outside is too old")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(GCM_128, CM_80)
    case.media(camera, 1)
    case.next_burst()
    case.media(camera, 2000)
    case.next_burst()
    case.media(camera, 2000 - 1023)
    case.media(camera, 2000 - 1024, drop="srtp_too_old")
    case.media(camera, 2, drop="srtp_too_old")
    case.media(camera, 1999)
    case.media(camera, 2000 - 1023, drop="srtp_replayed")
    case.media(camera, 2001)
    case.next_burst()
    case.media(camera, 2000 - 1022)
    case.media(camera, 1999, drop="srtp_replayed")


@define("214_forged_jump", "a packet that does not authenticate moves neither index nor window")
def _(case: Case) -> None:
    alice, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 1000)
    case.next_burst()
    forged = bytearray(case.sealed(camera, case.packet(camera, 30000)))
    forged[-1] ^= 1
    case.frame(alice.inward().frame(bytes(forged)), drop="srtp_auth_failed")
    case.media(camera, 1001)
    case.next_burst()
    forged = bytearray(case.sealed(camera, case.packet(camera, 1002)))
    forged[-1] ^= 1
    case.frame(alice.inward().frame(bytes(forged)), drop="srtp_auth_failed")
    case.media(camera, 1002)
    case.media(camera, 999)


@define("215_wrong_rollover_counter", "a packet of another rollover counter in front costs the publisher's first packet")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, TURN + 5, drop="srtp_auth_failed")
    case.media(camera, 6, drop="srtp_auth_failed")
    case.media(camera, 7)


@define("216_publisher_of_long_standing", "a publisher that has wrapped three times is understood at its sixth packet")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(GCM_128, CM_80)
    for n in range(5):
        case.media(camera, 3 * TURN + 65532 + n % 3, drop="srtp_auth_failed")
    for n in range(8):
        case.media(camera, 3 * TURN + 65530 + n)


@define("220_leg_starts_late", "a leg whose first packet has publisher's rollover counter 1 begins with 0")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE, NONE, NONE)
    bob = case.transport("bob", BOB, None, NONE)
    carol = case.transport("carol", CAROL, None, GCM_128)
    camera = case.track(alice)
    case.leg(camera, bob, BOB_SSRC)
    late = case.leg(camera, carol, CAROL_SSRC, sequence_offset=10)
    whole = 1500 - 20 - 8 - 12  # too long for the leg that adds a tag
    case.media(camera, 65533, whole, egress={late: "mtu_exceeded"})
    case.next_burst()
    case.media(camera, 65535, whole, egress={late: "mtu_exceeded"})
    case.media(camera, TURN + 1, whole, egress={late: "mtu_exceeded"})
    case.next_burst()
    case.media(camera, TURN + 2)
    case.media(camera, TURN + 3)
    case.media(camera, TURN + 0)
    case.media(camera, 65534)  # 12 - 4 = 8: still at or above the leg's index 0
    case.media(camera, TURN + 4)


@define("221_before_first", "late packets that would lie before the leg's index 0 are not sent to that leg")
def _(case: Case) -> None:
    alice = case.transport("alice", ALICE)
    bob = case.transport("bob", BOB)
    carol = case.transport("carol", CAROL, CM_80, GCM_128)
    camera = case.track(alice)
    low = case.leg(camera, bob, BOB_SSRC, sequence_offset=65530)  # begins with 10 + 65530 = 4
    case.leg(camera, carol, CAROL_SSRC)
    case.media(camera, 10)
    case.media(camera, 6)
    case.media(camera, 5, egress={low: "before_first"})
    case.media(camera, 3, egress={low: "before_first"})
    case.media(camera, 11)


@define("230_plain_restart", "plain RTP that restarts behind the window goes on with its second packet in order")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(NONE, GCM_128)
    case.media(camera, 5000)
    case.media(camera, 5001)
    case.next_burst()
    case.media(camera, 100, drop="srtp_too_old")
    case.media(camera, 101, index=TURN + 101)
    case.media(camera, 102, index=TURN + 102)
    case.next_burst()
    case.media(camera, 103, index=TURN + 103)


@define("231_plain_stray", "one stray packet of plain RTP far ahead costs the true source one packet")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(NONE, CM_80)
    case.media(camera, 100)
    case.next_burst()
    case.media(camera, 30000)
    case.next_burst()
    case.media(camera, 101, drop="srtp_too_old")
    case.media(camera, 102, index=TURN + 102)
    case.next_burst()
    case.media(camera, 103, index=TURN + 103)
    case.media(camera, 104, index=TURN + 104)


@define("232_plain_wrap", "plain RTP wraps as SRTP does")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(NONE, CM_80, sequence_offset=5)
    case.media(camera, 65531)
    case.next_burst()
    for sequence in range(65532, 65540):
        case.media(camera, sequence)


@define("233_srtp_does_not_resynchronize", "SRTP that restarts behind the window stays too old, in order or not")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(CM_80, GCM_128)
    case.media(camera, 5000)
    case.next_burst()
    for sequence in range(100, 104):
        case.media(camera, sequence, drop="srtp_too_old")
    case.media(camera, 5001)


@define("234_plain_stray_in_burst", "a stray packet in one burst with the true source's costs it one packet, too")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(NONE, CM_80)
    case.media(camera, 100)
    case.next_burst()
    case.media(camera, 30000)
    case.media(camera, 101, drop="srtp_too_old")
    for sequence in range(102, 110):
        case.media(camera, sequence, index=TURN + sequence)
    case.next_burst()
    case.media(camera, 110, index=TURN + 110)


@define("235_plain_restart_in_burst", "the restart stands in one burst with the end of what was before")
def _(case: Case) -> None:
    _, camera, _ = case.alice_to_bob(NONE, GCM_128)
    case.media(camera, 5000)
    case.media(camera, 5001)
    case.media(camera, 100, drop="srtp_too_old")
    for sequence in range(101, 105):
        case.media(camera, sequence, index=TURN + sequence)
