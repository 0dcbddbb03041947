"""Runs the real appliance over one case in a folder of its own, and brings back what it sent and counted."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pcap

FILE_PREFIX = "causeway-case"  # as the cases' configurations have it
_WORKERS = "control_lcore: 0\n  lcores: [1]\n"
_RECEIVED_WITHIN_S = 20
_ENDS_WITHIN_S = 10
_POLL_S = 0.01
_LAST_LOG_LINES = 5


class CaseError(Exception):
    """The appliance did not come as far as an answer."""


@dataclass(frozen=True)
class Outcome:
    counters: dict
    sent: dict[str, list[bytes]]  # by port


def runtime_folder(prefix: str) -> Path:
    """Where DPDK keeps the files of the processes with this prefix."""
    if os.geteuid() == 0:
        return Path("/var/run/dpdk") / prefix
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / "dpdk" / prefix


def cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def _write_config(case: Path, folder: Path, prefix: str, workers: int) -> None:
    """With several workers they share a CPU: what is wrong between them shows itself the sooner."""
    text = (case / "config.yaml").read_text()
    control, worker = cpus()[:2]
    lcores = ", ".join([str(worker)] * workers)
    share = "true" if workers > 1 else "false"
    for old, new in (
        (f"file_prefix: {FILE_PREFIX}", f"file_prefix: {prefix}"),
        (_WORKERS, f"control_lcore: {control}\n  lcores: [{lcores}]\n  share_cpus: {share}\n"),
    ):
        if text.count(old) != 1:
            raise CaseError(f"config.yaml has not exactly one '{old}'")
        text = text.replace(old, new)
    for limit in ("size_mb", "packet_buffers"):
        text = re.sub(rf"{limit}: (\d+)", lambda match: f"{limit}: {int(match[1]) * workers}", text)
    path = folder / "config.yaml"
    path.touch(mode=0o600)
    path.write_text(text)


class Appliance:
    """causeway run, in `folder`, where the configuration's pcap files lie."""

    def __init__(self, binary: Path, folder: Path, prefix: str):
        self._socket_path = runtime_folder(prefix) / "dpdk_telemetry.v2"
        self._log_path = folder / "log"
        command = [binary, "run", "-c", "config.yaml"]
        with self._log_path.open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            except OSError as error:
                raise CaseError(str(error)) from error

    def _fail(self, what: str) -> CaseError:
        lines = self._log_path.read_text(errors="replace").splitlines()[-_LAST_LOG_LINES:]
        return CaseError("\n    ".join([what, *lines]))

    def _connect(self, deadline: float) -> socket.socket:
        while True:
            self.require_alive()
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            connection.settimeout(_ENDS_WITHIN_S)
            try:
                connection.connect(str(self._socket_path))
                connection.recv(65536)  # the greeting
                return connection
            except OSError:
                connection.close()
            if time.monotonic() > deadline:
                raise self._fail("no telemetry socket")
            time.sleep(_POLL_S)

    def require_alive(self) -> None:
        code = self._process.poll()
        if code is not None:
            raise self._fail(f"the appliance ended with {code}")

    def await_counters(self, expected: dict) -> dict:
        """The counters once as many packets were received and copies made, and each has come to its end."""
        deadline = time.monotonic() + _RECEIVED_WITHIN_S
        connection = self._connect(deadline)
        try:
            while True:
                self.require_alive()
                connection.send(b"/causeway/counters")
                answer = json.loads(connection.recv(65536))["/causeway/counters"]
                arrived = isinstance(answer, dict) and all(answer[key] >= expected[key] for key in ("received", "copies"))
                if arrived and not unsettled(answer):
                    return answer
                if time.monotonic() > deadline:
                    return self._late(answer)
                time.sleep(_POLL_S)
        except (OSError, ValueError) as error:
            raise self._fail(f"telemetry: {error}") from error
        finally:
            connection.close()

    def _late(self, answer: dict | None) -> dict:
        if not isinstance(answer, dict):
            raise self._fail("telemetry does not know /causeway/counters")
        return answer

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            raise self._fail(f"SIGTERM did not end it within {_ENDS_WITHIN_S} s") from None
        if code != 0:
            raise self._fail(f"SIGTERM ended it with {code}")

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def unsettled(counters: dict) -> list[str]:
    """The conservation laws that do not hold."""
    broken = []
    drops = sum(counters["drops"].values())
    if counters["received"] != counters["forwarded"] + counters["punted"] + drops:
        broken.append(
            f"received {counters['received']} is not forwarded {counters['forwarded']}"
            f" + punted {counters['punted']} + drops {drops}"
        )
    for given, taken in (("handed_off", "taken_over"), ("frames_handed_off", "frames_taken_over")):
        if counters[given] != counters[taken]:
            broken.append(f"{given} {counters[given]} is not {taken} {counters[taken]}")
    if counters["waiting"] != 0:
        broken.append(f"{counters['waiting']} packets are waiting")
    egress_drops = sum(counters["egress_drops"].values())
    if counters["copies"] != counters["sent"] + egress_drops:
        broken.append(f"copies {counters['copies']} is not sent {counters['sent']} + egress drops {egress_drops}")
    return broken


def run(binary: Path, case: Path, expected: dict, workers: int) -> Outcome:
    prefix = f"{FILE_PREFIX}-{os.getpid()}-{case.name.split('_')[0]}"
    with tempfile.TemporaryDirectory(prefix="causeway-case-") as name:
        folder = Path(name)
        _write_config(case, folder, prefix, workers)
        for given in [*case.glob("*.in.pcap"), *case.glob("guard.yaml")]:
            shutil.copy(given, folder)
        appliance = Appliance(binary, folder, prefix)
        try:
            counters = appliance.await_counters(expected)
            appliance.end()
            sent = {path.name.removesuffix(".out.pcap"): pcap.read(path) for path in folder.glob("*.out.pcap")}
        except pcap.PcapError as error:
            raise CaseError(str(error)) from error
        finally:
            appliance.kill()
            shutil.rmtree(runtime_folder(prefix), ignore_errors=True)
        return Outcome(counters, sent)
