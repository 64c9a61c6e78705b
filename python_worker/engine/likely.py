"""Which text is likely to be none of a plate's characters, judged only by its place and size."""

from __future__ import annotations

from .geometry import Box

_EDGE = 0.04
"""Part of the picture's height, at the top and the bottom, where cameras write; their text is also smaller than
this."""

_SMALL_PRINT = 0.5
"""Part of the height of a plate's characters: state names, slogans and dealers' names on its rim are smaller."""


def is_at_edge(box: Box, picture_height: int) -> bool:
    """Tell whether a box is where cameras write the time: small, at the top or the bottom of the picture."""
    middle = float(box.centre[1]) / picture_height
    return box.height < _EDGE * picture_height and not _EDGE < middle < 1 - _EDGE


def is_small_print(box: Box, other: Box) -> bool:
    """Tell whether a box is right above or below another one's characters, and much smaller."""
    along, across = map(abs, other.step_to(box.centre))
    return box.height < _SMALL_PRINT * other.height and across < 1.2 * other.height and along < 0.7 * other.width
