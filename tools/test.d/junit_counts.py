"""Counts the test cases of meson's JUnit report: usage: junit_counts.py REPORT EXIT_CODE_OF_MESON_TEST"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main() -> int:
    report, meson_exit_code = Path(sys.argv[1]), int(sys.argv[2])
    passed = failed = skipped = 0
    if report.is_file():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            for case in suite.iter("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    failed += 1
                    print(f"not ok {suite.get('name')}.{case.get('name')}")
                elif case.find("skipped") is not None or case.get("status") == "notrun":
                    skipped += 1
                else:
                    passed += 1
    # A program that crashes writes no report of its own.
    if meson_exit_code != 0 and failed == 0:
        failed += 1
        print(f"not ok meson test (exit code {meson_exit_code})")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
