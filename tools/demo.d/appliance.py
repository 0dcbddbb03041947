"""The appliance as the demo runs it: one process in its namespace, asked through DPDK's telemetry socket."""

import json
import shutil
import socket
from pathlib import Path

import yaml

from appliance_config import Config
from processes import DemoError, Process, Processes, write_private
from topology import Namespace, Topology

PROGRAM = "causeway"  # in the build folder
START_DEADLINE_S = 30


_RUNTIME = Path("/var/run/dpdk")  # DPDK's, with a folder for each file prefix


def telemetry_query(file_prefix: str, command: str, timeout_s: float = 2) -> object:
    """One request: connect, read the greeting that names the answer's size limit, ask, read the answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(_RUNTIME / file_prefix / "dpdk_telemetry.v2"))
            limit = int(json.loads(connection.recv(4096))["max_output_len"])
            connection.send(command.encode())
            answer = json.loads(connection.recv(limit + 4096))
        return answer[command.partition(",")[0]]
    except (OSError, ValueError, KeyError) as error:
        raise DemoError(f"telemetry of {file_prefix}: {command}: {error!r}") from error


class Appliance:
    def __init__(self, build: Path, config: Config, namespace: Namespace, folder: Path,
                 processes: Processes) -> None:
        """Starts it with a copy of the configuration whose file prefix (the name of the telemetry socket and
        of DPDK's lock files) is this namespace's, so that parallel runs do not meet."""
        binary = build / PROGRAM
        if not binary.is_file():
            raise DemoError(f"{binary}: no such program; build it: ninja -C {build}")
        self._namespace = namespace
        self.file_prefix = namespace.name
        document = dict(config.document)
        document["eal"] = dict(document.get("eal") or {}) | {"file_prefix": self.file_prefix}
        path = folder / "causeway.yaml"
        write_private(path, yaml.safe_dump(document, sort_keys=False))
        self.process: Process = processes.start(
            "causeway", namespace.command(str(binary), "run", "-c", str(path)), folder / "causeway.log")

    def end(self) -> int:
        """Ends it, and removes what DPDK leaves in its runtime folder; returns the exit code."""
        code = self.process.end()
        shutil.rmtree(_RUNTIME / self.file_prefix, ignore_errors=True)
        return code

    def counters(self) -> dict[str, object]:
        answer = telemetry_query(self.file_prefix, "/causeway/counters")
        if not isinstance(answer, dict):
            raise DemoError(f"/causeway/counters answered {answer!r}")
        return answer

    def drops(self) -> dict[str, int]:
        """Non-zero drop counters by reason; those of egress copies with `egress_` before the reason."""
        counters = self.counters()
        found = {}
        for prefix, group in (("", "drops"), ("egress_", "egress_drops")):
            reasons = counters.get(group)
            if isinstance(reasons, dict):
                found |= {prefix + reason: int(count) for reason, count in reasons.items() if count}
        return found

    def answers_telemetry(self) -> bool:
        try:
            self.counters()
        except DemoError:
            return False
        return True

    def unresolved(self, config: Config) -> list[str]:
        """Transports whose next hop the appliance does not know."""
        names = []
        for name in config.transports:
            answer = telemetry_query(self.file_prefix, f"/causeway/transport,{name}")
            if isinstance(answer, dict) and answer.get("next_hop") == "unresolved":
                names.append(name)
        return names

    def wait_ready(self, topology: Topology, config: Config) -> None:
        """Ready: telemetry answers, each host reaches its appliance address by ping (so both kernels have
        resolved each other), and the dataplane has learned the next hops."""
        self.process.wait_for("telemetry does not answer", self.answers_telemetry, START_DEADLINE_S)
        for host in config.hosts:
            namespace = topology.hosts[host.name]
            for local in host.appliance_addresses:
                self.process.wait_for(f"{local} does not answer {host.name}'s ping",
                                      lambda: ping(namespace, local), START_DEADLINE_S)
        self.process.wait_for("next hops stay unresolved", lambda: not self.unresolved(config), START_DEADLINE_S)


def ping(namespace: Namespace, address: str) -> bool:
    try:
        namespace.run("ping", "-q", "-n", "-c", "1", "-W", "1", address)
    except DemoError:
        return False
    return True
