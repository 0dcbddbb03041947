"""Each failure to start: one clear error on standard error, soon, with nothing half started and no key shown."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netns import Bench, Cases, Skip, expect, main, write_yaml  # first: it makes the demo's modules known

import plain
from appliance import PROGRAM
from processes import write_private

_DEADLINE_S = 3.0
_GATEWAY = "10.77.0.254"
_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIz"  # 30 bytes of AES_CM_128_HMAC_SHA1_80
_SUITE = "AES_CM_128_HMAC_SHA1_80"
_NOBODY = 65534
_FAILED, _CONFIG = 1, 2  # exit codes


@dataclass
class Start:
    """What a case may change before the appliance is started."""

    bench: Bench
    stack: ExitStack  # for what is to be undone
    file: Path
    document: dict[str, Any] = field(default_factory=dict)
    prefix: list[str] = field(default_factory=list)  # of the command
    write: bool = True  # the configuration
    whole_file: bool = False  # the error has no line
    exit_code: int = _FAILED

    @property
    def port(self) -> dict[str, Any]:
        return self.document["ports"][0]

    def ip(self, *arguments: str) -> str:
        return self.bench.topology.appliance.ip(*arguments)

    def config_error(self) -> None:
        self.exit_code = _CONFIG


def device(text: str) -> Callable[[Start], None]:
    return lambda start: start.port.update(device=text)


def address_in_use(start: Start) -> None:
    start.ip("address", "add", "10.77.0.1/32", "dev", "lo")
    start.stack.callback(start.ip, "address", "del", "10.77.0.1/32", "dev", "lo")


def exception_interface_exists(start: Start) -> None:
    start.ip("link", "add", plain.EXCEPTION_INTERFACE, "type", "veth", "peer", "name", "cw-other")
    start.stack.callback(start.ip, "link", "del", plain.EXCEPTION_INTERFACE)


def prefix_in_use(start: Start) -> None:
    start.bench.start_appliance()
    start.port.update(device="net_ring0", exception_interface="")


def huge_pages(start: Start) -> None:
    start.document["memory"].update(huge_pages=True, size_mb=1048576)


def little_memory(start: Start) -> None:
    start.document["memory"].update(size_mb=64, packet_buffers=262144)


def key_file(make: Callable[[Path], object]) -> Callable[[Start], None]:
    def change(start: Start) -> None:
        path = start.bench.folder / "keys"
        make(path)
        start.stack.callback(lambda: shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True))
        start.document["transports"][1]["receive"] = {"suite": _SUITE, "key_file": str(path)}
        start.config_error()

    return change


def with_mode(mode: int, owner: int = 0, size: int = 0) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        write_private(path, f"inline:{_KEY}\n" + " " * size)
        path.chmod(mode)
        os.chown(path, owner, owner)

    return make


def as_nobody(start: Start) -> None:
    if shutil.which("setpriv") is None:
        raise Skip("setpriv is missing")
    start.bench.folder.chmod(0o755)
    start.prefix = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    write_yaml(start.file, start.document)
    os.chown(start.file, _NOBODY, _NOBODY)
    start.write = False


def unreadable(start: Start) -> None:
    as_nobody(start)
    os.chown(start.file, 0, 0)
    start.whole_file = True
    start.config_error()


def no_file(start: Start) -> None:
    start.write = False
    start.whole_file = True
    start.config_error()


def folder(start: Start) -> None:
    no_file(start)
    start.file.mkdir()
    start.stack.callback(start.file.rmdir)


def lcores(*numbers: int) -> Callable[[Start], None]:
    return lambda start: start.document["workers"].update(lcores=list(numbers))


def two_on_one_cpu(start: Start) -> None:
    lcores(1, 1)(start)
    start.config_error()


def unknown_driver(start: Start) -> None:
    device(f"net_af_paket0,iface={plain.PORT_INTERFACE}")(start)
    start.config_error()


# What is wrong, how, and what the error says.
_CASES: list[tuple[str, Callable[[Start], None], str]] = [
    ("no such interface", device("net_af_packet0,iface=cw-none"), "no network interface 'cw-none'"),
    ("no such interface, XDP", device("net_af_xdp0,iface=cw-none"), "no network interface 'cw-none'"),
    ("no such interface, pcap", device("net_pcap0,iface=cw-none"), "no network interface 'cw-none'"),
    ("no interface named", device("net_af_packet0"), "names no interface"),
    ("no such PCI device", device("0000:7f:1f.7"), "no PCI device 0000:7f:1f.7"),
    ("unknown driver", unknown_driver, "neither a PCI address nor a known virtual device"),
    ("unknown device argument", device(f"net_af_packet0,iface={plain.PORT_INTERFACE},nonsense=1"), "cannot open"),
    ("more queues than the interface has", device(f"net_af_xdp0,iface={plain.PORT_INTERFACE},queue_count=99"),
     "port wan0"),
    ("no such pcap file", device("net_pcap0,rx_pcap=/nonexistent/in.pcap,tx_pcap=/nonexistent/out.pcap"),
     "port wan0"),
    ("MTU beyond the device's", lambda start: start.port.update(mtu=9600), "an MTU of 9600 is beyond"),
    ("too few huge pages", huge_pages, "MB of huge pages are wanted"),
    ("memory too small", little_memory, "packet buffers of [0-9]+ bytes"),
    ("no such CPU", lcores(1000), "may not run on CPU 1000"),
    ("two workers on one CPU", two_on_one_cpu, "workers.lcores"),
    ("unknown EAL argument", lambda start: start.document.update(eal={"extra_args": ["--nonsense"]}), "DPDK"),
    ("address in use", address_in_use, "10.77.0.1 is in use by interface lo"),
    ("exception interface exists", exception_interface_exists, "cw-wan0 exists already"),
    ("file prefix in use", prefix_in_use, "another DPDK process runs as"),
    ("key file: none", key_file(lambda path: None), "key_file.*No such file"),
    ("key file: readable by all", key_file(with_mode(0o644)), "key_file"),
    ("key file: another's", key_file(with_mode(0o600, owner=_NOBODY)), "key_file"),
    ("key file: a folder", key_file(Path.mkdir), "key_file.*not a regular file"),
    ("key file: too long", key_file(with_mode(0o600, size=1 << 20)), "key_file.*longer than"),
    ("configuration: none", no_file, "No such file"),
    ("configuration: a folder", folder, "not a regular file"),
    ("configuration: not readable", unreadable, "Permission denied"),
    ("not root", as_nobody, "CAP_NET"),
]


def refuse(bench: Bench, change: Callable[[Start], None], says: str) -> None:
    with ExitStack() as stack:
        start = Start(bench, stack, bench.folder / "start.yaml", plain.document(plain.simple()))
        stack.callback(lambda: start.file.unlink(missing_ok=True) if not start.file.is_dir() else None)
        start.document["transports"][0]["receive"] = {"suite": _SUITE, "key": f"inline:{_KEY}"}
        change(start)
        start.document.setdefault("eal", {})["file_prefix"] = bench.topology.appliance.name
        if start.write:
            write_yaml(start.file, start.document)
        links, begin = bench.links(), time.monotonic()
        command = bench.topology.appliance.command(*start.prefix, str(bench.build / PROGRAM), "run", "-c",
                                                   str(start.file))
        ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
        seconds = time.monotonic() - begin
        check_words(start, ended.stderr, says)
        expect(ended.returncode == start.exit_code, f"exit code {ended.returncode}\n{ended.stderr}")
        expect(seconds < _DEADLINE_S, f"takes {seconds:.1f} s")
        expect(bench.links() == links, f"interfaces before and after: {links}, {bench.links()}")


def check_words(start: Start, text: str, says: str) -> None:
    errors = [line for line in text.splitlines() if line.startswith(str(start.file)) and ": error: " in line]
    expect(len(errors) == 1, f"{len(errors)} errors:\n{text}")
    place = "" if start.whole_file else r":\d+:\d+"
    expect(re.fullmatch(re.escape(str(start.file)) + place + r": error: .+; .+", errors[0]) is not None,
           f"not FILE:LINE:COL: error: WHAT; MEND: {errors[0]}")
    expect(re.search(says, errors[0]) is not None, f"does not say '{says}': {errors[0]}")
    expect(_KEY[:16] not in text, "the key is shown")
    expect("terminate" not in text and "Sanitizer" not in text, text)


def starts(bench: Bench) -> None:
    """Nothing that failed stands in the way; neither does the machine's own default route, which stays the preferred one."""
    appliance_ip = bench.topology.appliance.ip
    appliance_ip("address", "add", "10.99.0.1/24", "dev", plain.PORT_INTERFACE)
    appliance_ip("route", "add", "default", "via", "10.99.0.2")
    appliance = bench.start_appliance()
    preferred = appliance_ip("route", "get", "198.51.100.1")
    expect("via 10.99.0.2" in preferred, f"the machine's default route is {preferred}")
    ours = appliance_ip("route", "show", "default", "dev", plain.EXCEPTION_INTERFACE)
    expect(f"via {_GATEWAY}" in ours, f"the gateway's route is '{ours}'")
    bench.end_appliance(appliance)


def test(bench: Bench) -> None:
    cases = Cases(bench)
    for name, change, says in _CASES:
        cases.run(name, lambda: refuse(bench, change, says))
    cases.run("then it starts", lambda: starts(bench))
    cases.conclude()


if __name__ == "__main__":
    main("start_errors", test, plain.document(plain.simple(), gateway_v4=_GATEWAY))
