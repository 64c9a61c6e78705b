"""Boxes in a picture: how they overlap, how they move and how they grow."""

from __future__ import annotations

import math
from typing import NamedTuple


class Box(NamedTuple):
    """A box in pixels; its right and bottom are greater than its left and top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return self.right - self.left

    @property
    def size(self) -> float:
        """The side of a square of the same area, in pixels."""
        return math.sqrt(self.width * (self.bottom - self.top))

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle in pixels from the left and from the top."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def moved(self, across: float, down: float) -> Box:
        """Return the box moved by pixels."""
        return Box(self.left + across, self.top + down, self.right + across, self.bottom + down)

    def as_result(self) -> dict[str, int | float]:
        """Return the box in the Snapshot API's form."""
        return {"xmin": self.left, "ymin": self.top, "xmax": self.right, "ymax": self.bottom}


def common(a: Box, b: Box) -> float:
    """Return the common area of two boxes as a part of the area that they cover together, 0 to 1."""
    shared = _shared(a, b)
    return shared / (a.size**2 + b.size**2 - shared)


def common_of_smaller(a: Box, b: Box) -> float:
    """Return the common area of two boxes as a part of the smaller, 0 to 1."""
    return _shared(a, b) / min(a.size, b.size) ** 2


def distance(a: Box, b: Box) -> float:
    """Return how far the middles of two boxes are from each other, in mean widths of the two."""
    (x, y), (other_x, other_y) = a.centre, b.centre
    return 2 * math.hypot(x - other_x, y - other_y) / (a.width + b.width)


def _shared(a: Box, b: Box) -> float:
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(across, 0.0) * max(down, 0.0)
