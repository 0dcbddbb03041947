"""RTCP both ways with real sockets: a publisher's reports reach each subscriber in the leg's numbers, and what a
subscriber says of its leg reaches the publisher in the publisher's."""

import socket
import struct
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from netns import Bench, Cases, expect, expect_conservation, main  # first: it makes the demo's modules known

import plain
from topology import Namespace

_SR, _RR, _SDES, _RTPFB, _PSFB = 200, 201, 202, 205, 206
_PLI, _NACK = 1, 1  # feedback message types
_SUBSCRIBER_SSRC = 0x5b000001
_NTP_TIME = 0xe1a2b3c4_00000000
_FIRST, _PACKETS = 65000, 3  # sequence numbers of the publisher


@dataclass
class Client:
    """A transport's other side: where it sends and takes RTP and RTCP."""

    rtp: socket.socket
    rtcp: socket.socket  # the same if they are multiplexed
    rtp_to: tuple[str, int]
    rtcp_to: tuple[str, int]


def make_client(namespace: Namespace, entry: dict[str, Any]) -> Client:
    rtp, rtp_to = plain.udp_socket(namespace, entry["remote"]), plain.target(entry["local"])
    if "rtcp" not in entry:
        return Client(rtp, rtp, rtp_to, rtp_to)
    remote = plain.endpoint(plain.target(entry["remote"])[0], entry["rtcp"]["remote_port"])
    return Client(rtp, plain.udp_socket(namespace, remote), rtp_to, (rtp_to[0], entry["rtcp"]["local_port"]))


def packet(count: int, kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body


def sender_report(ssrc: int, timestamp: int) -> bytes:
    name = struct.pack(">IBB", ssrc, 1, 1) + b"x\0"  # a CNAME, and the end of the chunk
    return (packet(0, _SR, struct.pack(">IQIII", ssrc, _NTP_TIME, timestamp, 7, 700)) + packet(1, _SDES, name))


def feedback(sender: int, about: int, sequence: int) -> dict[str, bytes]:
    """What a subscriber says about an SSRC whose highest sequence number is this: a compound for each word, as
    RFC 4585 wants them (first a report) or reduced (RFC 5506)."""
    report = packet(1, _RR, struct.pack(">IIIIIII", sender, about, 0x10000002, sequence, 3, 4, 5))
    pli = packet(_PLI, _PSFB, struct.pack(">II", sender, about))
    nack = packet(_NACK, _RTPFB, struct.pack(">IIHH", sender, about, sequence & 0xffff, 0b101))
    return {"RR": report, "RR and PLI": report + pli, "RR and NACK": report + nack, "PLI": pli, "NACK": nack}


def expect_next(udp: socket.socket, wanted: bytes, what: str) -> None:
    got = plain.receive(udp)
    expect(got == wanted, f"{what}: wanted {wanted.hex()}, got {got.hex() if got else got}")


def check_leg(publisher: Client, subscriber: Client, leg: dict[str, Any], track_ssrc: int, highest: int) -> None:
    """What the subscriber says about its leg."""
    # The leg's numbers begin without rollovers, whatever the publisher's are.
    said = feedback(_SUBSCRIBER_SSRC, leg["ssrc"], highest + plain.SEQUENCE_OFFSET & 0xffff)
    for what, compound in said.items():
        subscriber.rtcp.sendto(compound, subscriber.rtcp_to)
        got = plain.receive(publisher.rtcp)
        expect(got is not None, f"{what} of {leg['transport']} does not reach {leg['track']}")
        appliance_ssrc = int.from_bytes(got[4:8])  # its own choice
        expect(appliance_ssrc not in (0, _SUBSCRIBER_SSRC), f"{what}: the subscriber's SSRC shows")
        wanted = feedback(appliance_ssrc, track_ssrc, highest)[what]
        expect(got == wanted, f"{what} of {leg['transport']}: wanted {wanted.hex()}, got {got.hex()}")


def publisher_over(bench: Bench, family: int) -> None:
    """Two publishers and four subscribers: RTCP on a port of its own or multiplexed, subscribers over both IPs."""
    bench.use(make_document(family))
    plain.add_addresses(bench.topology)
    appliance = bench.start_appliance()
    document = bench.config.document
    with ExitStack() as stack:
        clients = {}
        for entry in document["transports"]:
            clients[entry["name"]] = make_client(bench.topology.hosts[entry["name"].partition("-")[0]], entry)
            stack.callback(clients[entry["name"]].rtp.close)
            stack.callback(clients[entry["name"]].rtcp.close)
        for track in document["tracks"]:
            check_track(clients, track, [leg for leg in document["legs"] if leg["track"] == track["id"]])
    counters = expect_conservation(appliance)
    expect(counters["drops"]["rtcp_no_target"] == 0, f"RTCP has no target: {counters}")
    bench.end_appliance(appliance)


def check_track(clients: dict[str, Client], track: dict[str, Any], legs: list[dict[str, Any]]) -> None:
    publisher, ssrc = clients[track["transport"]], track["layers"][0]["ssrc"]
    for sequence in range(_FIRST, _FIRST + _PACKETS):
        publisher.rtp.sendto(plain.rtp(sequence, ssrc), publisher.rtp_to)
    for leg in legs:
        for sequence in range(_FIRST, _FIRST + _PACKETS):
            expect_next(clients[leg["transport"]].rtp, plain.rewritten(plain.rtp(sequence, ssrc), leg),
                        f"RTP for {leg['transport']}")
    publisher.rtcp.sendto(sender_report(ssrc, 0xffffff00), publisher.rtcp_to)
    for leg in legs:
        wanted = sender_report(leg["ssrc"], 0xffffff00 + plain.TIMESTAMP_OFFSET & 0xffffffff)
        expect_next(clients[leg["transport"]].rtcp, wanted, f"SR for {leg['transport']}")
    for leg in legs:
        check_leg(publisher, clients[leg["transport"]], leg, ssrc, _FIRST + _PACKETS - 1)


def make_document(family: int) -> dict[str, Any]:
    names = [("publisher-mux", family), ("publisher-own", family), ("alice-mux", 4), ("alice-own", 4),
             ("bob-mux", 6), ("bob-own", 6)]
    return plain.document([plain.transport(name, index, each, own_rtcp=name.endswith("own"))
                           for index, (name, each) in enumerate(names)])


def test(bench: Bench) -> None:
    cases = Cases(bench)
    for family in (4, 6):
        cases.run(f"publishers over IPv{family}", partial(publisher_over, bench, family))
    cases.conclude()


if __name__ == "__main__":
    main("rtcp", test, make_document(4))
