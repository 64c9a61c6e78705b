"""Finds text in a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from .decode import Picture
from .geometry import Box, enclosing, rectangle
from .runtime import Network

Probability: TypeAlias = "npt.NDArray[np.float32]"
"""Of text in each pixel that the network saw, (rows, columns)."""

GLANCE = ((448, 256), (384, 288), (320, 320), (288, 384), (256, 448))
WHOLE = ((640, 352), (640, 480), (544, 544), (480, 640), (352, 640))
SMALL = ((320, 192), (256, 256), (192, 320))
VEHICLE = ((480, 288), (384, 352), (288, 480))
FINE = ((832, 480), (640, 640), (480, 832))
"""Widths and heights, in pixels, in which pictures (`glance`) and parts of them (`detect_within`) are seen, each in the
one that is nearest to its shape. They are few: what OpenVINO prepares for a size takes longer than a small look."""

_PIXEL = 0.2
"""Probability from which a pixel counts as text. Lower than for documents: a lost plate is worse than one more box."""

_TEXT = 0.3
"""Mean probability from which a box counts as text."""

_WEAK_PIXEL = 0.04
"""Probability from which a pixel may be text that is too small, too dark or too close to other things to be sure of."""

_SHORTEST = 2
"""Shorter side, in the network's pixels, under which a spot is noise."""

_UNCLIP = 1.6
"""The network marks a line's shrunk core; the ratio (area to circumference) that its training shrank by."""

_STEP = 32
"""The network halves the picture five times."""

_PART = 768
"""Longest side, in pixels, that is looked at as a whole. A larger picture is looked at in parts, since the network
takes 400 bytes of memory for each pixel."""

_PART_OVERLAP = 256
"""Width that parts share, in pixels: a plate that is wider is found in the coarse look."""

_TILE = (320, 192)
"""Width and height of a closer look, in pixels: a plate and its surroundings, because the network judges by context."""

_TILE_TEXT = 36
"""Height to which a closer look brings the text, in pixels."""

_TILE_ZOOM = 4.0
_ZOOM = 3.0
"""Enlarging further shows nothing more, in a closer look and in a look at a part of the picture."""


@dataclass(frozen=True)
class Detection:
    """The text in a picture.

    Attributes:
        boxes: lines of text.
        seen: what the network saw, with what brings a box from there into the picture.
    """

    boxes: list[Box]
    seen: list[tuple[Probability, Callable[[Box], Box]]]

    @cached_property
    def spots(self) -> list[Box]:
        """What may be text, or part of a line, the likeliest first."""
        found = [placed(box) for probability, placed in self.seen for box in _boxes(probability, _WEAK_PIXEL, 0.0)]
        return sorted(found, key=lambda box: -box.score * box.width)


def detect(network: Network, picture: Picture, longest: int, zoom: float = 1.0) -> Detection:
    """Return the text in a picture, as rectangles in its pixels.

    Args:
        network: see `models.load_detector`.
        picture: of any size.
        longest: the longer side to which the picture is scaled, in pixels. Finer finds smaller text.
        zoom: how much a smaller picture may be enlarged.
    """
    height, width = picture.shape[:2]
    scale = min(zoom, longest / max(height, width))
    columns, rows = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height))
    return _detect(network, picture, columns, rows)


def glance(network: Network, picture: Picture, sizes: Sequence[tuple[int, int]] = GLANCE) -> Detection:
    """Return the text in a picture, which is stretched to one of a few sizes.

    Args:
        network: see `models.load_detector`.
        picture: of any size.
        sizes: widths and heights, in pixels; that in the shape that is nearest to the picture's is taken.
    """
    height, width = picture.shape[:2]
    return _detect(network, picture, *_nearest(sizes, width / height))


def detect_within(
    network: Network,
    picture: Picture,
    bounds: tuple[float, float, float, float],
    sizes: Sequence[tuple[int, int]] = VEHICLE,
) -> Detection:
    """Return the text in a part of the picture, with what else fits into the size in which it is seen.

    Args:
        network: see `models.load_detector`.
        picture: of any size.
        bounds: left, top, right and bottom of the part, in pixels.
        sizes: in one of which the part is seen.
    """
    left, top, right, bottom = bounds
    size = _nearest(sizes, (right - left) / (bottom - top))
    zoom = min(size[0] / (right - left), size[1] / (bottom - top), _ZOOM)
    rows, columns = picture.shape[:2]
    # What the part leaves free shows the picture beside it.
    centre = np.array(
        [_moved_in((left + right) / 2, size[0] / zoom, columns), _moved_in((top + bottom) / 2, size[1] / zoom, rows)]
    )
    probability = _run(network, _window(picture, centre, zoom, size))

    def placed(box: Box) -> Box:
        quad = (box.quad - np.array(size) / 2) / zoom + centre
        return Box(np.asarray(quad, np.float32), box.score)

    return Detection([placed(box) for box in _boxes(probability, _PIXEL, _TEXT)], [(probability, placed)])


def _detect(network: Network, picture: Picture, columns: int, rows: int) -> Detection:
    """Return the text in a picture that is stretched to a size, which is looked at in parts if it is large."""
    ratio = np.array([picture.shape[1] / columns, picture.shape[0] / rows])
    resized = cv2.resize(picture, (columns, rows))
    found = Detection([], [])
    for left, right in _spans(columns):
        for top, bottom in _spans(rows):
            probability = _run(network, resized[top:bottom, left:right])
            placed = partial(_placed, corner=np.array([left, top]), ratio=ratio)
            # Text that the edge of a part cuts is whole in the next part, or so large that it was found before.
            inner = (left > 0, top > 0, right < columns, bottom < rows)
            found.boxes.extend(
                placed(box)
                for box in _boxes(probability, _PIXEL, _TEXT)
                if not _is_cut(box, (right - left, bottom - top), inner)
            )
            found.seen.append((probability, placed))
    return found


def _nearest(sizes: Sequence[tuple[int, int]], ratio: float) -> tuple[int, int]:
    """Return the size whose width has most nearly this ratio to its height."""
    return min(sizes, key=lambda size: abs(math.log(size[0] / size[1] / ratio)))


def _moved_in(middle: float, length: float, whole: float) -> float:
    """Return the middle of a length that is moved into the whole, or of the whole, if that is shorter."""
    return whole / 2 if length >= whole else min(max(middle, length / 2), whole - length / 2)


def _is_cut(box: Box, size: tuple[int, int], inner: tuple[bool, bool, bool, bool]) -> bool:
    """Tell whether a box reaches over a part's left, top, right or bottom edge, if that is within the picture."""
    left, top, right, bottom = box.bounds
    over = (left <= 0, top <= 0, right >= size[0], bottom >= size[1])
    return any(beyond and within for beyond, within in zip(over, inner, strict=True))


def _spans(length: int) -> list[tuple[int, int]]:
    """Return the parts, from and to, in which a side of the picture is looked at; they overlap."""
    count = 1 if length <= _PART else math.ceil((length - _PART_OVERLAP) / (_PART - _PART_OVERLAP))
    size = min(length, math.ceil((length + (count - 1) * _PART_OVERLAP) / count / _STEP) * _STEP)
    starts = [round(number * (length - size) / max(count - 1, 1)) for number in range(count)]
    return [(start, start + size) for start in starts]


def detect_closely(network: Network, picture: Picture, spots: Sequence[Box]) -> list[Box]:
    """Return the text around the spots, found in tiles of the picture that are scaled to the spots' text.

    Args:
        network: see `models.load_detector`.
        picture: of any size.
        spots: where to look.
    """
    middle = np.array(_TILE) / 2
    boxes = []
    for spot in spots:
        zoom = min(_TILE_TEXT / max(spot.height, 1.0), _TILE_ZOOM)
        probability = _run(network, _window(picture, spot.centre, zoom, _TILE))
        for box in _boxes(probability, _PIXEL, _TEXT):
            if not _is_cut(box, _TILE, (True, True, True, True)):
                quad = (box.quad - middle) / zoom + spot.centre
                boxes.append(Box(np.asarray(quad, np.float32), box.score))
    return boxes


def _window(
    picture: Picture, centre: npt.NDArray[np.floating], zoom: float, size: tuple[int, int]
) -> cv2.typing.MatLike:
    """Return what is around a place, zoomed; beyond the picture its edge goes on."""
    shift = np.array(size) / 2 - zoom * centre
    warp = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    return cv2.warpAffine(picture, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _run(network: Network, picture: cv2.typing.MatLike) -> Probability:
    """Return the probability of text in a picture of a size that the network takes."""
    (probability,) = network.run(picture[np.newaxis].astype(np.uint8, copy=False))
    return np.asarray(probability[0, 0], np.float32)


def _placed(box: Box, *, corner: npt.NDArray[np.int64], ratio: npt.NDArray[np.float64]) -> Box:
    """Return a box of a part of the scaled picture in the pixels of the picture."""
    return Box(np.asarray((box.quad + corner) * ratio, np.float32), box.score)


def _boxes(probability: npt.NDArray[np.float32], pixel: float, text: float) -> list[Box]:
    """Return the rectangles of text in the network's pixels."""
    mask = (probability > pixel).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        centre, (width, height), angle = enclosing(contour)
        if min(width, height) < _SHORTEST:
            continue
        score = _mean_inside(probability, rectangle(centre, (width, height), angle))
        if score < text:
            continue
        # Moving every side outwards by the same distance is what offsetting a polygon does to a rectangle.
        distance = _UNCLIP * width * height / (2 * (width + height))
        boxes.append(Box(rectangle(centre, (width + 2 * distance, height + 2 * distance), angle), score))
    return boxes


def _mean_inside(probability: npt.NDArray[np.float32], quad: npt.NDArray[np.float32]) -> float:
    rows, columns = probability.shape
    left, top = np.clip(np.floor(quad.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    right, bottom = np.clip(np.ceil(quad.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(quad - np.array([left, top], np.float32)).astype(np.int32)], 1)
    return float(cv2.mean(probability[top : bottom + 1, left : right + 1], mask)[0])
