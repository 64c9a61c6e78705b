"""The size of a picture from its first bytes, without a decoder: what it will cost is known before it is opened."""

from __future__ import annotations

import struct
from typing import NamedTuple

from .jpeg import scans

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that begin with bits, height and width."""


class Header(NamedTuple):
    """What the header of a picture says.

    Attributes:
        width: in pixels.
        height: in pixels.
        scans: how often a decoder goes over all pixels.
        deep: whether a sample may have more than 8 bits.
    """

    width: int
    height: int
    scans: int = 1
    deep: bool = False


def header(data: bytes) -> Header | None:
    """Return the header of a JPEG, PNG, BMP, GIF or WebP; None for other kinds, and where it is cut off."""
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height, bits = struct.unpack_from(">IIB", data, 16)
            return Header(width, height, deep=bits > 8)
        if data.startswith(b"GIF8"):
            return Header(*struct.unpack_from("<HH", data, 6))
        if data.startswith(b"BM"):
            return _bmp(data)
        if data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(data: bytes) -> Header | None:
    place = 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _FRAMES:
            bits, height, width = struct.unpack_from(">BHH", data, place + 4)
            return Header(width, height, scans(data), bits > 8)
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def _bmp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header(abs(width), abs(height))


def _webp(data: bytes) -> Header | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return Header(1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF)
    return None
