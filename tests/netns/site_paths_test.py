"""One path between sites fails, one way or for media only, or is poor: media go around it, each packet once."""

import argparse
import time
from pathlib import Path

from netns import ROOT, Cases, conclude, expect  # first: it makes the demo's modules known

from site_incident import FAR, FOUR, FOURTH, ORIGIN, TRANSIT, Incident, missing, order, restart
from processes import wait_until

ROUNDS = 5
AROUND_S = 1.5
NOTICED_S = 0.5
TRANSIT_LOST_S = 4.5
RESTARTED_S = 5.0
STILL_FED_S = 0.6  # the longest gap of media that are not cut


def gray_round(incident: Incident) -> tuple[float, float]:
    """Seconds until the journal says it, and for how long the subscriber got nothing."""
    begin = incident.begin()
    with incident.wan.cut(ORIGIN, [FAR], "media"):
        cut_at = time.monotonic()
        starved = incident.await_entry(begin, "relay_starved", FAR, 5)
        relay = incident.await_entry(starved.at, "relay_up", FAR, 5, "flows from")
        expect(f"from {TRANSIT}-1" in relay.text, f"not by way of {TRANSIT}: {relay.text}")
        time.sleep(2)
        end = time.monotonic()
        gap = incident.subscribers[FAR].longest_gap(cut_at, end)
        expect(incident.subscribers[FAR].flows(end - 0.3), "media does not stay")
        incident.expect_none(begin, "link_suspected", "link_down", "verdict", "starvation")
    return starved.at - cut_at, gap


def await_straight(incident: Incident) -> None:
    """A node that starts takes the track from whom it hears first, and from the origin when that link is settled."""

    def is_straight() -> bool:
        return f"from {ORIGIN}-1" in incident.journal(0, ["relay_up"], [FAR])[-1].text

    expect(wait_until(is_straight, 15, 0.1), f"{FAR} does not take the track from {ORIGIN}")


def gray(incident: Incident) -> None:
    """Beats pass and media do not. The node is started again for each round, so that it has nothing against the
    straight way, which it would avoid for longer each time."""
    incident.await_verdicts()
    noticed, gaps = [], []
    for number in range(ROUNDS):
        if number > 0:
            restart(incident.site(FAR))
            incident.site(FAR).wait_ready()
            ready = time.monotonic()
            incident.expect_back(ready, RESTARTED_S, [incident.subscribers[FAR]], "a restart")
            incident.await_entry(ready - 5, "link_settled", FAR, 10, ORIGIN)
            incident.await_entry(ready - 5, "link_settled", FAR, 10, TRANSIT)
        await_straight(incident)
        seconds, gap = gray_round(incident)
        noticed.append(seconds)
        gaps.append(gap)
    incident.hold_all("gray failure: noticed", noticed, NOTICED_S)
    incident.hold_all("gray failure: without media", gaps, AROUND_S)


def one_way(incident: Incident, a: str, b: str) -> None:
    """Nothing passes from a to b, all does from b to a."""
    begin = incident.begin()
    with incident.wan.cut(a, [b], one_way=True):
        cut_at = time.monotonic()
        time.sleep(6)
        end = time.monotonic()
    gaps = {each.name: each.longest_gap(cut_at, end) for each in incident.remote()}
    time.sleep(3)
    after = time.monotonic()
    said = incident.journal(begin, ["verdict"])
    print(f"   verdicts: {'; '.join(map(str, said)) or 'none'}")
    for name, gap in gaps.items():
        incident.hold(f"{a} to {b} cut, {name}: longest gap", gap, AROUND_S if name == b == FAR else STILL_FED_S)
    for each in incident.subscribers.values():
        incident.hold(f"{each.name}: gap while it heals", each.longest_gap(end, after), STILL_FED_S)
    incident.expect_none(begin, "soft_drain", "hard_drain", "starvation", "gate_refused")


def poor(incident: Incident) -> None:
    """Loss, copies and other orders on each path."""
    begin = incident.begin()
    incident.wan.both("*", "*", loss_percent=5, duplicate_percent=5, reorder_percent=5)
    time.sleep(15)
    end = time.monotonic()
    pairs = {each.name: incident.wan.pair(ORIGIN, each.name) for each in incident.remote()}
    incident.wan.both("*", "*", loss_percent=0, duplicate_percent=0, reorder_percent=0)
    for each in incident.remote():
        repeated, late = order(each, begin, end)
        lost, rule = missing(each, begin, end), pairs[each.name]
        share = lost / ((end - begin) * 50)
        print(f"   {each.name}: {repeated} packets twice, {late} late ones, {lost} lost ({share:.1%}); the WAN lost "
              f"{rule['lost']} and forwarded {rule['forwarded']} frames, doubled {rule['duplicated']}, "
              f"{rule['reordered']} overtook")
        expect(repeated == 0, f"{each.name} got {repeated} packets twice")
        expect(late <= rule["reordered"], f"{late} are out of order, on the WAN {rule['reordered']}")
        expect(rule["duplicated"] > 0 and rule["reordered"] > 0, "the WAN does nothing")
        expect(0 < share < 0.1, f"{each.name} lost {share:.1%}")
        incident.hold(f"{each.name}: longest gap", each.longest_gap(begin, end), STILL_FED_S)
    incident.expect_none(begin, "link_suspected", "link_down", "flow_broken", "verdict", "relay_starved", "black_hole")


def transit(incident: Incident) -> None:
    """The node by whose way a site is fed dies. Another way is there."""
    incident.await_verdicts()
    begin = incident.begin()
    incident.wan.both(FOURTH, FAR, cut="media")
    incident.wan.both(ORIGIN, FAR, cut="media")
    relay = incident.await_entry(begin, "relay_up", FAR, 10, f"from {TRANSIT}-1")
    print(f"   {relay.text}")
    time.sleep(2)
    incident.wan.both(FOURTH, FAR, cut="none")
    time.sleep(1)
    expect(incident.subscribers[FAR].flows(time.monotonic() - 0.3), f"{FAR} is not fed by way of {TRANSIT}")
    killed = time.monotonic()
    incident.site(TRANSIT).kill()
    relay = incident.await_entry(killed, "relay_up", FAR, 15, "flows from")
    print(f"   {relay.text}")
    time.sleep(1)
    incident.hold(f"{FAR} without media when {TRANSIT} is killed",
                  incident.subscribers[FAR].longest_gap(killed, time.monotonic()), TRANSIT_LOST_S)
    expect(f"from {FOURTH}-1" in relay.text, f"by no other way: {relay.text}")
    time.sleep(4)
    incident.site(TRANSIT).start()
    incident.site(TRANSIT).wait_ready()
    incident.expect_back(time.monotonic(), RESTARTED_S, [incident.subscribers[TRANSIT]], f"{TRANSIT} is ready again")
    incident.expect_none(begin, "soft_drain", "hard_drain", "gate_refused")


def test(build: Path, folder: Path) -> None:
    cases = Cases()
    with Incident(build, folder / "three") as incident:
        cases.run("loss, copies, other orders", lambda: poor(incident))
        cases.run("gray failure", lambda: gray(incident))
    with Incident(build, folder / "one-way") as incident:
        incident.await_verdicts()
        cases.run("one way cut from the origin", lambda: one_way(incident, ORIGIN, FAR))
        cases.run("one way cut to the origin", lambda: one_way(incident, FAR, ORIGIN))
    with Incident(build, folder / "four", FOUR) as incident:
        cases.run("a transit node is killed", lambda: transit(incident))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("site_paths", lambda folder, _: test(built, folder))
