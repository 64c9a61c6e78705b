"""Counts what the tracker makes of passes, and what taking each new text as a car does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from python_worker.tracking import Camera, Event, Settings

from ..plates.photographs import lenient
from ..plates.street import edits
from .readings import ReadPass


@dataclass
class Score:
    """Counts over passes; each car that comes is one pass.

    Attributes:
        cars: that came.
        once: of these, with exactly one event.
        right: with exactly one event, whose plate is right.
        lenient: the same, but for O, Q and 0, I and 1.
        readable: cars whose plate was read right in at least one picture.
        readable_once, readable_right, readable_lenient: of these, as above.
        alone, alone_right: of `readable_once`, those told when one picture was read, and those with the right plate.
        events: in all.
        naive_events, naive_once, naive_right: the same of taking each text as a car that was not read in the hold time.
        readings: single readings of plates.
        readings_right: of these, right.
        milliseconds: that the tracker took for each picture.
        failures: in words.
    """

    cars: int = 0
    once: int = 0
    right: int = 0
    lenient: int = 0
    readable: int = 0
    readable_once: int = 0
    readable_right: int = 0
    readable_lenient: int = 0
    alone: int = 0
    alone_right: int = 0
    events: int = 0
    naive_events: int = 0
    naive_once: int = 0
    naive_right: int = 0
    readings: int = 0
    readings_right: int = 0
    milliseconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add the counts of other passes."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def score(one: ReadPass, settings: Settings) -> Score:
    """Return the counts of one pass."""
    found = Score(cars=len(one.cars))
    events, found.milliseconds = _told(one, settings)
    telling = [event.payload["plate"].upper() for event in events]
    alone = [plate for plate, event in zip(telling, events, strict=True) if event.payload["pictures"] == 1]
    found.events = len(telling)
    naive = _naive(one, settings.hold)
    stays = [text for text in naive if any(text in plates for plates in one.cars)]
    for plates, texts in zip(one.cars, _shared(one.cars, telling), strict=True):
        once = len(texts) == 1
        right = once and texts[0] in plates
        alike = once and lenient(texts[0]) in map(lenient, plates)
        # A plate that comes twice must be read twice.
        readable = any(text in stays for text in plates)
        stays = _without(stays, plates)
        found.once += once
        found.right += right
        found.lenient += alike
        found.readable += readable
        found.readable_once += readable and once
        found.readable_right += readable and right
        found.readable_lenient += readable and alike
        if readable and once and texts[0] in alone:
            found.alone += 1
            found.alone_right += right
        if not alike:
            found.failures.append(f"{one.name}: {plates[0]} told as {texts or 'nothing'}")
    if not one.cars and telling:
        found.failures.append(f"{one.name}: {telling} told of nobody")
    found.naive_events = len(naive)
    for plates, texts in zip(one.cars, _shared(one.cars, naive), strict=True):
        found.naive_once += len(texts) == 1
        found.naive_right += len(texts) == 1 and texts[0] in plates
    read = [str(result["plate"]).upper() for _, results in one.pictures for result in results]
    expected = {text for plates in one.cars for text in plates}
    found.readings, found.readings_right = len(read), sum(text in expected for text in read)
    return found


def _told(one: ReadPass, settings: Settings) -> tuple[list[Event], list[float]]:
    """Return the events of a pass, and how long the tracker took for each picture."""
    camera = Camera("gate", settings)
    events: list[Event] = []
    milliseconds = []
    for moment, results in one.pictures:
        while camera.due is not None and camera.due < moment:
            events += camera.tick(camera.due)
        start = time.perf_counter()
        events += camera.see(moment, results, b"")
        milliseconds.append(1000 * (time.perf_counter() - start))
    while camera.due is not None:
        events += camera.tick(camera.due)
    return events, milliseconds


def _naive(one: ReadPass, hold: float) -> list[str]:
    """Return the texts that a flow tells which takes each one as a car that it has not seen in the hold time."""
    last: dict[str, float] = {}
    told = []
    for moment, results in one.pictures:
        for result in results:
            text = str(result["plate"]).upper()
            if moment - last.get(text, -hold) >= hold:
                told.append(text)
            last[text] = moment
    return told


def _without(texts: Sequence[str], plates: Sequence[str]) -> list[str]:
    """Return texts without the first that is one of the plates."""
    at = next((number for number, text in enumerate(texts) if text in plates), len(texts))
    return [*texts[:at], *texts[at + 1 :]]


def _shared(cars: Sequence[Sequence[str]], texts: Sequence[str]) -> list[list[str]]:
    """Return for each car the texts that were told of it: each text belongs to the car whose plate it resembles most.

    Of cars with the same plate, the one with the fewest texts gets the next.
    """
    shared: list[list[str]] = [[] for _ in cars]
    for text in texts:
        if cars:
            distances = [min(edits(lenient(text), lenient(plate)) for plate in plates) for plates in cars]
            nearest = min(range(len(cars)), key=lambda number: (distances[number], len(shared[number])))
            shared[nearest].append(text)
    return shared
