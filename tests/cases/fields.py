"""Names the field of a frame in which a byte lies, to say where two packets differ."""

_ETHERNET = [(0, "Ethernet destination"), (6, "Ethernet source"), (12, "EtherType")]
_IPV4 = [
    (0, "IPv4 version and header length"),
    (1, "IPv4 type of service"),
    (2, "IPv4 total length"),
    (4, "IPv4 identification"),
    (6, "IPv4 flags and fragment offset"),
    (8, "IPv4 TTL"),
    (9, "IPv4 protocol"),
    (10, "IPv4 checksum"),
    (12, "IPv4 source"),
    (16, "IPv4 destination"),
]
_IPV6 = [
    (0, "IPv6 version, class and flow"),
    (4, "IPv6 payload length"),
    (6, "IPv6 next header"),
    (7, "IPv6 hop limit"),
    (8, "IPv6 source"),
    (24, "IPv6 destination"),
]
_UDP = [(0, "UDP source port"), (2, "UDP destination port"), (4, "UDP length"), (6, "UDP checksum")]
_RTP = [
    (0, "RTP version, padding, extension and CSRC count"),
    (1, "RTP marker and payload type"),
    (2, "RTP sequence number"),
    (4, "RTP timestamp"),
    (8, "RTP SSRC"),
    (12, "RTP CSRCs, extension, payload or tag"),
]
_RTCP = [
    (0, "RTCP version and count"),
    (1, "RTCP packet type"),
    (2, "RTCP length"),
    (4, "RTCP sender's SSRC"),
    (8, "RTCP content, SRTCP index or tag"),
]


def _layers(frame: bytes) -> list[tuple[int, str]]:
    """(offset, name) of each field of an Ethernet, VLAN, IP, UDP, RTP or RTCP frame without IP options."""
    fields = list(_ETHERNET)
    at = 14
    if frame[12:14] == b"\x81\0":
        fields += [(14, "VLAN tag"), (16, "EtherType behind the tag")]
        at = 18
    v6 = frame[at - 2 : at] == b"\x86\xdd"
    fields += [(at + offset, name) for offset, name in (_IPV6 if v6 else _IPV4)]
    at += 40 if v6 else 20
    fields += [(at + offset, name) for offset, name in _UDP]
    at += 8
    rtcp = len(frame) > at + 1 and 192 <= frame[at + 1] <= 223
    fields += [(at + offset, name) for offset, name in (_RTCP if rtcp else _RTP)]
    return fields


def differing_fields(frame: bytes, other: bytes) -> list[str]:
    """The fields of `frame` in which `other` has other bytes, in their order."""
    layers = _layers(frame)
    fields = {}
    for offset, (a, b) in enumerate(zip(frame, other)):
        if a != b:
            start, name = [field for field in layers if field[0] <= offset][-1]
            fields.setdefault(name, f"{name} (byte {start})")
    return list(fields.values())


def hex_dump(data: bytes) -> str:
    lines = [f"    {at:04x}  {data[at : at + 16].hex(' ')}" for at in range(0, len(data), 16)]
    return "\n".join(lines)


def stream_of(frame: bytes) -> tuple[bytes, bytes]:
    """Which packets stay in their order: those with one IP and UDP destination, and one SSRC."""
    at = 18 if frame[12:14] == b"\x81\0" else 14
    v6 = frame[at - 2 : at] == b"\x86\xdd"
    udp = at + (40 if v6 else 20)
    rtcp = len(frame) > udp + 9 and 192 <= frame[udp + 9] <= 223
    ssrc = udp + 8 + (4 if rtcp else 8)
    return frame[at + (24 if v6 else 16) : udp] + frame[udp + 2 : udp + 4], frame[ssrc : ssrc + 4]
