#!/usr/bin/python3
"""Each manual page names the commands, options, exit codes and telemetry commands that there are, and no others.

Prints "ok" or "not ok" for each and, as its last line, their counts.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVERYWHERE = {"-h", "--help"}  # explained once
PROGRAMS = {
    "causeway": "docs/man/causeway.8",
    "causeway-pktgen": "docs/man/causeway-pktgen.8",
    "causeway-sim": "docs/man/causeway-sim.8",
    "causewayctl": "docs/man/causewayctl.8",
}


def help_text(binary: Path, *command: str) -> str:
    return subprocess.run([binary, *command, "--help"], capture_output=True, text=True, check=True).stdout


def options_of_help(text: str) -> set[str]:
    """From the lines like "  -c,--config TEXT REQUIRED ..."."""
    options = set()
    for line in re.findall(r"^  (-\S+)", text, re.MULTILINE):
        options |= set(re.findall(r"--?[a-z][a-z0-9-]*", line.split(":")[0]))
    return options


def commands_of_help(text: str) -> set[str]:
    listed = text.partition("Subcommands:\n")[2].partition("\n\n")[0]
    return set(re.findall(r"^  (\w+)", listed, re.MULTILINE))


def options_of_manual(text: str) -> set[str]:
    items = re.findall(r"^\.It (Fl .*)", text, re.MULTILINE)
    return {f"-{name}" for item in items for name in re.findall(r"\bFl (\S+)", item)} | {
        f"-{name}" for item in items for name in re.findall(r", (-[a-z]\S*)", item)
    }


def split_manual(page: str) -> tuple[dict[str, str], str]:
    """The text of each command, and that of the options without a command."""
    commands_text, _, others = page.partition("The other options are:")
    parts = re.split(r"^\.It Cm ", commands_text, flags=re.MULTILINE)[1:]
    commands = {re.match(r"(?:(?!Fl|Op)[a-z]+ ?)+", part)[0].strip(): part for part in parts}
    return commands, others.partition("\n.Ss ")[0]


def all_commands(binary: Path) -> dict[str, str]:
    """The help of each command that does something."""
    commands = {}
    for name in commands_of_help(help_text(binary)):
        inner = commands_of_help(help_text(binary, name))
        for path in [(name, each) for each in inner] or [(name,)]:
            commands[" ".join(path)] = help_text(binary, *path)
    return commands


def exit_codes_of_help(text: str) -> set[str]:
    return set(re.findall(r"\b(\d) ", re.search(r"Exit codes: (.*)", text)[1]))


def exit_codes_of_manual(page: str) -> set[str]:
    return set(re.findall(r"^\.It (\d)$", page.partition(".Sh EXIT STATUS")[2], re.MULTILINE))


def telemetry_commands(text: str, before: str) -> set[str]:
    return set(re.findall(before + r"(/causeway/[a-z]+)", text))


def rules_of(binary: Path, manual_page: str) -> list[tuple[str, set[str], set[str]]]:
    """Name, what there is, what is documented."""
    page = (ROOT / manual_page).read_text()
    manual, other_options = split_manual(page)
    program = all_commands(binary)
    top = help_text(binary)
    rules = [("the commands", set(program), set(manual))]
    for name in sorted(set(program) & set(manual)):
        there = options_of_help(program[name]) - EVERYWHERE
        rules.append((f"options of {name}", there, options_of_manual(manual[name])))
    rules.append(("options without a command", options_of_help(top), options_of_manual(other_options)))
    rules.append(("exit codes", exit_codes_of_help(top), exit_codes_of_manual(page)))
    return [(f"{binary.name}: {name}", there, documented) for name, there, documented in rules]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    build = parser.parse_args().build.resolve()
    rules: list[tuple[str, set[str], set[str]]] = []
    for name, manual_page in PROGRAMS.items():
        if not (build / name).is_file():
            print(f"not ok manual: there is no {build / name}: build it, or give --build\n0 passed, 1 failed, 0 skipped")
            return 1
        rules += rules_of(build / name, manual_page)
    page = (ROOT / PROGRAMS["causeway"]).read_text()
    endpoints = (ROOT / "control/observe/endpoints.cc").read_text()
    rules.append(("telemetry commands", telemetry_commands(endpoints, '"'), telemetry_commands(page, r"\.It Ic ")))

    failed = 0
    for name, there, documented in rules:
        if there == documented:
            print(f"ok manual: {name}")
            continue
        failed += 1
        print(f"not ok manual: {name}")
        print(f"    not documented: {sorted(there - documented)}")
        print(f"    documented, but not there: {sorted(documented - there)}")
    print(f"{len(rules) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
