"""Reads a recognizer's `results` into sightings of plates, and refuses what cannot be used.

Both forms of the Snapshot API are understood: the usual one, and that of `detection_mode: vehicle`. A flow may have
edited the results before, so nothing is taken for granted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from ..errors import InputError
from .boxes import Box

MOST_RESULTS = 200
"""Results of one picture; more are refused."""

MOST_CANDIDATES = 10
"""Candidates of a result that count; the service and the engine put the best first."""

LEAST_SCORE = 0.001
"""Score of a candidate whose own is lower."""

LONGEST_PLATE = 12
"""Letters and digits of a plate; longer texts are none, and left out."""

LONGEST_TEXT = 32
"""Characters of a plate, a region's code or a vehicle's type; longer ones are refused."""

LARGEST_PIXEL = 1_000_000
"""Greatest coordinate of a box."""

_MOST_DETAILS = 3
_DETAILS = {
    "model_make": ("make", "model", "score"),
    "color": ("color", "score"),
    "orientation": ("orientation", "score"),
}
"""What the service adds for paid accounts (`mmc`): lists of objects with these keys."""


@dataclass(frozen=True)
class Sighting:
    """A plate, or a vehicle whose plate was not read, in one picture.

    Attributes:
        candidates: texts (lower case, letters and digits alone) with their scores (above 0, together about 1 at most),
            best first; empty for a vehicle without a plate.
        region: code and score, or None.
        box: of the plate, or None.
        vehicle: type and score, or None.
        vehicle_box: its box, or None.
        details: `model_make`, `color` and `orientation` where the service gives them.
    """

    candidates: tuple[tuple[str, float], ...]
    region: tuple[str, float] | None
    box: Box | None
    vehicle: tuple[str, float] | None
    vehicle_box: Box | None
    details: dict[str, list[dict[str, Any]]]

    @property
    def plate(self) -> str:
        """The likeliest text; "" for a vehicle without a plate."""
        return self.candidates[0][0] if self.candidates else ""

    @property
    def score(self) -> float:
        """The likeliest text's score; 0 for a vehicle without a plate."""
        return self.candidates[0][1] if self.candidates else 0.0


def sightings(results: object) -> list[Sighting]:
    """Return what a picture's `results` show.

    Results with neither a plate nor a vehicle's box are left out.

    Raises:
        InputError: they are not in the API's form; the message names the place.
    """
    if not _is_list(results):
        raise InputError(
            f"The results must be a list, as a recognizer gives them, not {_kind(results)}. "
            "Connect the node behind a recognizer."
        )
    if len(results) > MOST_RESULTS:
        raise InputError(f"There are {len(results):,} results of one picture; at most {MOST_RESULTS} can be followed.")
    found = [_sighting(one, f"results[{number}]") for number, one in enumerate(results)]
    return [one for one in found if one.candidates or one.vehicle_box]


def _sighting(result: object, where: str) -> Sighting:
    result = _object(result, where)
    plate = result.get("plate")
    if isinstance(plate, Mapping) or (plate is None and isinstance(result.get("vehicle"), Mapping)):
        return _vehicle_form(result, where)
    vehicle, vehicle_box = _vehicle(result.get("vehicle"), f"{where}.vehicle")
    region = result.get("region")
    return Sighting(
        _candidates(plate, result.get("score"), result.get("candidates"), "plate", where),
        None if region is None else _labelled(_object(region, f"{where}.region"), "code", f"{where}.region"),
        _box(result.get("box"), f"{where}.box"),
        vehicle,
        vehicle_box,
        _details(result, where),
    )


def _vehicle_form(result: Mapping[Any, Any], where: str) -> Sighting:
    """Return the sighting of a result in the form of `detection_mode: vehicle`."""
    vehicle, vehicle_box = _vehicle(result.get("vehicle"), f"{where}.vehicle")
    details = _details(_props(result.get("vehicle"), f"{where}.vehicle"), where)
    if result.get("plate") is None:
        return Sighting((), None, None, vehicle, vehicle_box, details)
    part = _object(result["plate"], f"{where}.plate")
    props = _props(part, f"{where}.plate")
    regions = props.get("region") or []
    place = f"{where}.plate.props.region"
    if not _is_list(regions):
        raise InputError(f"{place} must be a list, not {_kind(regions)}.")
    return Sighting(
        _candidates(None, None, props.get("plate"), "value", f"{where}.plate.props"),
        _labelled(_object(regions[0], f"{place}[0]"), "value", f"{place}[0]") if regions else None,
        _box(part.get("box"), f"{where}.plate.box"),
        vehicle,
        vehicle_box,
        details,
    )


def _props(part: object, where: str) -> Mapping[Any, Any]:
    props = part.get("props") if isinstance(part, Mapping) else None
    return {} if props is None else _object(props, f"{where}.props")


def _candidates(plate: object, score: object, given: object, key: str, where: str) -> tuple[tuple[str, float], ...]:
    """Return the texts with their scores; the plate itself is the first, and its score is 1 where none is given."""
    scores: dict[str, float] = {}
    if plate is not None:
        text = _text(plate, f"{where}.plate")
        if text:
            scores[text] = 1.0 if score is None else _score(score, f"{where}.score")
    name = f"{where}.{'candidates' if key == 'plate' else 'plate'}"
    if given is not None and not _is_list(given):
        raise InputError(f"{name} must be a list, not {_kind(given)}.")
    first = next(iter(scores), None)
    for number, one in enumerate((given or [])[:MOST_CANDIDATES]):
        place = f"{name}[{number}]"
        candidate = _object(one, place)
        text = _text(candidate.get(key), f"{place}.{key}")
        value = 1.0 if candidate.get("score") is None else _score(candidate["score"], f"{place}.score")
        # An edited plate counts more than the candidates that came with another one.
        if text and text not in scores and (first is None or value <= scores[first]):
            scores[text] = value
    total = max(1.0, sum(scores.values()))
    ordered = sorted(scores.items(), key=lambda item: (item[0] != first, -item[1]))
    return tuple((text, max(LEAST_SCORE, value / total)) for text, value in ordered)


def _vehicle(given: object, where: str) -> tuple[tuple[str, float] | None, Box | None]:
    """Return a vehicle's type with its score, and its box; None for what there is not."""
    if given is None:
        return None, None
    part = _object(given, where)
    found = _labelled(part, "type", where)
    # The service words "no vehicle" as one of score 0 in an empty box.
    return (found, _box(part.get("box"), f"{where}.box")) if found and found[1] > 0 else (None, None)


def _labelled(part: Mapping[Any, Any], key: str, where: str) -> tuple[str, float] | None:
    """Return the label under a key with its score (0 where none is given), None without a label."""
    label = part.get(key)
    if label is None:
        return None
    if not isinstance(label, str) or len(label) > LONGEST_TEXT:
        raise InputError(f"{where}.{key} must be a text of at most {LONGEST_TEXT} characters, not {_kind(label)}.")
    score = part.get("score")
    return label, 0.0 if score is None else _score(score, f"{where}.score")


def _details(result: Mapping[Any, Any], where: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, keys in _DETAILS.items():
        given = result.get(name)
        if given is None:
            continue
        if not _is_list(given):
            raise InputError(f"{where}.{name} must be a list, not {_kind(given)}.")
        parts = [_object(one, f"{where}.{name}[{number}]") for number, one in enumerate(given[:_MOST_DETAILS])]
        found[name] = [{key: part[key] for key in keys if _is_plain(part.get(key))} for part in parts]
    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 2 * LONGEST_TEXT
    return isinstance(value, (int, float)) and math.isfinite(value)


def _text(value: object, where: str) -> str:
    """Return a plate's letters and digits in lower case; "" if it is none."""
    if not isinstance(value, str):
        raise InputError(f"{where} must be a text, not {_kind(value)}.")
    if len(value) > LONGEST_TEXT:
        raise InputError(f"{where} has {len(value):,} characters; a plate has at most {LONGEST_TEXT}.")
    text = "".join(filter(str.isalnum, value)).lower()
    return text if len(text) <= LONGEST_PLATE else ""


def _score(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError(f"{where} must be a number from 0 to 1, not {_kind(value)}.")
    return float(value)


def _box(value: object, where: str) -> Box | None:
    """Return a box; None without one, and for one without an area."""
    if value is None:
        return None
    part = _object(value, where)
    edges = [_pixel(part.get(key), f"{where}.{key}") for key in ("xmin", "ymin", "xmax", "ymax")]
    left, top, right, bottom = edges
    return Box(left, top, right, bottom) if right > left and bottom > top else None


def _pixel(value: object, where: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST_PIXEL:
        raise InputError(f"{where} must be a number of pixels, not {_kind(value)}.")
    return value


def _object(value: object, where: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{where} must be an object, not {_kind(value)}.")
    return value


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _kind(value: object) -> str:
    """Return what a value is, in a few words without its content where that may be long."""
    if value is None:
        return "nothing"
    if isinstance(value, (int, float)):
        return repr(value) if abs(value) < 1e15 or value != value else "a huge number"
    names: dict[type, str] = {str: "a text", bytes: "bytes", list: "a list", tuple: "a list", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")
