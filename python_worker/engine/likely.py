"""Which proposals are worth reading at once: reading is half of the whole work."""

from __future__ import annotations

from collections.abc import Sequence

from .formats import Formats
from .geometry import Box
from .propose import Proposal

_MISSHAPE = 0.2
"""Logarithm of the factor by which a plate's text may be out of shape: not seen from far aside."""

_EDGE = 0.04
"""Part of the picture's height, at the top and the bottom, where cameras write; their text is also smaller than
this."""

_SMALL_PRINT = 0.5
"""Part of the height of a plate's characters: state names, slogans and dealers' names on its rim are smaller."""


def likely_plates(proposals: Sequence[Proposal], formats: Formats, picture_height: int) -> list[Proposal]:
    """Return the proposals that look like plates, judged only by their place, size and shape."""
    boxes = [line for proposal in proposals for line in proposal.lines]
    return [
        proposal
        for proposal in proposals
        if formats.misshape(proposal) < _MISSHAPE
        and not is_at_edge(proposal.lines[0], picture_height)
        and not any(is_small_print(proposal.lines[0], box) for box in boxes)
    ]


def is_at_edge(box: Box, picture_height: int) -> bool:
    """Tell whether a box is where cameras write the time: small, at the top or the bottom of the picture."""
    middle = float(box.centre[1]) / picture_height
    return box.height < _EDGE * picture_height and not _EDGE < middle < 1 - _EDGE


def is_small_print(box: Box, other: Box) -> bool:
    """Tell whether a box is right above or below another one's characters, and much smaller."""
    step = box.centre - other.centre
    along = abs(float(step @ other.direction))
    across = abs(float(step[1] * other.direction[0] - step[0] * other.direction[1]))
    return box.height < _SMALL_PRINT * other.height and across < 1.2 * other.height and along < 0.7 * other.width
