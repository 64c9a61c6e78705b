"""A message means the same in whatever fragments it comes, and no message can exhaust the worker's memory."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_worker.bridge import frames
from python_worker.bridge.frames import OVERSIZED, EncodeError, Frame, FrameError, decode, encode
from python_worker.bridge.sizes import ManyValuesError, TruncatedError, measure
from python_worker.values import Opaque, Reference

IMAGE = bytes(range(256)) * 300
INPUT = {"ctx": "input", "node": 1, "msgid": 2, "value": {"inputs": {}, "wired": [True], "needs": ["a", IMAGE]}}
CLOSE = {"ctx": "close", "node": 1, "value": {"removed": True}}

values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(),
        st.text(max_size=300),
        st.binary(max_size=300),
        st.builds(msgpack.ExtType, st.integers(1, 127), st.binary(max_size=20)),
    ),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=40), inner, max_size=20),
    max_leaves=60,
)


def decoded(*fragments: bytes) -> list[Frame]:
    return [frame for frame, _ in decode(fragments)]


def an_input(needs: bytes) -> bytes:
    """Return an input frame whose `needs` are given as bytes of MessagePack."""
    frame = {"ctx": "input", "node": 1, "msgid": 2, "value": {"inputs": {}, "wired": [], "needs": 0}}
    data: bytes = msgpack.packb(frame)
    return data[:-1] + needs


@pytest.mark.parametrize("at", [0, 1, 40, -len(IMAGE) - 5, -len(IMAGE), -len(IMAGE) + 1, -1])
def test_a_frame_may_be_cut_anywhere(at: int) -> None:
    data = encode(INPUT)
    assert decoded(data) == [INPUT]
    assert decoded(data[:at], data[at:]) == [INPUT]


def test_an_image_that_is_a_fragment_of_its_own_is_not_copied() -> None:
    image = IMAGE[:]
    (frame,) = decoded(encode(INPUT)[: -len(IMAGE)], image)
    assert frame["value"]["needs"][1] is image


def test_frames_behind_each_other_may_be_cut_anywhere_and_each_counts_for_itself() -> None:
    data = encode(INPUT) + encode(CLOSE)
    for at in (10, len(encode(INPUT)), len(data) - 3):
        (first, large), (second, small) = decode([data[:at], data[at:]])
        assert [first, second] == [INPUT, CLOSE]
        assert len(encode(INPUT)) <= large < len(encode(INPUT)) + 2_000
        assert len(encode(CLOSE)) <= small < 2_000


def test_bytes_that_only_look_like_an_images_header_are_what_they_are() -> None:
    ending = b"\xc6" + struct.pack(">I", len(encode(CLOSE)))
    frame = {**INPUT, "value": {"inputs": {}, "wired": [True], "needs": [ending]}}
    assert decoded(encode(frame), encode(CLOSE)) == [frame, CLOSE]


@pytest.mark.parametrize(
    "fragments",
    [
        [b"\xc1"],
        [b"\x85", b"\xa3"],
        [b"\xc6\0\0\0\1", b"x"],
        [msgpack.packb({"ctx": "close", "node": [[]]})],
        [b"\x81\x90\x01"],
        [b"\x81\x80\x01"],
        [b"\x81\xa3ctx\xd7\xff" + b"\xff" * 8],
        [an_input(b"\x81\x90\x01")],
        [an_input(b"\x92\xc4\x01x" + b"\x91" * 2000)],
        [an_input(b"\x91\xc5\x40\x00" + b"x" * 0x4000) + b"\x81\x90\x01"],
        [an_input(b"\x91\xdd\x07\xff\xff\xff" + b"\xdd\x07\xff\xff\xff" * 900 + bytes(20_000))],
    ],
)
def test_what_is_no_frame_is_refused(fragments: list[bytes]) -> None:
    with pytest.raises(FrameError):
        decoded(*fragments)


def refused_or_read(fragments: Sequence[bytes]) -> None:
    try:
        decoded(*fragments)
    except FrameError as error:
        assert str(error)


@settings(max_examples=300)
@given(data=st.lists(st.binary(max_size=200), min_size=1, max_size=4))
def test_any_bytes_are_frames_or_a_frame_error(data: list[bytes]) -> None:
    refused_or_read(data)


@settings(max_examples=300)
@given(data=st.data(), needs=st.lists(values, max_size=4), large=st.booleans())
def test_a_changed_frame_is_a_frame_or_a_frame_error(data: st.DataObject, needs: list[Any], large: bool) -> None:
    last: Any = IMAGE[:20_000] if large else 1
    frame = {**INPUT, "value": {"inputs": {}, "wired": [True], "needs": [*needs, last]}}
    changed = bytearray(msgpack.packb(frame))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, min(len(changed), 400) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    refused_or_read([bytes(changed)])
    refused_or_read([bytes(changed[:cut]), bytes(changed[cut:])])


@settings(max_examples=300)
@given(value=values, before=st.binary(max_size=3))
def test_a_value_is_measured_as_msgpack_reads_it(value: Any, before: bytes) -> None:
    data = msgpack.packb(value)
    end, _ = measure(before + data + b"\xc0", len(before))
    assert end == len(before) + len(data)
    with pytest.raises(TruncatedError):
        measure(data[:-1], 0)


def test_what_holds_more_values_than_are_counted_is_told() -> None:
    assert measure(b"\x93\x01\x02\x03", 0, 4) == (4, 4)
    with pytest.raises(ManyValuesError):
        measure(b"\x93\x01\x02\x03", 0, 3)


def test_a_picture_as_a_list_of_bytes_is_read_and_counts_for_more_than_its_size() -> None:
    frame = {**INPUT, "value": {"inputs": {}, "wired": [], "needs": [{"type": "Buffer", "data": list(IMAGE)}]}}
    ((read, size),) = decode([encode(frame)])
    assert read == frame
    assert size == 8 * len(encode(frame))


@pytest.mark.parametrize(
    "needs",
    [
        b"\x91\xdd" + struct.pack(">I", frames.MOST_COMPLEX) + b"\x01" * frames.MOST_COMPLEX,
        b"\x91\xdd" + struct.pack(">I", frames.MOST_CONTAINERS) + b"\x90" * frames.MOST_CONTAINERS,
        b"\x91\xdd" + struct.pack(">I", frames.MOST_CONTAINERS) + b"\x80" * frames.MOST_CONTAINERS,
    ],
    ids=["values", "lists", "maps"],
)
def test_a_frame_with_too_many_values_is_known_by_its_message_but_not_unpacked(needs: bytes) -> None:
    assert decoded(an_input(needs)) == [{"ctx": OVERSIZED, "node": 1, "msgid": 2}]


@pytest.mark.parametrize(
    "data",
    [
        msgpack.packb(list(range(20_000))),
        msgpack.packb({"ctx": "open", "node": 1, "value": {"config": list(range(20_000))}}),
        msgpack.packb({"ctx": list(range(20_000)), "node": 1}),
        msgpack.packb({str(key): key for key in range(20_000)}),
        an_input(b"\x91" + msgpack.packb([1] * 20_000))[:-1],
        an_input(b"\x91" + msgpack.packb([1] * 20_000)) + encode(CLOSE),
        encode(CLOSE) + an_input(b"\x91" + msgpack.packb([1] * 20_000)),
        encode(CLOSE) * (frames.MOST_FRAMES + 1),
        encode({**CLOSE, "node": 2**40}) * (frames.MOST_FRAMES + 1),
    ],
)
def test_many_values_or_frames_that_no_client_sends_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        decoded(data)


def test_a_message_may_hold_as_many_frames_as_it_is_allowed_to() -> None:
    frame = encode({**CLOSE, "node": 2**40})
    assert len(decoded(frame * frames.MOST_FRAMES)) == frames.MOST_FRAMES


def test_a_reference_travels_as_the_path_that_it_names() -> None:
    assert msgpack.unpackb(encode({"value": Reference(("a", 1))})) == {
        "value": msgpack.ExtType(2, msgpack.packb(["a", 1]))
    }


DEEP: list[Any] = []
for _ in range(5_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2**64, "64 bits"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        (DEEP, "nesting"),
        ({1, 2}, "set"),
        ({(1, 2): 3}, "tuple"),
        ({frozenset([1]): 3}, "frozenset"),
        (object(), "object"),
        (Opaque("function"), "Opaque"),
        (Reference((2**70,)), "64 bits"),
        (datetime(2026, 1, 1), "datetime"),
        (b"x" * (frames.MOST_ENCODED + 1), "bytes"),
    ],
)
def test_what_cannot_travel_is_told_without_its_content(value: Any, reason: str) -> None:
    with pytest.raises(EncodeError, match=reason):
        encode({"value": value})
