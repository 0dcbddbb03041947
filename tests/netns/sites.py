"""Several sites with one real appliance each: joined by the WAN, each with a network of its own for its clients.

    publisher, subscriber --lan-- appliance --wan-- ... --wan-- appliance --lan-- publisher, subscriber
"""

import base64
import json
import os
import shutil
import signal
import socket
import struct
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netns import expect, write_yaml  # first: it makes the demo's modules known
from wan import Wan

from appliance import START_DEADLINE_S, ping, telemetry_query
from processes import Process, Processes, wait_until, write_private
from topology import Namespace, silence_kernel

NODE_PORT = 19000
MEDIA_PORT = 20000
CLIENT_PORT = 6000
_WAN, _LAN = "cw-wan", "cw-lan"
_CLIENT_INTERFACE = "eth0"
_RUNTIME = Path("/var/run/dpdk")


def lan_address(index: int, host: int) -> str:
    return f"10.{100 + index}.0.{host}"


class Site:
    """One site: its namespaces, its appliance, and what its clients sent and got."""

    def __init__(self, sites: "Sites", name: str, index: int) -> None:
        self.name, self.index, self.node = name, index, f"{name}-1"
        self._sites = sites
        self.namespace = sites.wan.site(name)
        self.folder = sites.folder / name
        self.folder.mkdir()
        self.more: dict[str, Any] = {}  # keys that replace those of its document at the next start
        self.process: Process | None = None
        self.file_prefix = self.namespace.name
        self.clients = self._make_clients()
        self.wan_mac = str(json.loads(self.namespace.ip("-json", "link", "show", _WAN))[0]["address"])

    def _make_clients(self) -> Namespace:
        clients = Namespace(f"{self.namespace.name}-lan")
        self._sites.namespaces.append(clients)
        clients.ip("link", "add", _CLIENT_INTERFACE, "type", "veth", "peer", "name", _LAN, "netns",
                   self.namespace.name)
        clients.run("ethtool", "-K", _CLIENT_INTERFACE, "tx", "off")
        self.namespace.run("ethtool", "-K", _LAN, "tx", "off")
        clients.ip("address", "add", lan_address(self.index, 10) + "/24", "dev", _CLIENT_INTERFACE)
        clients.ip("link", "set", _CLIENT_INTERFACE, "up")
        self.namespace.ip("link", "set", _LAN, "up")
        silence_kernel(self.namespace, _LAN)
        self._sites.wan.leave_to_appliance(self.name)
        return clients

    # ---- the appliance

    def document(self) -> dict[str, Any]:
        ports = [{"name": name, "device": f"net_af_packet{i},iface={interface}", "addresses": [address + "/24"],
                  "exception_interface": f"x-{name}"}
                 for i, (name, interface, address) in enumerate(
                     [("wan0", _WAN, self._sites.wan_address(self.index)),
                      ("lan0", _LAN, lan_address(self.index, 1))])]
        # As behind a router, which a cut does not take away. The kernel forgets a neighbour that is cut off, and
        # finds it again up to a second after the cut.
        ports[0]["neighbours"] = [{"address": self._sites.wan_address(other.index), "mac": other.wan_mac}
                                  for other in self._sites.sites.values() if other is not self]
        cpus = os.cpu_count() or 1
        return {"sites": [{"name": name} for name in self._sites.names],
                "node": {"name": self.node, "site": self.name},
                "fleet": {"key_file": str(self._sites.folder / "fleet.key"), "state_folder": str(self.folder),
                          "nodes": self._sites.nodes()},
                "eal": {"file_prefix": self.file_prefix},
                "workers": {"control_lcore": self.index % cpus, "lcores": [(self.index + 1) % cpus],
                            "share_cpus": True},
                "memory": {"huge_pages": False, "size_mb": 192, "packet_buffers": 8192},
                "ports": ports, "media": {"port_range": f"{MEDIA_PORT}-{MEDIA_PORT + 999}"},
                "transports": [self._client_transport("publisher", 0), self._client_transport("subscriber", 1)],
                "tracks": self._sites.tracks.get(self.name, []),
                "legs": self._sites.legs.get(self.name, [])} | self._sites.more | self.more

    def _client_transport(self, name: str, offset: int) -> dict[str, Any]:
        return {"name": name, "port": "lan0", "local": f"{lan_address(self.index, 1)}:{MEDIA_PORT + offset}",
                "remote": f"{lan_address(self.index, 10)}:{CLIENT_PORT + offset}",
                "receive": {"suite": "none"}, "send": {"suite": "none"}}

    def start(self) -> None:
        path = self.folder / "causeway.yaml"
        write_yaml(path, self.document())
        log = self.folder / f"causeway-{time.monotonic_ns()}.log"
        command = self.namespace.command(str(self._sites.build / "causeway"), "run", "-c", str(path))
        self.process = self._sites.processes.start(f"causeway {self.name}", command, log)
        self.log = log

    def wait_ready(self) -> None:
        assert self.process
        self.process.wait_for("telemetry does not answer", self.answers, START_DEADLINE_S)
        self.process.wait_for("no answer to a client's ping", lambda: ping(self.clients, lan_address(self.index, 1)),
                              START_DEADLINE_S)

    def answers(self) -> bool:
        try:
            self.counters()
        except Exception:
            return False
        return True

    def counters(self) -> dict[str, Any]:
        answer = telemetry_query(self.file_prefix, "/causeway/counters")
        assert isinstance(answer, dict)
        return answer

    def drops(self) -> dict[str, int]:
        counters = self.counters()
        found = {reason: count for reason, count in counters["drops"].items() if count}
        return found | {f"egress_{reason}": count for reason, count in counters["egress_drops"].items() if count}

    def kill(self) -> None:
        """As a crash would end it; what it leaves behind stays."""
        assert self.process
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.end()

    def journal(self) -> list[str]:
        return [line for log in sorted(self.folder.glob("causeway-*.log")) for line in log.read_text().splitlines()]

    # ---- clients

    def publisher_socket(self) -> socket.socket:
        return self._client_socket(0)

    def subscriber_socket(self) -> socket.socket:
        return self._client_socket(1)

    def _client_socket(self, offset: int) -> socket.socket:
        udp = self.clients.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((lan_address(self.index, 10), CLIENT_PORT + offset))
        udp.settimeout(0.2)
        return udp

    def media_target(self) -> tuple[str, int]:
        return lan_address(self.index, 1), MEDIA_PORT


class Sites:
    """`tracks` and `legs` by site, as in the configuration. `more`: keys that replace those of each site's document."""

    def __init__(self, build: Path, names: list[str], folder: Path, processes: Processes,
                 tracks: Mapping[str, list[dict[str, Any]]], legs: Mapping[str, list[dict[str, Any]]],
                 more: Mapping[str, Any] | None = None, delay_ms: float = 20) -> None:
        self.build, self.names, self.folder, self.processes = build, names, folder, processes
        self.tracks, self.legs, self.more = dict(tracks), dict(legs), dict(more or {})
        self.namespaces: list[Namespace] = []
        write_private(folder / "fleet.key", base64.b64encode(os.urandom(32)).decode() + "\n")
        self.wan = Wan(build, {name: _WAN for name in names}, folder, processes, prefix="cw-sites")
        try:
            self.wan.both("*", "*", delay_ms=delay_ms)
            self.sites = {name: Site(self, name, index) for index, name in enumerate(names)}
        except BaseException:
            self.remove()
            raise

    def __getitem__(self, name: str) -> Site:
        return self.sites[name]

    def remove(self) -> None:
        for site in getattr(self, "sites", {}).values():
            if site.process:
                site.process.end()
            shutil.rmtree(_RUNTIME / site.file_prefix, ignore_errors=True)
        for namespace in self.namespaces:
            namespace.remove()
        self.namespaces.clear()
        self.wan.remove()

    def wan_address(self, index: int) -> str:
        return f"10.88.0.{index + 1}"

    def nodes(self) -> list[dict[str, Any]]:
        return [{"id": index, "name": f"{name}-1", "site": name, "endpoint": f"{self.wan_address(index)}:{NODE_PORT}"}
                for index, name in enumerate(self.names)]

    def start(self) -> None:
        for site in self.sites.values():
            site.start()
        for site in self.sites.values():
            site.wait_ready()


class Publisher:
    """Sends RTP with growing sequence numbers, each 20 ms; the payload is the time."""

    def __init__(self, site: Site, ssrc: int, interval_s: float = 0.02) -> None:
        self._socket, self._target = site.publisher_socket(), site.media_target()
        self._ssrc, self._interval_s = ssrc, interval_s
        self._ends = threading.Event()
        self.sent = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        sequence = int.from_bytes(os.urandom(2)) & 0x7fff
        while not self._ends.is_set():
            packet = struct.pack(">BBHIId", 0x80, 96, sequence & 0xffff, sequence * 960 & 0xffffffff, self._ssrc,
                                 time.monotonic())
            self._socket.sendto(packet, self._target)
            self.sent += 1
            sequence += 1
            due += self._interval_s
            self._ends.wait(max(0.0, due - time.monotonic()))

    def end(self) -> None:
        self._ends.set()
        self._thread.join()
        self._socket.close()


class Subscriber:
    """Keeps the arrival times of what a site's subscriber gets."""

    def __init__(self, site: Site, name: str = "") -> None:
        self.name = name or site.name
        self._socket = site.subscriber_socket()
        self._ends = threading.Event()
        self.arrivals: list[tuple[float, int, int]] = []  # time, sequence, SSRC
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                packet = self._socket.recv(2048)
            except TimeoutError:
                continue
            if len(packet) >= 12 and not 192 <= packet[1] <= 223:
                sequence, ssrc = struct.unpack(">H4xI", packet[2:12])
                self.arrivals.append((time.monotonic(), sequence, ssrc))

    def end(self) -> None:
        self._ends.set()
        self._thread.join()
        self._socket.close()

    def flows(self, since: float) -> bool:
        return bool(self.arrivals) and self.arrivals[-1][0] > since

    def first_after(self, moment: float, deadline_s: float) -> float:
        """Seconds from the moment to the first packet after it."""
        def found() -> float | None:
            return next((at - moment for at, _, _ in list(self.arrivals) if at > moment), None)
        expect(wait_until(lambda: found() is not None, deadline_s),
               f"{self.name}: no media within {deadline_s} s")
        return found() or 0.0

    def longest_gap(self, begin: float, end: float) -> float:
        times = [begin, *(at for at, _, _ in list(self.arrivals) if begin < at < end), end]
        return max(b - a for a, b in zip(times, times[1:]))
