"""What the namespace tests share: the demo's network around one real appliance, and the verdict."""

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/demo.d"))

import processes  # noqa: E402
from appliance import Appliance  # noqa: E402
from appliance_config import Config, write_yaml  # noqa: E402
from processes import DemoError, Interrupted, Processes, expect, wait_until  # noqa: E402
from topology import Topology  # noqa: E402

SKIPPED = 77  # meson's exit code of a skipped test
END_DEADLINE_S = 1.0  # from SIGTERM to the end of the appliance


class Skip(Exception):
    """The test cannot run here; says why."""


class Bench:
    """The topology, a folder, and the means to start appliances in it."""

    def __init__(self, build: Path, config: Path, folder: Path, stack: ExitStack) -> None:
        self.build = build
        self.folder = folder
        self.config = Config(config)
        self.topology = Topology("cw-test", self.config.port_interface, self.config.host_addresses())
        stack.callback(self.topology.remove)
        self.processes = Processes()
        stack.callback(self.processes.end_all)
        self._stack = stack
        self._links_before: dict[str, object] = {}

    def use(self, document: Mapping[str, Any]) -> None:
        """Another configuration from the next start on."""
        path = self.folder / "config.yaml"
        write_yaml(path, document)
        self.config = Config(path)
        for host in self.topology.hosts.values():
            host.ip("neighbour", "flush", "all")  # the next port may have another MAC address

    def launch_appliance(self) -> Appliance:
        self._links_before = self.links()
        appliance = Appliance(self.build, self.config, self.topology.appliance, self.folder, self.processes)
        self._stack.callback(appliance.end)
        return appliance

    def start_appliance(self) -> Appliance:
        """Started and ready."""
        appliance = self.launch_appliance()
        appliance.wait_ready(self.topology, self.config)
        return appliance

    def end_appliance(self, appliance: Appliance) -> None:
        """By SIGTERM: in time and without remains."""
        # Only the signal, not Appliance.end: what the appliance leaves behind must not be tidied up for it.
        begin = time.monotonic()
        code = appliance.process.end(deadline_s=10)
        seconds = time.monotonic() - begin
        expect(code == 0, f"SIGTERM ends it with exit code {code}\n{appliance.process.tail()}")
        expect(seconds <= END_DEADLINE_S, f"SIGTERM ends it after {seconds:.2f} s")
        expect(not appliance.answers_telemetry(), "telemetry still answers")
        links = self.links()
        expect(links == self._links_before, f"interfaces before and after: {self._links_before}, {links}")

    def on_switch(self, *command: str) -> str:
        name = self.topology.appliance.name.removesuffix("appliance") + "switch"
        return processes.run(["ip", "netns", "exec", name, *command])

    def links(self) -> dict[str, object]:
        """The interfaces of the appliance's namespace, with what a driver may leave on them."""
        links = json.loads(self.topology.appliance.ip("-json", "-details", "link", "show"))
        return {link["ifname"]: (link["flags"], link["promiscuity"], link["allmulti"], link.get("xdp"))
                for link in links}


class Cases:
    """Several verdicts in one test, each with a line of its own."""

    def __init__(self, bench: Bench | None = None, end_processes: bool = True) -> None:
        """`end_processes`: what a case started in the bench is ended behind it."""
        self._bench = bench if end_processes else None
        self._failed: list[str] = []
        self._passed = 0

    def run(self, name: str, case: Callable[[], object]) -> None:
        try:
            case()
            self._passed += 1
            print(f"ok {name}", flush=True)
        except Skip as skip:
            print(f"skipped {name} {skip}", flush=True)
        except Exception as error:
            if not isinstance(error, DemoError):
                traceback.print_exc()
            self._failed.append(name)
            print(f"not ok {name} {error}", flush=True)
        finally:
            if self._bench:
                self._bench.processes.end_all()

    def conclude(self) -> None:
        expect(not self._failed, f"failed: {', '.join(self._failed)}")
        if self._passed == 0:
            raise Skip("no case can run here")


def ends(counters: Mapping[str, Any]) -> int:
    """Received packets that have come to an end."""
    return counters["forwarded"] + counters["punted"] + sum(counters["drops"].values())


def expect_conservation(appliance: Appliance) -> dict[str, Any]:
    """Each packet received and each copy made has exactly one end. Returns the counters."""
    counters: dict[str, Any] = {}

    def conserved() -> bool:
        counters.update(appliance.counters())
        copies = counters["sent"] + sum(counters["egress_drops"].values())
        settled = counters["waiting"] == 0 and counters["handed_off"] == counters["taken_over"]
        settled = settled and counters["frames_handed_off"] == counters["frames_taken_over"]
        return settled and counters["received"] == ends(counters) and counters["copies"] == copies

    expect(wait_until(conserved, 5), f"counters do not add up: {counters}")
    return counters


def main(name: str, test: Callable[[Bench], None], document: Mapping[str, Any] | None = None) -> None:
    """Runs the test and leaves the process: 0, 1 or 77. `document`: the configuration, if it is the test's own."""
    parser = argparse.ArgumentParser(description=test.__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    if document is None:
        parser.add_argument("--config", type=Path, default=ROOT / "config/examples/one-site.yaml",
                            help="the appliance's configuration")
    options = parser.parse_args()

    def body(folder: Path, stack: ExitStack) -> None:
        config = folder / "config.yaml" if document else options.config.resolve()
        if document:
            write_yaml(config, document)
        test(Bench(options.build.resolve(), config, folder, stack))

    conclude(name, body)


def conclude(name: str, body: Callable[[Path, ExitStack], None]) -> None:
    """Runs the test with a folder and a stack of its own, and leaves the process: 0, 1 or 77."""
    processes.raise_on_signals()
    try:
        if not processes.is_root():
            raise Skip("network namespaces need root")
        with tempfile.TemporaryDirectory(prefix="cw-test-") as folder, ExitStack() as stack:
            body(Path(folder), stack)
    except Skip as skip:
        print(f"skipped {name} {skip}")
        sys.exit(SKIPPED)
    except Exception as error:  # whatever it is, the test has not passed
        if not isinstance(error, DemoError):
            traceback.print_exc()
        print(f"not ok {name} {error}")
        sys.exit(1)
    except Interrupted as interrupted:
        print(f"not ok {name} interrupted")
        sys.exit(interrupted.exit_code)
    print(f"ok {name}")
    sys.exit(0)
