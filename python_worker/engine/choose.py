"""Which of the readings are plates."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .geometry import Box, overlap
from .match import Candidate

_OVERLAP = 0.3
"""Two readings that share more than this part of the smaller are readings of the same plate."""


@dataclass(frozen=True)
class Plate:
    """A reading with its place.

    Attributes:
        box: where it is, in pixels of the picture.
        text: what the recogniser saw, with separators.
        candidates: at least one, best first.
        rank: what decides between readings of one place; higher is better.
    """

    box: Box
    text: str
    candidates: tuple[Candidate, ...]
    rank: float


def overlay_penalty(text: str) -> float:
    """Return a penalty, 0 or less, for what cameras and web pages write into pictures."""
    penalty = 0.0
    if ":" in text and sum(c.isdigit() for c in text) >= 4:
        penalty -= 4  # A time. No plate has a colon.
    if re.search(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", text):
        penalty -= 6  # A date.
    if re.search(r"\d{3}\D{0,2}\d{3}\D?\d{4}", text):
        penalty -= 8  # A telephone number on a van or a dealer's frame.
    elif re.fullmatch(r"\d{3}-\d{4}", text):
        penalty -= 1  # A local telephone number; some states' plates look the same.
    return penalty


def size_rank(height: float) -> float:
    """Return a preference for larger text: the nearer car's plate over a shop's sign."""
    return 0.5 * math.log(max(height, 1.0) / 30)


def without_overlaps(plates: list[Plate]) -> list[Plate]:
    """Return the plates, best first, without those that overlap a better one (non-maximum suppression)."""
    kept: list[Plate] = []
    for plate in sorted(plates, key=lambda one: -one.rank):
        if all(overlap(plate.box, other.box) <= _OVERLAP for other in kept):
            kept.append(plate)
    return kept
