"""The demo: one site, or an incident between several. Exit code 0 if all went as it should."""

import sys

from fleet_demo import FleetDemo
from one_site import OneSite
from options import parse_options
from processes import DemoError, Interrupted, is_root, raise_on_signals


def main() -> int:
    options = parse_options()
    raise_on_signals()
    try:
        if not is_root():
            raise DemoError("network namespaces and raw sockets need root: run it with sudo")
        return OneSite(options).run() if options.quick else FleetDemo(options).run()
    except Interrupted as interrupted:
        print("\ndemo: interrupted; everything is tidied up", file=sys.stderr)
        return interrupted.exit_code
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
