#!/usr/bin/python3
"""The rules of the tree: which folder may include what, where state may live, what must be documented and tested.

Prints "ok" or "not ok" for each rule and, as its last line, their counts. Long files and functions are reported
and fail nothing.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from report import Report

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("dataplane", "config", "control", "drivers", "tools")

# A header by the beginning of its name, and the folders that may include it.
HEADER_HOMES = {
    "rte_": ("drivers/", "dataplane/worker/", "tools/pktgen/run/", "tests/bench/", "tests/worker/"),
    "intel-ipsec-mb.h": ("dataplane/srtp/", "tests/bench/"),
    "hs/": ("dataplane/guard/",),
    "libmnl/": ("drivers/",),
    "linux/": ("drivers/",),
    "yaml-cpp/": ("config/", "tests/unit/config/"),
    "spdlog/": ("dataplane/worker/", "drivers/", "control/", "tools/pktgen/run/main.cc"),
    "srtp2/": ("dataplane/srtp/", "tests/"),
    "boost/": ("control/api/", "tools/ctl/"),
    "CLI/": ("control/main.cc", "tools/ctl/main.cc", "tools/pktgen/run/main.cc", "tools/sim/main.cc", "tests/support/", "tests/bench/"),
}

# Which of our folders a folder may include, besides itself. The longest match counts.
FOLDER_DEPENDENCIES = {
    "dataplane/net/": (),
    "dataplane/srtp/": ("dataplane/net/",),
    "dataplane/relay/": ("dataplane/", "dataplane/net/"),
    "dataplane/": ("dataplane/net/", "dataplane/relay/", "dataplane/srtp/"),
    "dataplane/guard/": ("dataplane/", "dataplane/net/"),
    "dataplane/worker/": ("dataplane/", "dataplane/guard/", "dataplane/net/", "dataplane/relay/"),
    "config/": (
        "dataplane/guard/", "dataplane/net/", "dataplane/srtp/suite.h", "dataplane/drop.h", "dataplane/priority.h",
    ),  # fmt: skip
    "drivers/": ("config/", "dataplane/", "dataplane/net/"),
    "control/wire/": ("dataplane/net/", "dataplane/relay/label.h"),
    "control/journal/": ("control/wire/",),
    "control/beat/": ("config/timers.h", "control/wire/", "control/journal/", "control/verdict/view.h", "dataplane/net/"),
    "control/verdict/": ("config/timers.h", "control/wire/", "control/journal/", "dataplane/net/"),
    "control/relay/": ("config/timers.h", "control/wire/", "control/journal/", "dataplane/net/"),
    "control/directory/": ("config/timers.h", "control/wire/", "control/journal/", "dataplane/net/"),
    "control/session/": ("config/", "control/wire/", "control/relay/view.h", "dataplane/net/", "dataplane/srtp/suite.h"),
    "control/core/": (
        "config/timers.h", "control/wire/", "control/journal/", "control/beat/", "control/verdict/", "control/relay/",
        "control/directory/", "dataplane/net/",
    ),  # fmt: skip
    "control/pair/": (
        "config/secret.h", "config/file.h", "control/wire/", "control/journal/", "control/beat/random.h", "dataplane/net/",
    ),  # fmt: skip
    "control/observe/": (
        "control/wire/", "control/journal/", "control/beat/", "control/verdict/", "control/relay/", "control/directory/",
        "control/core/", "dataplane/counters.h", "dataplane/drop.h",
    ),  # fmt: skip
    "control/observe/endpoints": (
        "control/guard/ingress_guard.h", "control/observe/", "control/publish/", "dataplane/", "dataplane/net/", "dataplane/srtp/", "dataplane/worker/",
        "drivers/",
    ),  # fmt: skip
    "control/api/": (
        "config/", "control/wire/", "control/journal/", "control/beat/", "control/verdict/", "control/relay/",
        "control/directory/", "control/session/", "control/core/", "control/observe/", "dataplane/net/", "dataplane/srtp/",
        "drivers/start_error.h",
    ),  # fmt: skip
    "control/durable/": ("control/wire/", "dataplane/net/"),
    "control/next_hops": ("config/", "dataplane/", "dataplane/net/"),
    "control/publish/": (
        "config/", "control/relay/view.h", "control/session/", "dataplane/", "dataplane/net/", "dataplane/srtp/",
    ),  # fmt: skip
    "control/fleet/": (
        "config/", "control/clock.h", "control/wire/", "control/core/", "control/durable/", "control/journal/",
        "control/pair/", "control/publish/", "control/session/", "dataplane/", "dataplane/net/", "dataplane/worker/node_queue.h",
    ),  # fmt: skip
    "control/": (
        "config/", "dataplane/", "dataplane/guard/", "dataplane/net/", "dataplane/srtp/", "dataplane/worker/", "drivers/",
        "control/next_hops", "control/wire/", "control/publish/", "control/fleet/", "control/session/", "control/observe/",
        "control/observe/endpoints", "control/api/", "control/journal/",
    ),  # fmt: skip
    "tools/ctl/": ("control/journal/time_text.h",),
    "tools/measure/": (),
    "tools/sim/": (
        "config/", "control/wire/", "control/journal/", "control/verdict/", "control/relay/", "control/directory/",
        "control/core/", "tools/measure/",
    ),  # fmt: skip
    "tools/pktgen/": ("config/", "dataplane/", "dataplane/net/", "dataplane/srtp/", "tools/measure/"),
    "tools/pktgen/run/": (
        "config/", "dataplane/", "dataplane/net/", "dataplane/srtp/", "drivers/", "tools/measure/", "tools/pktgen/",
    ),  # fmt: skip
}

# Pure: no clock, no thread, no socket, no file. So it runs in a unit test, in a fuzzer and in a simulation.
PURE = ("dataplane/", "config/", "control/next_hops", "control/publish/", "control/wire/", "control/journal/",
        "control/beat/", "control/verdict/", "control/relay/", "control/directory/", "control/session/",
         "control/core/", "control/pair/", "control/observe/", "control/api/", "tools/pktgen/", "tools/sim/")
# The worker's glue; the reading of files; key files with their owner and place.
NOT_PURE = ("dataplane/worker/", "config/file.", "config/load.", "config/sdes.cc", "config/reader.h", "config/struct_reader.h",
            "control/pair/credentials.", "control/api/queue", "control/api/connection", "control/api/broadcast",
            "control/api/listener", "control/api/server", "control/journal/file", "control/journal/reader", "control/journal/writer",
            "tools/pktgen/run/", "tools/sim/main", "tools/sim/jobs",
            "tools/sim/files")
IMPURE_HEADERS = {
    "thread", "mutex", "shared_mutex", "condition_variable", "future", "chrono", "ctime", "time.h", "sys/time.h",
    "fstream", "iostream", "filesystem", "unistd.h", "fcntl.h", "poll.h", "sys/socket.h", "netinet/in.h",
    "netdb.h", "sys/epoll.h", "sys/stat.h",
}  # fmt: skip

# Variables that a library's header defines.
FOREIGN_GLOBALS = {"crc32_alg"}

# Drops that no capture file can bring about, and why.
UNTESTABLE_DROPS = {
    "punt_full": "needs a control thread that does not run",
    "no_buffer": "needs more packets in the appliance than a case can hold",
    "key_exhausted": "needs 2^48 packets or 2^31 RTCP packets on one key",
    "seal_failed": "would be a defect of the cipher library",
    "tx_full": "a capture file takes everything",
    "handoff_full": "needs a worker that does not run",
    "overload": "needs more packets than a worker can send",
    "legs_handoff_full": "needs a worker that does not run",
    "legs_overload": "needs more packets than a worker can send",
    "feedback_overload": "needs more feedback in one turn than a case can hold",
    "removed_meanwhile": "needs a change while packets wait",
    "node_queue_full": "needs a control thread that does not run",
    "relay_without_label": "would be a defect",
    "relay_without_shim": "needs a peer node: tests/worker/relay_test.cc",
    "relay_own_node": "needs a peer node: tests/worker/relay_test.cc",
    "relay_hop_limit": "needs a peer node: tests/worker/relay_test.cc",
    "relay_not_upstream": "needs a peer node: tests/worker/relay_test.cc",
    "relay_old_label": "needs a peer node: tests/worker/relay_test.cc",
    "relay_repeated": "needs a peer node: tests/worker/relay_test.cc",
}

# Assembled, since this file is searched, too.
FORBIDDEN_WORDS = re.compile("|".join((r"(?<![\w.])/wo" "rk/", r"\bTO" r"DO\b", r"\bFIX" r"ME\b", r"\bX" r"XX\b")))

MOST_LINES_OF_FILE = 400
MOST_LINES_OF_FUNCTION = 70

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def is_left_out(folder: Path, name: str) -> bool:
    """What git ignores."""
    return name in (".git", "__pycache__") or (folder == ROOT and (name.startswith("build") or name == "demo-out"))


def tree() -> list[str]:
    """Every file of the project, by its path from the root."""
    files = []
    for folder, names, found in os.walk(ROOT):
        here = Path(folder)
        names[:] = [name for name in names if not is_left_out(here, name)]
        files += [str((here / name).relative_to(ROOT)) for name in found]
    return sorted(files)


def read(file: str) -> str:
    return (ROOT / file).read_text()


def cpp_files(files: list[str], *folders: str) -> list[str]:
    return [f for f in files if f.endswith((".h", ".cc")) and f.split("/")[0] in folders]


def includes(file: str) -> list[tuple[str, str]]:
    """('<' or '"', name) of each header."""
    return INCLUDE.findall(read(file))


def check_header_homes(files: list[str]) -> Iterator[tuple[str, list[str]]]:
    everywhere = cpp_files(files, *PRODUCT, "tests")
    for header, homes in HEADER_HOMES.items():
        problems = [
            f"{file} includes <{name}>"
            for file in everywhere
            for quote, name in includes(file)
            if quote == "<" and name.startswith(header) and not file.startswith(homes)
        ]
        yield f"<{header}...> only in {', '.join(homes)}", problems


def longest_match(file: str, prefixes: list[str]) -> str:
    return max((p for p in prefixes if file.startswith(p)), key=len, default="")


def check_directions(files: list[str]) -> Iterator[tuple[str, list[str]]]:
    folders = list(FOLDER_DEPENDENCIES)
    problems: dict[str, list[str]] = {folder: [] for folder in folders}
    for file in cpp_files(files, *PRODUCT):
        own = longest_match(file, folders)
        for quote, name in includes(file):
            if quote != '"':
                continue
            other = longest_match(name, folders)
            if other != own and other not in FOLDER_DEPENDENCIES[own] and name not in FOLDER_DEPENDENCIES[own]:
                problems[own].append(f'{file} includes "{name}"')
            if not (ROOT / name).is_file():
                problems[own].append(f'{file} includes "{name}", which is no path from the root')
    for folder in folders:
        allowed = ", ".join(FOLDER_DEPENDENCIES[folder]) or "nothing else"
        yield f"{folder} depends on {allowed}", problems[folder]


def check_purity(files: list[str]) -> list[str]:
    return [
        f"{file} includes <{name}>"
        for file in cpp_files(files, *PRODUCT)
        if file.startswith(PURE) and not file.startswith(NOT_PURE)
        for quote, name in includes(file)
        if quote == "<" and name in IMPURE_HEADERS
    ]


def writable_objects(build: Path) -> list[str]:
    """Variables of the data plane's objects that live in writable memory, whatever the source calls them."""
    problems = []
    for compiled in sorted((build / "dataplane").rglob("*.cc.o")):
        dump = subprocess.run(["objdump", "-t", "-C", compiled], capture_output=True, text=True, check=True)
        for line in dump.stdout.splitlines():
            # value, flags, section, size, name
            match = re.match(r"^[0-9a-f]+ .{6}[O ] (\S+)\t[0-9a-f]+ +(?:\.hidden )?(.+)$", line)
            if not match:
                continue
            section, name = match.groups()
            writable = section == "*COM*" or re.match(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)", section)
            known = name == section or name.startswith("DW.ref.") or name in FOREIGN_GLOBALS
            if writable and not known:
                problems.append(f"{compiled.name}: {name} in {section}")
    return problems


def check_build_lists(files: list[str]) -> list[str]:
    listed = set()
    for file in files:
        if Path(file).name == "meson.build":
            folder = (ROOT / file).parent
            names = re.findall(r"'([^']+\.cc)'", read(file))
            listed |= {str(Path(os.path.normpath(folder / name)).relative_to(ROOT)) for name in names}
    wanted = [f for f in cpp_files(files, *PRODUCT) if f.endswith(".cc")]
    wanted += [f for f in files if f.startswith("tests/unit/") and f.endswith(".cc")]
    return [f"{file} is in no meson.build" for file in wanted if file not in listed]


def drop_names() -> dict[str, list[str]]:
    """By group as in counters.yaml."""
    text = read("dataplane/drop.h")
    groups = {"drops": "CAUSEWAY_DROPS", "egress_drops": "CAUSEWAY_EGRESS_DROPS"}
    names = {}
    for group, macro in groups.items():
        body = re.search(rf"#define {macro}\(X\)(.*?[^\\])\n", text, re.DOTALL)
        names[group] = re.findall(r"\bX\((\w+),", body[1]) if body else []
    return names


def check_drops_documented() -> list[str]:
    try:
        page = read("docs/drops.md")
    except FileNotFoundError:
        return ["there is no docs/drops.md"]
    return [f"{name}" for names in drop_names().values() for name in names if f"`{name}`" not in page]


def check_drops_exercised(files: list[str]) -> list[str]:
    seen: dict[str, set[str]] = {"drops": set(), "egress_drops": set()}
    for file in files:
        if re.fullmatch(r"tests/cases/\d[^/]*/counters\.yaml", file):
            counters = yaml.safe_load(read(file))
            for group, names in seen.items():
                names |= {name for name, count in (counters.get(group) or {}).items() if count}
    problems = []
    for group, names in drop_names().items():
        if not names:
            problems.append(f"dataplane/drop.h: no {group} found")
        for name in names:
            if name not in seen[group] and name not in UNTESTABLE_DROPS:
                problems.append(f"{group}.{name}: no case counts it")
            if name in seen[group] and name in UNTESTABLE_DROPS:
                problems.append(f"{group}.{name}: a case counts it: take it from the exemptions here")
    known = {name for names in drop_names().values() for name in names}
    return problems + [f"exempt, but no drop: {name}" for name in UNTESTABLE_DROPS if name not in known]


def check_words(files: list[str]) -> list[str]:
    problems = []
    for file in files:
        data = (ROOT / file).read_bytes()
        if b"\0" in data or file.startswith("tests/fuzz/corpus/"):
            continue
        for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
            problems += [f"{file}:{number}: {word}" for word in FORBIDDEN_WORDS.findall(line)]
    return problems


def long_functions(file: str) -> Iterator[tuple[int, str]]:
    """Relies on clang-format: a body ends with a brace at the indentation of the line that begins the signature."""
    signature = ""
    begin = 0
    indent = None
    for number, line in enumerate(read(file).splitlines(), 1):
        if indent is None:
            if re.match(r"^ {0,2}[A-Za-z~].*\(", line) and not line.rstrip().endswith(";"):
                signature, begin = line, number
            if signature and re.search(r"\)[\w &:>,.-]*( override)?( noexcept)? ?.*\{$", line):
                indent = re.match(r" *", signature)[0] + "}"
            elif line.rstrip().endswith((";", "}")):
                signature = ""
        elif line.startswith(indent) and not line[len(indent) :].strip(" ;,)"):
            yield number - begin + 1, f"{file}:{begin}: {signature.strip()}"
            indent, signature = None, ""


def print_lengths(files: list[str]) -> None:
    sources = [f for f in files if f.endswith((".h", ".cc", ".py"))]
    for file in sources:
        lines = read(file).count("\n")
        if lines > MOST_LINES_OF_FILE:
            print(f"report: {file} has {lines} lines (more than {MOST_LINES_OF_FILE})")
    for file in cpp_files(files, *PRODUCT, "tests"):
        for lines, where in long_functions(file):
            if lines > MOST_LINES_OF_FUNCTION:
                print(f"report: {where} has {lines} lines (more than {MOST_LINES_OF_FUNCTION})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="for the rules about objects")
    build = parser.parse_args().build.resolve()
    files = tree()
    report = Report()
    for name, problems in check_header_homes(files):
        report.rule(name, problems)
    for name, problems in check_directions(files):
        report.rule(name, problems)
    report.rule("pure code has no clock, thread, socket or file", check_purity(files))
    if list((build / "dataplane").rglob("*.cc.o")):
        report.rule("the data plane has no mutable globals", writable_objects(build))
    else:
        report.skip("the data plane has no mutable globals", f"nothing is built in {build}")
    report.rule("every source is in a meson.build", check_build_lists(files))
    report.rule("every drop reason is in docs/drops.md", check_drops_documented())
    report.rule("every drop reason is counted by a case", check_drops_exercised(files))
    report.rule("no machine paths and no notes to self", check_words(files))
    print_lengths(files)
    print(report.counts())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
