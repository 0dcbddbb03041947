"""Appliances end and start again, one or all, and a publisher moves to another site: media come back, by no verdict."""

import argparse
import signal
import time
from pathlib import Path

from netns import ROOT, Cases, conclude, expect  # first: it makes the demo's modules known

from site_incident import FAR, ORIGIN, SSRC, STARTUP_S, TRACK, TRANSIT, Incident, end, missing, order, restart
from sites import Publisher

ALL_BACK_S = 5.0
MOVED_S = 2.0
RESTARTED_S = 5.0


def all_at_once(incident: Incident, how: signal.Signals) -> None:
    incident.await_verdicts()
    begin = incident.begin()
    for site in incident.sites.sites.values():
        end(site, how)
    for site in incident.sites.sites.values():
        site.start()
    for site in incident.sites.sites.values():
        site.wait_ready()
    ready = time.monotonic()
    incident.expect_back(ready, ALL_BACK_S, incident.subscribers.values(), f"{how.name} of all")
    time.sleep(STARTUP_S + 1)  # so that they may convict
    now = time.monotonic()
    incident.expect_none(begin, "verdict", "soft_drain", "hard_drain", "starvation", "gate_refused")
    for each in incident.subscribers.values():
        lost = missing(each, now - 3, now)
        expect(lost == 0, f"{each.name} lost {lost} packets after all was back")


def move(incident: Incident, is_old_alive: bool) -> None:
    """The publisher goes to another site, whose appliance starts with a document that has the track. The old site's
    appliance was killed, or goes on with a claim that is no longer true: whose own subscriber waits for its own
    publisher then."""
    incident.await_verdicts()
    begin = incident.begin()
    old, new = incident.site(ORIGIN), incident.site(TRANSIT)
    assert incident.publisher
    incident.publisher.end()
    if not is_old_alive:
        old.kill()
    new.more["tracks"] = [TRACK]
    end(new, signal.SIGTERM)
    incident.publisher = Publisher(new, SSRC)
    started = time.monotonic()
    new.start()
    published = incident.await_entry(started, "published", TRANSIT, 10)
    for name in (TRANSIT, FAR):
        seconds = incident.subscribers[name].first_after(published.at, 20)
        incident.hold(f"{name}: media after the track is published at {TRANSIT}", seconds, MOVED_S)
    new.wait_ready()
    time.sleep(3)
    settled = time.monotonic()
    if not is_old_alive:
        # It comes back as what it is now: a site without the publisher.
        old.more["tracks"] = []
        old.start()
        old.wait_ready()
        incident.expect_back(time.monotonic(), RESTARTED_S, [incident.subscribers[ORIGIN]],
                             f"{ORIGIN} is ready again")
    time.sleep(2)
    now = time.monotonic()
    far = incident.subscribers[FAR]
    lost, (repeated, late) = missing(far, settled, now), order(far, settled, now)
    print(f"   {FAR} from then on: {lost} packets lost, {repeated} twice, {late} out of order")
    expect(lost == repeated == late == 0, f"{FAR}: {lost} packets lost, {repeated} twice, {late} out of order")
    incident.expect_none(begin, "soft_drain", "hard_drain", "gate_refused")


def test(build: Path, folder: Path) -> None:
    cases = Cases()
    with Incident(build, folder / "all") as incident:
        for how in (signal.SIGTERM, signal.SIGKILL):
            cases.run(f"{how.name} of all", lambda: all_at_once(incident, how))
    with Incident(build, folder / "moves") as incident:
        cases.run("the publisher moves, its site is dead", lambda: move(incident, False))
    with Incident(build, folder / "claims") as incident:
        cases.run("the publisher moves, its site still claims the track", lambda: move(incident, True))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("site_restarts", lambda folder, _: test(built, folder))
