"""SIGTERM ends the appliance in time and without remains, so that the next start works."""

import time

from netns import Bench, expect, main

_DEADLINE_S = 1.0


def end_in_time(bench: Bench, start: str) -> None:
    appliance = bench.start_appliance()
    # Only the signal here, not Appliance.end: what the appliance leaves behind must not be tidied up for it.
    begin = time.monotonic()
    code = appliance.process.end(deadline_s=10)
    seconds = time.monotonic() - begin
    expect(code == 0, f"{start} start: SIGTERM ends it with exit code {code}\n{appliance.process.tail()}")
    expect(seconds <= _DEADLINE_S, f"{start} start: SIGTERM ends it after {seconds:.2f} s")
    expect(not appliance.answers_telemetry(), f"{start} start: telemetry still answers")
    links = bench.topology.appliance.ip("-oneline", "link", "show")
    expect(bench.config.exception_interface not in links, f"{start} start: an interface is left:\n{links}")
    expect(bench.config.port_interface in links, f"{start} start: the port's interface is gone:\n{links}")


def test(bench: Bench) -> None:
    """Starts and ends it twice in the same namespace, with the same runtime folder."""
    end_in_time(bench, "first")
    end_in_time(bench, "second")


if __name__ == "__main__":
    main("sigterm", test)
