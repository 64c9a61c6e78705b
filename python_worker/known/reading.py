"""The plates in what a recognizer, or a flow, gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..plate_text import as_read

LEAST_SCORE = 0.05
"""Candidates with a lower score are none."""

_MOST_CANDIDATES = 16

_MOST_CHARACTERS = 40
"""Of a longer text, which is no plate's and takes long to compare, the beginning counts."""


@dataclass(frozen=True)
class Reading:
    """One plate that was read.

    Attributes:
        text: the best reading, see `plate_text.as_read`; empty where nothing was read.
        score: 0 to 1; None where it is not known.
        others: further candidates, different from `text` and from each other, with their scores.
    """

    text: str
    score: float | None = None
    others: tuple[tuple[str, float], ...] = ()


class ReadingError(ValueError):
    """A value holds no reading; the message says what was expected."""


def readings(value: Any) -> list[Reading]:
    """Return the plates in a value; none where a picture shows none.

    Args:
        value: a text; a result, in either of the Snapshot API's forms; an object with `plate`, and `score` and
            `candidates` where known; an answer with `results`; or a list of these.

    Raises:
        ReadingError: it is none of these.
    """
    if isinstance(value, list):
        return [reading for one in value for reading in readings(one)]
    if isinstance(value, str):
        return [Reading(_text(value))]
    if isinstance(value, Mapping):
        if isinstance(value.get("results"), list):
            return readings(value["results"])
        # One message for each plate has one result in place of the list, and an empty one where there is no plate.
        if isinstance(value.get("results"), Mapping):
            return readings(value["results"]) if value["results"] else []
        if "plate" in value:
            return _result(value)
    raise ReadingError("is no plate: connect a plate-recognizer, or give a text, or an object with a plate")


def _result(result: Mapping[str, Any]) -> list[Reading]:
    plate = result["plate"]
    if plate is None:
        # A vehicle without a plate.
        return []
    if isinstance(plate, str):
        return [_reading(plate, result.get("score"), _pairs(result.get("candidates"), "plate"))]
    # The form of results with vehicles.
    props = plate.get("props") if isinstance(plate, Mapping) else None
    candidates = _pairs(props.get("plate"), "value") if isinstance(props, Mapping) else []
    if not candidates:
        raise ReadingError("has a plate without a text")
    return [_reading(*candidates[0], candidates)]


def _pairs(candidates: Any, name: str) -> list[tuple[str, float | None]]:
    """Return texts and scores of a list of candidates; what is none is left out."""
    listed = candidates if isinstance(candidates, list) else []
    return [
        (one[name], _number(one.get("score")))
        for one in listed[:_MOST_CANDIDATES]
        if isinstance(one, Mapping) and isinstance(one.get(name), str)
    ]


def _reading(plate: str, score: Any, candidates: list[tuple[str, float | None]]) -> Reading:
    text = _text(plate)
    others: dict[str, float] = {}
    for candidate, likely in candidates:
        other = _text(candidate)
        if other and other != text and likely is not None and likely >= LEAST_SCORE:
            others[other] = max(likely, others.get(other, 0.0))
    return Reading(text, _number(score), tuple(others.items()))


def _text(written: str) -> str:
    return as_read(written[: 4 * _MOST_CHARACTERS])[:_MOST_CHARACTERS]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
