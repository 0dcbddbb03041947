"""The exception path: the kernel answers ARP, NDP and ping on the appliance's addresses, through the dataplane."""

import re

from netns import Bench, expect, main  # first: it makes the demo's modules known

from appliance import Appliance
from topology import Namespace

_PINGS = 5


def check_address(client: Namespace, appliance: Appliance, address: str, mac: str, payload_bytes: int) -> None:
    before = punted(appliance)
    answer = client.run("ping", "-n", "-q", "-c", str(_PINGS), "-i", "0.1", "-W", "2", "-s", str(payload_bytes),
                        address)
    what = f"ping of {address} with {payload_bytes} bytes"
    expect(f"{_PINGS} received" in answer, f"{what}: {answer}")
    # A second answer would come from a kernel that sees the port's frames behind the dataplane's back.
    expect("duplicates" not in answer, f"{what} is answered twice: {answer}")
    expect(punted(appliance) >= before + _PINGS, f"{what}: punted counts {before} -> {punted(appliance)}")
    neighbour = client.ip("neighbour", "show", address)
    expect(mac in neighbour, f"{address} is resolved to '{neighbour.strip()}', the port has {mac}")


def punted(appliance: Appliance) -> int:
    return int(str(appliance.counters()["punted"]))


def test(bench: Bench) -> None:
    """Pings the appliance over IPv4 and IPv6, small and near the MTU."""
    appliance = bench.start_appliance()
    link = bench.topology.appliance.ip("link", "show", bench.config.port_interface)
    mac = re.search(r"link/ether (\S+)", link)
    expect(mac is not None, f"no MAC address in {link}")
    for host in bench.config.hosts:
        for address in host.appliance_addresses:
            for payload_bytes in (0, 56, 1400):
                check_address(bench.topology.hosts[host.name], appliance, address, mac[1], payload_bytes)


if __name__ == "__main__":
    main("ping", test)
