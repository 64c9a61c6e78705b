"""Frames as bytes: MessagePack maps, checked against their schema when they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import msgpack

from ..schemas import CLIENT_FRAMES, complaint
from ..values import Opaque, Reference
from .sizes import ManyValuesError, TruncatedError, measure

Frame: TypeAlias = "dict[str, Any]"

LIMIT = 128 * 2**20
"""Largest websocket message in bytes; the client fails a larger one by itself."""

MOST_FRAMES = 1_000
"""Frames in one websocket message."""

MOST_COMPLEX = 16 * 2**20
"""Bytes of a frame that has too many values to count them: room for a picture as JSON's list of bytes."""

MOST_CONTAINERS = 500_000
"""Lists and maps in such a frame."""

MOST_ENCODED = 32 * 2**20
"""Largest frame to Node-RED in bytes; the websocket client there takes 100 MiB."""

OVERSIZED = "oversized"
"""The `ctx` of an `input` whose value holds too much: it has `node` and `msgid`, but no `value`."""

_SMALL = 8 * 2**10
_VALUE_COST = 64
_COMPLEX_COST = 8
"""Bytes: below the first, nothing can become large; a value, or a byte of many values, counts as the others."""

_OPAQUE = 1
_REFERENCE = 2
_IMAGE = 127
"""Extension types: what stayed in Node-RED; what comes from the message itself; and, never sent, what stands for an
image while its frame is unpacked."""

_AS_SENT: dict[str, Any] = {"timestamp": 3, "strict_map_key": False}


class FrameError(ValueError):
    """The client sent something that is not a frame of the protocol."""


class EncodeError(ValueError):
    """A frame holds what cannot travel; the text says what, and none of its content."""


def encode(frame: Frame) -> bytes:
    """Return a frame's bytes.

    Raises:
        EncodeError: it holds something that cannot travel.
    """
    try:
        # Strict: otherwise a tuple could be a key of a map, and no client can read that.
        packed: bytes = msgpack.packb(frame, datetime=True, strict_types=True, default=_plain)
    except UnicodeEncodeError:
        raise EncodeError("a text with half a surrogate pair") from None
    except OverflowError:
        raise EncodeError("a whole number of more than 64 bits") from None
    except Exception as error:
        deep = "recursion" in str(error)
        raise EncodeError("a nesting that is too deep" if deep else _told(error)) from error
    if len(packed) > MOST_ENCODED:
        raise EncodeError(f"{len(packed):,} bytes; at most {MOST_ENCODED:,} travel")
    return packed


def decode(fragments: Sequence[bytes]) -> Iterator[tuple[Frame, int]]:
    """Yield the frames of one websocket message, each with the bytes that it counts for.

    Args:
        fragments: the message as it came. An image that is a fragment of its own, as Node-RED's end sends it, is not
            copied.

    Raises:
        FrameError: with the reason; the frames before it were right.
    """
    if len(fragments) == 2:
        frame = _around_image(*fragments)
        if frame is not None:
            yield _checked(frame), len(fragments[0]) + len(fragments[1])
            return
    data = b"".join(fragments)
    frames = _small(data) if len(data) <= _SMALL else _large(data)
    for number, (frame, size) in enumerate(frames):
        if number >= MOST_FRAMES:
            raise FrameError(f"more than {MOST_FRAMES} frames in one message")
        yield frame, size


def _small(data: bytes) -> Iterator[tuple[Frame, int]]:
    while data:
        size = len(data)
        try:
            # Quicker than an Unpacker, which copies the data first; nearly every message holds one frame.
            frame, data = _unpack(data), b""
        except msgpack.ExtraData as extra:
            frame, data = extra.unpacked, extra.extra
        yield _checked(frame), size - len(data)


def _large(data: bytes) -> Iterator[tuple[Frame, int]]:
    start = 0
    while start < len(data):
        try:
            end, values = measure(data, start)
        except TruncatedError as error:
            raise FrameError(f"not MessagePack: {error}") from None
        except ManyValuesError as error:
            if start:
                raise FrameError(f"{error} in a frame that is not the only one of its message") from None
            yield _complex(data)
            return
        frame = _unpack(data if end - start == len(data) else memoryview(data)[start:end])
        yield _checked(frame), end - start + _VALUE_COST * values
        start = end


def _complex(data: bytes) -> tuple[Frame, int]:
    """Return the frame of a message that has too many values to walk."""
    outline = _outline(data)
    if len(data) > MOST_COMPLEX:
        return outline, len(data)
    left = MOST_CONTAINERS

    def count(container: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ManyValuesError
        return container

    try:
        frame = _unpack(data, list_hook=count, object_hook=count)
    except ManyValuesError:
        return outline, len(data)
    return _checked(frame, explain=False), _COMPLEX_COST * len(data)


def _outline(data: bytes) -> Frame:
    """Return the other keys of an `input`; its value is skipped, without making objects of it.

    Raises:
        FrameError: it is no `input`, not whole, or not alone; no other frame can be large.
    """
    unpacker = msgpack.Unpacker(
        max_buffer_size=len(data), max_array_len=0, max_map_len=0, max_str_len=64, max_bin_len=64, max_ext_len=64
    )
    unpacker.feed(data)
    frame: Frame = {}
    try:
        for _ in range(unpacker.read_map_header()):
            key = unpacker.unpack()
            if key == "value":
                unpacker.skip()
            else:
                frame[key] = unpacker.unpack()
            if len(frame) > 8:
                raise FrameError("a large frame that is no input")
        whole = unpacker.tell() == len(data)
    except FrameError:
        raise
    except Exception as error:
        raise FrameError(f"not MessagePack, or no frame: {_told(error)}") from error
    known = frame.get("ctx") == "input" and type(frame.get("node")) is int and type(frame.get("msgid")) is int
    if not (whole and known):
        raise FrameError("a large frame that is no input, or not the only one of its message")
    return {"ctx": OVERSIZED, "node": frame["node"], "msgid": frame["msgid"]}


def _around_image(head: bytes, image: bytes) -> Any:
    """Return the frame that a first fragment begins and whose last value is the second one; None if it is not so."""
    if head[-5:] != b"\xc6" + len(image).to_bytes(4, "big"):
        return None

    def extension(code: int, data: bytes) -> object:
        return image if code == _IMAGE else _extension(code, data)

    # An extension takes the place of the image's bytes and of their header (MessagePack's bin 32).
    head = head[:-5] + bytes([0xD4, _IMAGE, 0])
    try:
        if len(head) > _SMALL:
            measure(head, 0)
        return msgpack.unpackb(head, ext_hook=extension, **_AS_SENT)
    except Exception:
        # The bytes meant something else, or are wrong; then the whole message is decoded, and says which.
        return None


def _unpack(data: bytes | memoryview, **hooks: Any) -> Any:
    try:
        return msgpack.unpackb(data, ext_hook=_extension, **_AS_SENT, **hooks)
    except (msgpack.ExtraData, ManyValuesError):
        raise
    except Exception as error:
        # Not only ValueErrors: a list as a key is a TypeError, a time after the year 9999 an OverflowError.
        raise FrameError(f"not MessagePack: {_told(error)}") from error


def _told(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:100]


def _checked(frame: Any, *, explain: bool = True) -> Frame:
    if not isinstance(frame, dict):
        raise FrameError("a frame is not a map")
    ctx = frame.get("ctx")
    schema = CLIENT_FRAMES.get(ctx) if isinstance(ctx, str) else None
    if schema is None:
        raise FrameError(f"unknown ctx {ctx[:50]!r}" if isinstance(ctx, str) else "a frame without a ctx")
    if not schema.accepts(frame):
        # Finding the best words takes time for each value.
        reason = complaint(schema, frame) if explain else "it is not as its schema says"
        raise FrameError(f"{ctx}: {reason}")
    return frame


def _extension(code: int, data: bytes) -> Opaque:
    return Opaque(data.decode("utf-8", "replace") if code == _OPAQUE else "value of an unknown kind")


def _plain(value: object) -> object:
    if isinstance(value, Reference):
        return msgpack.ExtType(_REFERENCE, msgpack.packb(list(value.path)))
    # Subclasses of numbers and texts, such as numpy's and those of enumerations.
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"a value of type {type(value).__name__}")
