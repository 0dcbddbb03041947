#!/usr/bin/env python3
"""Runs cases against the real appliance: packets in, packets out, counters.

Each case is a folder NNN_name with config.yaml, PORT.in.pcap, PORT.out.pcap and counters.yaml. The appliance must
send exactly the packets of PORT.out.pcap, in their order, and count exactly what counters.yaml says; every drop
that is not named there must be 0. With several workers the order holds within each stream: a remote and an SSRC.
"""

import argparse
import sys
from pathlib import Path

import yaml

import appliance
import pcap
from appliance import CaseError, Outcome
from fields import differing_fields, hex_dump, stream_of

ROOT = Path(__file__).resolve().parent
REPOSITORY = ROOT.parent.parent
_COUNTERS = (
    "received",
    "received_bytes",
    "forwarded",
    "punted",
    "copies",
    "sent",
    "sent_bytes",
)
_ALWAYS_ZERO = ("injected", "injected_drops")
_MOST_PROBLEMS = 6


def compare_packet(number: int, expected: bytes, actual: bytes) -> str:
    where = ", ".join(differing_fields(expected, actual)) or "its length"
    lengths = "" if len(expected) == len(actual) else f"; {len(expected)} bytes expected, {len(actual)} sent"
    return (
        f"packet {number} differs in {where}{lengths}\n"
        f"    expected:\n{hex_dump(expected)}\n    sent:\n{hex_dump(actual)}"
    )


def compare_packets(port: str, expected: list[bytes], actual: list[bytes]) -> list[str]:
    problems = []
    if len(expected) != len(actual):
        problems.append(f"{port}: {len(expected)} packets expected, {len(actual)} sent")
    for number, (wanted, got) in enumerate(zip(expected, actual)):
        if wanted == got:
            continue
        if wanted in actual:
            problems.append(f"{port}: packet {number} was sent as packet {actual.index(wanted)}")
        else:
            problems.append(f"{port}: {compare_packet(number, wanted, got)}")
            break
    return problems


def by_stream(packets: list[bytes]) -> list[bytes]:
    """The packets of each stream, in their order, one stream after the other."""
    return sorted(packets, key=stream_of)


def compare_counters(expected: dict, actual: dict) -> list[str]:
    problems = list(appliance.unsettled(actual))
    wanted = {name: expected[name] for name in _COUNTERS} | dict.fromkeys(_ALWAYS_ZERO, 0)
    for name, value in wanted.items():
        if actual[name] != value:
            problems.append(f"{name}: {value} expected, {actual[name]} counted")
    for group in ("drops", "egress_drops"):
        for name in sorted(expected[group].keys() | actual[group].keys()):
            if name not in actual[group]:
                problems.append(f"{group}.{name}: the appliance has no such counter")
            elif actual[group][name] != expected[group].get(name, 0):
                problems.append(
                    f"{group}.{name}: {expected[group].get(name, 0)} expected, {actual[group][name]} counted"
                )
    return problems


def compare(case: Path, expected: dict, outcome: Outcome, workers: int) -> list[str]:
    problems = compare_counters(expected, outcome.counters)
    ports = {path.name.removesuffix(".out.pcap"): pcap.read(path) for path in sorted(case.glob("*.out.pcap"))}
    for port, packets in ports.items():
        if port not in outcome.sent:
            problems.append(f"{port}: no capture of what was sent")
        elif workers == 1:
            problems += compare_packets(port, packets, outcome.sent[port])
        else:
            problems += compare_packets(port, by_stream(packets), by_stream(outcome.sent[port]))
    return problems


def run_case(binary: Path, case: Path, workers: int) -> list[str]:
    """What is wrong; empty if nothing is."""
    expected = yaml.safe_load((case / "counters.yaml").read_text())
    try:
        outcome = appliance.run(binary, case, expected, workers)
    except CaseError as error:
        return [str(error)]
    return compare(case, expected, outcome, workers)


def reason_to_skip() -> str:
    """Why no case can run here; empty if they can."""
    if len(appliance.cpus()) < 2:
        return "the appliance needs two CPUs"
    return ""


def select(numbers: list[str], substring: str) -> list[Path]:
    cases = sorted(path.parent for path in ROOT.glob("[0-9]*_*/counters.yaml"))
    return [
        case
        for case in cases
        if substring in case.name and (not numbers or case.name in numbers or case.name.split("_")[0] in numbers)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=REPOSITORY / "build" / "causeway", help="the appliance")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="workers of the appliance (default: 1)")
    parser.add_argument("--only", metavar="SUBSTRING", default="", help="cases with this in their name")
    parser.add_argument("number", metavar="NNN", nargs="*", help="cases by number or name (default: all)")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    if not binary.is_file():
        parser.error(f"there is no {binary}: build it, or give --binary")
    cases = select(arguments.number, arguments.only)
    if not cases:
        parser.error("no such case")

    skip = reason_to_skip()
    passed = failed = skipped = 0
    for case in cases:
        if skip:
            skipped += 1
            print(f"skip {case.name}: {skip}", flush=True)
            continue
        problems = run_case(binary, case, arguments.workers)
        if problems:
            failed += 1
            more = len(problems) - _MOST_PROBLEMS
            shown = problems[:_MOST_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
            print(f"not ok {case.name}: " + "\n  ".join(shown), flush=True)
        else:
            passed += 1
            print(f"ok {case.name}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
