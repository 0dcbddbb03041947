"""Runs causeway-bench --smoke and checks that every figure is there and above zero. What it says of time means nothing."""

import argparse
import json
import subprocess
import sys
from itertools import product
from pathlib import Path

SUITES = ("gcm128", "cm128_sha1_80")
SIZES = (160, 1200)
GRID = ("raw", "seal", "pipeline", "relayed", "alone", "offload", "libsrtp_seal", "libsrtp_pipeline")
CURVES = {"legs": (1, 64), "tracks": (1, 64), "transports": (65, 130), "workers": (1, 2)}
MACHINE = ("cpu", "features", "cpus", "tsc", "pages", "dpdk", "ipsec_mb", "libsrtp", "effort")


def wanted_figures() -> list[str]:
    keys = [f"{what}/{suite}/{size}/{n}" for what, suite, size, n in product(GRID, SUITES, SIZES, (1, 64))]
    keys += [f"open/{suite}/{size}/{n}" for suite, size, n in product(SUITES, SIZES, (1, 32))]
    keys += [f"ingress/{suite}/{size}/32" for suite, size in product(SUITES, SIZES)]
    keys += ["lookup/1000", "lookup/100000", "guard/60", "guard/160", "guard/1200", "changes/1", "changes/1000"]
    keys += [f"crowd/{suite}/1200/{legs}/p99" for suite, legs in product(SUITES, (0, 10000))]
    for curve, points in CURVES.items():
        keys += [f"curve/{curve}/{suite}/1200/{n}" for suite, n in product(SUITES, points)]
    keys += [f"latency/{suite}/1200/64/{p}" for suite, p in product(SUITES, ("p50", "p99", "p99.9", "max"))]
    return keys + ["memif/testpmd/1200"] + [f"memif/causeway/{suite}/1200" for suite in SUITES]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    build = parser.parse_args().build
    passed = failed = skipped = 0
    run = subprocess.run([build / "causeway-bench", "--smoke", "--json"], capture_output=True, text=True, timeout=180)
    if run.returncode != 0:
        print(run.stderr)
        print("not ok causeway-bench --smoke")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    report = json.loads(run.stdout)
    missing = report["missing"]
    for key in wanted_figures():
        why = next((why for what, why in missing.items() if key.startswith(what)), None)
        value = report["figures"].get(key)
        if value is not None and value > 0:
            passed += 1
        elif why is not None and value is None:
            skipped += 1
            print(f"skip {key}: {why}")
        else:
            failed += 1
            print(f"not ok {key}: {value}")
    for key in MACHINE:
        if report["machine"].get(key):
            passed += 1
        else:
            failed += 1
            print(f"not ok machine: {key}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
