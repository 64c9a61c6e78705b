"""A message means the same in whatever fragments it comes."""

from __future__ import annotations

import struct

import pytest

from python_worker.bridge.frames import FrameError, decode, encode

IMAGE = bytes(range(256)) * 300
INPUT = {"ctx": "input", "node": 1, "msgid": 2, "value": {"inputs": {}, "wired": [True], "needs": ["a", IMAGE]}}
CLOSE = {"ctx": "close", "node": 1, "value": {"removed": True}}


@pytest.mark.parametrize("at", [0, 1, 40, -len(IMAGE) - 5, -len(IMAGE), -len(IMAGE) + 1, -1])
def test_a_frame_may_be_cut_anywhere(at: int) -> None:
    data = encode(INPUT)
    assert list(decode([data])) == [INPUT]
    assert list(decode([data[:at], data[at:]])) == [INPUT]


def test_an_image_that_is_a_fragment_of_its_own_is_not_copied() -> None:
    image = IMAGE[:]
    (frame,) = decode([encode(INPUT)[: -len(IMAGE)], image])
    assert frame["value"]["needs"][1] is image


def test_frames_behind_each_other_may_be_cut_anywhere() -> None:
    data = encode(INPUT) + encode(CLOSE)
    for at in (10, len(encode(INPUT)), len(data) - 3):
        assert list(decode([data[:at], data[at:]])) == [INPUT, CLOSE]


def test_bytes_that_only_look_like_an_images_header_are_what_they_are() -> None:
    ending = b"\xc6" + struct.pack(">I", len(encode(CLOSE)))
    frame = {**INPUT, "value": {"inputs": {}, "wired": [True], "needs": [ending]}}
    assert list(decode([encode(frame), encode(CLOSE)])) == [frame, CLOSE]


@pytest.mark.parametrize("fragments", [[b"\xc1"], [b"\x85", b"\xa3"], [b"\xc6\0\0\0\1", b"x"]])
def test_what_is_no_frame_is_refused(fragments: list[bytes]) -> None:
    with pytest.raises(FrameError):
        list(decode(fragments))
