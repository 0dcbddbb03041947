"""A site loses all others for a while, or all do: what heals by itself drains nobody, and media come back at once."""

import argparse
import time
from pathlib import Path

from netns import ROOT, Cases, conclude, expect  # first: it makes the demo's modules known

from site_incident import DRAINS, ORIGIN, Incident, missing
from wan import ALL

CUTS_S = [1.0, 5.0, 10.0, 14.0]
BACK_S = 1.0
CONVICTED_S = 5.0  # a cut as long as this brings a verdict: down_ms, and what a helper may take
GAP_S = 0.3  # where nothing is cut: of media that a pause of the host delays
# As short as the configuration allows.
SHORT = {"isolation": {"soft_drain_ms": 6000, "hard_drain_ms": 12000}}
SOFT_S, HARD_S = 6.0, 12.0


def expect_local(incident: Incident, begin: float) -> None:
    """The subscriber at the publisher's own site has missed nothing."""
    now = time.monotonic()
    lost, gap = missing(incident.local(), begin, now), incident.local().longest_gap(begin, now)
    print(f"   {ORIGIN}'s own subscriber: {lost} packets lost, the longest gap {gap * 1e3:.0f} ms")
    expect(lost == 0 and gap < GAP_S, f"the local subscriber lost {lost} packets, or waited for {gap:.3f} s")


def cut(incident: Incident, seconds: float) -> None:
    """Shorter than soft_drain_ms: verdicts, but no drain."""
    incident.await_verdicts()
    begin = incident.begin()
    incident.wan.cut_for(seconds, ORIGIN)
    end = time.monotonic()
    incident.expect_back(end, BACK_S, incident.remote(), f"a cut of {seconds:g} s")
    back = time.monotonic()
    time.sleep(5)  # leases end within the time of a refresh
    for each in incident.remote():
        gap = each.longest_gap(back, time.monotonic())
        expect(gap < GAP_S, f"{each.name}: no media for {gap:.3f} s when all was well again")
    verdicts = incident.journal(begin, ["verdict"], [ORIGIN])
    print(f"   {len(verdicts)} verdicts at {ORIGIN}: {'; '.join(entry.text for entry in verdicts[:2])}")
    expect(seconds <= CONVICTED_S or bool(verdicts), "no verdict: that nobody drains would prove nothing")
    incident.expect_none(begin, *DRAINS)
    expect_local(incident, begin)


def drain(incident: Incident) -> None:
    """Longer than soft_drain_ms: it does drain, softly, and is in service again."""
    incident.await_verdicts()
    begin = incident.begin()
    with incident.wan.cut(ORIGIN):
        soft = incident.await_entry(begin, "soft_drain", ORIGIN, 2 * SOFT_S + 5)
        expect(soft.at - begin > SOFT_S, f"soft drain after {soft.at - begin:.1f} s")
        print(f"   soft drain {soft.at - begin:.1f} s after the cut: {soft.text}")
    end = time.monotonic()
    incident.expect_back(end, BACK_S, incident.remote(), "a cut with a drain")
    ended = incident.await_entry(end, "drain_ended", ORIGIN, 5)
    incident.hold("in service again", ended.at - end, 1.5)
    found = incident.journal(begin, DRAINS)
    expect([each.site for each in found] == [ORIGIN], f"others drain, too: {'; '.join(map(str, found))}")
    expect_local(incident, begin)


def common(incident: Incident) -> None:
    """No site reaches any other, for longer than a hard drain would take."""
    incident.await_verdicts()
    begin = incident.begin()
    incident.wan.both(ALL, ALL, cut="all")
    try:
        time.sleep(HARD_S + 5)
    finally:
        incident.wan.both(ALL, ALL, cut="none")
    end = time.monotonic()
    incident.expect_back(end, BACK_S, incident.remote(), "all links were cut")
    time.sleep(2)
    drains = incident.journal(begin, DRAINS)
    print(f"   drains: {'; '.join(map(str, drains)) or 'none'}")
    incident.expect_none(begin, "hard_drain")
    expect_local(incident, begin)


def test(build: Path, folder: Path) -> None:
    cases = Cases()
    with Incident(build, folder / "default") as incident:
        for seconds in CUTS_S:
            cases.run(f"cut of {seconds:g} s", lambda: cut(incident, seconds))
    with Incident(build, folder / "short", more=SHORT) as incident:
        cases.run("cut beyond the soft drain", lambda: drain(incident))
        cases.run("all links cut", lambda: common(incident))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("site_cuts", lambda folder, _: test(built, folder))
