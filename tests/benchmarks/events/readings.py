"""What the engine reads in the pictures of passes, kept in a file so that it need not read them again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from python_worker.engine import PlateReader, ReadOptions

from .passes import Pass


@dataclass(frozen=True)
class ReadPass:
    """A pass as a flow gets it.

    Attributes:
        name: number and kind.
        kind: what happens.
        cars: for each event that is right, the texts that are right, upper case.
        pictures: time in seconds since the epoch and the Snapshot API's results of each.
    """

    name: str
    kind: str
    cars: list[list[str]]
    pictures: list[tuple[float, list[dict[str, Any]]]]


def read_passes(passes: Iterable[Pass], reader: PlateReader) -> list[ReadPass]:
    """Read all pictures as a flow does, with the recognizer's default settings and the plates' regions."""
    found = []
    for one in passes:
        options = ReadOptions(one.regions)
        pictures = [(frame.time, reader.read(frame.draw(), options).results) for frame in one.frames]
        found.append(ReadPass(one.name, one.kind, [list(texts) for texts in one.cars], pictures))
    return found


def save(path: Path, halves: dict[str, list[ReadPass]]) -> None:
    """Write what was read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: [asdict(one) for one in half] for name, half in halves.items()}), "utf-8")


def load(path: Path) -> dict[str, list[ReadPass]]:
    """Return what an earlier run read."""
    halves = json.loads(path.read_text("utf-8"))
    return {name: [ReadPass(**one) for one in half] for name, half in halves.items()}
