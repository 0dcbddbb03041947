#!/usr/bin/env python3
"""Writes the cases' files from their definitions (the *_cases.py beside this file).

usage: generate.py [--check]

--check changes nothing and fails if a file differs from what the definitions give, is missing or is too many.
Both first hold the SRTP of the expectations against the RFCs' test vectors.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import vectors  # noqa: E402
from case import all_cases  # noqa: E402

import downstream_cases  # noqa: E402, F401
import feedback_cases  # noqa: E402, F401
import flood_cases  # noqa: E402, F401
import forwarding_cases  # noqa: E402, F401
import frame_cases  # noqa: E402, F401
import guard_cases  # noqa: E402, F401
import index_cases  # noqa: E402, F401
import media_drop_cases  # noqa: E402, F401
import network_cases  # noqa: E402, F401
import upstream_cases  # noqa: E402, F401


def expected_files() -> dict[Path, bytes]:
    files: dict[Path, bytes] = {}
    numbers: dict[str, str] = {}
    for case in all_cases():
        number = case.name.split("_")[0]
        if number in numbers:
            sys.exit(f"{case.name} and {numbers[number]} have one number")
        numbers[number] = case.name
        for name, content in case.files().items():
            files[ROOT / case.name / name] = content
    return files


def present_files() -> set[Path]:
    return {path for path in ROOT.glob("[0-9]*_*/*")}


def check(expected: dict[Path, bytes]) -> int:
    problems = [f"{path.relative_to(ROOT)}: no definition gives it" for path in present_files() - expected.keys()]
    for path, content in expected.items():
        if not path.is_file():
            problems.append(f"{path.relative_to(ROOT)}: is missing")
        elif path.read_bytes() != content:
            problems.append(f"{path.relative_to(ROOT)}: is not what its definition gives")
    for problem in sorted(problems):
        print(problem)
    print(f"{len(expected)} files of {len({path.parent for path in expected})} cases, {len(problems)} problems")
    return 1 if problems else 0


def write(expected: dict[Path, bytes]) -> int:
    for path in present_files() - expected.keys():
        path.unlink()
    for folder in {path for path in ROOT.glob("[0-9]*_*")} - {path.parent for path in expected}:
        shutil.rmtree(folder)
    for path, content in expected.items():
        path.parent.mkdir(exist_ok=True)
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    print(f"{len(expected)} files of {len({path.parent for path in expected})} cases")
    return 0


def main() -> int:
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    failed = vectors.failures()
    if failed:
        print("the SRTP of the expectations is wrong: " + ", ".join(failed))
        return 1
    expected = expected_files()
    return check(expected) if sys.argv[1:] else write(expected)


if __name__ == "__main__":
    sys.exit(main())
