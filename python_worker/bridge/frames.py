"""Frames as bytes: MessagePack maps, checked against their schema when they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import msgpack

from ..schemas import CLIENT_FRAMES, complaint
from ..values import Opaque

Frame: TypeAlias = "dict[str, Any]"

LIMIT = 128 * 2**20
"""Largest websocket message in bytes; the client fails a larger one by itself."""

_OPAQUE = 1
_IMAGE = 127
"""Extension types: what stayed in Node-RED; and, never sent, what stands for an image while its frame is unpacked."""

_AS_SENT: dict[str, Any] = {"timestamp": 3, "strict_map_key": False}


class FrameError(ValueError):
    """The client sent something that is no frame of the protocol."""


def encode(frame: Frame) -> bytes:
    """Return a frame's bytes."""
    packed: bytes = msgpack.packb(frame, datetime=True, default=_plain)
    return packed


def decode(fragments: Sequence[bytes]) -> Iterator[Frame]:
    """Yield the frames of one websocket message.

    Args:
        fragments: in which the message came. An image that is a fragment of its own, as Node-RED's end sends it, is not
            copied.

    Raises:
        FrameError: with the reason; the frames before it were right.
    """
    if len(fragments) == 2:
        frame = _around_image(*fragments)
        if frame is not None:
            yield _checked(frame)
            return
    data = b"".join(fragments)
    while data:
        try:
            # Quicker than an Unpacker, which copies the data first; nearly every message holds one frame.
            frame, data = msgpack.unpackb(data, ext_hook=_extension, **_AS_SENT), b""
        except msgpack.ExtraData as extra:
            frame, data = extra.unpacked, extra.extra
        except (ValueError, msgpack.UnpackException) as error:
            raise FrameError(f"not MessagePack: {error or type(error).__name__}") from error
        yield _checked(frame)


def _around_image(head: bytes, image: bytes) -> Any:
    """Return the frame that a first fragment begins and whose last value is the second one; None if it is not so."""
    if head[-5:] != b"\xc6" + len(image).to_bytes(4, "big"):
        return None

    def extension(code: int, data: bytes) -> object:
        return image if code == _IMAGE else _extension(code, data)

    try:
        # In the place of the header of the image's bytes (MessagePack's bin 32) stands for them an extension.
        return msgpack.unpackb(head[:-5] + bytes([0xD4, _IMAGE, 0]), ext_hook=extension, **_AS_SENT)
    except (ValueError, msgpack.UnpackException):
        # The bytes meant something else.
        return None


def _checked(frame: Any) -> Frame:
    if not isinstance(frame, dict):
        raise FrameError("a frame is not a map")
    ctx = frame.get("ctx")
    schema = CLIENT_FRAMES.get(ctx) if isinstance(ctx, str) else None
    if schema is None:
        raise FrameError(f"unknown ctx {ctx!r:.50}")
    reason = complaint(schema, frame)
    if reason:
        raise FrameError(f"{ctx}: {reason}")
    return frame


def _extension(code: int, data: bytes) -> Opaque:
    return Opaque(data.decode("utf-8", "replace") if code == _OPAQUE else "value of an unknown kind")


def _plain(value: object) -> object:
    if isinstance(value, Opaque):
        # A value that came from Node-RED and goes back to it, in `msg.parts` for example.
        return msgpack.ExtType(_OPAQUE, value.kind.encode())
    raise TypeError(f"{type(value).__name__} cannot travel")
