#!/usr/bin/python3
"""Plays the scenarios, the sweeps and random worlds with the simulator, and holds them against what they must meet.

Prints "ok" or "not ok" for each check and, as its last line, their counts.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
INCIDENT = HERE / "feb-7.yaml"
LEAST_CUTS = 10_000
RANDOM_EVENTS = 10**8
LARGE_SITES = ("--sites", "4", "--nodes-per-site", "3", "--first-seed", "5000")
REPLAYED = ("--seeds", "6", "--minutes", "5", "--sites", "5", "--nodes-per-site", "2")


class Report:
    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def check(self, name: str, good: bool, why: str = "") -> None:
        self.passed += good
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {name}", flush=True)
        if not good and why:
            print(f"    {why}", flush=True)

    def counts(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


class Simulator:
    def __init__(self, binary: Path, out: Path) -> None:
        self.binary = binary
        self.out = out

    def sweeps(self) -> list[str]:
        """The names that --help has, but for "all"."""
        text = subprocess.run([self.binary, "--help"], capture_output=True, text=True, check=True).stdout
        return [name for name in re.search(r"--sweep TEXT:\{(.*)\}", text)[1].split(",") if name != "all"]

    def run(self, *options: str) -> tuple[int, dict, str]:
        """The exit code, the report and the timeline; an empty report if there is none."""
        command = [self.binary, *options, "--json", "--quiet", "--out", self.out]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            return done.returncode, json.loads(done.stdout), done.stderr
        except json.JSONDecodeError:
            return done.returncode, {}, done.stderr


def check_scenarios(report: Report, simulator: Simulator) -> None:
    for file in sorted(HERE.glob("*.yaml")):
        code, found, errors = simulator.run("--scenario", str(file))
        missed = [each["text"] for each in found.get("expectations", []) if not each["met"]]
        good = code == 0 and found.get("violations") == 0 and not missed
        report.check(f"{file.name}: {found.get('name', 'no report')}", good, "; ".join(missed) or errors[-1000:])


def check_baseline(report: Report, simulator: Simulator) -> None:
    """If the old design passed, too, its scenario would prove nothing."""
    code, found, timeline = simulator.run("--scenario", str(INCIDENT), "--baseline", "--timeline")
    report.check("the old design does not pass the incident", code == 1, f"exit code {code}")
    offline = re.search(r"^19:00:0\d\S*\s+us-east .*takes itself offline", timeline, re.MULTILINE)
    report.check("the old design takes us-east offline", found.get("hard_drains") == 1 and bool(offline))
    cycles = [each["what"] for each in found.get("violation_list", []) if each["invariant"] == "I1"]
    circle = any("germany takes it from france takes it from germany" in each for each in cycles)
    report.check("the old design has germany and france wait for each other", circle, "; ".join(cycles))


def goal_text(goal: dict) -> str:
    if goal["unit"] != "ms":
        return f"{goal['what']}: {goal['measured']}, at most {goal['bound']}"
    share = f" in {goal['percent']} % of {goal['samples']}"
    return f"{goal['what']}: {goal['measured']} ms{share}, at most {goal['bound']} ms"


def check_sweep(report: Report, simulator: Simulator, name: str) -> None:
    code, found, errors = simulator.run("--sweep", name)
    goals = found.get("goals", [])
    if not goals:
        report.check(f"{name}: goals", False, errors[-1000:])
        return
    totals = found["totals"]
    print(f"{name}: {found['incidents']} incidents, {totals['simulated_hours']:.1f} simulated hours in "
          f"{totals['took_s']:.0f} s, {totals['times_real_time']} x real time", flush=True)  # fmt: skip
    for goal in goals:
        report.check(f"{name}: {goal_text(goal)}", goal["met"])
    all_met = all(goal["met"] for goal in goals)
    report.check(f"{name}: the exit code says so", code == (0 if all_met else 1), f"exit code {code}")
    if name == "cuts":
        report.check(f"cuts: at least {LEAST_CUTS} of them", found["incidents"] >= LEAST_CUTS)


def check_random(report: Report, simulator: Simulator, name: str, events: int, *options: str) -> None:
    code, found, errors = simulator.run(*options, "--events", str(events))
    failed = "; ".join(f"seed {run['seed']}: {each['invariant']}: {each['what']}"
                       for run in found.get("failed", []) for each in run["violations"])  # fmt: skip
    good = code == 0 and found.get("events", 0) >= events and found.get("violations") == 0
    if found:
        print(f"{name}: {found['seeds']}, {found['events']} events, {found['simulated_hours']:.1f} simulated "
              f"hours in {found['took_s']:.0f} s, {found['times_real_time']} x real time, "
              f"{found['invariants_checked']} invariants checked", flush=True)  # fmt: skip
    report.check(f"no violation in {name} of {events} events", good, failed or errors[-1000:])


def check_replay(report: Report, simulator: Simulator) -> None:
    hashes = [simulator.run(*REPLAYED, "--jobs", jobs)[1].get("hash") for jobs in ("1", "1", "3")]
    report.check("the same seeds are the same runs, bit for bit", hashes[0] is not None and hashes[0] == hashes[1])
    report.check("and so they are on several threads", hashes[0] == hashes[2])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=REPOSITORY / "build" / "causeway-sim", help="the simulator")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build" / "sim-failures",
                        help="folder for scripts of runs that fail")  # fmt: skip
    parser.add_argument("sweep", nargs="*", metavar="SWEEP", help="only these sweeps")
    arguments = parser.parse_args()
    if not arguments.binary.is_file():
        parser.error(f"there is no {arguments.binary}: build it, or give --binary")
    simulator = Simulator(arguments.binary.resolve(), arguments.out.resolve())
    known = simulator.sweeps()
    unknown = [name for name in arguments.sweep if name not in known]
    if unknown:
        parser.error(f"no such sweep: {', '.join(unknown)}; there are {', '.join(known)}")

    report = Report()
    if not arguments.sweep:
        check_scenarios(report, simulator)
        check_baseline(report, simulator)
        check_replay(report, simulator)
    for name in arguments.sweep or known:
        check_sweep(report, simulator, name)
    if not arguments.sweep:
        check_random(report, simulator, "random worlds", RANDOM_EVENTS)
        check_random(report, simulator, "random worlds with large sites", RANDOM_EVENTS // 2, *LARGE_SITES)
    print(report.counts())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
