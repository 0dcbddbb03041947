"""What the demo was told. tools/demo explains it: it must do so before Python's modules are installed."""

import argparse
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_SECONDS = 48  # of the three-site demo: what its incident takes, on a slow machine


@dataclass(frozen=True)
class Options:
    quick: bool
    sites: int
    seconds: int
    keep: bool
    out: Path
    build: Path
    config: Path


def parse_options() -> Options:
    parser = argparse.ArgumentParser(prog="tools/demo", add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sites", type=int, default=3)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "demo-out")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--config", type=Path)
    given = parser.parse_args()
    seconds, least = given.seconds, 2 if given.quick else LEAST_SECONDS
    if seconds is None:
        seconds = 15 if given.quick else 60
    if not least <= seconds <= 3600:
        parser.error(f"--seconds: give {least} to 3600")
    if given.sites not in (3, 4):
        parser.error("--sites: give 3 or 4")
    example = ROOT / "config/examples" / ("one-site.yaml" if given.quick else "fleet.yaml")
    return Options(given.quick, given.sites, seconds, given.keep, given.out.resolve(), given.build.resolve(),
                   (given.config or example).resolve())
