"""Sites that are far apart: one namespace a site, joined by the program `wan`, which delays, loses, doubles, reorders
or cuts what goes from one to another.

    us-east --veth-- wan --veth-- germany ...
"""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from processes import DemoError, Process, Processes, run
from topology import Namespace, silence_kernel

ALL = "*"  # as a site: every one
_FOLDER = Path("/run/netns")
_ETH_P_ALL = 3


class Wan:
    """Namespaces `PREFIX-PID-SITE`: parallel runs do not collide, and the next one knows what a killed one left."""

    _names_in_use: set[str] = set()

    def __init__(self, build: Path, sites: Mapping[str, str], folder: Path, processes: Processes,
                 prefix: str = "cw-wan", seed: int = 1, queue: int = 16384, mtu: int = 1500,
                 realtime: bool = True) -> None:
        """`sites`: name -> its interface, which is up and has no address. `folder`: for the log. `queue`: frames that
        may wait for each ordered pair. `realtime`: punctual on a busy host; the program comes before all others."""
        self._interfaces = dict(sites)
        self._prefix = f"{prefix}-{os.getpid()}"
        self._made: list[Namespace] = []
        self._sites: dict[str, Namespace] = {}
        self._process: Process | None = None
        remove_leftovers(prefix)
        try:
            self._bridge = self._namespace("wan")
            self._bridge.sysctl(net__ipv6__conf__default__disable_ipv6=1)
            for index, site in enumerate(sites):
                self._sites[site] = self._make_site(site, f"site{index}", mtu)
            self._process = self._start(build, folder, processes, seed, queue, realtime)
        except BaseException:
            self.remove()
            raise

    def __enter__(self) -> "Wan":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Ends the program and whatever still runs at the sites, and removes the namespaces."""
        if self._process:
            self._process.end()
        for namespace in reversed(self._made):
            _remove(namespace.name)
            self._names_in_use.discard(namespace.name)
        self._made.clear()

    def site(self, name: str) -> Namespace:
        return self._sites[name]

    def interface(self, site: str) -> str:
        return self._interfaces[site]

    def wire(self, site: str) -> socket.socket:
        """At the WAN's end of the site's cable: what is sent here arrives at the site, from whomever it says, and what
        passes there, either way, is heard. The WAN does not see what is sent here."""
        packets = self._bridge.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        packets.bind((f"site{list(self._sites).index(site)}", _ETH_P_ALL))
        packets.settimeout(0.2)
        return packets

    def add_address(self, site: str, *addresses: str) -> None:
        """With prefix length."""
        for address in addresses:
            nodad = ["nodad"] if ":" in address else []
            self.site(site).ip("address", "add", address, "dev", self.interface(site), *nodad)

    def leave_to_appliance(self, site: str) -> None:
        """The kernel answers nothing at the site's interface: an appliance does."""
        silence_kernel(self.site(site), self.interface(site))

    def set(self, a: str, b: str, **rule: float | str) -> None:
        """The rule from a to b: delay_ms, jitter_ms, loss_percent, duplicate_percent, reorder_percent and cut ("none",
        "all", "media", "control", "PORT" or "FIRST-LAST"). What is not named stays."""
        self.command("set", a, b, *(f"{key}={value}" for key, value in rule.items()))

    def both(self, a: str, b: str, **rule: float | str) -> None:
        """The rule of both directions."""
        self.command("both", a, b, *(f"{key}={value}" for key, value in rule.items()))

    @contextmanager
    def cut(self, site: str, others: Iterable[str] | None = None, what: str = "all",
            one_way: bool = False) -> Iterator[None]:
        """Within the block nothing (or no `what`) passes between the site and the others, all by default. `one_way`:
        only what the site sends is cut. Then each pair is cut as it was before."""
        before = {(pair["from"], pair["to"]): pair["rule"]["cut"] for pair in self.stats()["pairs"]}
        pairs = [(site, other) for other in self._others(site, others)]
        pairs += [] if one_way else [(other, site) for _, other in pairs]
        try:
            for a, b in pairs:
                self.set(a, b, cut=what)
            yield
        finally:
            for a, b in pairs:
                self.set(a, b, cut=before[a, b])

    def cut_for(self, seconds: float, site: str, others: Iterable[str] | None = None, what: str = "all",
                one_way: bool = False) -> None:
        """Returns when the cut is over."""
        with self.cut(site, others, what, one_way):
            time.sleep(seconds)

    def stats(self) -> dict[str, Any]:
        """`queued`, `late_us` (median, p99, worst: the host's noise), `sites` and `pairs`; counted since the start or
        the last reset()."""
        return json.loads(self.command("stats"))

    def pair(self, a: str, b: str) -> dict[str, Any]:
        """What the stats say of frames from a to b."""
        return next(pair for pair in self.stats()["pairs"] if (pair["from"], pair["to"]) == (a, b))

    def reset(self) -> None:
        """All counters begin again."""
        self.command("reset")

    def command(self, *words: str) -> str:
        """A line to the program; returns what follows its "ok"."""
        assert self._process
        line = " ".join(words)
        verdict, _, answer = self._process.ask(line).partition(" ")
        if verdict != "ok":
            raise DemoError(f"wan: {line}: {answer}")
        return answer

    def _others(self, site: str, others: Iterable[str] | None) -> list[str]:
        return [other for other in (self._sites if others is None else others) if other != site]

    def _namespace(self, name: str) -> Namespace:
        namespace = Namespace(f"{self._prefix}-{name}")
        self._made.append(namespace)
        self._names_in_use.add(namespace.name)
        return namespace

    def _make_site(self, name: str, port: str, mtu: int) -> Namespace:
        site, interface = self._namespace(f"site-{name}"), self._interfaces[name]
        # Usable at once: no duplicate address detection, nothing learned from routers.
        site.sysctl(net__ipv6__conf__default__accept_dad=0, net__ipv6__conf__default__accept_ra=0)
        site.ip("link", "add", interface, "type", "veth", "peer", "name", port, "netns", self._bridge.name)
        # veth hands over checksums that hardware would finish, and packets that it would cut to size.
        site.run("ethtool", "-K", interface, "tx", "off")
        self._bridge.run("ethtool", "-K", port, "tx", "off")
        for namespace, end in ((site, interface), (self._bridge, port)):
            namespace.ip("link", "set", "dev", end, "mtu", str(mtu), "up")
        return site

    def _start(self, build: Path, folder: Path, processes: Processes, seed: int, queue: int,
               realtime: bool) -> Process:
        ports = [f"{site}=site{index}" for index, site in enumerate(self._sites)]
        options = ["--seed", str(seed), "--queue", str(queue)] + (["--realtime"] if realtime else [])
        command = self._bridge.command(str(build / "tests/support/wan"), *options, *ports)
        process = processes.start("wan", command, folder / "wan.log", talks=True)
        process.hear()  # it is ready
        return process


def remove_leftovers(prefix: str) -> None:
    """Of runs that were killed: whatever still runs in their namespaces, and the namespaces."""
    for path in _FOLDER.glob(f"{prefix}-*"):
        owner = re.fullmatch(rf"{re.escape(prefix)}-(\d+)-(wan|site-.*)", path.name)
        if owner is None or path.name in Wan._names_in_use:
            continue
        # Ours although we did not make it: of a process that had our id before.
        if int(owner[1]) == os.getpid() or not Path(f"/proc/{owner[1]}").exists():
            _remove(path.name)


def _remove(namespace: str) -> None:
    for pid in map(int, run(["ip", "netns", "pids", namespace]).split()):
        with suppress(ProcessLookupError):
            if pid != os.getpid():  # a thread of ours may just be making a socket there
                os.kill(pid, signal.SIGKILL)
    run(["ip", "netns", "delete", namespace])
