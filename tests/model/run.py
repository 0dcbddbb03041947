#!/usr/bin/python3
"""Checks the relay protocol's model with Spin: exhaustively, and that each rule which is taken out is missed.

Prints "ok" or "not ok" for each check and, as its last line, their counts. README.md says what the lines of a trace
mean.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TRACES = HERE / "traces"
RANDOM = {"NODES": 4, "STAMPS": 12, "RESTARTS": 2, "ASKED": 2, "LATE": 2, "REPLAY": 1, "LIVELY": 1}
RANDOM_STEPS = 60
RANDOM_TRACES = 10
CHECKED_TRACES = 3  # of the random ones: Spin reads the lively model slowly
FIRST_SEED = 1


@dataclass(frozen=True)
class Size:
    """A size of the correct model that is searched to its end."""

    model: str
    defines: dict[str, int]
    hash_bits: int = 24  # 2^n slots of the table of states
    megabytes: int = 4000
    minutes: float = 4

    def __str__(self) -> str:
        return f"{self.model} with " + " ".join(f"{key}={value}" for key, value in self.defines.items())


def relay(stamps: int, restarts: int, asked: int, late: int, **more) -> Size:
    size = {"NODES": 3, "STAMPS": stamps, "RESTARTS": restarts, "ASKED": asked, "LATE": late}
    return Size("relay.pml", size, **more)


def wide(nodes: int, stamps: int, **more) -> Size:
    return Size("wide.pml", {"NODES": nodes, "STAMPS": stamps}, **more)


SHORT = (relay(1, 1, 1, 1), relay(2, 0, 1, 1), wide(3, 3), wide(4, 1))
LONG = (wide(4, 2, hash_bits=26, minutes=20), relay(2, 1, 1, 1, hash_bits=27, megabytes=15000, minutes=20))

# What spin prints of an assertion that does not hold, and which invariant that is.
INVARIANTS = (
    ("I1", "gone==", "the edges have a cycle"),
    ("I2", "(fd[", "an edge leads to a label that is not better"),
    ("I4", "is_fed[asked[", "a node that is not fed acknowledged"),
    ("I5", "label_<=fd[", "a packet carries a label that is better than its sender's"),
    ("R5", "legs[", "a node sends a track back to its own upstream"),
    ("I0", ">=fd[", "a node's label got worse"),
    ("I3", "upstream[", "two edges where there may be one"),
)


@dataclass(frozen=True)
class Mutant:
    """The model without one rule, and what that must break at this size."""

    name: str
    rule: str
    breaks: str
    checks: int
    stamps: int
    restarts: int

    def defines(self) -> dict[str, int]:
        without = "WITHOUT_" + self.name.removesuffix("_CYCLE").removesuffix("_ORDER")
        return {"NODES": 3, "STAMPS": self.stamps, "RESTARTS": self.restarts, "ASKED": 1, "LATE": 0, "REPLAY": 1,
                "CHECKS": self.checks, without: 1}  # fmt: skip

    def file_name(self) -> str:
        return "without-" + self.name.lower().replace("_", "-") + ".trace"


ALL, CYCLE = 127, 1
MUTANTS = (
    Mutant("FEASIBILITY_ACROSS_ORIGINS", "R1 compares labels of one origin only", "I2", ALL, 1, 0),
    Mutant("FEASIBILITY_ACROSS_ORIGINS_CYCLE", "R1 compares labels of one origin only", "I1", CYCLE, 1, 0),
    Mutant("WATERMARK", "no R2: after a restart FD is that of a new node", "I2", ALL, 1, 1),
    Mutant("WATERMARK_CYCLE", "no R2: after a restart FD is that of a new node", "I1", CYCLE, 1, 1),
    Mutant("PATH_CHECK", "no R5: whoever asks is acknowledged, and legs stay", "R5", ALL, 2, 0),
    Mutant("FED_CHECK", "no R4: a node acknowledges what it had once", "I4", ALL, 1, 1),
    Mutant("OWN_LABEL", "no R7: the label of a packet is copied, one hop further", "I5", ALL, 2, 0),
    Mutant("OWN_LABEL_ORDER", "no R7: the label of a packet is copied, one hop further", "I2", 2, 2, 0),
    Mutant("ONE_STEP_ADOPTION", "no R6: the old upstream is dropped later than the new one is taken", "I2", ALL, 2, 0),
    Mutant("ONE_STEP_ADOPTION_CYCLE", "no R6: the old upstream is dropped later than the new one is taken", "I1",
           CYCLE, 2, 0),
)  # fmt: skip


@dataclass
class Result:
    complete: bool
    violated: str = ""  # which invariant; "?" for an error that is none
    states: int = 0
    transitions: int = 0
    depth: int = 0
    megabytes: float = 0
    seconds: float = 0

    def figures(self) -> str:
        return (f"{self.states} states, {self.transitions} transitions, depth {self.depth}, {self.megabytes:.0f} MB, "
                f"{self.seconds:.0f} s, {'complete' if self.complete else 'NOT complete'}")  # fmt: skip


class Report:
    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def check(self, name: str, good: bool) -> None:
        self.passed += good
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {name}", flush=True)

    def counts(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def options(defines: dict[str, int]) -> list[str]:
    return [f"-D{key}={value}" for key, value in defines.items()]


def build(folder: Path, model: str, defines: dict[str, int], breadth_first: bool, megabytes: int) -> Path:
    """The verifier. One process takes all steps, so there is nothing to reduce by partial order."""
    (folder / model).write_text((HERE / model).read_text())
    subprocess.run(["spin", *options(defines), "-a", model], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    order = ["-DBFS"] if breadth_first else []
    program = folder / "pan"
    flags = ["-O2", "-w", "-DSAFETY", "-DNOREDUCE", f"-DMEMLIM={megabytes}", *order]
    subprocess.run(["gcc", *flags, "-o", program, "pan.c"], cwd=folder, check=True)
    return program


def search(program: Path, hash_bits: int, minutes: float) -> Result:
    """Runs the verifier to its end, to its first error, or until the time is over."""
    began = time.monotonic()
    command = [program, f"-w{hash_bits}", "-m5000000"]
    output, in_time = "", True
    with subprocess.Popen(command, cwd=program.parent, stdout=subprocess.PIPE, text=True) as run:
        try:
            output = run.communicate(timeout=minutes * 60)[0]
        except subprocess.TimeoutExpired:
            run.kill()
            output, in_time = run.communicate()[0], False
    seconds = time.monotonic() - began
    incomplete = not in_time or "Search not completed" in output or "max search depth too small" in output
    result = Result(complete=not incomplete, seconds=seconds)

    def figure(pattern: str, fallback: str) -> float:
        found = re.findall(pattern, output) or re.findall(fallback, output)
        return float(found[-1]) if found else 0

    result.states = int(figure(r"([\d.e+]+) states, stored", r"States= *([\d.e+]+)"))
    result.transitions = int(figure(r"([\d.e+]+) transitions \(", r"Transitions= *([\d.e+]+)"))
    result.depth = int(figure(r"depth reached (\d+)", r"Depth= *(\d+)"))
    result.megabytes = figure(r"([\d.]+)\ttotal actual memory usage", r"Memory= *([\d.]+)")
    failure = re.search(r"^pan:\d+: (.*)", output, re.MULTILINE)
    if failure and "memory" not in failure[1] and "max search depth" not in failure[1]:
        text = failure[1].replace(" ", "")
        result.violated = next((name for name, part, _ in INVARIANTS if part in text), "?")
        if result.violated == "?":
            print(failure[1])
    return result


# --- traces ----------------------------------------------------------------------------------------------------------


def label(value: int) -> str:
    origin = value // 4 % 4
    return f"{value // 16},{255 if origin == 3 else origin},{3 - value % 4}"


def path(value: int) -> str:
    """From the origin to the nearest; the model keeps the nearest in its lowest digit."""
    nodes = []
    while value > 0:
        nodes.insert(0, str(value % 8 - 1))
        value //= 8
    return ",".join(nodes) or "none"


def node_set(value: int) -> str:
    return ",".join(str(node) for node in range(8) if value >> node & 1) or "none"


def readable(line: str, nodes: int) -> str:
    """Numbers as the model packs them, in words."""
    words = line.split()
    fields = dict(word.split("=", 1) for word in words if "=" in word)
    head = [word for word in words if "=" not in word]
    for key, value in fields.items():
        if key in ("fd", "label"):
            fields[key] = label(int(value))
        elif key in ("path", "new_path"):
            fields[key] = path(int(value))
        elif key == "legs":
            fields[key] = node_set(int(value))
        elif key in ("active", "pending") and int(value) == nodes:
            fields[key] = "none"
    if head[0] == "state":
        stage = ("asking", "asking", "acknowledged")[int(fields["stage"])]
        fields["stage"] = "none" if fields["pending"] == "none" else stage
        # An ACK that is still in flight is nothing that the node knows.
        if fields["stage"] != "acknowledged":
            fields["promised"], fields["new_path"] = "none", "none"
        else:
            fields["promised"] = label(int(fields["promised"]))
    return " ".join(head + [f"{key}={value}" for key, value in fields.items()])


def trace_lines(output: str, nodes: int) -> list[str]:
    lines = [line.strip() for line in output.splitlines()]
    return [readable(line, nodes) for line in lines if line.startswith(("step ", "state "))]


def header(name: str, nodes: int, violates: str) -> list[str]:
    return [f"trace {name}", f"nodes {nodes}", "hop_limit 3", f"violates {violates or 'none'}"]


def counterexample(mutant: Mutant, minutes: float) -> tuple[Result, str]:
    """The shortest one, since states are searched in the order of their distance."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        defines = mutant.defines()
        program = build(folder, "relay.pml", defines, breadth_first=True, megabytes=4000)
        result = search(program, 22, minutes)
        if not (folder / "relay.pml.trail").exists():
            return result, ""
        command = [program, "-r", "-n", "relay.pml.trail"]
        replay = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        nodes = defines["NODES"]
        lines = header("without " + mutant.name, nodes, result.violated) + trace_lines(replay.stdout, nodes)
        return result, "\n".join(lines) + "\n"


def random_trace(seed: int) -> str:
    """A run of the correct model by chance, RANDOM_STEPS steps long. Raises if an invariant does not hold."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "relay.pml").write_text((HERE / "relay.pml").read_text())
        command = ["spin", "-T", f"-n{seed}", "-u8000", *options(RANDOM), "relay.pml"]
        output = subprocess.run(command, cwd=name, capture_output=True, text=True).stdout
    if "assertion violated" in output or "Error" in output:
        raise RuntimeError(f"seed {seed}: {output[-400:]}")
    lines: list[str] = []
    steps = 0
    for line in trace_lines(output, RANDOM["NODES"]):
        steps += line.startswith("step ")
        if steps > RANDOM_STEPS:
            break
        lines.append(line)
    return "\n".join(header(f"random seed={seed}", RANDOM["NODES"], "") + lines) + "\n"


def is_lively(trace: str) -> bool:
    kinds = set(re.findall(r"^step (\w+)", trace, re.MULTILINE))
    return trace.count("result=adopted") >= 2 and len(kinds) >= 9 and trace.count("\nstep ") == RANDOM_STEPS


def write_random(count: int, seed: int, folder: Path) -> None:
    """Runs in which nothing much happens are passed over."""
    folder.mkdir(parents=True, exist_ok=True)
    while count > 0:
        trace = random_trace(seed)
        if is_lively(trace):
            (folder / f"random-{seed}.trace").write_text(trace)
            count -= 1
        seed += 1


# --- checks ----------------------------------------------------------------------------------------------------------


def check_size(report: Report, size: Size) -> None:
    with tempfile.TemporaryDirectory() as name:
        program = build(Path(name), size.model, size.defines, breadth_first=False, megabytes=size.megabytes)
        result = search(program, size.hash_bits, size.minutes)
    print(f"{size}: {result.figures()}")
    if result.violated:
        print(f"    {result.violated} does not hold")
    report.check(f"{size}: every state is as it must be", result.complete and not result.violated)


def check_mutant(report: Report, mutant: Mutant) -> None:
    result, trace = counterexample(mutant, minutes=4)
    meaning = next((text for name, _, text in INVARIANTS if name == result.violated), "")
    print(f"without {mutant.name} ({mutant.rule}): {result.violated or 'nothing'} breaks: {meaning}")
    print(f"    {result.states} states, {result.transitions} transitions, {result.seconds:.0f} s until then")
    print("".join(f"    {line}\n" for line in trace.splitlines() if line.startswith("step ")), end="")
    report.check(f"without {mutant.name}, {mutant.breaks} breaks", result.violated == mutant.breaks)
    kept = TRACES / mutant.file_name()
    report.check(f"traces/{kept.name} is as the model has it", kept.exists() and kept.read_text() == trace)


def check_random(report: Report) -> None:
    kept = sorted(TRACES.glob("random-*.trace"))
    report.check(f"{RANDOM_TRACES} random traces are kept", len(kept) == RANDOM_TRACES)
    for file in kept[:CHECKED_TRACES]:
        seed = int(file.stem.removeprefix("random-"))
        report.check(f"traces/{file.name} is as the model has it", file.read_text() == random_trace(seed))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [mutant.name for mutant in MUTANTS]
    parser.add_argument("--long", action="store_true", help="the largest sizes, too: 16 GB and 20 minutes each")
    parser.add_argument("--mutant", choices=names, help="only the model without this rule")
    parser.add_argument("--trace", type=Path, help="with --mutant: write the counterexample to this file")
    parser.add_argument("--random", type=int, metavar="N", help="write N random runs of the correct model, and end")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first of them")
    parser.add_argument("--out", type=Path, default=Path("."), help="the folder for them")
    parser.add_argument("--write-traces", action="store_true", help="write traces/ anew, and end")
    arguments = parser.parse_args()
    if arguments.trace and not arguments.mutant:
        parser.error("--trace needs --mutant")
    return arguments


def main() -> int:
    arguments = parse()
    if arguments.random is not None:
        write_random(arguments.random, arguments.seed, arguments.out)
        return 0
    if arguments.write_traces:
        for mutant in MUTANTS:
            (TRACES / mutant.file_name()).write_text(counterexample(mutant, minutes=10)[1])
        for file in TRACES.glob("random-*.trace"):
            file.unlink()
        write_random(RANDOM_TRACES, FIRST_SEED, TRACES)
        return 0
    report = Report()
    mutants = [mutant for mutant in MUTANTS if arguments.mutant in (None, mutant.name)]
    if arguments.trace:
        result, trace = counterexample(mutants[0], minutes=10)
        arguments.trace.write_text(trace)
        report.check(f"without {mutants[0].name}, {mutants[0].breaks} breaks", result.violated == mutants[0].breaks)
    else:
        if arguments.mutant is None:
            for size in SHORT + (LONG if arguments.long else ()):
                check_size(report, size)
            check_random(report)
        for mutant in mutants:
            check_mutant(report, mutant)
    print(report.counts())
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
