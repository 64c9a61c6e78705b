"""From lines of text to rectangles that may be plates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations

import numpy as np

from .geometry import Box, enclosing, overlap, rectangle

_MOST_STACKS = 60
"""How many stacks of each number of lines are proposed. Plates have few neighbours; pages of text have hundreds."""

_WIDTH_OF_THREE = (1.0, 3.6)
"""Width of each line to its height in a stack of three: motorcycles' plates, two to four characters in a line."""

_PART = 0.3
"""A box of which more than this part is in a line belongs to the line."""


@dataclass(frozen=True)
class Proposal:
    """What may be a plate: one line of text, or two or three lines below each other.

    Attributes:
        lines: the uppermost first.
        among_text: whether other lines of the same size are right beside it, as on signs and posters.
        turned: whether it is to be read upside down.
    """

    lines: tuple[Box, ...]
    among_text: bool = False
    turned: bool = False

    @cached_property
    def box(self) -> Box:
        """The rectangle around the lines."""
        if len(self.lines) == 1:
            return self.lines[0]
        quad = rectangle(*enclosing(np.concatenate([line.quad for line in self.lines])))
        return Box(quad, min(line.score for line in self.lines))

    def upside_down(self) -> Proposal:
        """Return the same for a picture that is upside down: the lowest line comes first, its end at the left."""
        lines = tuple(Box(np.roll(line.quad, 2, axis=0), line.score) for line in reversed(self.lines))
        return replace(self, lines=lines, turned=not self.turned)


def propose(boxes: list[Box]) -> list[Proposal]:
    """Return every box as a plate, and the boxes that may together be the parts of one plate.

    The detector cuts plates at one or two wide gaps (the hyphen of Brazil's plates, the seals of Germany's). What it
    cut may also be one of the lines of a plate.
    """
    pairs = [(a, b) for a, b in permutations(boxes, 2) if _on_one_line(a, b)]
    triples = [(a, b, c) for a, b in pairs for other, c in pairs if b is other and c is not a]
    joined = [(cut, _joined(cut)) for cut in (*pairs, *triples)]
    parts = {id(whole): cut for cut, whole in joined}
    lines = [*boxes, *(whole for _, whole in joined)]

    def apart(a: Box, b: Box) -> bool:
        return not any(part is other for part in parts.get(id(a), (a,)) for other in parts.get(id(b), (b,)))

    two = [(a, b) for a, b in permutations(lines, 2) if _stacked(a, b) and apart(a, b)]
    two = sorted(two, key=_unevenness)[:_MOST_STACKS]
    below: dict[int, list[Box]] = {}
    for upper, lower in two:
        below.setdefault(id(upper), []).append(lower)
    low, high = _WIDTH_OF_THREE
    three = [
        (upper, middle, lower)
        for upper, middle in two
        for lower in below.get(id(middle), ())
        if all(low < line.width / max(line.height, 1e-6) < high for line in (upper, middle, lower))
        and _evenly_spaced(upper, middle, lower)
    ]
    three = sorted(three, key=_unevenness)[:_MOST_STACKS]
    return [Proposal(part, _is_among(part, boxes)) for part in (*((line,) for line in lines), *two, *three)]


def _on_one_line(left: Box, right: Box) -> bool:
    """Tell whether the second box continues where the first ends, with characters of about the same size."""
    height = (left.height + right.height) / 2
    if not 0.6 < left.height / max(right.height, 1e-6) < 1.67:
        return False
    along, across = left.step_to(right.centre)
    gap = along - (left.width + right.width) / 2
    return along > 0 and -0.4 * height < gap < 1.6 * height and abs(across) < 0.4 * height


def _joined(cut: tuple[Box, ...]) -> Box:
    quad = rectangle(*enclosing(np.concatenate([box.quad for box in cut])))
    score = sum(box.score * box.width for box in cut) / sum(box.width for box in cut)
    return Box(np.asarray(quad, np.float32), score)


def _stacked(upper: Box, lower: Box) -> bool:
    """Tell whether the second box is the next line below the first, as on motorcycles and square plates."""
    height = (upper.height + lower.height) / 2
    if not 0.5 < upper.height / max(lower.height, 1e-6) < 1.6:
        return False
    narrow, wide = sorted((upper, lower), key=lambda box: box.width)
    if wide.width > 5 * height:
        return False
    # Of a few characters, the detector's rectangle is hardly longer than high, and its direction uncertain.
    cosine, sine = (float(part) for part in wide.direction)
    step = lower.centre - upper.centre
    along = float(step @ wide.direction)
    across = float(step[1] * cosine - step[0] * sine)
    # Where a plate is turned, its lines are shifted at right angles to them; where it is seen from the side, its lines
    # slope, but are still straight below each other.
    sheared = across * sine / max(cosine, 1e-6)
    beside = max(min(0.0, sheared) - along, along - max(0.0, sheared))
    # Lines are centred, or begin or end together.
    play = max(0.25 * wide.width, (wide.width - narrow.width) / 2 + 0.15 * height)
    # The rectangles of sloping lines overlap.
    return 0.55 * height < across < 1.5 * height and beside < play


def _evenly_spaced(upper: Box, middle: Box, lower: Box) -> bool:
    """Tell whether the third line follows as closely as the second: a maker's badge is farther above the plate."""
    first = float(np.hypot(*(middle.centre - upper.centre)))
    second = float(np.hypot(*(lower.centre - middle.centre)))
    return max(first, second) < 1.25 * min(first, second)


def _is_among(lines: tuple[Box, ...], boxes: list[Box]) -> bool:
    """Tell whether another line is right beside one of these, of their size, and no part of them."""
    height = sum(line.height for line in lines) / len(lines)
    near = [
        box
        for box in boxes
        if 0.5 * height < box.height < 2 * height and any(_is_beside(box, line, height) for line in lines)
    ]
    return any(all(overlap(box, line) <= _PART for line in lines) for box in near)


def _is_beside(box: Box, line: Box, height: float) -> bool:
    along, across = map(abs, line.step_to(box.centre))
    beside, below = along - (box.width + line.width) / 2, across - (box.height + line.height) / 2
    return beside < height and below < 0.6 * height


def _unevenness(lines: tuple[Box, ...]) -> float:
    """Return how much the heights of lines differ: those of a plate are of one size."""
    heights = [line.height for line in lines]
    return max(heights) / max(min(heights), 1e-6)
