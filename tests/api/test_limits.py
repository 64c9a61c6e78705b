"""How uploads, turns and connections give way to each other."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pytest
from PIL import Image

from python_worker.api.calls import _is_heavy
from python_worker.api.errors import ApiError
from python_worker.api.limits import Queue
from python_worker.api.uploads import Uploads
from python_worker.pictures.header import Header, header


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_bytes_of_all_uploads_are_bounded_and_come_back() -> None:
    uploads = Uploads(100)
    with uploads.arrival() as first:
        first.take(60)
        first.settle(50)
        with uploads.arrival() as second:
            second.take(50)
            with pytest.raises(ApiError) as refused:
                second.take(1)
            assert refused.value.status == 503
            assert refused.value.headers["Retry-After"]
        with uploads.arrival() as third:
            third.take(50)
    assert (uploads.size, uploads.arriving) == (0, set())


@pytest.mark.parametrize("bound", ["number", "bytes"])
def test_the_slowest_upload_gives_way_to_the_newest(bound: str) -> None:
    clock = Clock()
    uploads = Uploads(1_000_000 if bound == "bytes" else 10**9, most=3 if bound == "number" else 10, clock=clock)
    with uploads.arrival() as fast, uploads.arrival() as slow, uploads.arrival() as slower:
        fast.take(900_000)
        slow.take(60_000)
        slower.take(30_000)
        clock.now = 2.0
        with uploads.arrival() as newest:
            newest.take(100_000)
            assert [one.gave_way for one in (fast, slow, slower, newest)] == [False, bound == "bytes", True, False]


async def test_what_gives_way_is_told_so_and_ends_whatever_it_waits_for() -> None:
    uploads = Uploads(100, most=1, clock=(clock := Clock()))

    async def forever() -> None:
        await asyncio.Event().wait()

    async def one() -> None:
        with uploads.arrival() as arrival:
            arrival.take(90)
            await arrival.read(forever())

    slow = asyncio.create_task(one())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.now = 2.0
    with uploads.arrival():
        with pytest.raises(ApiError, match="too slowly"):
            await slow
        assert uploads.size == 0


def test_uploads_as_fast_as_a_camera_never_give_way() -> None:
    clock = Clock()
    uploads = Uploads(10**9, most=1, clock=clock)
    with uploads.arrival() as fast:
        fast.take(1_000_000)
        clock.now = 5.0
        with pytest.raises(ApiError), uploads.arrival():
            pass
        assert not fast.gave_way


async def test_one_heavy_picture_at_a_time_leaves_the_other_turns_to_usual_ones() -> None:
    queue = Queue(2, 10)
    async with queue.turn(heavy=True):
        second = asyncio.create_task(_take(queue, heavy=True))
        usual = asyncio.create_task(_take(queue, heavy=False))
        await usual
        assert not second.done()
    await second


async def _take(queue: Queue, *, heavy: bool) -> None:
    async with queue.turn(heavy=heavy):
        pass


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


_IMAGE = Image.new("RGB", (320, 200), "grey")
_DEEP = Image.fromarray(np.zeros((200, 320), np.uint16))
_KINDS = {
    "JPEG": _encoded(_IMAGE, "JPEG"),
    "JPEG with EXIF": _encoded(_IMAGE, "JPEG", exif=b"Exif\0\0" + b"\0" * 5000),
    "progressive JPEG": _encoded(_IMAGE, "JPEG", progressive=True),
    "PNG": _encoded(_IMAGE, "PNG"),
    "16-bit PNG": _encoded(_DEEP, "PNG"),
    "GIF": _encoded(_IMAGE, "GIF"),
    "BMP": _encoded(_IMAGE, "BMP"),
    "WebP": _encoded(_IMAGE, "WEBP"),
    "lossless WebP": _encoded(_IMAGE, "WEBP", lossless=True),
    "WebP with transparency": _encoded(Image.new("RGBA", (320, 200), (9, 9, 9, 9)), "WEBP"),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_the_size_of_a_picture_is_in_its_header(kind: str) -> None:
    found = header(_KINDS[kind])
    assert found is not None
    assert found[:2] == (320, 200)
    assert found.deep == (kind == "16-bit PNG")
    assert (found.scans > 1) == (kind == "progressive JPEG")


@pytest.mark.parametrize("kind", _KINDS)
def test_a_header_that_is_cut_off_is_none(kind: str) -> None:
    for length in range(40):
        assert header(_KINDS[kind][:length]) is None or length >= 10


def test_heavy_is_what_takes_much_memory_or_many_scans() -> None:
    progressive = _encoded(Image.new("RGB", (2000, 1500)), "JPEG", progressive=True)
    assert not _is_heavy(progressive)
    # A file of a megabyte has room for thousands of scans; here, the last one is repeated.
    last = progressive.rfind(b"\xff\xda")
    assert _is_heavy(progressive[:-2] + progressive[last:-2] * 20 + progressive[-2:])
    assert not _is_heavy(_encoded(Image.new("L", (4000, 3000)), "PNG"))
    assert _is_heavy(_encoded(Image.new("L", (8000, 3100)), "PNG"))
    assert _is_heavy(_encoded(Image.fromarray(np.zeros((3100, 4000), np.uint16)), "PNG"))
    assert _is_heavy(_encoded(_IMAGE, "TIFF"))
    assert Header(1, 1) == (1, 1, 1, False)
