"""Lines of one plate have one ground; a maker's sign above it has another."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.decode import Picture
from python_worker.engine.ground import difference

from .drawing import encoded, plate, scene


def _strip(ground: int, ink: int) -> Picture:
    strip = np.full((48, 96, 3), ground, np.uint8)
    strip[8:40, 20:30] = strip[8:40, 50:60] = ink
    return strip


def test_equal_grounds_do_not_differ_whatever_stands_on_them() -> None:
    assert difference([_strip(230, 20), _strip(230, 90)]) == 0
    assert difference([_strip(230, 20), _strip(215, 20), _strip(225, 20)]) < 0.1


def test_grounds_that_differ_as_much_as_ink_and_paper_differ_by_one() -> None:
    assert difference([_strip(230, 20), _strip(20, 230)]) == pytest.approx(1)


def test_noise_is_not_compared_with_noise() -> None:
    noise = np.random.default_rng(0).integers(100, 103, (2, 48, 96, 3)).astype(np.uint8)
    assert difference([noise[0], noise[1]]) < 0.3
    assert difference([_strip(100, 100), _strip(101, 101)]) < 0.3


def _with_rings(text: str, rings: int) -> Image.Image:
    """Return a plate on a car's rear, under a maker's rings of the height of its characters."""
    drawn = plate(text, height=70)
    rear = Image.new("RGB", (drawn.width, drawn.height + 90), (70, 78, 92))
    rear.paste(drawn, (0, 90))
    draw = ImageDraw.Draw(rear)
    left = drawn.width / 2 - (34 * (rings - 1) + 52) / 2
    for number in range(rings):
        draw.ellipse((left + 34 * number, 16, left + 34 * number + 52, 68), outline="#dddddd", width=6)
    return rear


@pytest.mark.parametrize("text", ["KX LM 482", "B NE 4826", "HH PX 858"])
@pytest.mark.parametrize("rings", [3, 4])
def test_the_rings_of_a_maker_are_no_first_line(reader: PlateReader, text: str, rings: int) -> None:
    image = encoded(scene([(_with_rings(text, rings), (480, 420))]))
    for regions in (("de",), ()):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate"] for result in results] == [text.replace(" ", "").lower()], regions
