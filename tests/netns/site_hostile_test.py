"""What strangers, forgers, and a node's own damaged or foreign secrets can do to a fleet: nothing but to be counted."""

import argparse
import base64
import os
import random
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from netns import ROOT, Cases, conclude, expect, expect_conservation, write_yaml  # first: it makes modules known

import plain
from appliance import PROGRAM, telemetry_query
from site_incident import FAR, ORIGIN, TRANSIT, Incident, missing, order
from processes import write_private
from sites import NODE_PORT, Site

_FRAMES = 300  # of each kind
_FLOOD = 20_000
_PACE_S = 0.002
_FLOWS = 3
_STRANGER = "10.88.0.99"
_UDP_PAYLOAD = 14 + 20 + 8  # where it begins in a frame
_BACK_S = 5.0
_START_S = 3.0
_QUIET = ("verdict", "link_suspected", "link_down", "relay_starved", "lie", "soft_drain", "hard_drain")


class Forger:
    """Sends to a site whatever it likes, as whomever it likes, and has recorded what really passed."""

    def __init__(self, incident: Incident, victim: str, peer: str) -> None:
        self.incident, self.victim = incident, incident.site(victim)
        sites = incident.sites
        self._own = sites.wan_address(self.victim.index)
        self._peer = sites.wan_address(incident.site(peer).index)
        port = telemetry_query(self.victim.file_prefix, "/causeway/port,wan0")
        self._mac = bytes.fromhex(str(port["mac"]).replace(":", ""))
        seed = int(os.environ.get("CAUSEWAY_SEED", random.getrandbits(32)))
        print(f"   CAUSEWAY_SEED={seed}")
        self.dice = random.Random(seed)
        self._wire = incident.wan.wire(victim)
        self.beats, self.media, self.own = self._record()

    def close(self) -> None:
        self._wire.close()

    def _record(self) -> tuple[list[bytes], list[bytes], list[bytes]]:
        """Frames: messages and media of the peer, and messages to it."""
        beats, media, own = [], [], []
        to, fro = (socket.inet_aton(self._peer) + socket.inet_aton(self._own),
                   socket.inet_aton(self._own) + socket.inet_aton(self._peer))
        end = time.monotonic() + 2
        while time.monotonic() < end:
            frame = self._wire.recv(2048)
            if len(frame) <= _UDP_PAYLOAD or frame[12:14] != b"\x08\0" or frame[23] != 17:
                continue
            if frame[26:34] == to:
                (media if frame[_UDP_PAYLOAD] & 0x80 else beats).append(frame)
            elif frame[26:34] == fro and not frame[_UDP_PAYLOAD] & 0x80:
                own.append(frame)
        expect(bool(beats and media and own), f"recorded {len(beats)} messages, {len(media)} of media")
        return beats, media, own

    def frame(self, payload: bytes, source: str = "", flow: int | None = None) -> bytes:
        flow = self.dice.randrange(_FLOWS) if flow is None else flow
        ends = {"remote": f"{source or self._peer}:{NODE_PORT + flow}", "local": f"{self._own}:{NODE_PORT + flow}"}
        return plain.udp_frame(self._mac, ends, payload)

    def send(self, frames: Iterator[bytes], pace_s: float) -> None:
        for frame in frames:
            try:
                self._wire.send(frame)
            except OSError:  # the cable's queue is full
                pass
            if pace_s:
                time.sleep(pace_s)

    # ---- what is sent

    def message(self) -> bytes:
        """A real one, as it was sealed."""
        return self.dice.choice(self.beats)[_UDP_PAYLOAD:]

    def garbage(self) -> bytes:
        return self.frame(self.dice.randbytes(self.dice.randrange(1, 1473)))

    def garbage_message(self) -> bytes:
        return self.frame(b"\x01" + self.dice.randbytes(self.dice.randrange(1400)))

    def truncated(self) -> bytes:
        message = self.message()
        return self.frame(message[:self.dice.randrange(1, len(message))])

    def altered(self) -> bytes:
        message = bytearray(self.message())
        message[self.dice.randrange(1, len(message))] ^= 1 << self.dice.randrange(8)
        return self.frame(bytes(message))

    def newer_boot(self) -> bytes:
        """Costs the receiver the derivation of a key."""
        message = bytearray(self.message())
        message[4:12] = (int.from_bytes(message[4:12]) + self.dice.randrange(1, 1 << 20)).to_bytes(8)
        return self.frame(bytes(message))

    def replayed(self) -> bytes:
        return self.dice.choice(self.beats)

    def replayed_media(self) -> bytes:
        return self.dice.choice(self.media)

    def reflected(self) -> bytes:
        """The victim's own messages, as if the peer had sent them."""
        return self.frame(self.dice.choice(self.own)[_UDP_PAYLOAD:])

    def oversized(self) -> bytes:
        message = self.message()
        return self.frame(message + self.dice.randbytes(1472 - len(message)))

    def other_version(self) -> bytes:
        return self.frame(bytes([self.dice.choice((0, 2, 3))]) + self.message()[1:])

    def by_stranger(self) -> bytes:
        return self.frame(self.message(), _STRANGER)


# How a frame is made, and counters of which at least one must see it.
_KINDS: list[tuple[Callable[[Forger], bytes], tuple[str, ...]]] = [
    (Forger.garbage, ("first_byte_unknown", "rtp_wrong_version", "punted")),
    (Forger.garbage_message, ("punted",)),
    (Forger.truncated, ("punted",)),
    (Forger.altered, ("punted",)),
    (Forger.newer_boot, ("punted",)),
    (Forger.replayed, ("punted",)),
    (Forger.replayed_media, ("srtp_replayed", "srtp_too_old")),
    (Forger.reflected, ("punted",)),
    (Forger.oversized, ("punted",)),
    (Forger.other_version, ("punted",)),
    (Forger.by_stranger, ("no_transport", "source_flood")),
]


def seen(site: Site) -> dict[str, int]:
    return site.drops() | {"punted": site.counters()["punted"]}


def attack(forger: Forger, make: Callable[[Forger], bytes], counters: tuple[str, ...]) -> None:
    incident, victim = forger.incident, forger.victim
    begin, before = incident.begin(), seen(victim)
    forger.send((make(forger) for _ in range(_FRAMES)), _PACE_S)
    time.sleep(0.5)
    end = time.monotonic()
    risen = {name: count - before.get(name, 0) for name, count in seen(victim).items() if count > before.get(name, 0)}
    far = incident.subscribers[victim.name]
    lost, (repeated, _) = missing(far, begin, end), order(far, begin, end)
    print(f"   {_FRAMES} frames; media: {lost} packets lost, {repeated} twice; counted: {risen}")
    incident.require_alive()
    expect(sum(risen.get(name, 0) for name in counters) >= _FRAMES / 10, f"none of {counters} counts it")
    expect(lost == repeated == 0, f"{lost} packets lost, {repeated} twice")
    incident.expect_none(begin, *_QUIET)
    expect_conservation(victim)


def flood(forger: Forger) -> None:
    """As fast as this host sends them. Whatever does not fit is lost; nothing is concluded from that."""
    incident, victim = forger.incident, forger.victim
    frames = [forger.newer_boot() for _ in range(_FLOOD)]
    begin, before = incident.begin(), seen(victim)
    forger.send(iter(frames), 0)
    end = time.monotonic()
    incident.expect_back(end, 1.0, incident.subscribers.values(), "a flood")
    time.sleep(2)
    risen = {name: count - before.get(name, 0) for name, count in seen(victim).items() if count > before.get(name, 0)}
    far = incident.subscribers[victim.name]
    lost = missing(far, begin, time.monotonic())
    print(f"   {_FLOOD} frames in {end - begin:.2f} s; {lost} packets of media lost; counted: {risen}")
    said = incident.journal(begin)
    print(f"   journals: {'; '.join(map(str, said[:6])) or 'nothing'}")
    incident.require_alive()
    incident.expect_none(begin, "link_down", "lie", "soft_drain", "hard_drain", "starvation")
    expect_conservation(victim)


def foreign_key(build: Path, folder: Path) -> None:
    """A node with another fleet key is nobody's peer, and the others do not mind."""
    incident = Incident(build, folder, outside=[TRANSIT])
    foreign = incident.site(TRANSIT)
    key = folder / "foreign.key"
    write_private(key, base64.b64encode(os.urandom(32)).decode() + "\n")
    foreign.more["fleet"] = foreign.document()["fleet"] | {"key_file": str(key)}
    with incident:
        incident.await_verdicts()
        begin = incident.begin()
        time.sleep(4)
        end = time.monotonic()
        arrived = len(incident.subscribers[TRANSIT].arrivals)
        print(f"   {TRANSIT}: {arrived} packets of media; it says: "
              f"{'; '.join(entry.text for entry in incident.journal(0, (), [TRANSIT]))}")
        others = incident.journal(0, ["link_up", "verdict", "lie"], [ORIGIN, FAR])
        print(f"   the others say: {'; '.join(map(str, others))}")
        for name, peer in ((TRANSIT, ORIGIN), (ORIGIN, TRANSIT)):
            said = [line for line in incident.site(name).journal() if f"messages of {peer}-1 are not authentic" in line]
            expect(len(said) == 1, f"{name} says {len(said)} times that {peer}'s messages are not authentic")
        print(f"   {ORIGIN}: {said[0]}")
        expect(arrived == 0, f"it got {arrived} packets")
        expect(not incident.journal(0, ["link_up", "relay_up"], [TRANSIT]), "it has a peer")
        expect(not any(f"{TRANSIT}-1" in entry.text for entry in others if entry.kind == "link_up"), "it is a peer")
        expect(missing(incident.subscribers[FAR], begin, end) == 0, "the others lose media")
        incident.expect_none(0, "soft_drain", "hard_drain")


# ---- state

def tear(state: Path) -> None:
    state.write_bytes(state.read_bytes()[:-5])


def alter(state: Path) -> None:
    state.write_bytes(state.read_bytes().replace(b"watermark ", b"watermark 1"))


def empty(state: Path) -> None:
    state.write_bytes(b"")


def fill(state: Path) -> None:
    state.write_bytes(os.urandom(1 << 20))


def to_folder(state: Path) -> None:
    state.unlink()
    state.mkdir()


_STATES: list[tuple[Callable[[Path], None], str]] = [
    (tear, "is torn or was altered"),
    (alter, "is torn or was altered"),
    (empty, "is torn or was altered"),
    (fill, "is torn or was altered"),
    (to_folder, "cannot read"),
]


def expect_refusal(incident: Incident, site: Site, says: str) -> None:
    """It does not start, says why in one line, and leaves nothing behind."""
    file = site.folder / "refused.yaml"
    write_yaml(file, site.document())
    left = site.namespace.ip("-oneline", "link", "show"), sorted(path.name for path in site.folder.iterdir())
    begin = time.monotonic()
    ended = subprocess.run(site.namespace.command(str(incident.sites.build / PROGRAM), "run", "-c", str(file)),
                           capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
    seconds = time.monotonic() - begin
    errors = [line for line in ended.stderr.splitlines() if ": error: " in line]
    expect(len(errors) == 1, f"{len(errors)} errors:\n{ended.stderr}")
    print(f"   exit code {ended.returncode}: {errors[0].removeprefix(str(file))}")
    expect(re.fullmatch(re.escape(str(file)) + r":\d+:\d+: error: .+; .+", errors[0]) is not None,
           f"not FILE:LINE:COL: error: WHAT; MEND: {errors[0]}")
    expect(says in errors[0], f"does not say '{says}': {errors[0]}")
    expect(ended.returncode == 1, f"exit code {ended.returncode}")
    expect(seconds < _START_S, f"takes {seconds:.1f} s")
    after = site.namespace.ip("-oneline", "link", "show"), sorted(path.name for path in site.folder.iterdir())
    expect(after == left, f"before and after: {left}, {after}")


def bad_state(incident: Incident, damage: Callable[[Path], None], says: str) -> None:
    site = incident.site(FAR)
    state = site.folder / f"{site.node}.state"
    good = state.read_bytes()
    damage(state)
    try:
        expect_refusal(incident, site, says)
    finally:
        if state.is_dir():
            shutil.rmtree(state)
        state.write_bytes(good)


def bad_folder(incident: Incident) -> None:
    site = incident.site(FAR)
    blocked = site.folder / "file"
    blocked.touch()
    site.more["fleet"] = site.document()["fleet"] | {"state_folder": str(blocked / "state")}
    try:
        expect_refusal(incident, site, "cannot open")
    finally:
        del site.more["fleet"]


def starts_again(incident: Incident) -> None:
    """Nothing that failed stands in the way."""
    site = incident.site(FAR)
    site.start()
    site.wait_ready()
    incident.expect_back(time.monotonic(), _BACK_S, [incident.subscribers[FAR]], "a start")


def test(build: Path, folder: Path) -> None:
    cases = Cases()
    with Incident(build, folder / "hostile") as incident:
        incident.await_verdicts()
        with closing(Forger(incident, FAR, ORIGIN)) as forger:
            for make, counters in _KINDS:
                cases.run(make.__name__, lambda: attack(forger, make, counters))
            cases.run("flood", lambda: flood(forger))
        incident.site(FAR).process.end()
        for damage, says in _STATES:
            cases.run(f"state file: {damage.__name__}", lambda: bad_state(incident, damage, says))
        cases.run("state folder: below a file", lambda: bad_folder(incident))
        cases.run("then it starts", lambda: starts_again(incident))
    cases.run("foreign key", lambda: foreign_key(build, folder / "foreign"))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("site_hostile", lambda folder, _: test(built, folder))
