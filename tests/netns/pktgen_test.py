"""causeway-pktgen against the real appliance over memif: both agree, packet by packet, on what was sent, and why not."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from netns import Bench, Cases, expect, expect_conservation, main, write_yaml  # first: the demo's modules

import plain
from appliance import START_DEADLINE_S, Appliance
from processes import Process, wait_until

_CLEAN, _FAULTS, _START, _USAGE = 0, 1, 2, 64
_TIMEOUT_S = 100


class Rig:
    """One appliance that is the memif server, and the generator as its client."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._program = str(bench.build / "causeway-pktgen")
        self._socket = bench.folder / "memif.sock"
        self.config = bench.folder / "load.yaml"
        self.capture = bench.folder / "load.pcap"
        self.appliance: Appliance
        self._generator: Process
        self._code = _CLEAN

    def _device(self, role: str) -> str:
        return f"net_memif0,role={role},socket={self._socket},socket-abstract=no"

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = self._bench.topology.appliance.command(self._program, *arguments)
        return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S)

    def make(self, *shape: str) -> None:
        done = self.call("config", "--out", str(self.config), "--device", self._device("server"), "--no-huge", *shape)
        expect(done.returncode == _CLEAN, f"config: {done.returncode}: {done.stderr}")
        expect(self.config.stat().st_mode & 0o777 == 0o600, "keys that others can read")

    def start(self) -> Appliance:
        self._socket.unlink(missing_ok=True)
        document = yaml.safe_load(self.config.read_text())
        self.appliance = Appliance(self._bench.build, SimpleNamespace(document=document),
                                   self._bench.topology.appliance, self._bench.folder, self._bench.processes)
        self.appliance.process.wait_for("no memif socket", self._socket.exists, START_DEADLINE_S)
        self.appliance.process.wait_for("no telemetry", self.appliance.answers_telemetry, START_DEADLINE_S)
        return self.appliance

    def device(self) -> list[str]:
        return ["--device", self._device("client"), "--no-huge"]

    def _hold(self, command: str, *arguments: str, code: int) -> dict[str, Any]:
        """Its report. It stays connected until end(): an appliance whose memif peer leaves may crash inside DPDK."""
        report = self._bench.folder / "report.json"
        self._generator = self._bench.processes.start(
            "causeway-pktgen", self._bench.topology.appliance.command(
                self._program, command, *arguments, *self.device(), "--json", "--hold"),
            self._bench.folder / "pktgen.log", report)
        self._code = code

        def reported() -> bool:
            return self._generator.exit_code is not None or report.read_text().endswith("}\n")

        expect(wait_until(reported, _TIMEOUT_S), f"no report\n{self._generator.tail()}")
        text = report.read_text()
        for output in (text, self._generator.log.read_text()):
            expect("inline:" not in output, "prints a key")
        expect(bool(text), f"{command} {arguments}: {self._generator.exit_code}\n{self._generator.tail()}")
        return json.loads(text)

    def run(self, *arguments: str, code: int = _CLEAN) -> dict[str, Any]:
        return self._hold("run", "--config", str(self.config), *arguments, code=code)

    def begin(self, *arguments: str) -> Process:
        """A run that nobody waits for."""
        return self._bench.processes.start(
            "causeway-pktgen", self._bench.topology.appliance.command(
                self._program, "run", "--config", str(self.config), *arguments, *self.device()),
            self._bench.folder / "pktgen.log", self._bench.folder / "report.txt")

    def replay(self, *arguments: str) -> dict[str, Any]:
        return self._hold("replay", str(self.capture), *arguments, code=_CLEAN)

    def end(self) -> None:
        expect_conservation(self.appliance)
        code = self.appliance.process.end(deadline_s=10)
        expect(code == 0, f"the appliance ends with {code}")
        shutil.rmtree(Path("/var/run/dpdk") / self.appliance.file_prefix, ignore_errors=True)
        code = self._generator.end()
        expect(code == self._code, f"the generator ends with {code}")


def expect_clean(report: dict[str, Any], legs: int) -> None:
    received = report["received"]
    expect(report["leg_count"] == legs, f"{report['leg_count']} legs")
    expect(report["clean"] and received["lost"] == 0 and received["silent_legs"] == 0, f"not clean: {report}")
    expect(0 < received["expected"] == received["packets"] == received["verified"], f"not all is verified: {report}")
    expect(report["latency_ns"]["count"] == received["expected"], f"latency of some: {report}")


def every_suite(rig: Rig) -> None:
    """Each of the 7 suites to each, IPv4 and IPv6, with RTCP both ways."""
    rig.make("--publishers", "7", "--legs", "7", "--suite", "all", "--ipv6")
    rig.start()
    report = rig.run("--profile", "audio", "--rate", "700", "--seconds", "3", "--warm-up", "0.5")
    expect_clean(report, 49)
    rtcp = report["rtcp"]
    expect(rtcp["forged"] == 0 and rtcp["received"] > 0, f"RTCP: {report}")
    expect(report["sent"]["stun"] > 0, f"no STUN: {report}")
    rig.end()


def video(rig: Rig) -> None:
    """Frames of many packets at their own pace, to the packet what a subscriber must see."""
    rig.make("--publishers", "3", "--tracks", "2", "--layers", "2", "--legs", "2", "--suite",
             "AEAD_AES_256_GCM,AES_CM_128_HMAC_SHA1_32")
    rig.start()
    report = rig.run("--profile", "video", "--seconds", "3")
    expect_clean(report, 24)
    rig.end()


def wide(rig: Rig) -> None:
    """One publisher, very many legs."""
    rig.make("--legs", "500", "--transports", "2000")
    rig.start()
    report = rig.run("--profile", "fixed:200", "--rate", "20", "--seconds", "3")
    expect_clean(report, 500)
    rig.end()


def many_workers(rig: Rig) -> None:
    """Three workers on a device of one queue: packets, shares of a split track, feedback and frames cross between them."""
    rig.make("--publishers", "3", "--legs", "60", "--suite", "AEAD_AES_128_GCM,AES_CM_128_HMAC_SHA1_80")
    document = yaml.safe_load(rig.config.read_text())
    document["workers"].update(lcores=[1, 1, 1], share_cpus=True, legs_per_shard=16)
    document["memory"]["packet_buffers"] = max(document["memory"]["packet_buffers"], 16384)
    rig.config.write_text(yaml.safe_dump(document, sort_keys=False))
    rig.start()
    report = rig.run("--profile", "fixed:400", "--rate", "60", "--seconds", "4", "--warm-up", "0.5")
    expect_clean(report, 180)
    expect(report["rtcp"]["forged"] == 0 and report["rtcp"]["received"] > 0, f"RTCP: {report}")
    counters = rig.appliance.counters()
    expect(counters["handed_off"] > 0 and counters["frames_handed_off"] > 0, f"nothing crosses: {counters}")
    rig.end()


def impaired(rig: Rig) -> None:
    """What was injected is what the appliance counts, reason by reason."""
    rig.make("--publishers", "7", "--legs", "2", "--suite", "all")
    rig.start()
    report = rig.run("--profile", "audio", "--rate", "1500", "--seconds", "6", "--warm-up", "0", "--impair",
                     "loss=1%,reorder=1%,duplicate=1%,corrupt=1%,replay=1%,garbage=1%")
    expect_clean(report, 14)
    injected, sent = report["injected"], report["sent"]
    expect(all(count > 10 for count in injected.values()), f"too little is injected: {injected}")
    drops = rig.appliance.drops()
    named = {name: drops.pop(name, 0) for name in
             ("srtp_replayed", "srtp_auth_failed", "udp_checksum", "stun_unsupported", "rtcp_no_target")}
    about = f"injected {injected}, dropped {named} and {drops}"
    expect(named["srtp_replayed"] == injected["duplicate"] + injected["replay"], f"replays: {about}")
    # Nothing but the checksum guards plain RTP, which is one of the seven suites.
    expect(named["srtp_auth_failed"] + named["udp_checksum"] == injected["corrupt"], f"corruption: {about}")
    expect(min(named["srtp_auth_failed"], named["udp_checksum"]) > 0, f"one of both: {about}")
    expect(named["stun_unsupported"] == sent["stun"], f"STUN: {about}")
    expect(sum(drops.values()) == injected["garbage"], f"garbage: {about}")
    rig.end()


def other_keys(rig: Rig) -> None:
    """Nothing authenticates, as in a second run, or with another file: said so, and no figure is made up."""
    rig.make("--seed", "1")
    rig.start()
    rig.make("--seed", "2")
    done = rig.call("run", "--config", str(rig.config), *rig.device(), "--wait", "1")
    expect(done.returncode == _START and "nothing comes back" in done.stderr, f"unclear: {done.returncode}: {done.stderr}")


def split(rig: Rig) -> None:
    """One lcore sends, another receives."""
    rig.make("--legs", "3")
    rig.start()
    report = rig.run("--profile", "audio", "--rate", "300", "--seconds", "2", "--lcores", "0,1")
    expect_clean(report, 3)
    rig.end()


def maximum(rig: Rig) -> None:
    """As much as goes: more than the rest here, and what is lost is counted by the appliance or not received."""
    rig.make("--legs", "4")
    rig.start()
    report = rig.run("--profile", "fixed:1200", "--rate", "max", "--seconds", "1", "--verify", "sample:50")
    received = report["received"]
    expect(report["sent_pps"] > 2000, f"slow: {report}")
    expect(received["forged"] + received["wrong"] + received["duplicates"] == 0, f"faults: {report}")
    expect(0 < received["verified"] < received["packets"], f"no sample: {report}")
    rig.end()


def deserted(rig: Rig) -> None:
    """The appliance dies under the greatest load: loss is what that run is to find, but this is none of it."""
    rig.make()
    rig.start()
    generator = rig.begin("--rate", "max", "--warm-up", "0", "--seconds", "4")
    expect(wait_until(lambda: rig.appliance.counters()["received"] > 1000, 20), "nothing is received")
    os.kill(rig.appliance.process.pid, signal.SIGKILL)
    expect(wait_until(lambda: generator.exit_code is not None, 30), "the generator does not end")
    expect(generator.exit_code == _FAULTS and "went away" in generator.log.read_text(),
           f"{generator.exit_code}: {generator.tail()}")


def searched(rig: Rig) -> None:
    rig.make("--legs", "2")
    rig.start()
    report = rig.run("--profile", "audio", "--rate", "search", "--seconds", "0.2", "--precision", "0.2",
                     "--verify", "none")
    found = report["search"]
    expect(0 < found["pps"] <= max(trial["achieved_pps"] for trial in found["trials"]), f"search: {found}")
    rig.end()


def captured(rig: Rig) -> None:
    """A capture is the same traffic: sent by replay, the appliance makes as many copies as was said."""
    rig.make("--publishers", "2", "--legs", "3")
    done = rig.call("pcap", "--config", str(rig.config), "--out", str(rig.capture), "--packets", "2000",
                    "--profile", "audio", "--mix", "rtp=99,stun=1", "--script", "pktgen-dpdk,trex,tcpreplay")
    expect(done.returncode == _CLEAN, f"pcap: {done.stderr}")
    scripts = [rig.capture.with_name(rig.capture.name + end)
               for end in (".pktgen.pkt", ".trex.py", ".tcpreplay.sh")]
    expect(all(each.is_file() for each in scripts), f"scripts: {done.stdout}")
    compile(scripts[1].read_text(), str(scripts[1]), "exec")
    subprocess.run(["sh", "-n", str(scripts[2])], check=True)
    rig.start()
    counts = rig.replay("--rate", "2k")
    expect(counts["sent"] == 2000, f"replay: {counts}")
    wait_until(lambda: rig.appliance.counters()["received"] == 2000, 5)
    counters = rig.appliance.counters()
    stun = rig.appliance.drops().get("stun_unsupported", 0)
    expect(counters["received"] == 2000 and stun in (19, 20), f"{counters}")
    expect(counters["sent"] == (2000 - stun) * 3 == counts["received"], f"{counters}, {counts}")
    rig.end()
    rig.capture.write_bytes(rig.capture.read_bytes()[:-1])
    done = rig.call("replay", str(rig.capture), *rig.device())
    expect(done.returncode == _START and "the file ends inside it" in done.stderr, f"a cut file: {done.stderr}")


def neighbours(rig: Rig) -> None:
    """Without static neighbours the appliance's kernel asks, by ARP and NDP, and is answered."""
    device = yaml.safe_load(rig.config.read_text())["ports"][0]["device"]
    write_yaml(rig.config, plain.document(plain.simple(), device))
    rig.start()
    report = rig.run("--profile", "audio", "--rate", "200", "--seconds", "1", "--warm-up", "3")
    expect_clean(report, 2)
    rig.end()


def refused(rig: Rig) -> None:
    """Wrong words, wrong files, and nobody at the other end."""
    rig.make()
    for arguments in (["run"], ["run", "--impair", "loss=2"], ["run", "--seconds", "nan"], ["config", "--suite", "ROT13"], ["pcap", "--rate", "max"]):
        done = rig.call(*arguments)
        expect(done.returncode == _USAGE, f"{arguments}: {done.returncode}")
    done = rig.call("run", "--config", "/nowhere.yaml", *rig.device())
    expect(done.returncode == _START and "/nowhere.yaml" in done.stderr, f"no file: {done.stderr}")
    done = rig.call("run", "--config", str(rig.config), "--wait", "1", *rig.device())
    expect(done.returncode == _START and "causeway-pktgen: error: " in done.stderr, f"nobody there: {done.stderr}")


def test(bench: Bench) -> None:
    cases = Cases(bench)
    rig = Rig(bench)
    todo: list[Callable[[Rig], None]] = [every_suite, video, wide, many_workers, impaired, other_keys, split, maximum,
                                         deserted, searched, captured, neighbours, refused]
    for case in todo:
        cases.run(case.__name__, lambda: case(rig))
    cases.conclude()


if __name__ == "__main__":
    main("pktgen", test, plain.document(plain.simple()))
