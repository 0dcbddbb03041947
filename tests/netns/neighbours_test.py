"""Neighbours and cables come and go: media follows a client's new MAC address, stops for a client that is gone and
finds it again, and outlives a link that goes down and up."""

import socket
from collections.abc import Callable
from contextlib import ExitStack, closing

from netns import Bench, Cases, expect, expect_conservation, main  # first: it makes the demo's modules known

import plain
from appliance import Appliance, ping
from processes import wait_until
from topology import HOST_INTERFACE

_TRANSPORTS = plain.simple()
_PUBLISHER, _ALICE, _BOB = _TRANSPORTS
_NEW_MAC = {"alice": "02:00:00:00:0a:11", "bob": "02:00:00:00:0b:12"}
_LEARN_DEADLINE_S = 20
# The kernel doubts an idle neighbour only after reachable time, and asks some seconds before it gives up; and then its
# address is kept for 20 s.
_LOSS_DEADLINE_S = 110


class Flow:
    """A publisher that sends on and on, and what reaches one subscriber on its wire."""

    def __init__(self, publisher: socket.socket, subscriber: dict[str, object], tap: plain.Tap) -> None:
        self._publisher = publisher
        self._remote = str(subscriber["remote"])
        self._tap = tap
        self._sequence = 0

    def step(self) -> list[bytes]:
        """Sends one packet; the subscriber's frames since the last step."""
        self._publisher.sendto(plain.rtp(self._sequence), plain.target(_PUBLISHER["local"]))
        self._sequence += 1
        return [frame for frame in self._tap.frames() if plain.udp_payload(frame, self._remote) is not None]

    def flows(self, deadline_s: float, to_mac: str | None = None) -> bool:
        """Something arrives in time (at this MAC address)."""
        wanted = bytes.fromhex(to_mac.replace(":", "")) if to_mac else b""
        self._tap.frames()  # what is from before
        return wait_until(lambda: any(frame.startswith(wanted) for frame in self.step()), deadline_s)


def mac_changes(bench: Bench, flow: Flow, host: str) -> None:
    client, own = bench.topology.hosts[host], next(each for each in _TRANSPORTS if each["name"] == host)
    expect(flow.flows(10), "no media before")
    client.ip("link", "set", HOST_INTERFACE, "address", _NEW_MAC[host])
    client.ip("neighbour", "flush", "all")
    # The client asks for the appliance's address, and so tells its kernel the new one.
    expect(wait_until(lambda: ping(client, plain.target(own["local"])[0]), _LEARN_DEADLINE_S), "no answer to ping")
    expect(flow.flows(_LEARN_DEADLINE_S, _NEW_MAC[host]), "no media at the new MAC address")


def client_is_lost(bench: Bench, appliance: Appliance, flow: Flow) -> None:
    client = bench.topology.hosts["alice"]
    expect(flow.flows(10), "no media before")
    client.ip("link", "set", HOST_INTERFACE, "down")

    def unresolved() -> int:
        flow.step()
        return appliance.drops().get("egress_next_hop_unresolved", 0)

    before = unresolved()
    expect(wait_until(lambda: unresolved() > before + 10, _LOSS_DEADLINE_S, 0.1),
           f"the loss is not noticed: {appliance.drops()}")
    client.ip("link", "set", HOST_INTERFACE, "up")
    expect(flow.flows(_LEARN_DEADLINE_S), f"no media after it came back: {appliance.drops()}")


def link_flaps(appliance: Appliance, flow: Flow, set_link: Callable[[str], object]) -> None:
    expect(flow.flows(10), "no media before")
    for _ in range(3):
        set_link("down")
        for _ in range(100):
            flow.step()
        set_link("up")
        expect(flow.flows(_LEARN_DEADLINE_S), f"no media with the link up again: {appliance.drops()}")
    appliance.process.require_alive()


def port_goes_down(bench: Bench, appliance: Appliance, flow: Flow) -> None:
    port = plain.PORT_INTERFACE
    link_flaps(appliance, flow, lambda state: bench.topology.appliance.ip("link", "set", port, state))


def cable_goes_down(bench: Bench, appliance: Appliance, flow: Flow) -> None:
    link_flaps(appliance, flow, lambda state: bench.on_switch("ip", "link", "set", "appliance", state))


def ends(bench: Bench, appliance: Appliance) -> None:
    expect_conservation(appliance)
    bench.end_appliance(appliance)


def test(bench: Bench) -> None:
    appliance = bench.start_appliance()
    hosts = bench.topology.hosts
    cases = Cases(bench, end_processes=False)
    with ExitStack() as stack:
        udp = stack.enter_context(plain.udp_socket(hosts["publisher"], _PUBLISHER["remote"]))
        alice, bob = [Flow(udp, each, stack.enter_context(closing(plain.Tap(hosts[each["name"]]))))
                      for each in (_ALICE, _BOB)]
        cases.run("MAC address changes, IPv4", lambda: mac_changes(bench, alice, "alice"))
        cases.run("MAC address changes, IPv6", lambda: mac_changes(bench, bob, "bob"))
        cases.run("the port's cable goes down and up", lambda: cable_goes_down(bench, appliance, alice))
        cases.run("the port goes down and up", lambda: port_goes_down(bench, appliance, alice))
        cases.run("a client is lost and comes back", lambda: client_is_lost(bench, appliance, alice))
        cases.run("it ends as always", lambda: ends(bench, appliance))
    cases.conclude()


if __name__ == "__main__":
    main("neighbours", test, plain.document(_TRANSPORTS))
