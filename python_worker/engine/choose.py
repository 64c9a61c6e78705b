"""Which of the readings are plates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .geometry import Box, overlap
from .match import Candidate
from .propose import Proposal
from .read import Reading
from .vehicles import Vehicle

_OVERLAP = 0.3
"""Two readings that share more than this part of the smaller are readings of the same plate."""

_WHOLE = 0.7
"""The whole text of a plate needs only this part of the chance that a part of the text has."""

_RANK_PER_HEIGHT = 1.5

_SURE = 0.9
_HALF_A_CAR = 1.75
"""In widths of a plate: Europe's plates are 0.52 m wide, cars 1.8 m."""

_SAME_CAR = -5.0
"""Log-odds of a second plate on the same side of one car."""


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
        evidence: what both were computed from, by the names of the weights.
        small_print: what is printed above and below, if it was read.
        vehicle: that carries it, if one was seen.
        readings: of the proposal's lines.
    """

    proposal: Proposal
    box: Box
    text: str
    candidates: tuple[Candidate, ...]
    is_plate: float
    is_right: float
    evidence: Mapping[str, float]
    small_print: tuple[str, ...] = ()
    vehicle: Vehicle | None = None
    readings: tuple[Reading, ...] = ()

    @property
    def chance(self) -> float:
        """How likely this is a plate with the first candidate's text, 0 to 1."""
        return self.is_plate * self.is_right

    @property
    def rank(self) -> float:
        """The sort key of plates: a larger one, on the nearer car, comes first."""
        height = self.proposal.lines[0].height
        return _log_odds(self.chance) + _RANK_PER_HEIGHT * math.log(max(height, 1.0))


def without_overlaps(plates: list[Plate]) -> list[Plate]:
    """Return the plates, the likeliest first, without those that overlap a better one (non-maximum suppression)."""
    kept: list[Plate] = []
    for plate in sorted(plates, key=lambda one: -one.chance):
        if any(_is_part(plate, other) for other in plates):
            continue
        if all(overlap(plate.box, other.box) <= _OVERLAP for other in kept):
            kept.append(plate)
    return kept


def one_for_each_car(plates: Sequence[Plate]) -> list[Plate]:
    """Return the plates, less likely right beside a more certain one: those are names of makers, models and dealers."""
    return [
        replace(plate, is_plate=logistic(_log_odds(plate.is_plate) + _SAME_CAR))
        if any(_is_on_same_car(plate, other) for other in plates)
        else plate
        for plate in plates
    ]


def _is_on_same_car(plate: Plate, other: Plate) -> bool:
    """Tell whether a reading is so near to a more certain plate that both are on the same car."""
    if plate.vehicle and other.vehicle and plate.vehicle != other.vehicle:
        return False
    across, down = np.abs(plate.box.centre - other.box.centre) / other.box.width
    return bool(other.chance > max(_SURE, plate.chance) and across < _HALF_A_CAR and down < _HALF_A_CAR)


def _is_part(plate: Plate, other: Plate) -> bool:
    """Tell whether a reading is a part of a plate that was also read whole, though with less certainty."""
    return (
        plate.candidates[0].plate in other.candidates[0].plate
        and len(plate.candidates[0].plate) < len(other.candidates[0].plate)
        and other.chance > _WHOLE * plate.chance
        # A sticker beside a plate makes a longer text, but none that its region's plates have.
        and not (plate.evidence["foreign"] < other.evidence["foreign"])
        and overlap(plate.box, other.box) > _OVERLAP
    )


def logistic(log_odds: float) -> float:
    """Return a chance, 0 to 1, as its log-odds say."""
    return 1 / (1 + math.exp(-min(max(log_odds, -30.0), 30.0)))


def _log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance))
