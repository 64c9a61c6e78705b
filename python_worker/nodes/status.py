"""The texts that the nodes show below themselves in the editor.

They show what a service answered. None of these functions may fail a good answer because of a bad text.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

Status: TypeAlias = "dict[str, str]"

CLEAR: Status = {}
RECOGNIZING: Status = {"fill": "blue", "shape": "dot", "text": "recognizing"}
SKIPPED: Status = {"fill": "yellow", "shape": "ring", "text": "recognizing"}
LOADING: Status = {"fill": "blue", "shape": "dot", "text": "loading"}

LONGEST = 40
"""Characters of a reason; a longer one would cover the neighbouring nodes. The log and the message have all of it."""

LONGEST_LIST = 200
"""Characters of a list of plates, which users ask for: some twenty plates."""

_HIGHEST_SCORE = 1_000
_HIGHEST_COUNT = 10**15


def failure(text: str) -> Status:
    """Return the status of a failed message."""
    return {"fill": "red", "shape": "dot", "text": _short(text)}


def misconfigured(text: str) -> Status:
    """Return the status of a node that cannot work until it is configured again."""
    return {"fill": "red", "shape": "ring", "text": _short(text)}


def told(fill: str, text: str) -> Status:
    """Return the status of a decision."""
    return {"fill": fill, "shape": "dot", "text": _short(text)}


def recognized(kind: str, results: Any) -> Status:
    """Return the status after a recognition.

    Args:
        kind: the node's "status text" setting: none, count, plates or scores.
        results: the service's results, a list of objects; vehicles without a plate are not counted or listed.
    """
    if kind == "none":
        return CLEAR
    results = [one for one in results if not _is_plateless(one)] if isinstance(results, list) else []
    if kind == "count":
        text = f"{len(results)} plate{'' if len(results) == 1 else 's'}"
    else:
        # Each takes at least one character, its comma, so more of them would not be shown.
        text = ",".join(_plate(result, with_score=kind == "scores") for result in results[: LONGEST_LIST + 1])
    return {"fill": "blue", "shape": "dot", "text": _short(text, LONGEST_LIST)}


def cars(here: int, last: str | None) -> Status:
    """Return the status of a node that follows cars: the plate that was told last, if any, and how many are here."""
    count = f"{here} car{'' if here == 1 else 's'}"
    return {"fill": "blue", "shape": "dot", "text": _short(f"{last.upper()}, {count}" if last else count)}


def statistics(used: Any, total: Any) -> Status:
    """Return the status after a statistics call: calls used of all calls, or only those used if there is no limit."""
    text = _count(used) if total is None else f"{_count(used)} / {_count(total)}"
    return {"fill": "blue", "shape": "dot", "text": _short(text)}


def _is_plateless(result: Any) -> bool:
    """Tell whether a result is a vehicle without a plate, as `detection_mode: vehicle` also gives."""
    return _get(result, "plate") is None and isinstance(_get(result, "vehicle"), Mapping)


def _plate(result: Any, *, with_score: bool) -> str:
    """Return a plate in capitals; with `detection_mode: vehicle` the text and score are one level deeper."""
    plate, score = _get(result, "plate"), _get(result, "score")
    if isinstance(plate, Mapping):
        readings = _get(_get(plate, "props"), "plate")
        best = readings[0] if isinstance(readings, list) and readings else None
        plate, score = _get(best, "value"), _get(best, "score")
    text = plate[: LONGEST_LIST + 1].upper() if isinstance(plate, str) else ""
    return text + _percent(score) if with_score else text


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _percent(score: Any) -> str:
    """Return a score as "(90%)", or nothing if it is not a number that could be one."""
    if not _is_number(score, _HIGHEST_SCORE):
        return ""
    # By way of the decimal text: as a binary float, 0.145 is a little less than what the service wrote.
    return f"({int((Decimal(str(score)) * 100).quantize(Decimal(1), ROUND_HALF_UP))}%)"


def _count(number: Any) -> str:
    return str(number) if _is_number(number, _HIGHEST_COUNT) else "?"


def _is_number(value: Any, highest: int) -> bool:
    """Return whether a value is a number in sensible bounds; neither infinity nor NaN is."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -highest <= value <= highest


def _short(text: str, longest: int = LONGEST) -> str:
    # Half a surrogate pair can neither be shown nor travel.
    text = text[: longest + 1].encode("utf-8", "replace").decode()
    return text if len(text) <= longest else text[: longest - 1] + "…"
