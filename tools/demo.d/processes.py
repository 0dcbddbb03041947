"""Child processes and waiting: every child is known by its id, has its log in a file, and ends with us."""

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class DemoError(Exception):
    """Something that a person should read, without a stack trace."""


class Interrupted(BaseException):
    """SIGINT or SIGTERM; carries the exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


# ffmpeg finishes its outputs after the first signal, but goes on waiting for a packet until a second one. Two
# different ones, since equal ones may arrive as one.
FFMPEG_END_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def raise_on_signals() -> None:
    """Ctrl-C and SIGTERM become an exception, so that every `finally` runs."""

    def handler(number: int, _frame: object) -> None:
        # A second one must not cut the tidying-up short.
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, handler)


def run(command: Sequence[str], timeout_s: float = 30) -> str:
    """Runs a short command and returns its output, or says what failed."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout_s)
    if done.returncode != 0:
        raise DemoError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def wait_until(condition: Callable[[], bool], deadline_s: float, interval_s: float = 0.02) -> bool:
    """Polls the condition until it holds or the deadline has passed; returns what it was last."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(interval_s)
    return True


def expect(condition: bool, reason: str) -> None:
    if not condition:
        raise DemoError(reason)


def write_private(path: Path, text: str) -> None:
    """For keys: nobody else may read it, at no moment."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


class Process:
    """A long-lived child. In its own session, so that Ctrl-C at the terminal reaches only us: the order in
    which things end is ours to choose."""

    def __init__(self, name: str, command: Sequence[str], log: Path, output: Path | None = None,
                 end_signals: Sequence[signal.Signals] = (signal.SIGTERM,), talks: bool = False) -> None:
        """Standard error goes to `log`, standard output to `output` or to the log too; or, of one that `talks`, to
        hear() and ask()."""
        self.name = name
        self.log = log
        self._end_signals = end_signals
        self._heard = b""
        self._asking = threading.Lock()
        for path in (log, output or log):
            path.unlink(missing_ok=True)
        with log.open("ab") as errors, (output or log).open("ab") as out:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else out, stderr=errors, start_new_session=True)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        return self._child.poll()

    def tail(self, lines: int = 15) -> str:
        text = self.log.read_text(errors="replace").replace("\r", "\n")
        last = [line for line in text.splitlines() if line.strip()][-lines:]
        return f"--- end of {self.log} ---\n" + "\n".join(last)

    def require_alive(self) -> None:
        if self.exit_code is not None:
            raise DemoError(f"{self.name} ended early with exit code {self.exit_code}\n{self.tail()}")

    def wait_for(self, what: str, condition: Callable[[], bool], deadline_s: float) -> None:
        """Waits until the condition holds; fails with the log's end if the process ends or time runs out."""

        def met() -> bool:
            self.require_alive()
            return condition()

        if not wait_until(met, deadline_s):
            raise DemoError(f"{self.name}: {what}: not within {deadline_s:g} s\n{self.tail()}")

    def udp_ports(self) -> set[int]:
        """The UDP ports that are bound in the process's network namespace."""
        return {int(columns[1].rsplit(":", 1)[1], 16) for columns in self._udp_sockets()}

    def udp_bytes_queued(self) -> int:
        """What has arrived in the process's network namespace and nobody has read."""
        return sum(int(columns[4].rsplit(":", 1)[1], 16) for columns in self._udp_sockets())

    def _udp_sockets(self) -> list[list[str]]:
        return [row.split() for table in ("udp", "udp6")
                for row in Path(f"/proc/{self.pid}/net/{table}").read_text().splitlines()[1:]]

    def ask(self, line: str, deadline_s: float = 10) -> str:
        """Gives it a line on standard input; returns the line that it answers. From any thread."""
        with self._asking:
            self.require_alive()
            try:
                os.write(self._child.stdin.fileno(), f"{line}\n".encode())
            except BrokenPipeError:
                self._child.wait(deadline_s)
                self.require_alive()
            return self.hear(deadline_s)

    def hear(self, deadline_s: float = 10) -> str:
        """The next line of its standard output."""
        out = self._child.stdout.fileno()
        end = time.monotonic() + deadline_s
        while b"\n" not in self._heard:
            readable, _, _ = select.select([out], [], [], max(0, end - time.monotonic()))
            if not readable:
                raise DemoError(f"{self.name} says nothing within {deadline_s:g} s\n{self.tail()}")
            chunk = os.read(out, 1 << 16)
            if not chunk:
                self._child.wait(deadline_s)
                self.require_alive()
            self._heard += chunk
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()

    def end(self, deadline_s: float = 5) -> int:
        """Asks the process to end, kills it after the deadline, returns its exit code (-9 if killed)."""
        if self._child.poll() is None:
            for each in self._end_signals:
                self._child.send_signal(each)
            try:
                self._child.wait(deadline_s)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        return self._child.returncode


class IdleWatch:
    """Tells when a receiver has worked off all that it got: nothing is queued in its namespace, and its count of
    results, once above 0, has stopped rising."""

    STILL_S = 0.5  # longer than the period in which the count is reported

    def __init__(self, process: Process, count: Callable[[], int]) -> None:
        self._process = process
        self._count = count
        self._last = 0
        self._since = time.monotonic()

    def poll(self) -> bool:
        now, count = time.monotonic(), self._count()
        if count != self._last or count == 0 or self._process.udp_bytes_queued() > 0:
            self._last, self._since = count, now
        return now - self._since > self.STILL_S


class Processes:
    """All children of one run; ends what is left in reverse order of the start."""

    def __init__(self) -> None:
        self._all: list[Process] = []

    def start(self, name: str, command: Sequence[str], log: Path, output: Path | None = None,
              end_signals: Sequence[signal.Signals] = (signal.SIGTERM,), talks: bool = False) -> Process:
        process = Process(name, command, log, output, end_signals, talks)
        self._all.append(process)
        return process

    def require_alive(self) -> None:
        for process in self._all:
            process.require_alive()

    def end_all(self) -> None:
        for process in reversed(self._all):
            process.end()
        self._all.clear()


def is_root() -> bool:
    return os.geteuid() == 0
