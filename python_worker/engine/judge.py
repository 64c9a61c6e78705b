"""What speaks for and against a plate, before a text is read and after, and how likely that makes it one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from .choose import Plate, logistic
from .formats import Formats
from .geometry import Box
from .ground import difference
from .likely import is_at_edge
from .match import Candidate
from .propose import Proposal
from .read import Reading
from .vehicles import Vehicle, vehicle_of

# Two logistic regressions over the readings of photographs whose plates are known: tests/benchmarks/calibration.py fits
# the weights and prints them. Positive weights speak for a plate, or for its text. Overlay text is too rare there for a
# fitted weight, see `penalties`.
PLATE_WEIGHTS = {
    "constant": 2.78,
    "legibility": 4.23,
    "prior": 0.40,
    "misshape": -1.70,
    "misspacing": -2.11,
    "detection": 3.21,
    "at_edge": -1.44,
    "short": -3.91,
    "foreign": -2.01,
    "no_vehicle": -3.75,
    "among_text": -1.58,
    "high": -1.93,
    "missize": -3.55,
}
TEXT_WEIGHTS = {
    "constant": 2.00,
    "legibility": 4.40,
    "lead": 1.85,
}

_SHORT = 5
_LARGEST_LEAD = 1.0

_PART_OF_VEHICLE = (0.06, 0.15)
"""Height of a line of a plate, as the detector boxes it, to the height of its vehicle: nine in ten are between."""

_USUAL_PART = 0.09
"""The same of most plates."""

_LARGEST_MISSIZE = 1.5

_LEAST_PRIOR = -9.0
"""Least prior of what is where a plate is, and of its size: personal plates are words, too, and names."""

_LONGEST_WORD = 8
"""Most characters of a personal plate."""

_UPPER_PART = (0.35, 0.6)
"""Parts of a vehicle's height, from above: plates are seldom above the first, and most are below the second. Names of
makers and owners are anywhere."""

_TURNED = -2.0
"""Log-odds of a picture that is upside down, after an upright reading left doubts."""

_OTHER_GROUND = 0.4
"""Difference of grounds from which two lines are not of one plate. In photographs of plates it is at most 0.15."""

_TWO_GROUNDS = -5.0
"""Log-odds of a plate whose lines have different grounds: the upper one is a maker's sign or name on the car."""


def judge(
    proposal: Proposal,
    text: str,
    candidates: Sequence[Candidate],
    formats: Formats,
    picture_height: int,
    vehicles: Sequence[Vehicle],
    *,
    needs_vehicle: bool = True,
    readings: Sequence[Reading] = (),
) -> Plate:
    """Return the reading of a proposal, with the chances that it is a plate and that it was read correctly.

    Args:
        proposal: what was read.
        text: what the recogniser saw.
        candidates: at least one, best first.
        formats: to expect.
        picture_height: in pixels.
        vehicles: of the whole picture.
        needs_vehicle: whether it counts against a plate that no vehicle carries it.
        readings: of the proposal's lines.
    """
    box = proposal.box
    vehicle = vehicle_of(box.bounds, vehicles)
    evidence = _evidence(proposal, text, candidates, formats)
    evidence |= _look(proposal, box, formats, picture_height)
    evidence |= _place(proposal, box, vehicle, picture_height)
    if len(readings) > 1 and difference([reading.strip for reading in readings]) > _OTHER_GROUND:
        evidence["grounds"] = _TWO_GROUNDS
    if not needs_vehicle:
        evidence["no_vehicle"] = 0.0
    placed = vehicle is not None and not evidence["high"] and not evidence["missize"] and not proposal.among_text
    if placed and len(candidates[0].plate) <= _LONGEST_WORD:
        evidence["prior"] = max(evidence["prior"], _LEAST_PRIOR)
    return Plate(
        proposal,
        box,
        text,
        tuple(candidates[:5]),
        logistic(sum(weight * evidence[name] for name, weight in PLATE_WEIGHTS.items()) + penalties(evidence)),
        logistic(sum(weight * evidence[name] for name, weight in TEXT_WEIGHTS.items())),
        evidence,
        vehicle=vehicle,
        readings=tuple(readings),
    )


def promise(
    proposal: Proposal, formats: Formats, picture_height: int, vehicles: Sequence[Vehicle]
) -> tuple[float, Vehicle | None]:
    """Return what speaks for a plate before the proposal is read, as log-odds, and the vehicle that carries it.

    Args:
        proposal: what could be read.
        formats: to expect.
        picture_height: in pixels.
        vehicles: of the whole picture.
    """
    box = proposal.box
    vehicle = vehicle_of(box.bounds, vehicles)
    evidence = _place(proposal, box, vehicle, picture_height)
    evidence |= _look(proposal, box, formats, picture_height)
    return sum(PLATE_WEIGHTS[name] * value for name, value in evidence.items()), vehicle


def _look(proposal: Proposal, box: Box, formats: Formats, picture_height: int) -> dict[str, float]:
    """Return what speaks for and against a plate from the shape, and from where it is in the picture."""
    return {
        "misshape": formats.misshape(proposal),
        "detection": box.score,
        "at_edge": float(is_at_edge(box, picture_height)),
    }


def _place(proposal: Proposal, box: Box, vehicle: Vehicle | None, picture_height: int) -> dict[str, float]:
    """Return what speaks for and against a reading from where it is on which vehicle."""
    place = dict.fromkeys(("no_vehicle", "among_text", "high", "missize"), 0.0)
    height = sum(line.height for line in proposal.lines) / len(proposal.lines)
    if vehicle is None:
        # A plate from so near that its vehicle would not fit in the picture needs none.
        heights_that_fit = picture_height * _USUAL_PART / max(height, 1e-6)
        place["no_vehicle"] = min(max(math.log(heights_that_fit) + 0.5, 0.0), 1.0)
        # On vehicles, other text is the plate's own small print, or lettering.
        place["among_text"] = float(proposal.among_text)
        return place
    low, high = _PART_OF_VEHICLE
    part = height / max(vehicle.height, 1.0)
    place["missize"] = min(math.log(max(low / max(part, 1e-6), part / high, 1.0)), _LARGEST_MISSIZE)
    upper, lower = _UPPER_PART
    down = (float(box.centre[1]) - vehicle.bounds[1]) / max(vehicle.height, 1.0)
    place["high"] = min(max((lower - down) / (lower - upper), 0.0), 1.0)
    return place


def _evidence(proposal: Proposal, text: str, candidates: Sequence[Candidate], formats: Formats) -> dict[str, float]:
    """Return what speaks for and against a reading from its text, by the names of the weights."""
    best = candidates[0]
    lead = best.score - candidates[1].score if len(candidates) > 1 else _LARGEST_LEAD
    return {
        "constant": 1.0,
        "legibility": best.legibility,
        "prior": best.prior,
        "misspacing": formats.misspacing(proposal, len(best.plate)),
        "overlay": overlay_penalty(text),
        "turned": _TURNED if proposal.turned else 0.0,
        "grounds": 0.0,
        "short": float(len(best.plate) < _SHORT),
        "foreign": float(best.format is None or best.format.foreign),
        "lead": min(lead, _LARGEST_LEAD),
    }


def penalties(evidence: Mapping[str, float]) -> float:
    """Return the log-odds against a plate that are not fitted: what they count is too rare in photographs."""
    return evidence["overlay"] + evidence["turned"] + evidence["grounds"]


_DATE = re.compile(r"(?<!\d)((19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d|[0-3]?\d[-/.][0-3]?\d[-/.]((19|20)\d\d|\d\d))(?!\d)")


_PRICE = re.compile(r"[$€£¥]?\s*\d{1,4}[.,]\d\d?\s*[$€£¥%]?")


def overlay_penalty(text: str) -> float:
    """Return a penalty, 0 or less, for text that cameras and web pages write into pictures."""
    penalty = 0.0
    if re.search(r"(?<!\d)[0-2]?\d:[0-5]\d(?!\d)", text):
        penalty -= 4  # A time. Other colons are the two seals below each other of German and Czech plates.
    if _DATE.search(text) or re.search(r"\d[./](19|20)\d\d$", text):
        penalty -= 6  # Also the end of a date that the detector split.
    if re.fullmatch(r"(19|20)\d\d[01]\d\d*", text):
        penalty -= 6  # The same without separators.
    if _PRICE.fullmatch(text) or re.search(r"(?<![\w-])\d[.,]\d(?!\d)", text):
        penalty -= 4  # A price, alone, or an engine's size. Vietnam's plates have a dot among other characters.
    if len(re.findall("[adefhimnrty]", text)) >= 2:
        penalty -= 4  # Small letters with shapes that no character of a plate has: words, names of cameras and shops.
    if re.search("[©®™]", text):
        penalty -= 6  # The photographer, or the maker of the car.
    if re.search(r"\d{3}\D{0,2}\d{3}\D?\d{4}", text):
        penalty -= 8  # A telephone number on a van or a dealer's frame.
    elif re.fullmatch(r"\d{3}-\d{4}", text):
        penalty -= 1  # A local telephone number; some states' plates look the same.
    return penalty
