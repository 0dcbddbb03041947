"""The demo's sites: appliances whose configurations are written after one example, each with fresh keys."""

import base64
import copy
import dataclasses
import ipaddress
import os
import signal
from pathlib import Path
from typing import Any

import yaml

from appliance_config import Config, Endpoint, write_yaml
from processes import DemoError, Process, Processes
from publisher import start_publisher
from sites import Site, Sites, lan_address
from subscribers import Decoded, Subscriber

NAMES = ("us-east", "us-west", "germany", "france")
_APART_MS = {  # one way
    ("us-east", "us-west"): 32, ("us-east", "germany"): 45, ("us-west", "germany"): 70,
    ("us-east", "france"): 40, ("us-west", "france"): 66, ("germany", "france"): 6}  # fmt: skip
# Of what a site's subscriber is sent. ffmpeg opens the first two itself.
_SUITES = {"us-east": "AES_CM_128_HMAC_SHA1_80", "germany": "AES_CM_128_HMAC_SHA1_32", "us-west": "AEAD_AES_128_GCM",
           "france": "AES_256_CM_HMAC_SHA1_80"}
_KEY_AND_SALT_BYTES = {"AES_CM_128_HMAC_SHA1_80": 30, "AES_CM_128_HMAC_SHA1_32": 30, "AEAD_AES_128_GCM": 28,
                       "AES_256_CM_HMAC_SHA1_80": 46}
_PUBLISHER_HOST, _SUBSCRIBER_HOST = 10, 20  # in the site's network, as in the example
_PUBLISHER_SECONDS = 3700  # longer than any demo


class DemoSite(Site):
    """`publishes`: whether the example's tracks are published here."""

    def __init__(self, sites: "DemoSites", name: str, index: int) -> None:
        super().__init__(sites, name, index)
        self._demo = sites
        self.publishes = index == 0
        self.publisher: Process | None = None
        self.subscriber: Subscriber | None = None
        self.clients.ip("address", "add", f"{lan_address(index, _SUBSCRIBER_HOST)}/24", "dev", "eth0")

    def document(self) -> dict[str, Any]:
        example = copy.deepcopy(self._demo.example)
        # Verdicts from the first second on: in the grace after a start nobody would drain in any case.
        return example | super().document() | {
            "heartbeat": (example.get("heartbeat") or {}) | {"startup_ms": 0},
            "transports": self._transports(), "tracks": example["tracks"] if self.publishes else [],
            "legs": example["legs"]}

    def start(self) -> None:
        super().start()
        self.config = Config(self.folder / "causeway.yaml")

    def _transports(self) -> list[dict[str, Any]]:
        return [self._transport(each) for each in self._demo.example["transports"]
                if self.publishes or not _is_of_publisher(each)]

    def _transport(self, entry: dict[str, Any]) -> dict[str, Any]:
        """That of the example, with this site's addresses and fresh keys: static keys must not outlive a run."""
        suite = entry["send"]["suite"] if _is_of_publisher(entry) else _SUITES[self.name]
        return entry | {
            "local": self._here(entry["local"]), "remote": self._here(entry["remote"]),
            "receive": _fresh_crypto(suite), "send": _fresh_crypto(suite)}

    def _here(self, endpoint: str) -> str:
        there = Endpoint.parse(endpoint)
        host = int(ipaddress.ip_address(there.address)) - int(self._demo.lan.network_address)
        return f"{lan_address(self.index, host)}:{there.port}"

    # ---- clients

    def start_subscriber(self) -> None:
        host = dataclasses.replace(self.config.host("subscriber"), name=self.name)
        self.subscriber = Subscriber(self.config, host, self.clients, self._demo.processes, self._demo.out,
                                     self._demo.build / "tests/support/srtp-unwrap", has_gaps=True)

    def wait_for_subscriber(self) -> None:
        assert self.subscriber
        self.subscriber.wait_ready()

    def end_subscriber(self) -> Decoded:
        assert self.subscriber
        return self.subscriber.end()

    def site_of(self, node: str) -> str:
        return node.removesuffix("-1")

    def start_publisher(self, sequences: dict[int, int] | None = None) -> None:
        """`sequences`: by SSRC, of one that comes from elsewhere and goes on."""
        self.publisher = start_publisher(self.config, self.clients, self._demo.processes, self._demo.out,
                                         _PUBLISHER_SECONDS, sequences)

    def lose_publisher(self) -> None:
        """It is gone from one moment to the next."""
        assert self.publisher
        os.kill(self.publisher.pid, signal.SIGKILL)
        self.publisher.end()
        self.publisher = None

    def withdraw(self) -> None:
        """Its publisher's tracks and transports, by the API."""
        api = self.api()
        for track in self._demo.example["tracks"]:
            api.delete("tracks", track["id"])
        for transport in filter(_is_of_publisher, self._demo.example["transports"]):
            api.delete("transports", transport["name"])
        self.publishes = False

    def offer(self) -> None:
        """The publisher's transports and tracks are here from now on, by the API."""
        self.publishes = True
        api, added = self.api(), [each for each in self._transports() if _is_of_publisher(each)]
        for transport in added:
            api.put("transports", transport["name"], transport)
        for track in self._demo.example["tracks"]:
            api.put("tracks", track["id"], track)
        # What its clients are told: of the start, and of now.
        document = yaml.safe_load((self.folder / "causeway.yaml").read_text())
        document["transports"] += added
        document["tracks"] = self._demo.example["tracks"]
        path = self.folder / "clients.yaml"
        write_yaml(path, document)
        self.config = Config(path)


class DemoSites(Sites):
    def __init__(self, build: Path, example: Path, count: int, out: Path, folder: Path, processes: Processes) -> None:
        """`example`: the configuration after which all are written. `folder`: for theirs, and their logs."""
        config = Config(example)
        self.example, self.out = config.document, out
        self.tracks_by_port = {config.transports[leg.transport].remote.port: leg.track for leg in config.legs}
        self.track_names = [track.id for track in config.tracks.values()]
        lan = next((port for port in self.example["ports"] if port["name"] == "lan0"), None)
        if lan is None:
            raise DemoError(f"{example}: the demo expects a port lan0 for the clients")
        self.lan = ipaddress.ip_interface(lan["addresses"][0]).network
        super().__init__(build, list(NAMES[:count]), folder, processes, {}, {}, prefix="cw-demo-fleet")
        for (a, b), delay_ms in _APART_MS.items():
            if {a, b} <= set(self.names):
                self.wan.both(a, b, delay_ms=delay_ms)

    def make_site(self, name: str, index: int) -> DemoSite:
        return DemoSite(self, name, index)

    def all(self) -> list[DemoSite]:
        return [self[name] for name in self.names]

    def __getitem__(self, name: str) -> DemoSite:
        site = super().__getitem__(name)
        assert isinstance(site, DemoSite)
        return site


def _is_of_publisher(transport: dict[str, Any]) -> bool:
    return str(transport["name"]).startswith("publisher")


def _fresh_crypto(suite: str) -> dict[str, str]:
    return {"suite": suite, "key": "inline:" + base64.b64encode(os.urandom(_KEY_AND_SALT_BYTES[suite])).decode()}
