"""The WAN between sites does what it is told, seen by plain sockets at the sites."""

import argparse
import os
import signal
import socket
import statistics
import struct
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from netns import ROOT, Cases, DemoError, conclude, expect  # first: it makes the demo's modules known

import processes
from processes import Processes, wait_until
from topology import Namespace
from wan import ALL, Wan, remove_leftovers

SITES = {"us-east": "wan0", "germany": "wan0", "japan": "eth5"}
PORT = 20000
SO_RCVBUFFORCE = 33  # socket(7); not in the module
MEDIA, CONTROL, OTHER = 0x80, 0x01, 0x50  # first bytes
ALL_KINDS = {MEDIA, CONTROL, OTHER}
MOST_LATE_S = 0.03  # a busy host is later than an idle one; what it was is printed
SETTLED_S = 0.15  # without a frame, at most delays of 60 ms


def address(site: str, family: int = 4) -> str:
    number = list(SITES).index(site) + 1
    return f"10.78.0.{number}" if family == 4 else f"fd78::{number}"


class Sockets:
    """A UDP socket at each site. A datagram is its first byte, its number, and the time at which it was sent."""

    FORMAT = ">BId"

    def __init__(self, wan: Wan, family: int) -> None:
        self._family = family
        self._sockets = {site: self._open(wan.site(site), site) for site in SITES}

    def _open(self, namespace: Namespace, site: str) -> socket.socket:
        udp = namespace.socket(socket.AF_INET if self._family == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
        udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        udp.bind((address(site, self._family), PORT))
        return udp

    def close(self) -> None:
        for udp in self._sockets.values():
            udp.close()

    def send(self, a: str, b: str, first: int, number: int = 0) -> None:
        datagram = struct.pack(self.FORMAT, first, number, time.monotonic()) + bytes(1000)
        self._sockets[a].sendto(datagram, (address(b, self._family), PORT))

    def receive(self, site: str, quiet_s: float = SETTLED_S) -> list[tuple[int, int, float]]:
        """(first byte, number, seconds underway) of what arrives until it is quiet."""
        udp, arrived = self._sockets[site], []
        udp.settimeout(quiet_s)
        while True:
            try:
                datagram = udp.recv(2048)
            except TimeoutError:
                return arrived
            first, number, sent = struct.unpack(self.FORMAT, datagram[:struct.calcsize(self.FORMAT)])
            arrived.append((first, number, time.monotonic() - sent))

    def arrives(self, a: str, b: str) -> set[int]:
        """Which of the three first bytes come through."""
        for first in ALL_KINDS:
            self.send(a, b, first)
        return {first for first, _, _ in self.receive(b)}

    def numbers(self, a: str, b: str, count: int, pace_s: float) -> list[int]:
        """Of the media that arrive, in that order."""
        for number in range(count):
            self.send(a, b, MEDIA, number)
            time.sleep(pace_s)
        return [number for _, number, _ in self.receive(b)]


class Bench:
    def __init__(self, build: Path, folder: Path, seed: int) -> None:
        with ExitStack() as stack:
            children = Processes()
            stack.callback(children.end_all)
            self.wan = stack.enter_context(Wan(build, SITES, folder, children, "cw-wan-test", seed))
            for site in SITES:
                self.wan.add_address(site, address(site) + "/24", address(site, 6) + "/64")
            self.udp, self.udp6 = self.meet(stack, 4), self.meet(stack, 6)
            self._stack = stack.pop_all()

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def meet(self, stack: ExitStack, family: int) -> Sockets:
        """So that later no datagram waits for a neighbour's address."""
        sockets = Sockets(self.wan, family)
        stack.callback(sockets.close)
        for a in SITES:
            for b in SITES:
                if a != b:
                    expect(len(sockets.arrives(a, b)) == 3, f"{a} does not reach {b} by IPv{family}")
        return sockets

    def clear(self) -> None:
        self.wan.both(ALL, ALL, delay_ms=0, jitter_ms=0, loss_percent=0, duplicate_percent=0, reorder_percent=0,
                      cut="none")
        self.wan.reset()

    def check_delay(self, family: int) -> None:
        """One way, and not the other."""
        self.clear()
        self.wan.set("us-east", "germany", delay_ms=60)
        sockets = self.udp if family == 4 else self.udp6
        for a, b, wanted_s in (("us-east", "germany", 0.06), ("germany", "us-east", 0)):
            underway = []
            for number in range(10):
                sockets.send(a, b, MEDIA, number)
                underway += [seconds for _, _, seconds in sockets.receive(b)]
            expect(len(underway) == 10, f"{len(underway)} of 10 arrived")
            median = statistics.median(underway)
            expect(min(underway) >= wanted_s, f"{min(underway)} s, before its time")
            expect(median <= wanted_s + MOST_LATE_S, f"{median} s instead of {wanted_s}")
            late_us = self.wan.pair(a, b)["worst_late_us"]
            print(f"   {a} to {b}: {median * 1e3:.2f} ms, the program at worst {late_us} us late")

    def check_jitter(self) -> None:
        """The time underway varies, and the order is kept."""
        self.clear()
        self.wan.set("us-east", "germany", delay_ms=30, jitter_ms=20)
        for number in range(40):
            self.udp.send("us-east", "germany", MEDIA, number)
            time.sleep(0.025)
        arrived = [number for _, number, _ in self.udp.receive("germany")]
        expect(arrived == list(range(40)), f"not in order: {arrived}")
        underway = []
        for number in range(20):
            self.udp.send("us-east", "germany", MEDIA, number)
            underway += [seconds for _, _, seconds in self.udp.receive("germany", 0.08)]
        expect(len(underway) == 20, f"{len(underway)} of 20 arrived")
        expect(min(underway) >= 0.01, f"{min(underway)} s")
        expect(max(underway) - min(underway) > 0.01, f"all take {min(underway)} to {max(underway)} s")

    def check_one_way_cut(self) -> None:
        self.clear()
        with self.wan.cut("us-east", ["germany"], one_way=True):
            expect(self.udp.arrives("us-east", "germany") == set(), "a cut way passes something")
            for a, b in (("germany", "us-east"), ("us-east", "japan"), ("germany", "japan")):
                expect(len(self.udp.arrives(a, b)) == 3, f"{a} to {b} is cut, too")
        expect(len(self.udp.arrives("us-east", "germany")) == 3, "the cut does not end")
        expect(self.wan.pair("us-east", "germany")["cut"] == 3, "not all are counted")

    def check_isolation(self) -> None:
        """Both ways, to all; what was cut before still is behind it."""
        self.clear()
        self.wan.set("japan", "germany", cut="media")
        with self.wan.cut("japan"):
            for other in ("us-east", "germany"):
                expect(not self.udp.arrives("japan", other), f"japan reaches {other}")
                expect(not self.udp.arrives(other, "japan"), f"{other} reaches japan")
            expect(len(self.udp.arrives("us-east", "germany")) == 3, "others are cut, too")
        expect(self.udp.arrives("japan", "germany") == {CONTROL, OTHER}, "the cut before is forgotten")
        self.wan.cut_for(0.01, "japan")

    def check_kinds_of_cut(self) -> None:
        for family, sockets in ((4, self.udp), (6, self.udp6)):
            self.clear()
            for what, through in (("media", {CONTROL, OTHER}), ("control", {MEDIA, OTHER}), ("none", ALL_KINDS),
                                  (f"{PORT - 5}-{PORT}", set()), (str(PORT + 1), ALL_KINDS)):
                self.wan.set("us-east", "germany", cut=what)
                arrived = sockets.arrives("us-east", "germany")
                expect(arrived == through, f"IPv{family}, cut={what}: {arrived} instead of {through}")

    def check_reorder(self) -> None:
        """Those that skip the delay overtake; all arrive."""
        self.clear()
        self.wan.set("us-east", "germany", delay_ms=50, reorder_percent=10)
        arrived = self.udp.numbers("us-east", "germany", 200, 0.002)
        expect(sorted(arrived) == list(range(200)), f"{len(arrived)} of 200 arrived")
        reordered = self.wan.pair("us-east", "germany")["reordered"]
        early = sum(number > later for number, later in zip(arrived, arrived[1:]))
        expect(0 < early <= reordered < 60, f"{reordered} skipped the delay, {early} are seen to be early")

    def check_duplicate(self) -> None:
        self.clear()
        self.wan.set("us-east", "germany", duplicate_percent=30)
        arrived = self.udp.numbers("us-east", "germany", 200, 0.0005)
        duplicated = self.wan.pair("us-east", "germany")["duplicated"]
        expect(set(arrived) == set(range(200)), "not all arrived")
        expect(30 < duplicated < 90, f"{duplicated} of 200 at 30 %")
        expect(len(arrived) == 200 + duplicated, f"{len(arrived)} arrived, {duplicated} were doubled")

    def check_errors(self) -> None:
        self.clear()
        for words, reason in ((["sett", "us-east", "germany"], "'sett' is no command"),
                              (["set", "us-east", "france", "cut=all"], "there is no site 'france'"),
                              (["set", "us-east", "germany", "delay_ms=soon"], "give milliseconds"),
                              (["set", "us-east", "germany", "delay_ms=70", "cut=half"], "give none, all")):
            try:
                self.wan.command(*words)
            except DemoError as error:
                expect(reason in str(error), f"{words}: {error}")
            else:
                raise DemoError(f"{words} is accepted")
        expect(self.wan.pair("us-east", "germany")["rule"]["delay_ms"] == 0, "half of a wrong line is done")

    def lossy(self) -> tuple[list[int], int]:
        """What arrives of 1000 at 10 %, and how many were lost."""
        self.clear()
        self.wan.set("us-east", "germany", loss_percent=10)
        arrived = self.udp.numbers("us-east", "germany", 1000, 0.0002)
        stats = self.wan.stats()
        expect(all(site["kernel_dropped"] == 0 for site in stats["sites"]), f"the host loses frames: {stats}")
        return arrived, self.wan.pair("us-east", "germany")["lost"]


def check_loss(build: Path, folder: Path) -> None:
    """The same seed loses the same datagrams, another one others."""
    runs = []
    for seed in (7, 7, 8):
        with Bench(build, folder, seed) as bench:
            arrived, lost = bench.lossy()
        expect(len(arrived) == 1000 - lost, f"{len(arrived)} arrived, {lost} were lost")
        expect(60 < lost < 140, f"{lost} of 1000 lost at 10 %")
        runs.append(arrived)
    expect(runs[0] == runs[1], "the same seed loses others")
    expect(runs[0] != runs[2], "another seed loses the same")


def check_leftovers(build: Path, folder: Path) -> None:
    """What a killed run leaves is removed by the next one, with what still runs there."""
    prefix = "cw-wan-killed"
    child = os.fork()
    if child == 0:
        try:
            wan = Wan(build, {"here": "wan0", "there": "wan0"}, folder, Processes(), prefix)
            subprocess.Popen(wan.site("here").command("sleep", "100"))
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    expect(os.WIFSIGNALED(status), "the run to kill did not come so far")
    left = [f"{prefix}-{child}-{name}" for name in ("wan", "site-here", "site-there")]
    present = [name for name in left if Path("/run/netns", name).exists()]
    expect(present == left, f"it left {present}")
    pids = processes.run(["ip", "netns", "pids", left[1]]).split()
    expect(len(pids) == 1, f"{pids} run at the site")
    remove_leftovers(prefix)
    expect(not any(Path("/run/netns", name).exists() for name in left), "some are still there")
    expect(wait_until(lambda: not is_running(pids[0]), 5), f"process {pids[0]} still runs")


def is_running(pid: str) -> bool:
    """Not gone, nor a zombie that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test(build: Path, folder: Path) -> None:
    cases = Cases()
    with Bench(build, folder, seed=1) as bench:
        cases.run("delay", lambda: bench.check_delay(4))
        cases.run("delay of IPv6", lambda: bench.check_delay(6))
        cases.run("jitter", bench.check_jitter)
        cases.run("one-way cut", bench.check_one_way_cut)
        cases.run("isolation", bench.check_isolation)
        cases.run("kinds of cut", bench.check_kinds_of_cut)
        cases.run("reorder", bench.check_reorder)
        cases.run("duplicate", bench.check_duplicate)
        cases.run("errors", bench.check_errors)
    cases.run("loss", lambda: check_loss(build, folder))
    cases.run("leftovers", lambda: check_leftovers(build, folder))
    cases.conclude()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    built = parser.parse_args().build.resolve()
    conclude("wan", lambda folder, _: test(built, folder))
