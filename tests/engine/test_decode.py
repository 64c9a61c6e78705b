"""Pictures of every kind become the same upright pixels; what is no picture is refused in words."""

from __future__ import annotations

import io
import resource
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, features

from python_worker.engine import ImageError
from python_worker.engine.decode import MAX_PIXELS, decode

from .drawing import encoded, plate, scene

PICTURE = scene([(plate("BD51 SMR"), (480, 420))]).resize((320, 240))
RED_CORNER = Image.new("RGB", (64, 48), "white")
RED_CORNER.paste("red", (0, 0, 16, 16))


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


# What turns an upright picture into the one that a camera stores with this orientation.
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
if features.check("avif"):
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


def test_transparent_parts_are_white() -> None:
    assert decode(encoded(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "PNG")).min() == 255


def _header(width: int, height: int) -> bytes:
    chunks = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 99))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def test_too_many_pixels_are_refused_before_memory_is_taken() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for size in ((50_000, 50_000), (8_001, 8_000)):
        with pytest.raises(ImageError, match=f"{MAX_PIXELS // 1_000_000} million"):
            decode(_header(*size))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


JPEG = encoded(PICTURE)
PNG = encoded(PICTURE, "PNG")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"GIF", "known kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "known kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "known kind"),
        (JPEG[: len(JPEG) // 2], "broken"),
        (PNG[: len(PNG) // 2], "broken"),
        (JPEG[:200], "broken|known kind"),
        (encoded(PICTURE, "TIFF")[:90], "broken|known kind"),
    ],
    ids=["nothing", "a scrap", "SVG", "EPS", "half a JPEG", "half a PNG", "a JPEG's head", "a TIFF's head"],
)
def test_what_is_no_picture_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        decode(data)


def test_bytes_that_were_changed_at_random_never_crash() -> None:
    random = np.random.default_rng(5)
    for data in (JPEG, PNG, encoded(PICTURE, "GIF"), encoded(PICTURE, "WEBP"), encoded(PICTURE, "TIFF")):
        for _ in range(40):
            broken = bytearray(data)
            for place in random.integers(0, len(data), 20):
                broken[place] = random.integers(0, 256)
            try:
                picture = decode(bytes(broken))
            except ImageError:
                continue
            assert picture.ndim == 3


def test_the_picture_is_read_from_a_file_of_any_name() -> None:
    assert decode(io.BytesIO(PNG).getvalue()).shape == (240, 320, 3)
