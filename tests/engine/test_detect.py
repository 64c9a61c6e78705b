"""In which sizes the detector sees pictures, and where in the picture the text is that it finds there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
import pytest

from python_worker.engine.decode import Picture
from python_worker.engine.detect import FINE, GLANCE, SMALL, VEHICLE, WHOLE, detect_closely, detect_within, glance
from python_worker.engine.geometry import Box, rectangle
from python_worker.engine.runtime import Floats, Network, Pixels


class _White:
    """A network that takes what is white for text, and notes the sizes, width and height, that it sees."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def run(self, pictures: Pixels) -> tuple[Floats, ...]:
        self.sizes.append((pictures.shape[2], pictures.shape[1]))
        return ((pictures.min(axis=3)[:, np.newaxis] > 127).astype(np.float32),)


def _network() -> tuple[_White, Network]:
    white = _White()
    return white, cast("Network", white)


def _with_text(width: int, height: int, text: tuple[int, int, int, int]) -> Picture:
    """Return a dark picture with a white block: left, top, right and bottom."""
    picture = np.full((height, width, 3), 40, np.uint8)
    cv2.rectangle(picture, text[:2], text[2:], (255, 255, 255), cv2.FILLED)
    return picture


_SHAPES = [(1280, 720), (640, 480), (3840, 2160), (1000, 1000), (600, 800), (918, 1632), (461, 346), (5000, 40)]


@pytest.mark.parametrize("sizes", [GLANCE, WHOLE], ids=["small", "whole"])
def test_pictures_of_all_shapes_are_seen_in_few_sizes(sizes: Sequence[tuple[int, int]]) -> None:
    white, network = _network()
    for width, height in _SHAPES:
        glance(network, np.zeros((height, width, 3), np.uint8), sizes)
    assert set(white.sizes) <= set(sizes)


@pytest.mark.parametrize("sizes", [SMALL, VEHICLE, FINE], ids=["small", "vehicle", "fine"])
def test_parts_of_all_shapes_are_seen_in_few_sizes(sizes: Sequence[tuple[int, int]]) -> None:
    white, network = _network()
    picture = np.zeros((800, 1200, 3), np.uint8)
    for width, height in ((30, 700), (1100, 40), (500, 400), (300, 300), (1200, 800)):
        detect_within(network, picture, (20.0, 10.0, 20.0 + width, 10.0 + height), sizes)
    assert set(white.sizes) <= set(sizes)


@pytest.mark.parametrize(("width", "height"), _SHAPES[:-1])
def test_text_is_boxed_where_it_is_whatever_the_pictures_shape(width: int, height: int) -> None:
    left, top, right, bottom = width // 2, height // 2, width * 3 // 4, height * 5 // 8
    _, network = _network()
    (box,) = glance(network, _with_text(width, height, (left, top, right, bottom)), GLANCE).boxes
    assert box.centre == pytest.approx([(left + right) / 2, (top + bottom) / 2], abs=0.01 * max(width, height))


@pytest.mark.parametrize(
    "bounds",
    [(0.0, 0.0, 400.0, 300.0), (900.0, 100.0, 1200.0, 700.0), (850.0, 650.0, 1200.0, 800.0), (0.0, 0.0, 1200.0, 800.0)],
    ids=["top left", "right edge", "bottom right", "all"],
)
def test_text_in_a_part_is_boxed_where_it_is(bounds: tuple[float, float, float, float]) -> None:
    x, y = round((bounds[0] + bounds[2]) / 2), round((bounds[1] + bounds[3]) / 2)
    _, network = _network()
    detection = detect_within(network, _with_text(1200, 800, (x - 60, y - 15, x + 60, y + 15)), bounds, VEHICLE)
    (box,) = detection.boxes
    (spot,) = detection.spots
    assert box.centre == pytest.approx([x, y], abs=3)
    assert spot.centre == pytest.approx([x, y], abs=3)


def test_a_part_at_the_edge_is_seen_with_what_is_beside_it_in_the_picture() -> None:
    _, network = _network()
    # The part is upright; in the width that its window has left, there is text to the left of it.
    picture = _with_text(1200, 800, (700, 380, 800, 410))
    boxes = detect_within(network, picture, (1000.0, 0.0, 1200.0, 800.0), ((480, 480),)).boxes
    assert [box.centre.tolist() for box in boxes] == [pytest.approx([750, 395], abs=3)]


def test_each_place_gets_a_closer_look_of_one_size() -> None:
    white, network = _network()
    spots = [Box(rectangle((x, 300), (120, height), 0), 0.5) for x, height in ((200, 12), (500, 30), (800, 90))]
    detect_closely(network, np.zeros((800, 1200, 3), np.uint8), spots)
    assert len(white.sizes) == len(spots)
    assert len(set(white.sizes)) == 1
