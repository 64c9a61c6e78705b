"""Answers in the forms of the Snapshot API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from .. import __version__

Answer: TypeAlias = "dict[str, Any]"

NO_LIMIT = 2_147_483_647
"""In place of the number of calls that an account may make. Clients calculate with it, so it must be a number."""


_NO_VEHICLE = {
    "score": 0.0,
    "type": "Unknown",
    "box": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0},
    "props": {},
}


def recognition(answer: Mapping[str, Any], filename: str, calls: int) -> Answer:
    """Return the engine's answer as the SDK gives it.

    Args:
        answer: of `services.embedded`.
        filename: as the client named the image.
        calls: of this month.
    """
    kept = {key: value for key, value in answer.items() if key not in ("status", "statusText")}
    return {
        **kept,
        "results": [_with_vehicle(result) for result in answer["results"]],
        "filename": filename or answer["filename"],
        "usage": {"calls": calls, "max_calls": NO_LIMIT},
    }


def _with_vehicle(result: Mapping[str, Any]) -> Answer:
    """Return a result of which the vehicle is never null: the company's own client leaves a plate without one out."""
    return {**result, "vehicle": result["vehicle"] or _NO_VEHICLE}


def error(reason: str) -> Answer:
    """Return the body of a refusal. Some of the API's clients read `detail`, others `error`."""
    return {"detail": reason, "error": reason}


def statistics(usage: Mapping[str, Any]) -> Answer:
    """Return the month's usage as `/v1/statistics/` gives it."""
    return {"usage": usage["usage"], "total_calls": NO_LIMIT}


def info(usage: Mapping[str, Any]) -> Answer:
    """Return the month's usage as the SDK's `/info/` gives it."""
    return {
        "version": __version__,
        "license_key": "",
        "total_calls": NO_LIMIT,
        "usage": {"calls": usage["usage"]["calls"]},
        "webhooks": [],
    }
