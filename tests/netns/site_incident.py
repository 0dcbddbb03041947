"""What the tests of the incident share: a fleet with one track, taken by a subscriber at each site, and what its
journals say."""

import re
import signal
import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from netns import expect  # first: it makes the demo's modules known

from processes import Processes, wait_until
from sites import Publisher, Site, Sites, Subscriber

ORIGIN, TRANSIT, FAR, FOURTH = "us-east", "us-west", "germany", "france"
THREE = [ORIGIN, TRANSIT, FAR]
FOUR = [*THREE, FOURTH]
SSRC = 1111
TRACK = {"id": "cam", "transport": "publisher", "layers": [{"name": "main", "ssrc": SSRC}]}
LEG = {"track": "cam", "transport": "subscriber", "ssrc": 2222}
STARTUP_S = 5.0
# By default nobody is convicted in the first minute: a test of so short a fleet would prove nothing.
HEARTBEAT = {"startup_ms": int(STARTUP_S * 1000)}
# As little as is configured: what peers need has room of its own.
LIMITS = {"transports": 2, "tracks": 1, "legs": 8}
DRAINS = ("soft_drain", "hard_drain")
_ENTRY = re.compile(r"(\S+) \w+ ([a-z_]+): (.*)")


@dataclass(frozen=True)
class Entry:
    """A line of a journal."""

    at: float  # by this process's monotonic clock; the journal's has milliseconds
    site: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.site}: {self.kind}: {self.text}"


class Incident:
    """A fleet that runs: the publisher's site is the first one."""

    def __init__(self, build: Path, folder: Path, names: list[str] = THREE,
                 more: Mapping[str, Any] | None = None, outside: Iterable[str] = ()) -> None:
        """`outside`: sites that are not waited for, since they will get no media."""
        folder.mkdir()
        self.processes = Processes()
        self.sites = Sites(build, names, folder, self.processes, {names[0]: [TRACK]}, {name: [LEG] for name in names},
                           {"heartbeat": HEARTBEAT, "limits": LIMITS} | dict(more or {}))
        self.wan, self.origin = self.sites.wan, self.sites[names[0]]
        self._outside = set(outside)
        self.publisher: Publisher | None = None
        self.subscribers: dict[str, Subscriber] = {}

    def __enter__(self) -> "Incident":
        try:
            self.sites.start()
            ready = time.monotonic()
            self.subscribers = {name: Subscriber(self.sites[name]) for name in self.sites.names}
            self.publisher = Publisher(self.origin, SSRC)
            for subscriber in self.served():
                subscriber.first_after(ready, 10)
            self._verdicts_at = ready + STARTUP_S
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self.publisher:
            self.publisher.end()
        for subscriber in self.subscribers.values():
            subscriber.end()
        self.sites.remove()
        self.processes.end_all()

    def site(self, name: str) -> Site:
        return self.sites[name]

    def served(self) -> list[Subscriber]:
        return [each for name, each in self.subscribers.items() if name not in self._outside]

    def remote(self) -> list[Subscriber]:
        """Subscribers at other sites than the publisher's."""
        return [each for name, each in self.subscribers.items() if name != self.origin.name]

    def local(self) -> Subscriber:
        return self.subscribers[self.origin.name]

    def require_alive(self) -> None:
        for name in self.sites.names:
            process = self.site(name).process
            if process:
                process.require_alive()

    def await_verdicts(self) -> None:
        """Returns when all nodes are old enough to convict."""
        time.sleep(max(0.0, self._verdicts_at - time.monotonic()))

    def begin(self) -> float:
        """All sites have media; what is said of lateness is counted from here."""
        begin = time.monotonic()
        for subscriber in self.served():
            subscriber.first_after(begin, 10)
        self.wan.reset()
        return begin

    # ---- journals

    def journal(self, since: float = 0, kinds: Iterable[str] = (), names: Iterable[str] = ()) -> list[Entry]:
        """In the order of time. Of all kinds and sites, if none is named."""
        offset = time.time() - time.monotonic()
        entries = []
        for name in names or self.sites.names:
            for line in self.site(name).journal():
                found = _ENTRY.fullmatch(line)
                if not found or (kinds and found[2] not in kinds):
                    continue
                entry = Entry(datetime.fromisoformat(found[1]).timestamp() - offset, name, found[2], found[3])
                if entry.at > since - 0.002:
                    entries.append(entry)
        return sorted(entries, key=lambda entry: entry.at)

    def await_entry(self, since: float, kind: str, name: str, deadline_s: float, says: str = "") -> Entry:
        found: list[Entry] = []

        def is_there() -> bool:
            found.extend(entry for entry in self.journal(since, [kind], [name]) if says in entry.text)
            return bool(found)

        expect(wait_until(is_there, deadline_s, 0.1), f"{name}: no '{kind}: {says}' within {deadline_s:g} s")
        return found[0]

    def expect_none(self, since: float, *kinds: str) -> None:
        # That this node stood still is the host's doing, and no verdict on anybody.
        found = [entry for entry in self.journal(since, kinds) if "this node stood still" not in entry.text]
        expect(not found, f"{len(found)} of {', '.join(kinds)}: {'; '.join(map(str, found[:4]))}")

    # ---- figures

    def hold(self, what: str, seconds: float, goal_s: float) -> None:
        """A time that must be within its goal. What the host was late is added, but never as much again as the goal."""
        late = self.wan.stats()["late_us"]
        stalls = len([entry for entry in self.journal(0, ["stalled"])])
        print(f"   {what}: {seconds * 1e3:.0f} ms, goal {goal_s * 1e3:.0f} ms (WAN late: p99 {late['p99']} us, worst "
              f"{late['worst']} us; {stalls} stalls of a control thread so far)", flush=True)
        bound = min(goal_s + late["worst"] / 1e6, 2 * goal_s)
        expect(seconds <= bound, f"{what}: {seconds:.3f} s, goal {goal_s:g} s, allowed {bound:.3f} s")

    def hold_all(self, what: str, seconds: Iterable[float], goal_s: float) -> None:
        """Of several rounds."""
        rounds = sorted(seconds)
        print(f"   {what}, {len(rounds)} rounds: median {statistics.median(rounds) * 1e3:.0f} ms, worst "
              f"{rounds[-1] * 1e3:.0f} ms", flush=True)
        self.hold(f"{what}, worst", rounds[-1], goal_s)

    def expect_back(self, moment: float, goal_s: float, subscribers: Iterable[Subscriber], what: str) -> None:
        """Media at each subscriber soon after the moment."""
        for subscriber in subscribers:
            self.hold(f"{subscriber.name}: media after {what}", subscriber.first_after(moment, 20), goal_s)


def missing(subscriber: Subscriber, begin: float, end: float) -> int:
    """Packets between the first and the last one that arrived in this time which did not."""
    numbers = {sequence for at, sequence, _ in list(subscriber.arrivals) if begin < at < end}
    expect(bool(numbers), f"{subscriber.name}: no media at all")
    return max(numbers) - min(numbers) + 1 - len(numbers)


def order(subscriber: Subscriber, begin: float, end: float) -> tuple[int, int]:
    """How many packets came that had come before, and how many came behind a later one."""
    numbers = [sequence for at, sequence, _ in list(subscriber.arrivals) if begin < at < end]
    return len(numbers) - len(set(numbers)), sum(a > b for a, b in zip(numbers, numbers[1:]))


def restart(site: Site, how: signal.Signals = signal.SIGKILL) -> None:
    """Ends the appliance, and starts it with its document as it is now. It is not ready yet."""
    end(site, how)
    site.start()


def end(site: Site, how: signal.Signals = signal.SIGKILL) -> None:
    if how == signal.SIGKILL:
        return site.kill()
    assert site.process
    code = site.process.end()
    expect(code == 0, f"{site.name}: SIGTERM ends it with exit code {code}\n{site.process.tail()}")
