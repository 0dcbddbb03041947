"""Measures each leg on the wire: what the publisher sent, what the subscriber got, and how long it took.

Passive: packet sockets on the hosts' interfaces, with the kernel's receive time. SRTP leaves RTP headers in
clear (RFC 3711, 3.1), so no key is needed: a leg's packet belongs to the publisher's packet whose sequence
number is the leg's minus the leg's offset.
"""

import selectors
import socket
import struct
import time
from dataclasses import dataclass, field

from appliance_config import Config, Endpoint, Leg
from processes import DemoError
from topology import HOST_INTERFACE, Namespace, Topology

_ETH_P_ALL = 0x0003
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
PACKET_HOST, PACKET_OUTGOING = 0, 4  # to the host, from the host
_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_BUFFER_BYTES = 32 << 20
_ETHERNET, _UDP = 14, 8


@dataclass
class RtpPacket:
    target: Endpoint
    ssrc: int
    sequence: int
    timestamp: int
    payload_type: int
    length: int  # bytes of UDP payload
    time_ns: int


def parse_rtp(frame: bytes, time_ns: int) -> RtpPacket | None:
    """The RTP packet in an Ethernet frame; None for everything else, RTCP included (RFC 5761, 4)."""
    if frame[12:14] == b"\x08\x00" and frame[23:24] == b"\x11":
        udp = _ETHERNET + (frame[14] & 0x0F) * 4
        address = socket.inet_ntop(socket.AF_INET, frame[30:34])
    elif frame[12:14] == b"\x86\xdd" and frame[20:21] == b"\x11":
        udp = _ETHERNET + 40
        address = socket.inet_ntop(socket.AF_INET6, frame[38:54])
    else:
        return None
    if len(frame) < udp + _UDP + 12:
        return None
    port, udp_length = struct.unpack_from("!HH", frame, udp + 2)
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", frame, udp + _UDP)
    if first >> 6 != 2 or 192 <= second <= 223:
        return None
    return RtpPacket(Endpoint(address, port), ssrc, sequence, timestamp, second & 0x7F, udp_length - _UDP, time_ns)


class Capture:
    """One packet socket on a host's interface, for one direction."""

    def __init__(self, namespace: Namespace, packet_type: int, interface: str = HOST_INTERFACE) -> None:
        self._namespace = namespace
        self._packet_type = packet_type
        # Type 0 first: nothing is queued before the buffer, the time stamps and the interface are set.
        self.socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.socket.bind((interface, _ETH_P_ALL))
        self.socket.setblocking(False)

    def read(self) -> list[RtpPacket]:
        packets = []
        while True:
            try:
                frame, ancillary, _flags, address = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return packets
            if address[2] != self._packet_type:
                continue
            seconds, nanoseconds = next(
                struct.unpack("qq", data) for level, kind, data in ancillary
                if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS))
            packet = parse_rtp(frame, seconds * 1_000_000_000 + nanoseconds)
            if packet is not None:
                packets.append(packet)

    def require_complete(self) -> None:
        """A packet that the socket missed would look like a lost one."""
        _packets, missed = struct.unpack("II", self.socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        if missed:
            raise DemoError(f"the capture in {self._namespace.name} missed {missed} packets: its figures would be wrong")


@dataclass
class Published:
    """What the publisher has sent of one track: sequence number -> packet. Numbers are 16 bits: more than
    32768 packets of one track still to be matched would be ambiguous, and are far beyond a demo."""

    ssrc: int
    target: Endpoint
    packets: int = 0
    frames: int = 0  # packets of a picture share a time stamp (RFC 6184, 5.1); for Opus each packet is one
    recent: dict[int, RtpPacket] = field(default_factory=dict)
    _last_timestamp: int | None = None

    def add(self, packet: RtpPacket) -> None:
        self.packets += 1
        self.frames += packet.timestamp != self._last_timestamp
        self._last_timestamp = packet.timestamp
        self.recent[packet.sequence] = packet
        if len(self.recent) > 0x8000:
            del self.recent[next(iter(self.recent))]


@dataclass
class LegMeter:
    leg: Leg
    target: Endpoint
    published: Published
    packets: int = 0      # delivered, each published packet once
    bytes: int = 0
    duplicates: int = 0
    strays: int = 0       # on the leg's port, but not what the leg should carry
    latencies_us: list[float] = field(default_factory=list)
    _seen: dict[int, int] = field(default_factory=dict)  # publisher's sequence -> publisher's time

    @property
    def lost(self) -> int:
        """Published and not delivered; while media flows this includes packets in flight."""
        return self.published.packets - self.packets

    def lost_before(self, time_ns: int) -> int:
        """Published before that moment and not delivered."""
        in_flight = 0
        for sequence, packet in reversed(self.published.recent.items()):
            if packet.time_ns < time_ns:
                break
            in_flight += self._seen.get(sequence) != packet.time_ns
        return self.lost - in_flight

    def add(self, packet: RtpPacket) -> None:
        leg = self.leg
        sequence = (packet.sequence - leg.sequence_offset) & 0xFFFF
        origin = self.published.recent.get(sequence)
        if origin is None or not self._is_rewritten(origin, packet):
            self.strays += 1
        elif self._seen.get(sequence) == origin.time_ns:
            self.duplicates += 1
        else:
            self._seen[sequence] = origin.time_ns
            self.packets += 1
            self.bytes += packet.length
            self.latencies_us.append((packet.time_ns - origin.time_ns) / 1000)

    def _is_rewritten(self, origin: RtpPacket, packet: RtpPacket) -> bool:
        leg = self.leg
        return (packet.ssrc == leg.ssrc
                and packet.timestamp == (origin.timestamp + leg.timestamp_offset) & 0xFFFFFFFF
                and packet.payload_type == leg.payload_types.get(origin.payload_type, origin.payload_type))

    def latency_us(self) -> tuple[float, float, float]:
        """p50, p99 and maximum; zeros before the first packet."""
        ordered = sorted(self.latencies_us)
        if not ordered:
            return (0, 0, 0)
        return (ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1])


class Monitor:
    def __init__(self, topology: Topology, config: Config) -> None:
        self.tracks = {track.id: Published(track.ssrc, config.transports[track.transport].local)
                       for track in config.tracks.values()}
        self.legs = [LegMeter(leg, config.transports[leg.transport].remote, self.tracks[leg.track])
                     for leg in config.legs]
        self._sources = Capture(topology.hosts[config.publisher.name], PACKET_OUTGOING)
        self._sinks = [Capture(topology.hosts[host.name], PACKET_HOST) for host in config.subscribers]
        self._published = {(track.ssrc, track.target): track for track in self.tracks.values()}
        self._meters = {meter.target: meter for meter in self.legs}
        self._selector = selectors.DefaultSelector()
        for capture in (self._sources, *self._sinks):
            self._selector.register(capture.socket, selectors.EVENT_READ)

    def run_for(self, seconds: float) -> None:
        """Reads what arrives. Sinks before the source: a packet is never seen delivered but not yet sent."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._selector.select(left)
            self.read()

    def read(self) -> None:
        delivered = [packet for sink in self._sinks for packet in sink.read()]
        for packet in self._sources.read():
            track = self._published.get((packet.ssrc, packet.target))
            if track is not None:
                track.add(packet)
        for packet in delivered:
            meter = self._meters.get(packet.target)
            if meter is not None:
                meter.add(packet)

    @property
    def in_flight(self) -> int:
        return sum(meter.lost for meter in self.legs)

    def require_complete(self) -> None:
        for capture in (self._sources, *self._sinks):
            capture.require_complete()

    def close(self) -> None:
        self._selector.close()
        for capture in (self._sources, *self._sinks):
            capture.socket.close()
