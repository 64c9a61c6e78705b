"""Frames as bytes: MessagePack maps, checked against their schema when they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgpack

from ..schemas import CLIENT_FRAMES, complaint
from ..values import Opaque

Frame: TypeAlias = "dict[str, Any]"

LIMIT = 128 * 2**20
"""Largest websocket message in bytes; the client fails a larger one by itself."""

_OPAQUE = 1


class FrameError(ValueError):
    """The client sent something that is no frame of the protocol."""


def encode(frame: Frame) -> bytes:
    """Return a frame's bytes."""
    packed: bytes = msgpack.packb(frame, datetime=True, default=_plain)
    return packed


def decode(data: bytes) -> Iterator[Frame]:
    """Yield the frames of one websocket message.

    Raises:
        FrameError: with the reason; the frames before it were right.
    """
    while data:
        try:
            # Quicker than an Unpacker, which copies the data first; nearly every message holds one frame.
            frame, data = msgpack.unpackb(data, timestamp=3, ext_hook=_extension, strict_map_key=False), b""
        except msgpack.ExtraData as extra:
            frame, data = extra.unpacked, extra.extra
        except (ValueError, msgpack.UnpackException) as error:
            raise FrameError(f"not MessagePack: {error or type(error).__name__}") from error
        if not isinstance(frame, dict):
            raise FrameError("a frame is not a map")
        ctx = frame.get("ctx")
        schema = CLIENT_FRAMES.get(ctx) if isinstance(ctx, str) else None
        if schema is None:
            raise FrameError(f"unknown ctx {ctx!r:.50}")
        reason = complaint(schema, frame)
        if reason:
            raise FrameError(f"{ctx}: {reason}")
        yield frame


def _extension(code: int, data: bytes) -> Opaque:
    return Opaque(data.decode("utf-8", "replace") if code == _OPAQUE else "value of an unknown kind")


def _plain(value: object) -> object:
    if isinstance(value, Opaque):
        # A value that came from Node-RED and goes back to it, in `msg.parts` for example.
        return msgpack.ExtType(_OPAQUE, value.kind.encode())
    raise TypeError(f"{type(value).__name__} cannot travel")
