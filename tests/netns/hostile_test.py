"""Floods of what strangers can send: media goes on, every packet is counted, memory does not grow."""

import ipaddress
import os
import random
import re
import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from netns import Bench, Cases, expect, expect_conservation, main  # first: it makes the demo's modules known

import plain
from appliance import Appliance, ping, telemetry_query
from processes import wait_until

_FRAMES = 15_000  # of each flood
_FRAMES_PER_MEDIA_PACKET = 50
_GROWTH_KB = 8 * 1024
_ICMP, _TCP = 1, 6
_BROADCAST = b"\xff" * 6

_publisher, _alice, _bob = [plain.transport(name, i, 4) for i, name in enumerate(("publisher", "alice", "bob"))]
_HOSTILE = plain.host_address("bob", 4)


@dataclass
class Media:
    """A publisher's packets and what a subscriber gets of them."""

    publisher: socket.socket
    subscriber: socket.socket
    sent: int = 0
    received: int = 0

    def step(self) -> None:
        self.publisher.sendto(plain.rtp(self.sent), plain.target(_publisher["local"]))
        self.sent += 1
        self.received += len(plain.take(self.subscriber))

    def settled(self) -> bool:
        self.received += len(plain.take(self.subscriber))
        return self.received >= self.sent


def random_ssrc(mac: bytes, dice: random.Random) -> bytes:
    """Plain RTP of a known transport."""
    return plain.udp_frame(mac, _bob, plain.rtp(dice.getrandbits(16), dice.getrandbits(32) | 1 << 31))


def unknown_transport(mac: bytes, dice: random.Random) -> bytes:
    return plain.udp_frame(mac, _bob, plain.rtp(dice.getrandbits(16)), from_port=dice.randrange(10000, 65536))


def garbage(mac: bytes, dice: random.Random) -> bytes:
    return plain.udp_frame(mac, _bob, dice.randbytes(dice.randrange(200)))


def truncated(mac: bytes, dice: random.Random) -> bytes:
    """Any first part of a frame; veth takes no less than an Ethernet header."""
    frame = plain.udp_frame(mac, _bob, plain.rtp(0))
    return frame[:dice.randrange(14, len(frame))]


def random_bits(mac: bytes, dice: random.Random) -> bytes:
    """A good frame with some wrong bytes behind its Ethernet addresses."""
    frame = bytearray(plain.udp_frame(mac, _bob, plain.rtp(0)))
    for _ in range(dice.randrange(1, 6)):
        frame[dice.randrange(12, len(frame))] = dice.getrandbits(8)
    return bytes(frame)


def arp(_mac: bytes, dice: random.Random) -> bytes:
    """Who has the appliance's address? Asked by ever other stations."""
    sender = bytes([2]) + dice.randbytes(5)
    source = ipaddress.ip_address(f"10.77.0.{dice.randrange(100, 200)}").packed
    target = ipaddress.ip_address(plain.APPLIANCE[4]).packed
    return _BROADCAST + sender + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + sender + source \
        + bytes(6) + target


def echo_request(mac: bytes, dice: random.Random) -> bytes:
    body = struct.pack(">HH", 1, dice.getrandbits(16)) + bytes(56)
    checksum = 0xffff - plain.ones_sum(b"\x08\0\0\0" + body)
    return plain.ip_frame(mac, _HOSTILE, plain.APPLIANCE[4], _ICMP, struct.pack(">BBH", 8, 0, checksum) + body)


def syn(mac: bytes, dice: random.Random) -> bytes:
    ports = dice.randrange(1024, 65536), dice.choice([22, 80, 443])
    tcp = struct.pack(">HHIIBBHHH", *ports, dice.getrandbits(32), 0, 0x50, 2, 65535, 0, 0)
    pair = ipaddress.ip_address(_HOSTILE).packed + ipaddress.ip_address(plain.APPLIANCE[4]).packed
    checksum = 0xffff - plain.ones_sum(pair + struct.pack(">HH", _TCP, len(tcp)) + tcp)
    return plain.ip_frame(mac, _HOSTILE, plain.APPLIANCE[4], _TCP, tcp[:16] + checksum.to_bytes(2) + tcp[18:])


# What is sent, and a counter that must see it.
_FLOODS: list[tuple[Callable[[bytes, random.Random], bytes], str]] = [
    (random_ssrc, "unknown_ssrc"),
    (unknown_transport, "source_flood"),
    (garbage, "first_byte_unknown"),
    (truncated, "frame_truncated"),
    (random_bits, "udp_checksum"),
    (arp, "punt_full"),
    (echo_request, "punt_flood"),
    (syn, "punt_flood"),
]


def flood(appliance: Appliance, hostile: plain.Tap, media: Media, mac: bytes,
          make: Callable[[bytes, random.Random], bytes], counter: str) -> None:
    seed = int(os.environ.get("CAUSEWAY_SEED", random.getrandbits(32)))
    dice = random.Random(seed)
    frames = [make(mac, dice) for _ in range(_FRAMES)]  # made before, so that they come fast
    drops, sent, received = appliance.drops(), media.sent, media.received
    for i, frame in enumerate(frames):
        try:
            hostile.send(frame)
        except OSError:  # the client's own queue is full
            pass
        if i % _FRAMES_PER_MEDIA_PACKET == 0:
            media.step()
    wait_until(media.settled, 0.5)
    sent, received = media.sent - sent, media.received - received
    named = {name: count - drops.get(name, 0) for name, count in appliance.drops().items()
             if count > drops.get(name, 0)}
    print(f"   CAUSEWAY_SEED={seed}; media: {sent - received} of {sent} packets lost; dropped: {named}")
    appliance.process.require_alive()
    expect_conservation(appliance)
    expect(named.get(counter, 0) > 0, f"{counter} does not count it")
    expect(received > 0, "media stops")
    media.received = media.sent  # what is lost is lost


def resident_kb(appliance: Appliance) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{appliance.process.pid}/status").read_text())
    return int(found[1]) if found else 0


def goes_on(bench: Bench, appliance: Appliance, media: Media, resident_before_kb: int) -> None:
    """After all of it: ping is answered, media flows without loss, memory is where it was."""
    client = bench.topology.hosts["publisher"]
    expect(wait_until(lambda: ping(client, plain.APPLIANCE[4]), 20), "it does not answer ping")
    plain.take(media.subscriber)
    media.received = media.sent
    for _ in range(100):
        media.step()
    expect(wait_until(media.settled, 5), f"{media.sent - media.received} of 100 packets lost")
    grown_kb = resident_kb(appliance) - resident_before_kb
    print(f"   memory: {resident_before_kb} kB resident before, {grown_kb:+} kB")
    expect(grown_kb < _GROWTH_KB, f"it has grown by {grown_kb} kB")
    expect_conservation(appliance)
    bench.end_appliance(appliance)


def test(bench: Bench) -> None:
    for version in ("", "6"):  # a switch is no firewall: it passes what is no good IP packet, too
        name = f"net.bridge.bridge-nf-call-ip{version}tables"
        if Path("/proc/sys", name.replace(".", "/")).exists():
            bench.on_switch("sysctl", "-q", "-w", f"{name}=0")
    appliance = bench.start_appliance()
    port = telemetry_query(appliance.file_prefix, "/causeway/port,wan0")
    mac = bytes.fromhex(str(port["mac"]).replace(":", ""))
    with ExitStack() as stack:
        hosts = bench.topology.hosts
        hostile = stack.enter_context(closing(plain.Tap(hosts["bob"])))
        media = Media(stack.enter_context(plain.udp_socket(hosts["publisher"], _publisher["remote"])),
                      stack.enter_context(plain.udp_socket(hosts["alice"], _alice["remote"])))
        for _ in range(100):
            media.step()
        expect(wait_until(media.settled, 5), f"{media.sent - media.received} packets lost before any flood")
        resident_before_kb = resident_kb(appliance)
        cases = Cases(bench, end_processes=False)
        for make, counter in _FLOODS:
            cases.run(make.__name__, lambda: flood(appliance, hostile, media, mac, make, counter))
        cases.run("goes_on", lambda: goes_on(bench, appliance, media, resident_before_kb))
    cases.conclude()


if __name__ == "__main__":
    main("hostile", test, plain.document([_publisher, _alice, _bob]))
