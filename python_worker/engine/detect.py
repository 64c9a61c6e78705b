"""Finds text in a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .decode import Picture
from .geometry import Box, enclosing, rectangle
from .runtime import Network

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
"""Enlarging further shows nothing more."""


@dataclass(frozen=True)
class Detection:
    """The text in a picture.

    Attributes:
        boxes: lines of text.
        spots: what may be text, or part of a line, the likeliest first.
    """

    boxes: list[Box]
    spots: list[Box]


def detect(network: Network, picture: Picture, longest: int, zoom: float = 1.0, *, step: int = _STEP) -> Detection:
    """Return the text in a picture, as rectangles in its pixels.

    Args:
        network: see `models.load_detector`.
        picture: of any size.
        longest: the longer side to which the picture is scaled, in pixels. Finer finds smaller text.
        zoom: how much a smaller picture may be enlarged.
        step: of the sizes to which it is scaled, in pixels, a multiple of 32. For each size that it has seen the
            network keeps what it prepared for it, so of pictures of all shapes only few sizes should come.
    """
    height, width = picture.shape[:2]
    scale = min(zoom, longest / max(height, width))
    columns = max(step, round(width * scale / step) * step)
    rows = max(step, round(height * scale / step) * step)
    ratio = np.array([width / columns, height / rows])
    resized = cv2.resize(picture, (columns, rows))
    boxes, spots = [], []
    for left, right in _spans(columns):
        for top, bottom in _spans(rows):
            probability = _run(network, [resized[top:bottom, left:right]])[0]
            corner = np.array([left, top])
            # Text that the edge of a part cuts is whole in the next part, or so large that it was found before.
            inner = (left > 0, top > 0, right < columns, bottom < rows)
            boxes += [
                _placed(box, corner, ratio)
                for box in _boxes(probability, _PIXEL, _TEXT)
                if not _is_cut(box, (right - left, bottom - top), inner)
            ]
            spots += [_placed(box, corner, ratio) for box in _boxes(probability, _WEAK_PIXEL, 0.0)]
    return Detection(boxes, sorted(spots, key=lambda box: -box.score * box.width))


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
    if not spots:
        return []
    middle = np.array(_TILE) / 2
    zooms = [min(_TILE_TEXT / max(spot.height, 1.0), _TILE_ZOOM) for spot in spots]
    tiles = []
    for spot, zoom in zip(spots, zooms, strict=True):
        shift = middle - zoom * spot.centre
        warp = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
        # Pixels are averaged where the text shrinks.
        flags = cv2.INTER_LINEAR if zoom > 0.5 else cv2.INTER_AREA
        tiles.append(cv2.warpAffine(picture, warp, _TILE, flags=flags, borderMode=cv2.BORDER_REPLICATE))
    boxes = []
    for spot, zoom, probability in zip(spots, zooms, _run(network, tiles), strict=True):
        for box in _boxes(probability, _PIXEL, _TEXT):
            if not _is_cut(box, _TILE, (True, True, True, True)):
                quad = (box.quad - middle) / zoom + spot.centre
                boxes.append(Box(np.asarray(quad, np.float32), box.score))
    return boxes


def _run(network: Network, pictures: Sequence[cv2.typing.MatLike]) -> npt.NDArray[np.float32]:
    """Return the probability of text, (n, rows, columns), of pictures of one size."""
    (probability,) = network.run(np.stack(pictures).astype(np.uint8, copy=False))
    return probability[:, 0]


def _placed(box: Box, corner: npt.NDArray[np.int64], ratio: npt.NDArray[np.float64]) -> Box:
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
