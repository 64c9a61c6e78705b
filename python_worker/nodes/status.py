"""The texts that the nodes show below themselves in the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

Status: TypeAlias = "dict[str, str]"

CLEAR: Status = {}
RECOGNIZING: Status = {"fill": "blue", "shape": "dot", "text": "recognizing"}
SKIPPED: Status = {"fill": "yellow", "shape": "ring", "text": "recognizing"}
LOADING: Status = {"fill": "blue", "shape": "dot", "text": "loading"}


def failure(text: str) -> Status:
    """Return the status of a failed message."""
    return {"fill": "red", "shape": "dot", "text": text}


def misconfigured(text: str) -> Status:
    """Return the status of a node that no message can pass before it is configured anew."""
    return {"fill": "red", "shape": "ring", "text": text}


def recognized(kind: str, results: Sequence[Mapping[str, Any]]) -> Status:
    """Return the status after a recognition.

    Args:
        kind: the node's "status text" setting: none, count, plates or scores.
        results: the service's results.
    """
    if kind == "none":
        return CLEAR
    if kind == "count":
        text = f"{len(results)} plate{'' if len(results) == 1 else 's'}"
    else:
        text = ",".join(_plate(result, with_score=kind == "scores") for result in results)
    return {"fill": "blue", "shape": "dot", "text": text}


def statistics(used: int, total: int | None) -> Status:
    """Return the status after a statistics call: calls used of all calls, or used only where there is no limit."""
    return {"fill": "blue", "shape": "dot", "text": str(used) if total is None else f"{used} / {total}"}


def _plate(result: Mapping[str, Any], *, with_score: bool) -> str:
    """Return a plate in capitals; with `detection_mode: vehicle` the text and score are one level deeper."""
    plate, score = result.get("plate", ""), result.get("score", 0)
    if isinstance(plate, Mapping):
        readings = plate.get("props", {}).get("plate") or [{}]
        plate, score = readings[0].get("value", ""), readings[0].get("score", 0)
    text = str(plate or "").upper()
    return f"{text}({_percent(score)}%)" if with_score else text


def _percent(score: float) -> int:
    # Through the decimal text: as a binary float 0.145 is a little less than what the service wrote.
    return int((Decimal(str(score)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
