"""What the fleet looks like now, asked of each appliance and seen on the wire; and the screen that shows it."""

import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance import telemetry_query
from arrivals import Arrivals
from fleet_sites import DemoSite, DemoSites
from processes import DemoError

_REDRAW_S = 1.0  # on a terminal
_LINE_S = 4.0  # elsewhere
_POLL_S = 0.02
_DRAIN = re.compile(r"^\S+ \w+ (?:soft|hard)_drain: ", re.MULTILINE)


@dataclass
class SiteState:
    """Of one appliance; empty while it does not answer."""

    answers: bool = False
    drain: str = "none"
    verdict: str = ""
    forwarded: int = 0
    forwarded_per_s: float = 0
    dropped: int = 0
    legs: int = 0  # of subscribers and relays
    links: dict[str, str] = field(default_factory=dict)  # other site -> state
    upstreams: dict[str, str] = field(default_factory=dict)  # track -> from where


class FleetView:
    def __init__(self, sites: DemoSites, arrivals: Arrivals) -> None:
        self._sites, self._arrivals = sites, arrivals
        self._begin = time.monotonic()
        self._tty = sys.stdout.isatty()
        self._lines_drawn = 0
        self._draw_at = 0.0
        self._drawn_at = self._begin
        self._states = {name: SiteState() for name in sites.names}
        self.peak_legs = 0

    def say(self, text: str) -> None:
        """A line that stays."""
        self._erase()
        print(text, flush=True)
        self._draw_at = 0.0

    def watch(self, seconds: float) -> None:
        self.watch_until(lambda: False, seconds)

    def watch_until(self, condition: Callable[[], bool], deadline_s: float) -> bool:
        """Shows the fleet until the condition holds or the time is over; returns what it was last."""
        end = time.monotonic() + deadline_s
        while not condition():
            now = time.monotonic()
            if now >= end:
                return False
            if now >= self._draw_at:
                self._draw_at = now + (_REDRAW_S if self._tty else _LINE_S)
                self.refresh()
                self._draw()
            time.sleep(min(_POLL_S, max(0.0, end - time.monotonic())))
        return True

    def drains(self) -> int:
        """That any appliance began, as its log has it."""
        return sum(len(_DRAIN.findall("\n".join(site.journal()))) for site in self._sites.all())

    def state(self, site: str) -> SiteState:
        return self._states[site]

    def refresh(self) -> None:
        now = time.monotonic()
        interval, self._drawn_at = now - self._drawn_at, now
        for site in self._sites.all():
            if site.process:
                site.process.require_alive()
            before, state = self._states[site.name], _ask(site)
            state.forwarded_per_s = (state.forwarded - before.forwarded) / interval if before.answers else 0
            self._states[site.name] = state
        self.peak_legs = max(self.peak_legs, sum(state.legs for state in self._states.values()))

    # ---- the screen

    def _erase(self) -> None:
        if self._tty and self._lines_drawn:
            print(f"\x1b[{self._lines_drawn}A\x1b[J", end="")
        self._lines_drawn = 0

    def _draw(self) -> None:
        lines = self._table() if self._tty else [self._line()]
        self._erase()
        print("\n".join(lines), flush=True)
        self._lines_drawn = len(lines)

    def _table(self) -> list[str]:
        names = self._sites.names
        lines = ["", f"t = {time.monotonic() - self._begin:.0f} s",
                 f"{'site':<10} {'appliance':<10} {'drain':<6} {'verdict':<14} {'packets/s':>9} {'dropped':>8} "
                 f"{'legs':>5}"]
        lines += [f"{name:<10} {'up' if state.answers else 'silent':<10} {state.drain:<6} {state.verdict:<14} "
                  f"{state.forwarded_per_s:>9.0f} {state.dropped:>8} {state.legs:>5}"
                  for name, state in self._states.items()]
        lines += [f"{'link':<22} state at either end"]
        lines += [f"{a + ' -- ' + b:<22} {self._states[a].links.get(b, '?'):<24} {self._states[b].links.get(a, '?')}"
                  for i, a in enumerate(names) for b in names[i + 1:]]
        lines += [f"{'track':<12}" + "".join(f" {'at ' + name:<22}" for name in names)]
        for track in self._sites.track_names:
            lines.append(f"{track:<12}" + "".join(f" {self._cell(name, track):<22}" for name in names))
        return [line.rstrip() for line in lines]

    def _cell(self, site: str, track: str) -> str:
        return f"{self._arrivals.rate(site, track):.0f}/s from {self._states[site].upstreams.get(track, 'nobody')}"

    def _line(self) -> str:
        names, states = self._sites.names, self._states
        pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
        links = sum(all(states[x].links.get(y, "").startswith("up") for x, y in ((a, b), (b, a))) for a, b in pairs)
        tracks = "; ".join(f"{track} " + ", ".join(f"{name} {self._cell(name, track)}" for name in names)
                           for track in self._sites.track_names)
        return (f"t = {time.monotonic() - self._begin:.0f} s: {sum(state.answers for state in states.values())} sites, "
                f"{links} of {len(pairs)} links, {sum(state.legs for state in states.values())} legs; {tracks}")


def _ask(site: DemoSite) -> SiteState:
    state = SiteState()
    try:
        api = site.api()
        _take_status(state, api.get("/v1/status"))
        _take_peers(state, api.get("/v1/peers"))
        _take_relays(state, site, api.get("/v1/relays"))
        counters = site.counters()
        state.forwarded = counters["forwarded"]
        state.dropped = sum(counters["drops"].values()) + sum(counters["egress_drops"].values())
        legs = telemetry_query(site.file_prefix, "/causeway/legs")
        state.legs = sum(1 for name in legs["names"] if name) if isinstance(legs, dict) else 0
        state.answers = True
    except DemoError:
        pass  # shown as silent; one that ended ends the demo
    return state


def _take_status(state: SiteState, status: Mapping[str, Any]) -> None:
    state.drain = status["drain"]["state"]
    state.verdict = status["verdict"]


def _take_peers(state: SiteState, peers: Mapping[str, Any]) -> None:
    for peer in peers["items"]:
        text = peer["link"]
        if text == "up":
            text = f"up {peer['round_trip_seconds'] * 1000:.0f} ms" + ("" if peer["settled"] else ", not settled")
            if not peer["reachable"]:
                text = "suspected"
        state.links[peer["site"]] = text


def _take_relays(state: SiteState, site: DemoSite, relays: Mapping[str, Any]) -> None:
    for relay in relays["items"]:
        if relay["origin_here"]:
            state.upstreams[relay["track"]] = "publisher"
        elif relay["upstream"] and relay["fed"]:
            node = relay["upstream"]["node"]
            state.upstreams[relay["track"]] = site.site_of(node)
