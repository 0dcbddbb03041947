"""Capture files (the classic pcap format, Ethernet)."""

import struct
from collections.abc import Iterable
from pathlib import Path

_ETHERNET = 1
_SNAPLEN = 262144
_MAGIC_MICROSECONDS = 0xA1B2C3D4
_MAGIC_NANOSECONDS = 0xA1B23C4D
_FILE_HEADER = 24
_RECORD_HEADER = 16


class PcapError(Exception):
    pass


def encode(frames: Iterable[bytes]) -> bytes:
    """Frame n has the time n microseconds: the same frames always give the same file."""
    out = [struct.pack("<IHHiIII", _MAGIC_MICROSECONDS, 2, 4, 0, 0, _SNAPLEN, _ETHERNET)]
    for n, frame in enumerate(frames):
        out.append(struct.pack("<IIII", n // 1_000_000, n % 1_000_000, len(frame), len(frame)))
        out.append(frame)
    return b"".join(out)


def read(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if len(data) < _FILE_HEADER:
        raise PcapError(f"{path.name} is shorter than a pcap header")
    magics = (_MAGIC_MICROSECONDS, _MAGIC_NANOSECONDS)
    order = next((o for o in "<>" if struct.unpack_from(o + "I", data)[0] in magics), None)
    if order is None:
        raise PcapError(f"{path.name} is no pcap file")
    frames = []
    at = _FILE_HEADER
    while at < len(data):
        if at + _RECORD_HEADER > len(data):
            raise PcapError(f"{path.name} ends inside a record")
        captured, length = struct.unpack_from(order + "II", data, at + 8)
        at += _RECORD_HEADER
        if captured != length or at + captured > len(data):
            raise PcapError(f"{path.name}: packet {len(frames)} is cut short")
        frames.append(data[at : at + captured])
        at += captured
    return frames
