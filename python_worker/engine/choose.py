"""Which of the readings are plates."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .formats import Formats
from .geometry import Box, enclosing, overlap, rectangle
from .match import Candidate
from .propose import Proposal

_OVERLAP = 0.3
"""Two readings that share more than this part of the smaller are readings of the same plate."""

_WHOLE = 0.5
"""Part of the chance that a part of a plate's text has, which is enough for the whole."""

# Two logistic regressions over the readings of photographs whose plates are known; tests/benchmarks/calibration.py
# fits them. What is positive speaks for a plate, or for its text.
_IS_PLATE = 1.2
_IS_PLATE_PER_LEGIBILITY = 2.1
_IS_PLATE_PER_PRIOR = 0.33
_IS_PLATE_PER_MISSHAPE = -5.6
_IS_PLATE_PER_MISSPACING = -3.4
_IS_PLATE_PER_OVERLAY = 0.38
_IS_PLATE_PER_DETECTION = 2.4
_IS_PLATE_IF_SHORT = -3.0
_SHORT = 5
_IS_PLATE_IF_AT_EDGE = -3.0
_EDGE = 0.04

_IS_RIGHT = 2.1
_IS_RIGHT_PER_LEGIBILITY = 4.1
_IS_RIGHT_PER_LEAD = 1.5
_LARGEST_LEAD = 1.0

_RANK_PER_HEIGHT = 1.5


@dataclass(frozen=True)
class Plate:
    """A reading with its place.

    Attributes:
        proposal: what was read.
        box: where it is, in pixels of the picture.
        text: what the recogniser saw, with separators.
        candidates: at least one, best first.
        is_plate: how likely this is a plate, 0 to 1.
        is_right: how likely the first candidate is its text if it is one, 0 to 1.
    """

    proposal: Proposal
    box: Box
    text: str
    candidates: tuple[Candidate, ...]
    is_plate: float
    is_right: float

    @property
    def chance(self) -> float:
        """How likely this is a plate with the first candidate's text, 0 to 1."""
        return self.is_plate * self.is_right

    @property
    def rank(self) -> float:
        """What plates are ordered by: a larger one, in the nearer car, comes first."""
        height = self.proposal.lines[0].height
        return math.log(self.chance / (1 - self.chance)) + _RANK_PER_HEIGHT * math.log(max(height, 1.0))


def judge(
    proposal: Proposal, text: str, candidates: Sequence[Candidate], formats: Formats, picture_height: int
) -> Plate:
    """Return the reading of a proposal with the chances that it is a plate, and rightly read."""
    box = proposal.lines[0]
    if len(proposal.lines) > 1:
        quad = rectangle(*enclosing(np.concatenate([line.quad for line in proposal.lines])))
        box = Box(quad, min(line.score for line in proposal.lines))
    best = candidates[0]
    lead = best.score - candidates[1].score if len(candidates) > 1 else _LARGEST_LEAD
    is_plate = (
        _IS_PLATE
        + _IS_PLATE_PER_LEGIBILITY * best.legibility
        + _IS_PLATE_PER_PRIOR * best.prior
        + _IS_PLATE_PER_MISSHAPE * formats.misshape(proposal)
        + _IS_PLATE_PER_MISSPACING * formats.misspacing(proposal, len(best.plate))
        + _IS_PLATE_PER_OVERLAY * overlay_penalty(text)
        + _IS_PLATE_PER_DETECTION * box.score
        + _IS_PLATE_IF_AT_EDGE * _is_at_edge(box, picture_height)
        + _IS_PLATE_IF_SHORT * (len(best.plate) < _SHORT)
    )
    is_right = _IS_RIGHT + _IS_RIGHT_PER_LEGIBILITY * best.legibility + _IS_RIGHT_PER_LEAD * min(lead, _LARGEST_LEAD)
    return Plate(proposal, box, text, tuple(candidates[:5]), _logistic(is_plate), _logistic(is_right))


def _is_at_edge(box: Box, picture_height: int) -> bool:
    """Tell whether a box is where cameras write the time: small, at the top or the bottom of the picture."""
    middle = float(box.centre[1]) / picture_height
    return box.height < _EDGE * picture_height and not _EDGE < middle < 1 - _EDGE


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(log_odds, -30.0), 30.0)))


def overlay_penalty(text: str) -> float:
    """Return a penalty, 0 or less, for what cameras and web pages write into pictures."""
    penalty = 0.0
    if ":" in text and sum(c.isdigit() for c in text) >= 4:
        penalty -= 4  # A time. No plate has a colon.
    if re.search(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", text):
        penalty -= 6  # A date.
    if re.fullmatch(r"(19|20)\d\d[01]\d\d*", text):
        penalty -= 6  # The same without separators.
    if re.search(r"\d[.,]\d", text):
        penalty -= 4  # A price or an engine's size.
    if re.search(r"\d{3}\D{0,2}\d{3}\D?\d{4}", text):
        penalty -= 8  # A telephone number on a van or a dealer's frame.
    elif re.fullmatch(r"\d{3}-\d{4}", text):
        penalty -= 1  # A local telephone number; some states' plates look the same.
    return penalty


def without_overlaps(plates: list[Plate]) -> list[Plate]:
    """Return the plates, the likeliest first, without those that overlap a better one (non-maximum suppression)."""
    kept: list[Plate] = []
    for plate in sorted(plates, key=lambda one: -one.chance):
        if any(_is_part(plate, other) for other in plates):
            continue
        if all(overlap(plate.box, other.box) <= _OVERLAP for other in kept):
            kept.append(plate)
    return kept


def _is_part(plate: Plate, other: Plate) -> bool:
    """Tell whether the detector cut off characters of a plate that was read whole as well, if with less certainty."""
    return (
        plate.candidates[0].plate in other.candidates[0].plate
        and len(plate.candidates[0].plate) < len(other.candidates[0].plate)
        and other.chance > _WHOLE * plate.chance
        and overlap(plate.box, other.box) > _OVERLAP
    )
