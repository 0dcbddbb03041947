"""RTCP packets (RFC 3550, 6; RFC 4585; RFC 5104; draft-alvestrand-rmcat-remb-03)."""

import struct
from collections.abc import Iterable

SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
GOODBYE = 203
APPLICATION = 204
TRANSPORT_FEEDBACK = 205
PAYLOAD_FEEDBACK = 206
EXTENDED_REPORT = 207

NTP = 0xE8D0A1B2_40000000


def packet(kind: int, count: int, body: bytes, *, words: int | None = None, version: int = 2) -> bytes:
    """body: behind the header, whole words. words: the length field."""
    length = len(body) // 4 if words is None else words
    return struct.pack(">BBH", version << 6 | count, kind, length) + body


def padded_packet(kind: int, count: int, body: bytes, padding: bytes) -> bytes:
    plain = packet(kind, count, body + padding)
    return bytes([plain[0] | 0x20]) + plain[1:]


def _words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def block(ssrc: int, highest_sequence: int, *, fraction: int = 3, lost: int = 7, jitter: int = 21) -> bytes:
    """A report block. highest_sequence: extended, 32 bits."""
    return _words(ssrc, fraction << 24 | lost, highest_sequence, jitter, 0xA1B24000, 0x00010000)


def sender_report(
    ssrc: int, timestamp: int, *blocks: bytes, packets: int = 1000, octets: int = 160000, tail: bytes = b""
) -> bytes:
    info = _words(ssrc, NTP >> 32, NTP & 0xFFFFFFFF, timestamp, packets, octets)
    return packet(SENDER_REPORT, len(blocks), info + b"".join(blocks) + tail)


def receiver_report(ssrc: int, *blocks: bytes) -> bytes:
    return packet(RECEIVER_REPORT, len(blocks), _words(ssrc) + b"".join(blocks))


def source_description(*chunks: tuple[int, bytes]) -> bytes:
    """chunks: SSRC and items, without the zero bytes at their end."""
    body = b""
    for ssrc, items in chunks:
        body += _words(ssrc) + items + bytes(4 - len(items) % 4)
    return packet(SOURCE_DESCRIPTION, len(chunks), body)


def cname(text: str) -> bytes:
    return bytes([1, len(text)]) + text.encode()


def goodbye(*ssrcs: int, reason: str = "") -> bytes:
    text = bytes([len(reason)]) + reason.encode() if reason else b""
    return packet(GOODBYE, len(ssrcs), _words(*ssrcs) + text + bytes(-len(text) % 4))


def application(ssrc: int, name: bytes, data: bytes, subtype: int = 5) -> bytes:
    return packet(APPLICATION, subtype, _words(ssrc) + name + data)


def extended_report(ssrc: int) -> bytes:
    receiver_reference_time = struct.pack(">BBH", 4, 0, 2) + struct.pack(">Q", NTP)
    return packet(EXTENDED_REPORT, 0, _words(ssrc) + receiver_reference_time)


def feedback(kind: int, form: int, sender: int, media: int, content: bytes = b"") -> bytes:
    return packet(kind, form, _words(sender, media) + content)


def nack(sender: int, media: int, *pairs: tuple[int, int]) -> bytes:
    """pairs: packet id and bitmask of following lost packets."""
    content = b"".join(struct.pack(">HH", *pair) for pair in pairs)
    return feedback(TRANSPORT_FEEDBACK, 1, sender, media, content)


def transport_wide(sender: int, media: int) -> bytes:
    return feedback(TRANSPORT_FEEDBACK, 15, sender, media, struct.pack(">HHIHH", 7, 1, 0x10, 0x2001, 0x0400))


def pli(sender: int, media: int) -> bytes:
    return feedback(PAYLOAD_FEEDBACK, 1, sender, media)


def sli(sender: int, media: int, content: bytes) -> bytes:
    return feedback(PAYLOAD_FEEDBACK, 2, sender, media, content)


def rpsi(sender: int, media: int, content: bytes) -> bytes:
    return feedback(PAYLOAD_FEEDBACK, 3, sender, media, content)


def fir(sender: int, *entries: tuple[int, int]) -> bytes:
    """entries: SSRC and command sequence number."""
    content = b"".join(_words(ssrc, number << 24) for ssrc, number in entries)
    return feedback(PAYLOAD_FEEDBACK, 4, sender, 0, content)


def remb(sender: int, ssrcs: Iterable[int], exponent: int = 4, mantissa: int = 62500) -> bytes:
    ssrcs = list(ssrcs)
    content = b"REMB" + _words(len(ssrcs) << 24 | exponent << 18 | mantissa) + _words(*ssrcs)
    return feedback(PAYLOAD_FEEDBACK, 15, sender, 0, content)
