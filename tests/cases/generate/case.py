"""One case: what comes in, and what must come of it.

Each packet is given together with its end, so a definition reads like a story. Bytes that go out are made by
rtp.py, rtcp.py, srtp.py and wire.py from what the documentation says of a leg; nothing is recorded.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import yaml

import pcap
import srtp
import wire
from rtp import Rtp, noise
from topology import DefinitionError, Layer, Leg, Port, Topology, Track, Transport

BURST = 32  # packets that a worker takes from one port at a time, port after port

ALICE = ("192.0.2.10", 5000)
BOB = ("192.0.2.20", 6000)
CAROL = ("192.0.2.30", 7000)
ALICE_V6 = ("2001:db8::a", 5000)
BOB_V6 = ("2001:db8::b", 6000)

CAMERA_SSRC = 0x11111111
BOB_SSRC = 0x22222222
CAROL_SSRC = 0x33333333


@dataclass
class Expected:
    received: int = 0
    received_bytes: int = 0
    forwarded: int = 0
    punted: int = 0
    copies: int = 0
    sent: int = 0
    sent_bytes: int = 0
    drops: Counter = field(default_factory=Counter)
    egress_drops: Counter = field(default_factory=Counter)


class Case:
    def __init__(self, name: str, about: str):
        self.name = name
        self.about = about
        self.topology = Topology()
        self.expected = Expected()
        self._turn = (0, 0)
        self._signatures: list[dict] = []

    # What there is

    def port(
        self,
        name: str = "media",
        addresses: tuple[str, ...] = ("192.0.2.1/24", "2001:db8::1/64"),
        vlan: int = 0,
        mtu: int = 1500,
        **settings,
    ) -> Port:
        return self.topology.add_port(name, list(addresses), vlan, mtu, settings)

    def transport(
        self,
        name: str,
        remote: tuple[str, int],
        receive: srtp.Suite | None = srtp.CM_80,
        send: srtp.Suite | None = srtp.CM_80,
        *,
        port: Port | None = None,
        rtcp: tuple[int, int] | None = None,
        next_hop: str | None = None,
    ) -> Transport:
        port = port or (self.topology.ports or [self.port()])[0]
        return self.topology.add_transport(name, remote, port, receive, send, rtcp, next_hop)

    def track(self, transport: Transport, ssrc: int = CAMERA_SSRC, track_id: str = "camera") -> Layer:
        """A track of one layer."""
        return self.topology.add_track(transport, {"main": ssrc}, track_id).only

    def simulcast(self, transport: Transport, layers: dict[str, int], track_id: str = "camera") -> Track:
        return self.topology.add_track(transport, layers, track_id)

    def leg(
        self,
        layer: Layer,
        transport: Transport,
        ssrc: int,
        *,
        payload_types: dict[int, int] | None = None,
        sequence_offset: int = 0,
        timestamp_offset: int = 0,
    ) -> Leg:
        return self.topology.add_leg(
            Leg(layer, transport, ssrc, payload_types or {}, sequence_offset, timestamp_offset)
        )

    def alice_to_bob(
        self, receive: srtp.Suite = srtp.CM_80, send: srtp.Suite = srtp.GCM_128, **leg_fields
    ) -> tuple[Transport, Layer, Leg]:
        """The usual cast: Alice publishes a camera, Bob takes it; each reports to the other's suite."""
        alice = self.transport("alice", ALICE, receive, receive)
        bob = self.transport("bob", BOB, send, send)
        camera = self.track(alice)
        return alice, camera, self.leg(camera, bob, BOB_SSRC, **leg_fields)

    def guard(self, **settings) -> None:
        """Keys of the configuration's section."""
        self.topology.guard |= settings

    def signatures(self, *signatures: dict) -> None:
        """What is in guard.yaml, which the configuration names."""
        self._signatures = list(signatures)

    # What comes in

    def frame(self, frame: bytes, *, drop: str, port: Port | None = None) -> None:
        """A frame that ends as this drop."""
        self._receive(port or self.topology.ports[0], frame)
        self.expected.drops[drop] += 1

    def next_burst(self) -> None:
        """Fills up the burst of each port, so that what follows is received in another turn of the worker."""
        for port in self.topology.ports:
            tags = (port.vlan,) if port.vlan else ()
            lldp = wire.ethernet("01:80:c2:00:00:0e", "02:00:00:00:ff:ff", wire.ETHERTYPE_LLDP, bytes(46), tags)
            while len(port.received) % BURST or len(port.received) // BURST <= self._turn[0]:
                port.received.append(lldp)
                self._count_received(lldp)
                self.expected.drops["ethertype_unknown"] += 1
        self._turn = (self._turn[0] + 1, 0)

    def packet(self, layer: Layer, sequence: int, size: int = 160, **fields) -> Rtp:
        """A plain packet of the layer, with a payload of its own."""
        usual = {
            "ssrc": layer.ssrc,
            "sequence": sequence & 0xFFFF,
            "timestamp": 3000 * sequence & 0xFFFFFFFF,
            "payload": noise((layer.ssrc, sequence, size), size),
        }
        return Rtp(**usual | fields)

    def sealed(self, layer: Layer, packet: Rtp, index: int | None = None) -> bytes:
        """As the publisher sends it. index: with the publisher's rollover counter; else that is 0."""
        keys = layer.track.transport.receive
        if keys is None:
            raise DefinitionError("a publisher without keys")
        return keys.seal_rtp(bytes(packet), len(packet.header), packet.sequence if index is None else index)

    def media(
        self,
        layer: Layer,
        sequence: int,
        size: int = 160,
        *,
        drop: str | None = None,
        egress: dict[Leg, str] | None = None,
        path: wire.Path | None = None,
        frame: bytes | None = None,
        index: int | None = None,
        **fields,
    ) -> None:
        """A packet of the publisher. sequence: extended, so 65536 is the first after the wrap. `index` is given
        where the appliance counts otherwise. Goes to each leg of the layer, except where `egress` says why not;
        or ends as `drop`. `path` or the whole `frame` is given where its headers are not as usual."""
        if index is None:
            index = sequence
        packet = self.packet(layer, sequence, size, **fields)
        publisher = layer.track.transport
        if frame is None:
            frame = (path or publisher.inward()).frame(self.sealed(layer, packet, sequence))
        self._receive(publisher.port, frame)
        if drop is not None:
            self.expected.drops[drop] += 1
            return
        self._forward(layer, packet, index, egress or {})

    def rtcp(
        self,
        sender: Transport,
        compound: bytes,
        *,
        to: list[tuple[Leg | Transport, bytes]] | None = None,
        egress: list[str] | None = None,
        drop: str | None = None,
        index: int | None = None,
        encrypted: bool = True,
        path: wire.Path | None = None,
    ) -> None:
        """A compound of a remote. `to`: which plain compound must go where, in this order; `egress`: why further copies
        are not sent; or it ends as `drop`."""
        if (to is None) == (drop is None):
            raise DefinitionError("give the packets that go out, or a drop")
        if sender.receive is None:
            raise DefinitionError(f"{sender.name} cannot send")
        if index is None:
            index = sender.rtcp_received
            sender.rtcp_received += 1
        sealed = sender.receive.seal_rtcp(compound, index, encrypted)
        self._receive(sender.port, (path or sender.inward(rtcp=True)).frame(sealed))
        if drop is not None:
            self.expected.drops[drop] += 1
            return
        self.expected.forwarded += 1
        for reason in egress or []:
            self.expected.copies += 1
            self.expected.egress_drops[reason] += 1
        for target, plain in to or []:
            self.expected.copies += 1
            transport = target.transport if isinstance(target, Leg) else target
            if transport.send is None:
                raise DefinitionError(f"{transport.name} cannot be sent anything")
            out = transport.send.seal_rtcp(plain, target.rtcp_sent)
            target.rtcp_sent += 1
            self._send(transport, transport.outward(rtcp=True).frame(out))

    # What comes of it

    def _forward(self, layer: Layer, packet: Rtp, index: int, egress: dict[Leg, str]) -> None:
        if not layer.legs:
            raise DefinitionError("nobody takes this layer: give its drop")
        self.expected.forwarded += 1
        # The appliance fills its tables in the order of names.
        for leg in sorted(layer.legs, key=lambda leg: leg.transport.name):
            self.expected.copies += 1
            if leg in egress:
                self.expected.egress_drops[egress[leg]] += 1
                continue
            leg_index = leg.index_of(index)
            if leg_index < 0:
                raise DefinitionError("before the leg's first sequence number: give its egress drop")
            copy = replace(
                packet,
                ssrc=leg.ssrc,
                payload_type=leg.payload_types.get(packet.payload_type, packet.payload_type),
                sequence=leg_index & 0xFFFF,
                timestamp=packet.timestamp + leg.timestamp_offset & 0xFFFFFFFF,
            )
            sealed = leg.transport.send.seal_rtp(bytes(copy), len(copy.header), leg_index)
            self._send(leg.transport, leg.transport.outward().frame(sealed))

    def _count_received(self, frame: bytes) -> None:
        self.expected.received += 1
        self.expected.received_bytes += len(frame)

    def _receive(self, port: Port, frame: bytes) -> None:
        turn = (len(port.received) // BURST, port.index)
        if turn < self._turn:
            raise DefinitionError(f"the worker takes this packet of {port.name} before the one given earlier")
        self._turn = turn
        port.received.append(frame)
        self._count_received(frame)

    def _send(self, transport: Transport, frame: bytes) -> None:
        transport.port.sent.append(frame)
        self.expected.sent += 1
        self.expected.sent_bytes += len(frame)

    # The files

    def files(self) -> dict[str, bytes]:
        out = {"config.yaml": self.topology.config_text().encode(), "counters.yaml": self._counters_text().encode()}
        if self._signatures:
            text = yaml.safe_dump({"signatures": self._signatures}, sort_keys=False, width=110)
            out["guard.yaml"] = text.encode()
        for port in self.topology.ports:
            out[f"{port.name}.in.pcap"] = pcap.encode(port.received)
            out[f"{port.name}.out.pcap"] = pcap.encode(port.sent)
        return out

    def _counters_text(self) -> str:
        e = self.expected
        if e.received != e.forwarded + e.punted + e.drops.total() or e.copies != e.sent + e.egress_drops.total():
            raise DefinitionError("packets are lost in the definition")
        counters = {
            "about": self.about,
            "received": e.received,
            "received_bytes": e.received_bytes,
            "forwarded": e.forwarded,
            "punted": e.punted,
            "copies": e.copies,
            "sent": e.sent,
            "sent_bytes": e.sent_bytes,
            "drops": dict(sorted(e.drops.items())),
            "egress_drops": dict(sorted(e.egress_drops.items())),
        }
        return yaml.safe_dump(counters, sort_keys=False, width=110)


DEFINITIONS: list[tuple[str, str, Callable[[Case], None]]] = []


def define(name: str, about: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Decorates the function that tells a case."""

    def add(tell: Callable[[Case], None]) -> Callable[[Case], None]:
        DEFINITIONS.append((name, about, tell))
        return tell

    return add


def all_cases() -> list[Case]:
    cases = []
    for name, about, tell in sorted(DEFINITIONS, key=lambda definition: definition[0]):
        case = Case(name, about)
        tell(case)
        cases.append(case)
    return cases
