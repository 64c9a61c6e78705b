"""One car that a camera sees: its readings, its way through the pictures and its best picture."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, timezone
from typing import Any, TypeAlias

from .boxes import Box
from .sightings import Sighting
from .texts import relative
from .trail import Trail
from .votes import MOST_READINGS, Candidates, Verdict, verdict

Picture: TypeAlias = "bytes | None"

_MOST_LABELS = 10
"""Regions and types of vehicle that are kept of a car."""

_NO_BOX = Box(0, 0, 0, 0)


class Car:
    """What is known of a car since it was first seen.

    Attributes:
        number: of this car, greater than those of the cars that came before it.
        first_seen: seconds since the epoch.
        last_seen: the same.
        pictures: in how many its plate was read.
        picture: the best one, None if there is none or it was dropped.
        trail: where it was.
        met: numbers of cars that were in one picture with it, and so are others.
        settled: whether its readings were settled, and its arrival told where that is wanted.
    """

    def __init__(self, number: int, time: float) -> None:
        self.number = number
        self.first_seen = self.last_seen = time
        self.pictures = 0
        self.picture: Picture = None
        self.trail = Trail()
        self.met: set[int] = set()
        self.settled = False
        self._id = f"{round(1000 * time)}-{number}"
        self._readings: list[Candidates] = []
        self._regions = _Labels()
        self._types = _Labels()
        self._best: tuple[tuple[bool, float], Sighting] | None = None
        self._verdict: Verdict | None = None

    def see(self, time: float, sighting: Sighting, picture: Picture) -> None:
        """Add a sighting; one of the vehicle alone tells only that the car is still there."""
        self.first_seen = min(self.first_seen, time)
        self.last_seen = max(self.last_seen, time)
        self.trail.add(time, sighting)
        self._types.add(sighting.vehicle)
        if not sighting.candidates:
            return
        self.pictures += 1
        self._regions.add(sighting.region)
        self._read([sighting.candidates])
        quality = (picture is not None, sighting.score * (sighting.box.size if sighting.box else 1))
        if self._best is None or quality > self._best[0]:
            self._best, self.picture = (quality, sighting), picture

    def absorb(self, other: Car) -> None:
        """Take over what is known of a car that turned out to be this one."""
        self.first_seen = min(self.first_seen, other.first_seen)
        self.last_seen = max(self.last_seen, other.last_seen)
        self.pictures += other.pictures
        self.met |= other.met
        self._read(other._readings)
        self._regions.add_all(other._regions)
        self._types.add_all(other._types)
        if other._best and (self._best is None or other._best[0] > self._best[0]):
            self._best, self.picture = other._best, other.picture

    def shift(self, seconds: float) -> None:
        """Move all times, after the clock was set."""
        self.first_seen += seconds
        self.last_seen += seconds
        self.trail.shift(seconds)

    def verdict(self) -> Verdict:
        """Return what all its readings say together."""
        if self._verdict is None:
            self._verdict = verdict(self._readings)
        return self._verdict

    def unlike(self, candidates: Candidates, limit: float = math.inf) -> float:
        """Return how much another reading differs from this car's; see `texts.relative`, also for the limit.

        A text that both hold possible makes them alike, the more so the likelier both hold it.
        """
        mine = self.verdict().candidates
        found = relative(mine[0][0], candidates[0][0], limit)
        scores = dict(candidates)
        for text, score in mine[:3]:
            if found > 0 and scores.get(text, 0) > 0:
                odds = score / mine[0][1] * scores[text] / candidates[0][1]
                found = min(found, 1 - odds)
        return found

    def payload(self, camera: str) -> dict[str, Any]:
        """Return what an event tells of the car."""
        found = self.verdict()
        best = self._best[1] if self._best else None
        region, likely = self._regions.commonest() or (None, 0.0)
        kind, sure = self._types.commonest() or ("Unknown", 0.0)
        result: dict[str, Any] = {
            "id": self._id,
            "camera_id": camera,
            "plate": found.plate,
            "score": round(found.score, 3),
            "candidates": [{"plate": text, "score": round(score, 3)} for text, score in found.candidates],
            "region": {"code": region, "score": round(likely, 3)} if region else None,
            "vehicle": {
                "type": kind,
                "score": round(sure, 3),
                "box": ((best and best.vehicle_box) or _NO_BOX).as_result(),
            },
            "box": best.box.as_result() if best and best.box else None,
            "first_seen": timestamp(self.first_seen),
            "last_seen": timestamp(self.last_seen),
            "pictures": self.pictures,
            **(best.details if best else {}),
        }
        direction = self.trail.direction()
        return {**result, "direction": direction} if direction else result

    def _read(self, readings: list[Candidates]) -> None:
        self._readings += readings
        if len(self._readings) > MOST_READINGS:
            self._readings.sort(key=lambda one: -one[0][1])
            del self._readings[MOST_READINGS:]
        self._verdict = None


class _Labels:
    """Counts labels by their scores."""

    def __init__(self) -> None:
        self._scores: dict[str, float] = defaultdict(float)
        self._count = 0

    def add(self, label: tuple[str, float] | None) -> None:
        if label:
            self._count += 1
            self._scores[label[0]] += label[1]
            self._forget()

    def add_all(self, other: _Labels) -> None:
        self._count += other._count
        for label, score in other._scores.items():
            self._scores[label] += score
        self._forget()

    def commonest(self) -> tuple[str, float] | None:
        """Return the label with the greatest sum of scores and its mean score; None without labels."""
        if not self._scores:
            return None
        label = max(self._scores, key=lambda one: self._scores[one])
        return label, min(1.0, self._scores[label] / self._count)

    def _forget(self) -> None:
        while len(self._scores) > _MOST_LABELS:
            del self._scores[min(self._scores, key=lambda one: self._scores[one])]


def timestamp(time: float) -> str:
    """Return seconds since the epoch as the Snapshot API writes times: ISO 8601, UTC, here with milliseconds."""
    moment = datetime.fromtimestamp(round(time, 3), timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
