"""SIGHUP makes the appliance read its signatures again: media goes on without loss, ping is answered meanwhile, a
broken file changes nothing."""

import os
import signal
import socket
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import yaml

from netns import Bench, expect, expect_conservation, main  # first: it makes the demo's modules known

import plain
from appliance import Appliance, ping, telemetry_query
from processes import wait_until

_FILE = "guard.yaml"  # beside the configuration
_PATTERNS = 1000  # as many as take seconds to compile
_STRANGER_PORT = 33333
_DEADLINE_STEPS = 30_000

_publisher, _alice = plain.transport("publisher", 0, 4), plain.transport("alice", 1, 4)


@dataclass
class Media:
    publisher: socket.socket
    subscriber: socket.socket
    sent: int = 0
    received: int = 0

    def step(self) -> None:
        """One packet, and its copy is back; so nothing but the appliance can lose it."""
        self.publisher.sendto(plain.rtp(self.sent), plain.target(_publisher["local"]))
        self.sent += 1
        expect(plain.receive(self.subscriber, 5) is not None, f"media packet {self.sent} is lost")
        self.received += 1


def write(path: Path, name: str, pattern: str, more: int = 0) -> None:
    """One signature of our own, and `more` that take a while to compile."""
    signatures = [{"name": name, "class": "custom", "pattern": pattern}]
    signatures += [{"name": f"filler-{n}", "class": "custom",
                    "pattern": f"^filler{n}[a-f0-9]{{4,12}}.{{1,40}}(end|stop|over){n * 7919 % 10007}"}
                   for n in range(more)]
    text = yaml.safe_dump({"signatures": signatures})
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


def journal(appliance: Appliance) -> str:
    return appliance.process.log.read_text(errors="replace")


def named(appliance: Appliance, stranger: socket.socket, payload: bytes) -> str:
    """Under which reason this datagram of a stranger is dropped."""
    before = appliance.drops()
    stranger.sendto(payload, plain.target(_publisher["local"]))
    risen: list[str] = []

    def counted() -> bool:
        after = appliance.drops()
        risen[:] = [reason for reason in after if after[reason] > before.get(reason, 0)
                    and (reason.startswith("guard_") or reason == "rtp_wrong_version")]
        return bool(risen)

    expect(wait_until(counted, 5), f"{payload!r} is counted nowhere: {appliance.drops()}")
    return risen[0]


def hang_up(appliance: Appliance) -> None:
    os.kill(appliance.process.pid, signal.SIGHUP)


def test(bench: Bench) -> None:
    file = bench.folder / _FILE
    write(file, "first", "^probe-first")
    appliance = bench.start_appliance()
    with ExitStack() as stack:
        hosts = bench.topology.hosts
        media = Media(stack.enter_context(plain.udp_socket(hosts["publisher"], _publisher["remote"])),
                      stack.enter_context(plain.udp_socket(hosts["alice"], _alice["remote"])))
        stranger = stack.enter_context(closing(hosts["publisher"].socket(socket.AF_INET, socket.SOCK_DGRAM)))
        stranger.bind((plain.host_address("publisher", 4), _STRANGER_PORT))
        for _ in range(20):
            media.step()
        expect(named(appliance, stranger, b"probe-first") == "guard_custom", "the first set does not match")
        expect(named(appliance, stranger, b"probe-second") == "rtp_wrong_version", "the first set matches too much")

        write(file, "second", "^probe-(second")
        hang_up(appliance)
        expect(wait_until(lambda: "in use stays" in journal(appliance), 10), "nothing is said of a broken file")
        expect(f"{_FILE}:4:" in journal(appliance), f"its place is not said:\n{journal(appliance)}")
        expect(named(appliance, stranger, b"probe-first") == "guard_custom", "a broken file takes the old set away")

        write(file, "second", "^probe-second", _PATTERNS)
        hang_up(appliance)
        during = pings = 0
        while "in use from now on" not in journal(appliance):
            media.step()
            during += 1
            if during % 50 == 1:
                pings += 1
                expect(wait_until(lambda: ping(hosts["alice"], plain.APPLIANCE[4]), 5),
                       "no answer to ping during a reload")
            expect(during < _DEADLINE_STEPS, "the reload does not end")
        for _ in range(20):
            media.step()
        print(f"   {_PATTERNS} patterns: {during} media packets and {pings} pings during the reload, 0 lost")
        expect(during > 5, "the reload was over before media could show anything")
        expect(named(appliance, stranger, b"probe-second") == "guard_custom", "the second set does not match")
        expect(named(appliance, stranger, b"probe-first") == "rtp_wrong_version", "the first set is still there")

        answer = telemetry_query(appliance.file_prefix, "/causeway/signatures,0")
        expect(isinstance(answer, dict) and answer["total"] > _PATTERNS, f"/causeway/signatures: {answer}")
        last = telemetry_query(appliance.file_prefix, f"/causeway/signatures,{answer['total'] - _PATTERNS - 1}")
        expect(last["hits"]["second"] == 1, f"hits of the second set: {last['hits']}")
        expect(wait_until(lambda: "guard: guard_custom (second) from" in journal(appliance), 5),
               f"no sample in the journal:\n{journal(appliance)}")
        expect(b"probe-second".hex() in journal(appliance), "the sample does not show the payload")
    expect_conservation(appliance)
    # SIGTERM does not wait for a compilation.
    write(file, "third", "^probe-third", 2 * _PATTERNS)
    hang_up(appliance)
    reading = "reading the signatures again"
    expect(wait_until(lambda: journal(appliance).count(reading) == 3, 5), "the third reload does not begin")
    bench.end_appliance(appliance)
    expect(journal(appliance).count("in use from now on") == 1, "the third reload was over before SIGTERM")


if __name__ == "__main__":
    main("guard_reload", test, plain.document([_publisher, _alice])
         | {"guard": {"signatures": ["builtin", _FILE]}})
