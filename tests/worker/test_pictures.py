"""The first bytes show a picture's kind, pictures are opened in one place, and anything else is named."""

from __future__ import annotations

import base64
import io
import random
import struct
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from python_worker.engine.decode import decode
from python_worker.errors import InputError
from python_worker.pictures import ImageError, instead, media_type, opened
from python_worker.pictures.jpeg import scans
from python_worker.pictures.shrink import shrink
from python_worker.samples import draw_samples
from python_worker.services.snapshot import UPLOAD_LIMIT

AVIF = "AVIF" in Image.SAVE


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photograph(mode: str = "RGB", size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Return a picture with areas, edges and noise."""
    picture = Image.radial_gradient("L").resize(size).convert("RGB")
    noise = np.random.default_rng(7).integers(0, 256, (30, 40), np.uint8)
    picture.paste(Image.fromarray(noise).convert("RGB"), (20, 20))
    picture.paste("red", (0, 0, 16, 16))
    return picture.convert(mode)


def deep(largest: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Return the picture that an infrared camera gives: 16 bits, of which it uses a part."""
    return Image.fromarray((np.asarray(photograph("L", size)).astype(np.uint32) * largest // 255).astype(np.uint16))


FILES: dict[str, bytes] = {
    "JPEG": encoded(photograph(), "JPEG"),
    "grey JPEG": encoded(photograph("L"), "JPEG", optimize=True),
    "CMYK JPEG": encoded(photograph("CMYK"), "JPEG"),
    "progressive JPEG": encoded(photograph(), "JPEG", progressive=True, quality=90),
    "JPEG with EXIF": encoded(photograph(), "JPEG", exif=Image.Exif()),
    "MPO": encoded(photograph(), "MPO", save_all=True, append_images=[photograph()]),
    "PNG": encoded(photograph(), "PNG"),
    "PNG with alpha": encoded(photograph("RGBA"), "PNG"),
    "palette PNG": encoded(photograph().quantize(16), "PNG", transparency=3),
    "PNG of 16 bits": encoded(deep(60_000), "PNG"),
    "PNG of 1 bit": encoded(photograph("1"), "PNG"),
    "GIF": encoded(photograph(), "GIF"),
    "animated GIF": encoded(photograph(), "GIF", save_all=True, append_images=[photograph().rotate(9)]),
    "WebP": encoded(photograph(), "WEBP"),
    "lossless WebP": encoded(photograph("RGBA"), "WEBP", lossless=True),
    "BMP": encoded(photograph(), "BMP"),
    "palette BMP": encoded(photograph().quantize(16), "BMP"),
    "TIFF": encoded(photograph(), "TIFF"),
    "LZW TIFF": encoded(photograph(), "TIFF", compression="tiff_lzw"),
    "JPEG in TIFF": encoded(photograph(), "TIFF", compression="jpeg"),
    "deflated TIFF": encoded(deep(4_000), "TIFF", compression="tiff_adobe_deflate"),
    "TIFF of floats": encoded(photograph("F"), "TIFF"),
    "PPM": encoded(photograph(), "PPM"),
    "PGM": encoded(photograph("L"), "PPM"),
}
if AVIF:
    FILES["AVIF"] = encoded(photograph(), "AVIF")
    FILES["AVIF with alpha"] = encoded(photograph("RGBA"), "AVIF", quality=60)

TYPES = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "GIF": "gif", "WebP": "webp", "BMP": "bmp", "TIFF": "tiff"}


@pytest.mark.parametrize("name", FILES)
def test_the_kind_of_a_picture_is_told_from_its_first_bytes(name: str) -> None:
    found = media_type(FILES[name])
    assert found == media_type(FILES[name][:64])
    kind = name.split()[-1] if name.split()[-1] in TYPES else name.split()[0]
    others = {"PPM": "x-portable-anymap", "PGM": "x-portable-anymap", "AVIF": "avif", "deflated": "tiff"}
    kind = "TIFF" if "TIFF" in name else kind
    assert found == f"image/{TYPES.get(kind) or others[kind]}"


LOGIN = b"<!DOCTYPE html>\n<html><body><form><input name=u><input type='password' name=p></form></body></html>"
PART = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 2000\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (LOGIN, "a web page that looks like a login page"),
        (b"\xef\xbb\xbf \n<html><head><title>Camera 4</title></head></html>", "a web page"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a HEIC picture"),
        (b"\0\0\0\x18ftypisom\0\0\x02\0isommp41", "an MP4 video"),
        (PART + FILES["JPEG"], "a part of an MJPEG stream with its header"),
        (b"\r\n--myboundary\r\nContent-type: image/jpg\r\n\r\n", "a part of an MJPEG stream with its header"),
        (b"Content-Type: image/jpeg\r\n\r\n" + FILES["JPEG"], "a part of an MJPEG stream with its header"),
        (b"HTTP/1.1 200 OK\r\nServer: cam\r\n\r\n", "an HTTP answer with its header"),
        (b"%PDF-1.7 " + bytes(100), "a PDF document"),
        (b'{"error": "no snapshot"}', "a JSON text"),
        (b'[{"a": 1}, 2, 3, 4]', "a JSON text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<?xml version='1.0'?><error/>", "an XML text"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript document"),
        (base64.b64encode(FILES["JPEG"]), "base64 text in a Buffer"),
        (b"data:image/png;base64,iVBORw0KGgo", "base64 text in a Buffer"),
        (b"The camera is busy, try again later.", "a text"),
        (b"\xff\xd8\xff", "too short to be one"),
        (bytes(500), "begins as no JPEG, PNG"),
    ],
)
def test_what_is_sent_in_place_of_a_picture_is_named(data: bytes, name: str) -> None:
    assert media_type(data) is None
    assert name in instead(data)
    with pytest.raises(ImageError, match="not an image of a known kind"):
        decode(data)


def test_postscript_never_starts_its_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", forbidden)
    document = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 900\n%%EndComments\nshowpage\n" + b"%" * 3_100_000
    with pytest.raises(InputError, match="PostScript"):
        shrink(document, UPLOAD_LIMIT)
    with pytest.raises(ImageError, match="PostScript"):
        decode(document)


@pytest.fixture(scope="module")
def sample() -> Image.Image:
    with Image.open(io.BytesIO(draw_samples()["one-car.jpg"])) as image:
        return image.convert("RGB")


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"optimize": True}],
    ids=["plain", "progressive", "without subsampling", "with restarts", "optimized"],
)
@pytest.mark.parametrize("missing", [2, 1, 0.01])
def test_a_jpeg_that_lacks_only_its_end_is_read(sample: Image.Image, options: dict[str, Any], missing: float) -> None:
    data = encoded(sample, "JPEG", quality=90, **options)
    cut = data[: -int(missing)] if missing >= 1 else data[: int(len(data) * (1 - missing))]
    whole, read = decode(data).astype(int), decode(cut)
    assert read.shape == whole.shape
    upper = slice(0, int(whole.shape[0] * 0.9))
    assert np.abs(read[upper] - whole[upper]).mean() < 1
    small, _ = shrink(cut, UPLOAD_LIMIT)
    assert np.abs(decode(small)[upper] - whole[upper]).mean() < 4


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_more_is_refused(sample: Image.Image, *, progressive: bool) -> None:
    data = encoded(sample, "JPEG", quality=90, progressive=progressive)
    # The last third of a progressive JPEG only adds detail.
    for part in (0.5, 0.2) if progressive else (0.8, 0.5, 0.2):
        cut = data[: int(len(data) * part)]
        with pytest.raises(ImageError, match="its end is missing"):
            decode(cut)
        with pytest.raises(InputError, match="its end is missing"):
            shrink(cut, UPLOAD_LIMIT)


def test_the_end_of_a_preview_is_not_taken_for_the_pictures(sample: Image.Image) -> None:
    preview = encoded(sample.resize((160, 120)), "JPEG")
    segment = b"\xff\xe2" + struct.pack(">H", len(preview) + 2) + preview
    data = encoded(sample.resize((200, 150)), "JPEG", quality=50)
    data = data[:2] + segment + data[2:]
    assert decode(data[:-2]).shape == (150, 200, 3)
    with pytest.raises(ImageError, match="its end is missing"):
        decode(data[: -len(data) // 4])


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded() -> None:
    image = encoded(Image.new("L", (4000, 3000)), "JPEG", progressive=True)
    last = image.rfind(b"\xff\xda")
    hostile = image[:last] + image[last:-2] * 500 + image[-2:]
    assert scans(hostile) > 500
    with pytest.raises(ImageError, match="scans"):
        decode(hostile)
    with pytest.raises(InputError, match="scans"):
        shrink(hostile, UPLOAD_LIMIT)


@pytest.mark.parametrize("largest", [900, 4_000, 16_000, 65_535])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_samples_of_16_bits_are_scaled_so_that_the_brightest_is_white(kind: str, largest: int) -> None:
    data = encoded(deep(largest), kind)
    expected = np.asarray(photograph("L")).astype(int)
    small, _ = shrink(data, UPLOAD_LIMIT)
    for picture in (decode(data), decode(small)):
        grey = picture.astype(int).mean(axis=2)
        assert np.abs(grey - expected * 255 / expected.max()).mean() < 4


def test_a_dark_picture_of_16_bits_in_the_other_byte_order_is_scaled_too() -> None:
    samples = np.asarray(deep(4_000)).astype(">u2")
    data = encoded(Image.frombytes("I;16B", (96, 64), samples.tobytes()), "TIFF")
    small, _ = shrink(data, UPLOAD_LIMIT)
    assert decode(small).max() > 240
    assert 30 < decode(small).mean() < 200


def test_exif_data_of_more_than_a_jpeg_can_hold_does_not_keep_a_picture_from_being_shrunk() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.ImageDescription] = "x" * 100_000
    data = encoded(photograph(), "PNG", exif=exif)
    small, _ = shrink(data, UPLOAD_LIMIT)
    with Image.open(io.BytesIO(small)) as image:
        assert image.getexif()[ExifTags.Base.Orientation] == 6


def test_transparent_parts_are_white_when_a_picture_is_shrunk() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    clear.paste("black", (0, 0, 16, 16))
    small, _ = shrink(encoded(clear, "PNG"), UPLOAD_LIMIT)
    picture = decode(small)
    assert picture[:12, :12].max() < 30
    assert picture[24:, 24:].min() > 225


def test_a_picture_is_converted_in_strips_without_a_seam() -> None:
    image = photograph("RGBA", (1500, 1400))
    picture = decode(encoded(image, "PNG", compress_level=1))
    assert np.array_equal(picture, np.asarray(image.convert("RGB"))[:, :, ::-1])


def mutations(data: bytes, count: int, seed: str) -> Iterator[bytes]:
    """Yield broken copies: bytes changed, cut out, put in, doubled, or the end missing."""
    dice = random.Random(seed)  # noqa: S311
    ways: list[Callable[[bytearray, int], None]] = [
        lambda copy, at: copy.__setitem__(at, dice.randrange(256)),
        lambda copy, at: copy.__setitem__(at, copy[at] ^ 1 << dice.randrange(8)),
        lambda copy, at: copy.__delitem__(slice(at, at + dice.randrange(1, 20))),
        lambda copy, at: copy.__setitem__(slice(at, at), dice.randbytes(dice.randrange(1, 20))),
        lambda copy, at: copy.__setitem__(
            slice(at, at + 4), dice.choice([b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff"])
        ),
        lambda copy, at: copy.__delitem__(slice(at, None)),
    ]
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(dice.choice([1, 1, 2, 5, 20])):
            # Headers decide more than pixels.
            reach = len(copy) if dice.random() < 0.5 else min(len(copy), 200)
            if reach:
                dice.choice(ways)(copy, dice.randrange(reach))
        yield bytes(copy)


def outcome(data: bytes) -> str:
    """Return whether bytes were read; fail for any error but those that say what is wrong."""
    kind = media_type(data)
    if kind is None:
        assert instead(data)
    results = []
    try:
        picture = decode(data)
        results.append(picture.dtype == np.uint8 and picture.ndim == 3)
    except ImageError as error:
        assert str(error).startswith(("it is ", "it has ", "its ", "it needs ")) or "pixels are more than" in str(error)
        results.append(False)
    try:
        small, factor = shrink(data, 2_500)
        results.append(len(small) <= 2_500 and 0 < factor <= 1)
    except InputError as error:
        assert error.status == 400
        results.append(False)
    return f"{kind is not None} {results}"


@pytest.mark.parametrize("name", FILES)
def test_a_broken_picture_is_read_or_refused_in_words(name: str) -> None:
    assert outcome(FILES[name]) == "True [True, True]"
    for data in mutations(FILES[name], 250, name):
        outcome(data)


def test_a_decoder_may_raise_whatever_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (
        NotImplementedError,
        KeyError,
        AssertionError,
        RecursionError,
        OverflowError,
        MemoryError,
        ZeroDivisionError,
    ):

        def fail(*_arguments: object, kind: type[Exception] = kind, **_options: object) -> None:
            raise kind("at 0x7f00")

        monkeypatch.setattr(Image.Image, "load", fail)
        monkeypatch.setattr(Image, "open", fail)
        with pytest.raises(ImageError) as refused, opened(FILES["PNG"]):
            pass
        assert "0x7f00" not in str(refused.value)
        with pytest.raises(InputError):
            shrink(FILES["PNG"], UPLOAD_LIMIT)
