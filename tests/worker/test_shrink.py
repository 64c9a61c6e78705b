"""Images above the cloud's limit are made to fit, and the answer fits the original again."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from python_worker.errors import InputError
from python_worker.pictures.shrink import shrink
from python_worker.services.boxes import scale_boxes


def noise(width: int, height: int, kind: str, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    encoded = io.BytesIO()
    Image.effect_noise((width, height), 100).convert("RGB").save(encoded, kind, exif=exif)
    return encoded.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_image_is_scaled_below_the_limit_and_keeps_its_orientation(kind: str) -> None:
    image = noise(900, 600, kind, orientation=6)
    limit = 100_000
    assert len(image) > limit
    small, factor = shrink(image, limit)
    assert len(small) <= limit
    with Image.open(io.BytesIO(small)) as opened:
        assert opened.format == "JPEG"
        assert opened.size == (round(900 * factor), round(600 * factor))
        assert opened.getexif()[0x0112] == 6


def test_pixels_are_kept_where_encoding_alone_is_enough() -> None:
    encoded = io.BytesIO()
    Image.linear_gradient("L").resize((900, 600)).save(encoded, "BMP")
    small, factor = shrink(encoded.getvalue(), 100_000)
    assert factor == 1.0
    assert len(small) <= 100_000


def test_an_image_that_cannot_be_decoded_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be decoded"):
        shrink(noise(900, 600, "JPEG")[:4000], 1000)


def test_every_box_of_an_answer_is_scaled_and_nothing_else() -> None:
    box = {"xmin": 10, "ymin": 21, "xmax": 30, "ymax": 41}
    answer = {"results": [{"plate": "a", "score": 0.5, "box": box, "vehicle": {"box": box}}], "version": 1}
    large = {"xmin": 20, "ymin": 42, "xmax": 60, "ymax": 82}
    assert scale_boxes(answer, 2) == {
        "results": [{"plate": "a", "score": 0.5, "box": large, "vehicle": {"box": large}}],
        "version": 1,
    }
    assert box["xmin"] == 10


def test_an_image_that_stays_too_large_is_refused_with_the_limit() -> None:
    with pytest.raises(InputError, match="cannot be shrunk below 100 bytes"):
        shrink(noise(90, 60, "PNG"), 100)
