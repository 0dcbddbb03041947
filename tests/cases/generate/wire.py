"""Frames, layer by layer. Every length and checksum is right unless it is given."""

import ipaddress
import struct
from dataclasses import dataclass, field

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
ETHERTYPE_VLAN = 0x8100
ETHERTYPE_IPV6 = 0x86DD
ETHERTYPE_SERVICE_VLAN = 0x88A8
ETHERTYPE_LLDP = 0x88CC

ICMP = 1
TCP = 6
UDP = 17
IPV6_ROUTING = 43
IPV6_FRAGMENT = 44
IPV6_HOP_BY_HOP = 0
IPV6_DESTINATION_OPTIONS = 60
ICMPV6 = 58

MORE_FRAGMENTS = 0x2000
DONT_FRAGMENT = 0x4000

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"


def mac_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def address_bytes(text: str) -> bytes:
    return ipaddress.ip_address(text).packed


def is_v6(address: str) -> bool:
    return ":" in address


def ones_complement_sum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def ethernet(destination: str, source: str, ethertype: int, payload: bytes, tags: tuple[int, ...] = ()) -> bytes:
    """tags: TCIs of 802.1Q tags, outermost first."""
    stack = b"".join(struct.pack(">HH", ETHERTYPE_VLAN, tag) for tag in tags)
    return mac_bytes(destination) + mac_bytes(source) + stack + struct.pack(">H", ethertype) + payload


def ipv4(
    source: str,
    destination: str,
    protocol: int,
    payload: bytes,
    *,
    identification: int = 0,
    flags: int = DONT_FRAGMENT,
    ttl: int = 64,
    tos: int = 0,
    options: bytes = b"",
    version: int = 4,
    header_words: int | None = None,
    total_length: int | None = None,
    checksum: int | None = None,
) -> bytes:
    """flags: the 16-bit word with flags and fragment offset."""
    if header_words is None:
        header_words = 5 + len(options) // 4
    if total_length is None:
        total_length = 20 + len(options) + len(payload)
    header = bytearray(
        struct.pack(
            ">BBHHHBBH4s4s",
            version << 4 | header_words,
            tos,
            total_length,
            identification,
            flags,
            ttl,
            protocol,
            0,
            address_bytes(source),
            address_bytes(destination),
        )
        + options
    )
    right = ones_complement_sum(header) ^ 0xFFFF
    struct.pack_into(">H", header, 10, right if checksum is None else checksum)
    return bytes(header) + payload


def ipv6(
    source: str,
    destination: str,
    next_header: int,
    payload: bytes,
    *,
    hop_limit: int = 64,
    version: int = 6,
    flow: int = 0,
    payload_length: int | None = None,
) -> bytes:
    length = len(payload) if payload_length is None else payload_length
    return (
        struct.pack(">IHBB", version << 28 | flow, length, next_header, hop_limit)
        + address_bytes(source)
        + address_bytes(destination)
        + payload
    )


@dataclass(frozen=True)
class ExtensionHeader:
    """One IPv6 extension header: `content` begins behind the next header and length fields."""

    kind: int
    content: bytes = b"\x01\x04\0\0\0\0"  # PadN
    length: int | None = None


def ipv6_extensions(headers: list[ExtensionHeader], upper: int, payload: bytes) -> tuple[int, bytes]:
    """The first next header value, and the headers in front of the payload."""
    for header in reversed(headers):
        length = (2 + len(header.content)) // 8 - 1 if header.length is None else header.length
        payload = bytes([upper, length]) + header.content + payload
        upper = header.kind
    return upper, payload


def udp_sum(source: str, destination: str, datagram: bytes) -> int:
    pseudo_header = address_bytes(source) + address_bytes(destination) + struct.pack(">II", UDP, len(datagram))
    return ones_complement_sum(pseudo_header + datagram)


def udp(
    source: str,
    destination: str,
    source_port: int,
    destination_port: int,
    payload: bytes,
    *,
    length: int | None = None,
    checksum: int | None = None,
) -> bytes:
    if length is None:
        length = 8 + len(payload)
    datagram = struct.pack(">HHHH", source_port, destination_port, length, 0) + payload
    if checksum is None:
        checksum = udp_sum(source, destination, datagram) ^ 0xFFFF or 0xFFFF
    return datagram[:6] + struct.pack(">H", checksum) + datagram[8:]


@dataclass(frozen=True)
class Path:
    """Everything in front of a UDP payload on its way from one station to another."""

    source_mac: str
    destination_mac: str
    source: str
    source_port: int
    destination: str
    destination_port: int
    tags: tuple[int, ...] = ()
    ip: dict = field(default_factory=dict)  # fields of ipv4() or ipv6() that are not as usual
    udp: dict = field(default_factory=dict)  # of udp()
    extensions: tuple[ExtensionHeader, ...] = ()

    def datagram(self, payload: bytes) -> bytes:
        return udp(self.source, self.destination, self.source_port, self.destination_port, payload, **self.udp)

    def packet(self, payload: bytes) -> bytes:
        return self.ip_packet(UDP, self.datagram(payload))

    def ip_packet(self, protocol: int, payload: bytes) -> bytes:
        if is_v6(self.source):
            protocol, payload = ipv6_extensions(list(self.extensions), protocol, payload)
            return ipv6(self.source, self.destination, protocol, payload, **self.ip)
        return ipv4(self.source, self.destination, protocol, payload, **self.ip)

    def frame(self, payload: bytes) -> bytes:
        return self.link(self.packet(payload))

    def link(self, packet: bytes) -> bytes:
        ethertype = ETHERTYPE_IPV6 if is_v6(self.source) else ETHERTYPE_IPV4
        return ethernet(self.destination_mac, self.source_mac, ethertype, packet, self.tags)
