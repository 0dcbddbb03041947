"""When media arrived at each site's subscriber and left each publisher, by packet sockets with the kernel's times."""

import selectors
import threading
import time
from bisect import bisect_right

from fleet_sites import DemoSites
from monitor import PACKET_HOST, PACKET_OUTGOING, Capture

_RATE_S = 1.0


class Arrivals:
    """A thread of its own reads; all moments are of time.time()."""

    def __init__(self, sites: DemoSites) -> None:
        self._ports = sites.tracks_by_port
        self._times: dict[tuple[str, str], list[float]] = {
            (site, track): [] for site in sites.names for track in sites.track_names}
        self._sent: dict[str, dict[int, tuple[float, float, int]]] = {site: {} for site in sites.names}
        self._selector = selectors.DefaultSelector()
        self._captures = []
        for site in sites.all():
            for kind in (PACKET_HOST, PACKET_OUTGOING):
                capture = Capture(site.clients, kind)
                self._captures.append(capture)
                self._selector.register(capture.socket, selectors.EVENT_READ, (site.name, kind, capture))
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends.is_set():
            for key, _ in self._selector.select(0.1):
                site, kind, capture = key.data
                for packet in capture.read():
                    at = packet.time_ns / 1e9
                    if kind == PACKET_OUTGOING:
                        first = self._sent[site].get(packet.ssrc, (at, 0, 0))[0]
                        self._sent[site][packet.ssrc] = (first, at, packet.sequence)
                    elif packet.target.port in self._ports:
                        self._times[site, self._ports[packet.target.port]].append(at)

    def close(self) -> None:
        self._ends.set()
        self._thread.join()
        self._selector.close()
        for capture in self._captures:
            capture.socket.close()

    def require_complete(self) -> None:
        for capture in self._captures:
            capture.require_complete()

    def rate(self, site: str, track: str) -> float:
        """Packets per second."""
        times = self._times[site, track]
        return (len(times) - bisect_right(times, time.time() - _RATE_S)) / _RATE_S

    def first_after(self, site: str, track: str, moment: float) -> float | None:
        times = self._times[site, track]
        at = bisect_right(times, moment)
        return times[at] if at < len(times) else None

    def longest_gap(self, site: str, track: str, begin: float) -> float:
        """Seconds without a packet, from the last one before that moment until now."""
        times = self._times[site, track][:]
        times = times[max(0, bisect_right(times, begin) - 1):] + [time.time()]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)

    def first_sent(self, site: str) -> float | None:
        """When the site's publisher began with the last of its tracks; None while some are missing."""
        tracks = list(self._sent[site].values())
        return max(first for first, _, _ in tracks) if len(tracks) == len(self._ports) else None

    def last_sequences(self, site: str) -> dict[int, int]:
        """By SSRC."""
        return {ssrc: sequence for ssrc, (_, _, sequence) in self._sent[site].items()}
