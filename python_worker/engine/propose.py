"""From lines of text to rectangles that may be plates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from .geometry import Box, enclosing, rectangle


@dataclass(frozen=True)
class Proposal:
    """What may be a plate: one line of text, or two lines below each other."""

    lines: tuple[Box, ...]


def propose(boxes: list[Box]) -> list[Proposal]:
    """Return every box as a plate, and the pairs of boxes that may be the two parts of one plate.

    The detector cuts plates at wide gaps (the hyphen of Brazil's plates, the seals of Germany's).
    """
    single = [Proposal((box,)) for box in boxes]
    pairs = [Proposal((_joined(a, b),)) for a, b in permutations(boxes, 2) if _on_one_line(a, b)]
    stacks = [Proposal((a, b)) for a, b in permutations(boxes, 2) if _stacked(a, b)]
    return single + pairs + stacks


def _on_one_line(left: Box, right: Box) -> bool:
    """Tell whether the second box continues where the first ends, with characters of about the same size."""
    height = (left.height + right.height) / 2
    if not 0.6 < left.height / max(right.height, 1e-6) < 1.67:
        return False
    step = right.centre - left.centre
    along = float(step @ left.direction)
    across = abs(float(step[0] * left.direction[1] - step[1] * left.direction[0]))
    gap = along - (left.width + right.width) / 2
    return along > 0 and -0.4 * height < gap < 1.6 * height and across < 0.4 * height


def _joined(a: Box, b: Box) -> Box:
    quad = rectangle(*enclosing(np.concatenate([a.quad, b.quad])))
    return Box(np.asarray(quad, np.float32), (a.score * a.width + b.score * b.width) / (a.width + b.width))


def _stacked(upper: Box, lower: Box) -> bool:
    """Tell whether the second box is the second line below the first, as on motorcycles and square plates."""
    height = (upper.height + lower.height) / 2
    if not 0.5 < upper.height / max(lower.height, 1e-6) < 1.6:
        return False
    step = lower.centre - upper.centre
    along = abs(float(step @ upper.direction))
    across = float(step[1] * upper.direction[0] - step[0] * upper.direction[1])
    wider = max(upper.width, lower.width)
    return 0.7 * height < across < 1.5 * height and along < 0.25 * wider and wider < 5 * height
