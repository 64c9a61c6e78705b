"""Pictures of every kind become the same upright pixels; anything else is refused in words."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from python_worker.engine import ImageError
from python_worker.engine.decode import MAX_PIXELS, decode

from .drawing import encoded, plate, scene

AVIF = "AVIF" in Image.SAVE  # Pillow may be built without it.
PICTURE = scene([(plate("BD51 SMR"), (480, 420))]).resize((320, 240))
RED_CORNER = Image.new("RGB", (64, 48), "white")
RED_CORNER.paste("red", (0, 0, 16, 16))


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


# The operation that turns an upright picture into the one that a camera stores with this orientation.
STORED: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", STORED)
def test_the_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    picture = decode(encoded(STORED[orientation](RED_CORNER), kind, exif=_exif(orientation)))
    assert picture.shape == (48, 64, 3)
    blue, _, red = (int(value) for value in picture[4, 4])
    assert red > 200
    assert blue < 60
    assert picture[40, 60].min() > 200


KINDS = {
    "baseline JPEG": lambda: encoded(PICTURE, "JPEG", quality=95),
    "progressive JPEG": lambda: encoded(PICTURE, "JPEG", quality=95, progressive=True),
    "PNG": lambda: encoded(PICTURE, "PNG"),
    "palette PNG": lambda: encoded(PICTURE.quantize(64), "PNG"),
    "interlaced GIF": lambda: encoded(PICTURE, "GIF", interlace=True),
    "animated GIF": lambda: encoded(
        PICTURE, "GIF", save_all=True, append_images=[Image.new("RGB", PICTURE.size, "black")]
    ),
    "animated WebP": lambda: encoded(
        PICTURE, "WEBP", save_all=True, append_images=[Image.new("RGB", PICTURE.size, "black")], quality=95
    ),
    "BMP": lambda: encoded(PICTURE, "BMP"),
    "TIFF": lambda: encoded(PICTURE, "TIFF"),
    "PPM": lambda: encoded(PICTURE, "PPM"),
    "opaque RGBA": lambda: encoded(PICTURE.convert("RGBA"), "PNG"),
}
if AVIF:
    KINDS["AVIF"] = lambda: encoded(PICTURE, "AVIF", quality=95)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_picture(kind: str) -> None:
    picture = decode(KINDS[kind]())
    expected = np.asarray(PICTURE)[:, :, ::-1].astype(int)
    assert picture.shape == expected.shape
    assert picture.dtype == np.uint8
    assert np.abs(picture - expected).mean() < 6


@pytest.mark.parametrize(
    "image",
    [
        PICTURE.convert("L"),
        PICTURE.convert("CMYK"),
        Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 257),
        Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.int32) * 257),
        Image.fromarray(np.asarray(PICTURE.convert("L")).astype(np.float32)),
    ],
    ids=["grey", "CMYK", "16 bits", "32 bits", "floats"],
)
def test_other_samples_are_brought_to_three_bytes(image: Image.Image) -> None:
    picture = decode(encoded(image, "JPEG" if image.mode in ("L", "CMYK") else "TIFF"))
    expected = np.asarray(PICTURE.convert("L")).astype(float)
    grey = picture.mean(axis=2)
    assert picture.shape == (240, 320, 3)
    assert np.corrcoef(grey.ravel(), expected.ravel())[0, 1] > 0.98
    assert np.abs(grey - expected).mean() < 12


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_transparent_parts_are_white(kind: str) -> None:
    clear = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    clear.paste("black", (0, 0, 8, 8))
    picture = decode(encoded(clear, kind, lossless=True))
    assert picture[:6, :6].max() == 0
    assert picture[10:, 10:].min() == 255


def test_black_and_white_is_read() -> None:
    picture = decode(encoded(RED_CORNER.convert("1", dither=Image.Dither.NONE), "PNG"))
    assert np.unique(picture[:16, :16]).tolist() == [0]
    assert np.unique(picture[20:, 20:]).tolist() == [255]


def test_exif_that_nobody_could_write_again_does_no_harm() -> None:
    # Orientation 6, and a unit of length that is 2.5 instead of 2.
    tags = struct.pack("<HHHIHHHHI4sI", 2, 0x0112, 3, 1, 6, 0, 0x0128, 11, 1, b"\0\0 @", 0)
    picture = decode(encoded(STORED[6](RED_CORNER), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0" + tags, lossless=True))
    assert picture.shape == (48, 64, 3)
    assert picture[4, 4].tolist() == [0, 0, 255]


def test_samples_that_are_no_numbers_do_no_harm() -> None:
    samples = np.zeros((16, 16), np.float32)
    samples[0, :3] = np.nan, np.inf, 4.0
    picture = decode(encoded(Image.fromarray(samples), "TIFF"))
    assert picture[0, 2].tolist() == [255, 255, 255]
    assert picture[1:].max() == 0


def _claiming(kind: str, width: int, height: int) -> bytes:
    """Return a small picture whose header says that it is large."""
    form, stored = {
        "JPEG": (">HH", (240, 320, height, width)),
        "PNG": (">II", (320, 240, width, height)),
        "GIF": ("<HH", (320, 240, width, height)),
        "BMP": ("<ii", (320, 240, width, height)),
    }[kind]
    size, claimed = struct.pack(form, *stored[:2]), struct.pack(form, *stored[2:])
    data = encoded(PICTURE, kind)
    if kind == "PNG":
        header = data[12:29].replace(size, claimed)
        return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    return data.replace(size, claimed, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP"])
@pytest.mark.parametrize("size", [(50_000, 50_000), (8_001, 8_000)], ids=["enormous", "just too large"])
def test_too_many_pixels_are_refused(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match=f"{MAX_PIXELS // 1_000_000} million"):
        decode(_claiming(kind, *size))


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process can be bounded on Linux only")
def test_too_many_pixels_are_refused_before_memory_is_taken() -> None:
    program = """
import resource, sys
from pathlib import Path
from python_worker.engine.decode import ImageError, decode
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 1_000_000_000,) * 2)
try:
    decode(sys.stdin.buffer.read())
except ImageError as error:
    print(error)
"""
    command = [sys.executable, "-c", program]
    for kind in ("JPEG", "PNG", "GIF", "BMP"):
        done = subprocess.run(command, input=_claiming(kind, 50_000, 50_000), capture_output=True, check=True)
        assert b"million" in done.stdout


JPEG = encoded(PICTURE)
PNG = encoded(PICTURE, "PNG")
OTHERS = [encoded(PICTURE, kind) for kind in ("GIF", "WEBP", "TIFF", "BMP", "AVIF") if kind != "AVIF" or AVIF]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"GIF", "known kind"),
        (b"Not a picture, but a text of some length.\n" * 9, "known kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "known kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "known kind"),
        (JPEG[: len(JPEG) // 2], "broken"),
        (PNG[: len(PNG) // 2], "broken"),
        (JPEG[:200], "broken|known kind"),
        (encoded(PICTURE, "TIFF")[:90], "broken|known kind"),
        *((data[: len(data) // 2], "broken|known kind") for data in OTHERS),
    ],
)
def test_what_is_no_picture_is_refused_in_words(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as refused:
        decode(data)
    assert re.fullmatch(r"it is \w+( .+)?", str(refused.value))
    assert "object at" not in str(refused.value)


def test_a_jpeg_that_goes_on_behind_its_end_is_read() -> None:
    assert np.abs(decode(JPEG + bytes(3 * len(JPEG))) - decode(JPEG).astype(int)).max() < 8


def test_bytes_that_were_changed_at_random_never_crash() -> None:
    random = np.random.default_rng(5)
    for data in (JPEG, PNG, *OTHERS):
        for _ in range(40):
            broken = bytearray(data)
            for place in random.integers(0, len(data), 20):
                broken[place] = random.integers(0, 256)
            try:
                picture = decode(bytes(broken))
            except ImageError:
                continue
            assert picture.ndim == 3
