"""What befalls the fleet, step by step, and how long media was away. All moments are of time.time()."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from arrivals import Arrivals
from fleet_sites import DemoSites
from fleet_view import FleetView
from processes import DemoError, expect

ORIGIN, NEXT_ORIGIN, FAR = "us-east", "us-west", "germany"
CUT_S = 8
_CUT_GOAL_S, _MOVE_GOAL_S, _PATH_GOAL_S = 1.0, 2.0, 1.5
_BUSY_HOST = 2  # a goal may be missed by this factor: the host has other things to do
_DEADLINE_S = 15.0
_STEADY_S = 4.0  # a path is broken for so long that what came by it in between is seen
# Behind what a publisher has sent before it moves: receivers take smaller ones for packets of long ago.
_SEQUENCE_STEP = 1000
# What each step takes at least, without its pause; in order.
STEPS_S = (CUT_S + 2, 4, _STEADY_S + 2)
LEAST_PAUSE_S = (2, 6, 6, 2)  # before each step, and after the last: links settle


@dataclass
class Recovery:
    name: str
    seconds: float
    goal_s: float

    @property
    def is_good(self) -> bool:
        return self.seconds <= self.goal_s * _BUSY_HOST

    def __str__(self) -> str:
        text = f"{self.name}: {self.seconds:.2f} s (goal: {self.goal_s:g} s)"
        if self.seconds <= self.goal_s:
            return text
        return text + (": missed, within what a busy host is allowed" if self.is_good else ": MISSED")


class Incident:
    def __init__(self, sites: DemoSites, arrivals: Arrivals, view: FleetView, end: float) -> None:
        """`end`: until when all shall be over; what the steps do not need goes into the pauses between them."""
        self._sites, self._arrivals, self._view, self._end = sites, arrivals, view, end
        self.recoveries: list[Recovery] = []

    def run(self) -> None:
        self._wait_for_all("media everywhere", time.time() - 0.1, self._sites.names)
        self._pause(0)
        self._cut_origin()
        self._pause(1)
        self._move_publisher()
        self._pause(2)
        self._cut_path()
        self._pause(3)
        self._wait_for_all("media everywhere at the end", time.time(), self._sites.names)

    # ---- steps

    def _cut_origin(self) -> None:
        others = self._sites.names[1:]
        self._view.say(f"1. {ORIGIN} is cut from all others for {CUT_S} s")
        begin = time.time()
        with self._sites.wan.cut(ORIGIN):
            self._view.watch(CUT_S)
            self._view.refresh()
        end, verdict = time.time(), self._view.state(ORIGIN).verdict
        self._note("media is back everywhere after the cut", self._wait_for_all("media", end, others) - end,
                   _CUT_GOAL_S)
        local = max(self._arrivals.longest_gap(ORIGIN, track, begin) for track in self._sites.track_names)
        self._view.say(f"   drains: {self._view.drains()}; {ORIGIN} concluded {verdict}; in {ORIGIN} itself media "
                       f"never paused for more than {local:.2f} s")

    def _move_publisher(self) -> None:
        origin, following = self._sites[ORIGIN], self._sites[NEXT_ORIGIN]
        self._view.say(f"2. the publisher moves from {ORIGIN} to {NEXT_ORIGIN}: DELETE there, PUT here, by the API")
        sequences = {ssrc: (number + _SEQUENCE_STEP) & 0xFFFF
                     for ssrc, number in self._arrivals.last_sequences(ORIGIN).items()}
        begin = time.time()
        origin.lose_publisher()
        origin.withdraw()
        following.offer()
        following.start_publisher(sequences)
        expect(self._view.watch_until(lambda: self._arrivals.first_sent(NEXT_ORIGIN) is not None, _DEADLINE_S),
               "the publisher does not begin anew")
        sends = self._arrivals.first_sent(NEXT_ORIGIN) or begin
        # From its first packet on: what it sent before, in the other site, may have been underway until now.
        self._note(f"media is back in {FAR} after the move", self._wait_for_all("media", sends, [FAR]) - begin,
                   _MOVE_GOAL_S)
        self._view.say(f"   of these the publisher itself took {sends - begin:.2f} s")
        self._wait_for_all("media from the new origin", sends, self._sites.names)

    def _cut_path(self) -> None:
        self._view.say(f"3. only media is cut, and only between {NEXT_ORIGIN} and {FAR}")
        begin = time.time()
        self._sites.wan.both(NEXT_ORIGIN, FAR, cut="media")
        self._view.watch(_STEADY_S)
        self._wait_for_all("media by another way", time.time() - 0.2, [FAR])
        away = max(self._arrivals.longest_gap(FAR, track, begin) for track in self._sites.track_names)
        self._view.refresh()
        by = sorted({self._view.state(FAR).upstreams.get(track, "nobody") for track in self._sites.track_names})
        expect(NEXT_ORIGIN not in by, f"{FAR} still says that media comes from {NEXT_ORIGIN}")
        self._note(f"{FAR} gets it by way of {' and '.join(by)} after", away, _PATH_GOAL_S)
        self._sites.wan.both(NEXT_ORIGIN, FAR, cut="none")

    # ---- what they share

    def _note(self, name: str, seconds: float, goal_s: float) -> None:
        self.recoveries.append(Recovery(name, seconds, goal_s))
        self._view.say(f"   {self.recoveries[-1]}")

    def _pause(self, index: int) -> None:
        needed = sum(STEPS_S[index:]) + sum(LEAST_PAUSE_S[index:])
        spare = max(0.0, self._end - time.time() - needed) / (len(LEAST_PAUSE_S) - index)
        self._view.watch(LEAST_PAUSE_S[index] + spare)

    def _wait_for_all(self, what: str, moment: float, sites: Iterable[str]) -> float:
        """When the last of these sites had the first packet after the moment of each track."""
        wanted = [(site, track) for site in sites for track in self._sites.track_names]

        def missing() -> list[tuple[str, str]]:
            return [each for each in wanted if self._arrivals.first_after(*each, moment) is None]

        if not self._view.watch_until(lambda: not missing(), _DEADLINE_S):
            raise DemoError(f"{what}: " + ", ".join(f"no {track} in {site}" for site, track in missing()))
        return max(self._arrivals.first_after(*each, moment) or 0.0 for each in wanted)
