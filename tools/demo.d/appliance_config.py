"""What the demo needs to know, read from the appliance's own configuration: nothing is said twice."""

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from processes import DemoError, write_private


@dataclass(frozen=True)
class Endpoint:
    address: str
    port: int

    @staticmethod
    def parse(text: str) -> "Endpoint":
        """ "10.0.0.1:20000" or "[fd00::1]:20000" """
        address, _, port = text.rpartition(":")
        return Endpoint(str(ipaddress.ip_address(address.strip("[]"))), int(port))

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.is_v6 else f"{self.address}:{self.port}"

    @property
    def is_v6(self) -> bool:
        return ":" in self.address


@dataclass(frozen=True)
class Crypto:
    suite: str
    key_and_salt: bytes

    @property
    def encrypts(self) -> bool:
        return self.suite != "none"

    @property
    def inline(self) -> str:
        """Key and salt as SDP carries them (RFC 4568, 6.1)."""
        return base64.b64encode(self.key_and_salt).decode()

    @property
    def hex(self) -> str:
        return self.key_and_salt.hex()


@dataclass(frozen=True)
class Transport:
    name: str
    local: Endpoint
    remote: Endpoint
    local_rtcp_port: int  # the port of RTP if RTCP is multiplexed
    remote_rtcp_port: int
    receive: Crypto | None
    send: Crypto | None


@dataclass(frozen=True)
class Track:
    id: str
    transport: str
    ssrc: int

    @property
    def is_video(self) -> bool:
        return _is_video(self.id)


@dataclass(frozen=True)
class Leg:
    name: str
    track: str
    transport: str
    ssrc: int
    payload_types: dict[int, int]
    sequence_offset: int
    timestamp_offset: int

    @property
    def is_video(self) -> bool:
        return _is_video(self.track)


@dataclass(frozen=True)
class Host:
    """A machine next to the appliance: all transports that share a remote address."""

    name: str
    address: str
    prefix_length: int
    transports: tuple[Transport, ...]

    @property
    def appliance_addresses(self) -> list[str]:
        return sorted({transport.local.address for transport in self.transports})


class Config:
    def __init__(self, path: Path) -> None:
        try:
            self.document: dict[str, Any] = yaml.safe_load(path.read_text())
            self._read(path.parent)
        except (OSError, yaml.YAMLError, KeyError, ValueError, TypeError) as error:
            raise DemoError(f"{path}: not the configuration that the demo expects: {error!r}") from error

    def _read(self, folder: Path) -> None:
        port = self.document["ports"][0]
        self.port_interface = str(port["device"]).partition("iface=")[2].partition(",")[0]
        self.exception_interface = str(port["exception_interface"])
        self.networks = [ipaddress.ip_interface(address).network
                         for each in self.document["ports"] for address in each["addresses"]]
        self.transports = {entry["name"]: _transport(entry, folder) for entry in self.document["transports"]}
        self.tracks = {entry["id"]: Track(entry["id"], entry["transport"], int(entry["layers"][0]["ssrc"]))
                       for entry in self.document["tracks"]}
        self.legs = [_leg(entry) for entry in self.document["legs"]]
        self.hosts = self._hosts()
        self.subscribers = [host for host in self.hosts if self.legs_of(host)]

    @property
    def publisher(self) -> Host:
        publishes = {track.transport for track in self.tracks.values()}
        sources = [host for host in self.hosts if publishes & {each.name for each in host.transports}]
        if len(sources) != 1:
            raise DemoError("the demo's configuration has exactly one publisher")
        return sources[0]

    def _hosts(self) -> list[Host]:
        by_address: dict[str, list[Transport]] = {}
        for transport in self.transports.values():
            by_address.setdefault(transport.remote.address, []).append(transport)
        hosts = []
        for address, transports in by_address.items():
            length = next(network.prefixlen for network in self.networks
                          if ipaddress.ip_address(address) in network)
            name = transports[0].name.partition("-")[0]
            hosts.append(Host(name, address, length, tuple(transports)))
        return hosts

    def host(self, name: str) -> Host:
        return next(host for host in self.hosts if host.name == name)

    def legs_of(self, host: Host) -> list[Leg]:
        names = {transport.name for transport in host.transports}
        return [leg for leg in self.legs if leg.transport in names]

    def host_addresses(self) -> dict[str, list[str]]:
        return {host.name: [f"{host.address}/{host.prefix_length}"] for host in self.hosts}


def write_yaml(path: Path, document: Mapping[str, Any]) -> None:
    # Some parts may be said twice; aliases would only make it harder to read.
    yaml.SafeDumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign,assignment]
    write_private(path, yaml.safe_dump(dict(document), sort_keys=False))


def _is_video(track: str) -> bool:
    return "video" in track


def _transport(entry: dict[str, Any], folder: Path) -> Transport:
    local, remote = Endpoint.parse(entry["local"]), Endpoint.parse(entry["remote"])
    rtcp = entry.get("rtcp") or {"local_port": local.port, "remote_port": remote.port}
    return Transport(entry["name"], local, remote, int(rtcp["local_port"]), int(rtcp["remote_port"]),
                     _crypto(entry.get("receive"), folder), _crypto(entry.get("send"), folder))


def _crypto(entry: dict[str, Any] | None, folder: Path) -> Crypto | None:
    if entry is None:
        return None
    if "key_file" in entry:
        entry["key_file"] = str(folder / entry["key_file"])  # a copy of the document may lie elsewhere
    text = Path(entry["key_file"]).read_text() if "key_file" in entry else entry.get("key", "")
    both = base64.b64decode(text.strip().removeprefix("inline:").partition("|")[0], validate=True)
    return Crypto(entry["suite"], both)


def _leg(entry: dict[str, Any]) -> Leg:
    default_name = f"{entry['track']}->{entry['transport']}"
    types = {int(old): int(new) for old, new in (entry.get("payload_types") or {}).items()}
    return Leg(entry.get("name", default_name), entry["track"], entry["transport"], int(entry["ssrc"]), types,
               int(entry.get("sequence_offset", 0)), int(entry.get("timestamp_offset", 0)))
