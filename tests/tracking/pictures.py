"""Results as recognizers give them, and a camera that sees them one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from python_worker.tracking import Camera, Event, Settings

START = 1_760_000_000.0

Result = dict[str, Any]


def result(
    plate: str, score: float = 0.9, *others: tuple[str, float], x: float = 400, y: float = 300, width: float = 80
) -> Result:
    """Return a plate's result; `others` are further candidates, x and y its middle in pixels."""
    return {
        "plate": plate,
        "score": score,
        "candidates": [{"plate": text, "score": part} for text, part in ((plate, score), *others)],
        "region": {"code": "de", "score": 0.8},
        "box": box(x, y, width, width / 4),
        "dscore": 0.9,
        "vehicle": {"type": "Sedan", "score": 0.7, "box": box(x, y - width, width * 4, width * 3)},
    }


def box(x: float, y: float, width: float, height: float) -> dict[str, float]:
    return {"xmin": x - width / 2, "ymin": y - height / 2, "xmax": x + width / 2, "ymax": y + height / 2}


def without(given: Result, *keys: str) -> Result:
    return {key: value for key, value in given.items() if key not in keys}


def followed(
    pictures: Sequence[tuple[float, Sequence[Result]]], settings: Settings | None = None, camera: Camera | None = None
) -> list[Event]:
    """Return the events of pictures (seconds from the start, results), and of the time after them.

    The camera is ticked when it asks for it, as a node does.
    """
    camera = camera or Camera("gate", settings or Settings())
    events: list[Event] = []
    for moment, results in pictures:
        while camera.due is not None and camera.due < START + moment:
            events += camera.tick(camera.due)
        events += camera.see(START + moment, list(results), b"picture")
    while camera.due is not None:
        events += camera.tick(camera.due)
    return events


def told(events: Sequence[Event]) -> list[str]:
    """Return the plates of events."""
    return [event.payload["plate"] for event in events]
