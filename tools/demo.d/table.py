"""What the demo shows: the live table, and the summary."""

import sys
import time
from collections.abc import Mapping, Sequence

from monitor import LegMeter

_HEAD = (f"{'leg':<28} {'packets':>8} {'kbit/s':>8} {'lost':>6}   "
         f"{'added latency, us: p50':>22} {'p99':>7} {'max':>7}")

_IN_FLIGHT_NS = 200_000_000


def leg_row(meter: LegMeter, kilobits: float, lost: str) -> str:
    p50, p99, highest = meter.latency_us()
    return (f"{meter.leg.name:<28} {meter.packets:>8} {kilobits:>8.0f} {lost:>6}   "
            f"{p50:>22.0f} {p99:>7.0f} {highest:>7.0f}")


class LiveTable:
    """Redrawn in place on a terminal, one block after the other elsewhere."""

    def __init__(self, meters: Sequence[LegMeter]) -> None:
        self._meters = meters
        self._tty = sys.stdout.isatty()
        self._lines_drawn = 0
        self._last = (time.monotonic(), [meter.bytes for meter in meters])

    def draw(self, elapsed_s: float, drops: Mapping[str, int]) -> None:
        now, sizes = time.monotonic(), [meter.bytes for meter in self._meters]
        interval = now - self._last[0]
        rates = [(size - before) * 8 / 1000 / interval for size, before in zip(sizes, self._last[1])]
        self._last = (now, sizes)
        lines = [f"t = {elapsed_s:.0f} s", _HEAD]
        lines += [leg_row(meter, rate, str(overdue(meter))) for meter, rate in zip(self._meters, rates)]
        lines.append("drops in the appliance: " + describe_drops(drops))
        if self._tty and self._lines_drawn:
            print(f"\x1b[{self._lines_drawn}A\x1b[J", end="")
        print("\n".join(lines) if self._tty else "\n".join(["", *lines]), flush=True)
        self._lines_drawn = len(lines)


def overdue(meter: LegMeter) -> int:
    """Lost so far: what is not delivered, without what may still be in flight."""
    return meter.lost_before(time.time_ns() - _IN_FLIGHT_NS)


def describe_drops(drops: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(drops.items())) or "none"


def summary(meters: Sequence[LegMeter], seconds: float, decoded: Mapping[str, str]) -> str:
    """`decoded`: leg name -> what came out of its decoder."""
    lines = [_HEAD + "   decoded"]
    for meter in meters:
        kilobits = meter.bytes * 8 / 1000 / seconds
        lines.append(leg_row(meter, kilobits, str(meter.lost)) + "   " + decoded[meter.leg.name])
    return "\n".join(lines)
