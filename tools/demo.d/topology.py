"""The network of the demo: one namespace a host, all on one Ethernet switch (a Linux bridge).

    publisher, alice, bob, carol ... --veth-- switch --veth-- appliance (its end belongs to DPDK)
"""

import ctypes
import ipaddress
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from processes import DemoError, run

HOST_INTERFACE = "eth0"
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network namespace that this process made and will remove."""

    def __init__(self, name: str) -> None:
        self.name = name
        run(["ip", "netns", "add", name])
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments: str) -> str:
        return run(["ip", "-netns", self.name, *arguments])

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs inside; `ip netns exec` replaces itself, so the process id is the
        program's."""
        return ["ip", "netns", "exec", self.name, *arguments]

    def run(self, *arguments: str) -> str:
        return run(self.command(*arguments))

    def sysctl(self, **values: int | str) -> None:
        """Keys with `__` for the dots."""
        self.run("sysctl", "-q", "-w", *(f"{key.replace('__', '.')}={value}" for key, value in values.items()))

    def socket(self, *arguments: int) -> socket.socket:
        """A socket that lives in this namespace although this process does not."""
        with open("/proc/self/ns/net") as here, open(f"/run/netns/{self.name}") as there:
            _set_namespace(there.fileno())
            try:
                return socket.socket(*arguments)
            finally:
                _set_namespace(here.fileno())

    def remove(self) -> None:
        run(["ip", "netns", "delete", self.name])


def _set_namespace(fd: int) -> None:
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        raise DemoError(f"setns: {os.strerror(ctypes.get_errno())}")


def silence_kernel(namespace: Namespace, interface: str) -> None:
    """Leaves an interface to the appliance. A NIC under DPDK is gone from the kernel, a veth under net_af_packet is
    not: the kernel sees each frame too, and would answer ARP and ping, and media with "port unreachable", next to the
    appliance."""
    conf = f"net__ipv4__conf__{interface}__"
    namespace.sysctl(**{conf + "arp_ignore": 8, conf + "rp_filter": 1,
                        f"net__ipv6__conf__{interface}__disable_ipv6": 1})


class Topology:
    """Namespaces `PREFIX-PID-HOST`: unique, so that parallel runs and leftovers of killed ones cannot collide."""

    def __init__(self, prefix: str, port_interface: str, hosts: Mapping[str, Sequence[str]]) -> None:
        """`hosts`: name -> addresses with prefix length. `port_interface`: the appliance's end of its cable."""
        self._prefix = f"{prefix}-{os.getpid()}"
        self._made: list[Namespace] = []
        self.hosts: dict[str, Namespace] = {}
        try:
            self._switch = self._make_switch()
            self.appliance = self._make_appliance(port_interface)
            for name, addresses in hosts.items():
                self.hosts[name] = self._make_host(name, addresses)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        for namespace in reversed(self._made):
            namespace.remove()
        self._made.clear()

    def _namespace(self, name: str) -> Namespace:
        namespace = Namespace(f"{self._prefix}-{name}")
        self._made.append(namespace)
        return namespace

    def _make_switch(self) -> Namespace:
        switch = self._namespace("switch")
        switch.sysctl(net__ipv6__conf__default__disable_ipv6=1)
        # Without a multicast querier a snooping bridge may lose neighbour solicitations (RFC 4541, 3).
        switch.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0", "forward_delay", "0")
        switch.ip("link", "set", "br0", "up")
        return switch

    def _plug(self, namespace: Namespace, interface: str, switch_port: str) -> None:
        namespace.ip("link", "add", interface, "type", "veth", "peer", "name", switch_port,
                     "netns", self._switch.name)
        # veth hands over checksums that hardware would finish; no hardware follows, and the appliance
        # rejects them rightly. Segmentation offload falls with it.
        namespace.run("ethtool", "-K", interface, "tx", "off")
        self._switch.run("ethtool", "-K", switch_port, "tx", "off")
        self._switch.ip("link", "set", switch_port, "master", "br0", "up")

    def _make_appliance(self, interface: str) -> Namespace:
        appliance = self._namespace("appliance")
        self._plug(appliance, interface, "appliance")
        silence_kernel(appliance, interface)
        appliance.ip("link", "set", interface, "up")
        return appliance

    def _make_host(self, name: str, addresses: Sequence[str]) -> Namespace:
        host = self._namespace(name)
        # Usable at once: no duplicate address detection, nothing learned from routers.
        host.sysctl(net__ipv6__conf__default__accept_dad=0, net__ipv6__conf__default__accept_ra=0)
        self._plug(host, HOST_INTERFACE, name[:15])
        host.ip("link", "set", HOST_INTERFACE, "up")
        for address in addresses:
            nodad = ["nodad"] if ipaddress.ip_interface(address).version == 6 else []
            host.ip("address", "add", address, "dev", HOST_INTERFACE, *nodad)
        return host


def leftovers(prefix: str) -> list[str]:
    """Namespaces of this process that still exist."""
    folder = Path("/run/netns")
    return sorted(path.name for path in folder.glob(f"{prefix}-{os.getpid()}-*"))
