"""RTP packets (RFC 3550, 5.1)."""

import hashlib
import struct
from dataclasses import dataclass


def noise(label: object, length: int) -> bytes:
    """Bytes without a pattern that depend on nothing but the label."""
    return hashlib.shake_128(str(label).encode()).digest(length)


@dataclass(frozen=True)
class Rtp:
    ssrc: int
    sequence: int
    timestamp: int
    payload_type: int = 96
    payload: bytes = b""
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None  # profile, and whole words of data
    padding: bytes = b""  # its last byte counts it
    version: int = 2

    @property
    def header(self) -> bytes:
        first = self.version << 6 | bool(self.padding) << 5 | (self.extension is not None) << 4 | len(self.csrcs)
        second = self.marker << 7 | self.payload_type
        header = struct.pack(">BBHII", first, second, self.sequence, self.timestamp, self.ssrc)
        header += b"".join(struct.pack(">I", csrc) for csrc in self.csrcs)
        if self.extension is not None:
            profile, data = self.extension
            header += struct.pack(">HH", profile, len(data) // 4) + data
        return header

    def __bytes__(self) -> bytes:
        return self.header + self.payload + self.padding
