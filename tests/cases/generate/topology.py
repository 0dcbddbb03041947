"""What a case's appliance is configured with: ports, transports, tracks and legs. And the configuration file."""

import base64
from dataclasses import dataclass, field

import yaml

import srtp
import wire

FILE_PREFIX = "causeway-case"
_FIRST_LOCAL_PORT = 20000


class DefinitionError(Exception):
    """A case contradicts itself."""


class _Hex(int):
    pass


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Hex, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:int", f"0x{value:08x}"))


@dataclass(eq=False)
class Port:
    index: int
    name: str
    addresses: list[str]
    vlan: int = 0
    mtu: int = 1500
    settings: dict = field(default_factory=dict)  # further keys of the configuration
    neighbours: dict[str, str] = field(default_factory=dict)  # address -> MAC
    received: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    @property
    def mac(self) -> str:
        """What net_pcap gives to its device number `index`."""
        return f"02:70:63:61:70:{self.index:02x}"

    def own_address(self, v6: bool) -> str:
        return next(a for a in (x.split("/")[0] for x in self.addresses) if wire.is_v6(a) == v6)

    def config(self) -> dict:
        device = f"net_pcap{self.index},rx_pcap={self.name}.in.pcap,tx_pcap={self.name}.out.pcap"
        out = {"name": self.name, "device": device, "addresses": self.addresses, "mtu": self.mtu}
        if self.vlan:
            out["vlan"] = self.vlan
        out |= {"rx_descriptors": 64, "tx_descriptors": 64} | self.settings
        out["neighbours"] = [{"address": address, "mac": mac} for address, mac in self.neighbours.items()]
        return out


@dataclass(eq=False)
class Transport:
    name: str
    port: Port
    local: tuple[str, int]
    remote: tuple[str, int]
    remote_mac: str
    receive: srtp.Keys | None
    send: srtp.Keys | None
    rtcp_ports: tuple[int, int] | None = None  # local, remote
    tracks: list["Track"] = field(default_factory=list)
    legs: list["Leg"] = field(default_factory=list)
    rtcp_received: int = 0  # SRTCP index of what the remote sends next
    rtcp_sent: int = 0  # of what the appliance sends next in its own name

    @property
    def own_ssrc(self) -> int:
        """FNV-1a of the name, or the next that neither side uses."""
        ssrc = 0x811C9DC5
        for byte in self.name.encode():
            ssrc = (ssrc ^ byte) * 0x01000193 & 0xFFFFFFFF
        taken = {leg.ssrc for leg in self.legs} | {x.ssrc for track in self.tracks for x in track.layers.values()}
        while ssrc in taken:
            ssrc += 1
        return ssrc

    def _ports(self, rtcp: bool) -> tuple[int, int]:
        return self.rtcp_ports if rtcp and self.rtcp_ports else (self.local[1], self.remote[1])

    def inward(self, *, rtcp: bool = False, **changes) -> wire.Path:
        local_port, remote_port = self._ports(rtcp)
        usual = {
            "source_mac": self.remote_mac,
            "destination_mac": self.port.mac,
            "source": self.remote[0],
            "source_port": remote_port,
            "destination": self.local[0],
            "destination_port": local_port,
            "tags": (self.port.vlan,) if self.port.vlan else (),
        }
        return wire.Path(**usual | changes)

    def outward(self, *, rtcp: bool = False) -> wire.Path:
        local_port, remote_port = self._ports(rtcp)
        return wire.Path(
            source_mac=self.port.mac,
            destination_mac=self.remote_mac,
            source=self.local[0],
            source_port=local_port,
            destination=self.remote[0],
            destination_port=remote_port,
            tags=(self.port.vlan,) if self.port.vlan else (),
        )

    def config(self) -> dict:
        def endpoint(address: str, port: int) -> str:
            return f"[{address}]:{port}" if wire.is_v6(address) else f"{address}:{port}"

        def crypto(keys: srtp.Keys) -> dict:
            if keys.suite is srtp.NONE:
                return {"suite": "none"}
            inline = base64.b64encode(keys.key + keys.salt).decode()
            return {"suite": keys.suite.name, "key": "inline:" + inline}

        out = {
            "name": self.name,
            "port": self.port.name,
            "local": endpoint(*self.local),
            "remote": endpoint(*self.remote),
        }
        if self.rtcp_ports:
            out["rtcp"] = {"local_port": self.rtcp_ports[0], "remote_port": self.rtcp_ports[1]}
        if self.receive:
            out["receive"] = crypto(self.receive)
        if self.send:
            out["send"] = crypto(self.send)
        return out


@dataclass(eq=False)
class Layer:
    name: str
    ssrc: int
    track: "Track"
    legs: list["Leg"] = field(default_factory=list)


@dataclass(eq=False)
class Track:
    id: str
    transport: Transport
    layers: dict[str, Layer] = field(default_factory=dict)

    @property
    def only(self) -> Layer:
        (layer,) = self.layers.values()
        return layer

    def config(self) -> dict:
        layers = [{"name": x.name, "ssrc": _Hex(x.ssrc)} for x in self.layers.values()]
        return {"id": self.id, "transport": self.transport.name, "layers": layers}


@dataclass(eq=False)
class Leg:
    layer: Layer
    transport: Transport
    ssrc: int
    payload_types: dict[int, int]
    sequence_offset: int
    timestamp_offset: int
    highest: int = -1  # of the publisher's extended sequence numbers
    delta: int | None = None  # leg's extended sequence number less the publisher's, once the leg has begun
    rtcp_sent: int = 1 << 30  # SRTCP index of what is sent next under the leg's SSRC

    def index_of(self, index: int) -> int:
        """The leg's extended sequence number. Its first packet has rollover counter 0."""
        if self.delta is None:
            self.delta = ((index + self.sequence_offset) & 0xFFFF) - index
        elif index - self.highest >= 1 << 15:  # no receiver could follow: the jump is closed
            self.delta = self.highest + self.delta + 1 - index
        self.highest = max(self.highest, index)
        return index + self.delta

    def config(self) -> dict:
        out = {"track": self.layer.track.id, "transport": self.transport.name, "ssrc": _Hex(self.ssrc)}
        if len(self.layer.track.layers) > 1:
            out["layer"] = self.layer.name
        if self.payload_types:
            out["payload_types"] = self.payload_types
        if self.sequence_offset:
            out["sequence_offset"] = self.sequence_offset
        if self.timestamp_offset:
            out["timestamp_offset"] = self.timestamp_offset
        return out


@dataclass
class Topology:
    ports: list[Port] = field(default_factory=list)
    transports: list[Transport] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    guard: dict = field(default_factory=dict)

    def add_port(self, name: str, addresses: list[str], vlan: int, mtu: int, settings: dict) -> Port:
        self.ports.append(Port(len(self.ports), name, addresses, vlan, mtu, settings))
        return self.ports[-1]

    def add_transport(
        self,
        name: str,
        remote: tuple[str, int],
        port: Port,
        receive: srtp.Suite | None,
        send: srtp.Suite | None,
        rtcp_ports: tuple[int, int] | None,
        next_hop: str | None,
    ) -> Transport:
        """next_hop: the neighbour's address if it is not the remote itself; "" if nobody knows its MAC."""
        number = len(self.transports)
        mac = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
        if next_hop is None:
            next_hop = remote[0]
        if next_hop:
            mac = port.neighbours.setdefault(next_hop, mac)
        local = (port.own_address(wire.is_v6(remote[0])), _FIRST_LOCAL_PORT + 2 * number)

        def keys(suite: srtp.Suite | None, direction: str) -> srtp.Keys | None:
            return None if suite is None else srtp.Keys.make(suite, f"{direction} {name}")

        self.transports.append(
            Transport(name, port, local, remote, mac, keys(receive, "from"), keys(send, "to"), rtcp_ports)
        )
        return self.transports[-1]

    def add_track(self, transport: Transport, layers: dict[str, int], track_id: str) -> Track:
        track = Track(track_id, transport)
        track.layers = {name: Layer(name, ssrc, track) for name, ssrc in layers.items()}
        self.tracks.append(track)
        transport.tracks.append(track)
        return track

    def add_leg(self, leg: Leg) -> Leg:
        leg.layer.legs.append(leg)
        leg.transport.legs.append(leg)
        self.legs.append(leg)
        return leg

    def config_text(self) -> str:
        config = {
            "sites": [{"name": "lab"}],
            "node": {"name": "case", "site": "lab"},
            "workers": {"control_lcore": 0, "lcores": [1]},
            "memory": {"huge_pages": False, "size_mb": 128, "packet_buffers": 2048},
            "limits": {"transports": 256, "tracks": 64, "legs": 256},
            "eal": {"file_prefix": FILE_PREFIX},
            "media": {"port_range": "20000-29999"},
            "ports": [port.config() for port in self.ports],
            "transports": [transport.config() for transport in self.transports],
            "tracks": [track.config() for track in self.tracks],
            "legs": [leg.config() for leg in self.legs],
        }
        if self.guard:
            config["guard"] = self.guard
        return yaml.dump(config, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=110)
