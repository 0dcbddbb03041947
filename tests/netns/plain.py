"""Plain RTP around one appliance: a configuration without keys, packets, and what is seen of them on the wire."""

import errno
import ipaddress
import socket
import struct
from collections.abc import Sequence
from typing import Any

from netns import expect  # first: it makes the demo's modules known

from processes import wait_until
from topology import HOST_INTERFACE, Namespace, Topology

PORT_INTERFACE = "cw-port0"
EXCEPTION_INTERFACE = "cw-wan0"
APPLIANCE = {4: "10.77.0.1", 6: "fd77::1"}
HOSTS = {"publisher": 10, "alice": 11, "bob": 12}  # the last part of both addresses
MEDIA_PORT = 20000  # the first
TRACK_SSRC = 0x11110000
LEG_SSRC = 0x2a000000
SEQUENCE_OFFSET = 1000
TIMESTAMP_OFFSET = 90000

_ETHERTYPES = {0x0800: 4, 0x86DD: 6}
_ETH_P_ALL = 3
_UDP = 17
_CLIENT_MAC = bytes.fromhex("020000000099")  # of frames that no kernel sends


def host_address(host: str, family: int) -> str:
    return f"10.77.0.{HOSTS[host]}" if family == 4 else f"fd77::{HOSTS[host]}"


def endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def transport(name: str, index: int, family: int, own_rtcp: bool = False) -> dict[str, Any]:
    """`HOST-...`, the index-th of the file: it takes media on 20000 + 2 * index and 6000 + 2 * index."""
    local, remote = MEDIA_PORT + 2 * index, 6000 + 2 * index
    entry = {"name": name, "port": "wan0", "local": endpoint(APPLIANCE[family], local),
             "remote": endpoint(host_address(name.partition("-")[0], family), remote),
             "receive": {"suite": "none"}, "send": {"suite": "none"}}
    if own_rtcp:
        entry["rtcp"] = {"local_port": local + 1, "remote_port": remote + 1}
    return entry


def document(transports: Sequence[dict[str, Any]], device: str = f"net_af_packet0,iface={PORT_INTERFACE}",
             **port: Any) -> dict[str, Any]:
    """Each transport of `publisher` has a track, each other transport a leg of each track. `port`: more of the
    port's keys."""
    publishers = [each["name"] for each in transports if each["name"].startswith("publisher")]
    subscribers = [each["name"] for each in transports if each["name"] not in publishers]
    tracks = [{"id": name, "transport": name, "layers": [{"name": "main", "ssrc": TRACK_SSRC + i}]}
              for i, name in enumerate(publishers)]
    legs = [{"track": track, "transport": name, "ssrc": LEG_SSRC + i * len(publishers) + j,
             "sequence_offset": SEQUENCE_OFFSET, "timestamp_offset": TIMESTAMP_OFFSET}
            for i, name in enumerate(subscribers) for j, track in enumerate(publishers)]
    wan0 = {"name": "wan0", "device": device, "addresses": [APPLIANCE[4] + "/24", APPLIANCE[6] + "/64"],
            "exception_interface": EXCEPTION_INTERFACE} | port
    return {"sites": [{"name": "us-east"}], "node": {"name": "edge-1", "site": "us-east"},
            "workers": {"control_lcore": 0, "lcores": [1]},
            "memory": {"huge_pages": False, "size_mb": 256, "packet_buffers": 8192},
            "ports": [wan0], "media": {"port_range": "20000-20999"},
            "transports": list(transports), "tracks": tracks, "legs": legs}


def simple() -> list[dict[str, Any]]:
    """One publisher, one subscriber over IPv4, one over IPv6."""
    return [transport("publisher", 0, 4), transport("alice", 1, 4), transport("bob", 2, 6)]


def add_addresses(topology: Topology) -> None:
    """Each host gets its address of both families, whichever of them its transports use."""
    for host, namespace in topology.hosts.items():
        namespace.ip("address", "replace", host_address(host, 4) + "/24", "dev", HOST_INTERFACE)
        namespace.ip("address", "replace", host_address(host, 6) + "/64", "dev", HOST_INTERFACE, "nodad")


def rtp(sequence: int, ssrc: int = TRACK_SSRC, payload: bytes = b"media") -> bytes:
    return struct.pack(">BBHII", 0x80, 96, sequence & 0xffff, sequence * 3000 & 0xffffffff, ssrc) + payload


def udp_socket(namespace: Namespace, remote: str) -> socket.socket:
    """Bound to the transport's `remote`: the client is that. Does not wait for packets."""
    address, _, port = remote.rpartition(":")
    family = socket.AF_INET6 if "[" in address else socket.AF_INET
    udp = namespace.socket(family, socket.SOCK_DGRAM)
    udp.setblocking(False)
    udp.bind((address.strip("[]"), int(port)))
    return udp


def target(local: str) -> tuple[str, int]:
    """The transport's `local` as sendto takes it."""
    address, _, port = local.rpartition(":")
    return address.strip("[]"), int(port)


def take(udp: socket.socket) -> list[bytes]:
    """All that waits."""
    datagrams = []
    while True:
        try:
            datagrams.append(udp.recv(65536))
        except BlockingIOError:
            return datagrams
        except OSError as error:
            if error.errno != errno.ENETDOWN:  # said once by a packet socket
                raise
            return datagrams


def receive(udp: socket.socket, deadline_s: float = 10) -> bytes | None:
    """The next datagram."""
    got: list[bytes] = []

    def one() -> bool:
        try:
            got.append(udp.recv(65536))
        except BlockingIOError:
            return False
        return True

    return got[0] if wait_until(one, deadline_s, 0.002) else None


class Tap:
    """All frames of a host's interface, as they are on the wire."""

    def __init__(self, namespace: Namespace) -> None:
        self._socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind((HOST_INTERFACE, _ETH_P_ALL))
        self._socket.setblocking(False)

    def frames(self) -> list[bytes]:
        return take(self._socket)

    def send(self, frame: bytes) -> None:
        self._socket.send(frame)

    def close(self) -> None:
        self._socket.close()


def udp_payload(frame: bytes, to: str) -> bytes | None:
    """The payload if the frame is UDP to this endpoint. A wrong checksum is a failure: the kernel's own check
    may have been switched off underway."""
    family = _ETHERTYPES.get(int.from_bytes(frame[12:14]))
    if family is None:
        return None
    ip = frame[14:]
    if family == 4:
        protocol, pair, header = ip[9], ip[12:20], (ip[0] & 15) * 4
        length = int.from_bytes(ip[2:4]) - header
    else:
        protocol, pair, header = ip[6], ip[8:40], 40
        length = int.from_bytes(ip[4:6])
    udp = ip[header:header + length]
    address, port = target(to)
    wanted = ipaddress.ip_address(address).packed
    if protocol != _UDP or pair[len(pair) // 2:] != wanted or int.from_bytes(udp[2:4]) != port:
        return None
    pseudo_header = pair + struct.pack(">HH", _UDP, length)  # the same sum over IPv4 and IPv6
    expect(udp[6:8] != b"\0\0", f"UDP to {to} without checksum")
    expect(ones_sum(pseudo_header + udp) == 0xffff, f"UDP to {to} with a wrong checksum: {frame.hex()}")
    expect(family == 6 or ones_sum(ip[:header]) == 0xffff, f"wrong IPv4 header checksum: {frame.hex()}")
    return udp[8:]


def udp_frame(to_mac: bytes, transport: dict[str, Any], payload: bytes, from_port: int | None = None) -> bytes:
    """UDP over IPv4 from the transport's remote, or from another port of its host."""
    source, source_port = target(transport["remote"])
    local, local_port = target(transport["local"])
    udp = struct.pack(">HHHH", from_port or source_port, local_port, 8 + len(payload), 0) + payload
    pair = ipaddress.ip_address(source).packed + ipaddress.ip_address(local).packed
    checksum = 0xffff - ones_sum(pair + struct.pack(">HH", _UDP, len(udp)) + udp)
    return ip_frame(to_mac, source, local, _UDP, udp[:6] + (checksum or 0xffff).to_bytes(2) + payload)


def ip_frame(to_mac: bytes, source: str, to: str, protocol: int, payload: bytes) -> bytes:
    """An IPv4 packet in its frame."""
    pair = ipaddress.ip_address(source).packed + ipaddress.ip_address(to).packed
    ip = struct.pack(">BBHIBBH", 0x45, 0, 20 + len(payload), 0x4000, 64, protocol, 0) + pair
    return to_mac + _CLIENT_MAC + b"\x08\0" + ip[:10] + (0xffff - ones_sum(ip)).to_bytes(2) + ip[12:] + payload


def ones_sum(data: bytes) -> int:
    """RFC 1071"""
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def rewritten(packet: bytes, leg: dict[str, Any]) -> bytes:
    """The RTP packet as the leg is sent it."""
    sequence, timestamp = struct.unpack(">HI", packet[2:8])
    numbers = struct.pack(">HII", sequence + leg["sequence_offset"] & 0xffff,
                          timestamp + leg["timestamp_offset"] & 0xffffffff, leg["ssrc"])
    return packet[:2] + numbers + packet[12:]
