"""What travels between the worker and its child: a header, a map as MessagePack, and bytes as they are."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO, NamedTuple

import msgpack

HEADER = struct.Struct(">II")
"""Bytes of the map and of the payload that follow."""


class Frame(NamedTuple):
    """A map of plain values, and separate bytes that are not copied, such as an image."""

    value: dict[str, Any]
    payload: bytes = b""


def head(frame: Frame) -> bytes:
    """Return the beginning of a frame; its payload comes right after it."""
    packed: bytes = msgpack.packb(frame.value, unicode_errors="replace")
    return HEADER.pack(len(packed), len(frame.payload)) + packed


def pack(frame: Frame) -> bytes:
    """Return a whole frame."""
    return head(frame) + frame.payload


def read(stream: BinaryIO) -> Frame | None:
    """Return the next frame of a blocking, buffered stream; None where the stream ends."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    size, rest = HEADER.unpack(header)
    packed, payload = stream.read(size), stream.read(rest)
    return Frame(msgpack.unpackb(packed), payload) if len(packed) == size and len(payload) == rest else None
