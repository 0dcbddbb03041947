"""What the namespace tests share: the demo's network around one real appliance, and the verdict."""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/demo.d"))

import processes  # noqa: E402
from appliance import Appliance  # noqa: E402
from appliance_config import Config  # noqa: E402
from processes import DemoError, Interrupted, Processes  # noqa: E402
from topology import Topology  # noqa: E402

SKIPPED = 77  # meson's exit code of a skipped test


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

    def start_appliance(self) -> Appliance:
        """Started and ready."""
        appliance = Appliance(self.build, self.config, self.topology.appliance, self.folder, self.processes)
        self._stack.callback(appliance.end)
        appliance.wait_ready(self.topology, self.config)
        return appliance


def expect(condition: bool, reason: str) -> None:
    if not condition:
        raise DemoError(reason)


def main(name: str, test: Callable[[Bench], None]) -> None:
    """Runs the test and leaves the process: 0, 1 or 77."""
    parser = argparse.ArgumentParser(description=test.__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="build folder")
    parser.add_argument("--config", type=Path, default=ROOT / "config/examples/one-site.yaml",
                        help="the appliance's configuration")
    options = parser.parse_args()
    processes.raise_on_signals()
    try:
        if not processes.is_root():
            raise Skip("network namespaces need root")
        with tempfile.TemporaryDirectory(prefix="cw-test-") as folder, ExitStack() as stack:
            test(Bench(options.build.resolve(), options.config.resolve(), Path(folder), stack))
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
