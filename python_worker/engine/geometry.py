"""Rotated rectangles of text: their corners, sizes and overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Box:
    """A rectangle of text, its long side along the line.

    Attributes:
        quad: (4, 2) float32, pixels of the picture: top left, top right, bottom right, bottom left as the text reads.
        score: 0 to 1, the detector's mean probability that there is text.
    """

    quad: npt.NDArray[np.float32]
    score: float

    @cached_property
    def width(self) -> float:
        """Length along the line, in pixels."""
        return float(np.hypot(*(self.quad[1] - self.quad[0])))

    @cached_property
    def height(self) -> float:
        """Length across the line, in pixels."""
        return float(np.hypot(*(self.quad[3] - self.quad[0])))

    @cached_property
    def centre(self) -> npt.NDArray[np.float32]:
        """(2,) float32, pixels of the picture."""
        return np.asarray(self.quad.mean(axis=0), np.float32)

    @cached_property
    def direction(self) -> npt.NDArray[np.float32]:
        """(2,) float32 of length 1, along the line."""
        return np.asarray((self.quad[1] - self.quad[0]) / max(self.width, 1e-6), np.float32)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the upright rectangle around it."""
        left, top = self.quad.min(axis=0)
        right, bottom = self.quad.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @cached_property
    def area(self) -> float:
        """Of the upright rectangle around it, in square pixels."""
        left, top, right, bottom = self.bounds
        return (right - left) * (bottom - top)

    def step_to(self, point: npt.NDArray[np.float32]) -> tuple[float, float]:
        """Return how far a point is from the centre, along the line and across it; downwards counts as across."""
        (x, y), (cosine, sine) = point - self.centre, self.direction
        return float(x * cosine + y * sine), float(y * cosine - x * sine)


def rectangle(centre: tuple[float, float], size: tuple[float, float], angle: float) -> npt.NDArray[np.float32]:
    """Return the corners of a rotated rectangle, from the top left as its text reads.

    Args:
        centre: x and y.
        size: width and height.
        angle: in degrees, clockwise in the picture, of the side that `width` measures.
    """
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    across = np.array([cosine, sine]) * size[0] / 2
    down = np.array([-sine, cosine]) * size[1] / 2
    corners = [-across - down, across - down, across + down, down - across]
    return np.asarray(np.array(centre) + np.stack(corners), np.float32)


def enclosing(
    points: npt.NDArray[np.float32] | cv2.typing.MatLike,
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return centre, size and angle (-45° to 45°, see `rectangle`) of the smallest rectangle around the points."""
    (x, y), (width, height), angle = cv2.minAreaRect(points)
    while angle > 45:
        width, height, angle = height, width, angle - 90
    while angle <= -45:
        width, height, angle = height, width, angle + 90
    return (float(x), float(y)), (float(width), float(height)), float(angle)


def overlap(a: Box, b: Box) -> float:
    """Return the common area of two boxes' upright bounds as a part, 0 to 1, of the smaller."""
    (al, at, ar, ab), (bl, bt, br, bb) = a.bounds, b.bounds
    smaller = min((ar - al) * (ab - at), (br - bl) * (bb - bt))
    return common_area(a.bounds, b.bounds) / smaller if smaller > 0 else 0.0


def common_area(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Return the area that two upright rectangles (left, top, right, bottom) share."""
    return max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
