"""Follows the cars of one camera from picture to picture and tells when one arrived or left.

Time is what the caller says: seconds since the epoch, of one clock. Nothing here waits; `due` says when `tick` is
needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from ..errors import InputError
from .boxes import common_of_smaller
from .car import Car, Picture
from .sightings import Sighting, sightings
from .trail import STANDS

MOST_CARS = 50
"""Cars of one camera at the same time; of more, the one that was not seen for the longest time has left."""

LATEST = 250_000_000_000.0
"""Greatest time, in the year 9892."""

_SURE = 0.95
"""Score from which the readings of several pictures are settled."""

_SURE_ALONE = 0.9
"""Score from which a single reading is no misreading of a car with a similar plate that was there before."""

_SOON_SECONDS = 5.0
"""Within such a gap, a similar plate is taken for a misreading of the same car."""

_SIMILAR = 3.0
"""Characters of seven that may be misread at most if two readings within a short while are to be the same car's."""

_SIMILAR_LATER = 2.0
"""The same after a longer while."""

_OTHER = 4.0
"""Characters of seven beyond which a reading is no misreading, wherever it is, if both have the score below."""

_OTHER_SCORE = 0.8

_SAME_PLATE = 0.5
"""Common area of two boxes, as a part of the smaller, from which they are of one plate."""


@dataclass(frozen=True)
class Settings:
    """What the user wants to be told, and when.

    Attributes:
        arrived: whether there is an event when a car arrives.
        left: whether there is one when it has left.
        hold: seconds without a sighting after which a car has left.
        wait: seconds after the first sighting after which the arrival is told even if the reading is not settled:
            readings are settled when those of two pictures agree and are likely to be right.
        pictures: least number of pictures with its plate that make a car.
        score: least score of the readings together that make a car.
    """

    arrived: bool = True
    left: bool = False
    hold: float = 180.0
    wait: float = 2.0
    pictures: int = 1
    score: float = 0.0


@dataclass(frozen=True)
class Event:
    """What a car did.

    Attributes:
        kind: what happened.
        payload: `id` (the same for both events of a car), `plate` (lower case), `score`, `candidates`, `region` (None
            where unknown), `vehicle`, `box` (None where unknown), `direction` (approaching, leaving, left or right;
            absent where boxes do not tell), `first_seen`, `last_seen` (ISO 8601, UTC), `pictures`, `camera_id`, and
            `model_make`, `color` and `orientation` where the service gives them. Boxes are those of the best picture.
        picture: the best one, None if there is none.
    """

    kind: Literal["arrived", "left"]
    payload: dict[str, Any]
    picture: Picture


class Camera:
    """The cars of one camera.

    Attributes:
        name: of the camera, for the events.
        last_seen: time of the newest picture.
    """

    def __init__(self, name: str, settings: Settings, numbers: Iterator[int] | None = None) -> None:
        """Begin without cars.

        Args:
            name: of the camera.
            settings: what is to be told.
            numbers: for the cars, rising; those that share them have cars with different ids.
        """
        self.name = name
        self.last_seen = 0.0
        self._settings = settings
        self._cars: list[Car] = []
        self._numbers = numbers or count(1)

    @property
    def cars(self) -> tuple[Car, ...]:
        """The cars that are here, in the order in which they came."""
        return tuple(self._cars)

    @property
    def due(self) -> float | None:
        """When `tick` must be called next; None while no car is here."""
        return min((self._due(car) for car in self._cars), default=None)

    def see(self, time: float, results: object, picture: Picture = None) -> list[Event]:
        """Take in a recognizer's `results` of one picture and return what they let happen.

        Pictures may come late, and the clock may be set: a time that is earlier than the last by more than the hold
        time moves all cars to the new time.

        Args:
            time: of the picture.
            results: as in the Snapshot API's answer, in either form.
            picture: kept if it is the car's best one.

        Raises:
            InputError: the results or the time cannot be used; nothing has changed.
        """
        seen = _distinct(sightings(results))
        events = self.tick(time)
        self.last_seen = max(self.last_seen, time)
        together = []
        for car, sighting in self._matched(time, [one for one in seen if one.candidates]):
            car.see(time, sighting, picture if self._keeps_picture(car) else None)
            together.append(car)
        self._see_vehicles(time, [one for one in seen if not one.candidates], together)
        numbers, here = {car.number for car in together}, {car.number for car in self._cars}
        for car in together:
            car.met = (car.met | numbers) & here - {car.number}
        events += self._settled(time)
        while len(self._cars) > MOST_CARS:
            events += self._end(min(self._cars, key=lambda car: car.last_seen))
        return events

    def tick(self, now: float) -> list[Event]:
        """Return what has happened by a time without a new picture.

        Raises:
            InputError: the time is no usable number.
        """
        if isinstance(now, bool) or not isinstance(now, (int, float)) or not 0 <= now <= LATEST:
            raise InputError("The time must be a number of seconds since 1970.")
        if now < self.last_seen - self._settings.hold:
            for car in self._cars:
                car.shift(now - self.last_seen)
            self.last_seen = now
        events = self._settled(now)
        for car in [one for one in self._cars if now >= one.last_seen + self._settings.hold]:
            events += self._end(car)
        return events

    def end(self) -> list[Event]:
        """Let all cars leave, and return the events that this gives."""
        return [event for car in self.cars for event in self._end(car)]

    def _due(self, car: Car) -> float:
        leaves = car.last_seen + self._settings.hold
        if car.settled or not self._is_car(car):
            return leaves
        return min(leaves, car.first_seen + self._settings.wait)

    def _keeps_picture(self, car: Car) -> bool:
        return self._settings.left or not car.settled

    def _matched(self, time: float, seen: list[Sighting]) -> Iterator[tuple[Car, Sighting]]:
        """Yield each sighting with its car, which is a new one where none fits."""
        fitting = [
            (-evidence, car.number, place, car)
            for car in self._cars
            for place, sighting in enumerate(seen)
            if (evidence := _evidence(time, car, sighting)) > 0
        ]
        cars: dict[int, Car] = {}
        for _, _, place, car in sorted(fitting, key=lambda one: one[:3]):
            if place not in cars and car not in cars.values():
                cars[place] = car
        for place, sighting in enumerate(seen):
            if place not in cars:
                cars[place] = Car(next(self._numbers), time)
                self._cars.append(cars[place])
            yield cars[place], sighting

    def _see_vehicles(self, time: float, seen: list[Sighting], together: list[Car]) -> None:
        """Let vehicles whose plates were not read tell that cars are still here."""
        for sighting in seen:
            others = [car for car in self._cars if car not in together]
            found = [(car.trail.evidence(time, sighting), -car.number, car) for car in others]
            where, _, car = max(found, default=(0.0, 0, None))
            if car and where >= STANDS:
                car.see(time, sighting, None)
                together.append(car)

    def _settled(self, now: float) -> list[Event]:
        """Return the arrivals that can be told now, after what turned out to be misreadings of other cars is gone."""
        events: list[Event] = []
        for car in self.cars:
            if car.settled or not self._is_car(car):
                continue
            if now < car.first_seen + self._settings.wait and not _is_settled(car):
                continue
            if not self._is_absorbed(car):
                car.settled = True
                events += self._arrival(car)
        return events

    def _arrival(self, car: Car) -> list[Event]:
        if not self._settings.arrived:
            return []
        event = Event("arrived", car.payload(self.name), car.picture)
        if not self._settings.left:
            car.picture = None
        return [event]

    def _is_car(self, car: Car) -> bool:
        return car.pictures >= self._settings.pictures and car.verdict().score >= self._settings.score

    def _is_absorbed(self, car: Car) -> bool:
        """Add a car that was not told yet to another one if it is a misreading of that one, and tell whether it was."""
        same = [(_unlike(car, other), -other.pictures, other.number, other) for other in self._cars if other is not car]
        for *_, other in sorted(one for one in same if self._is_same(car, one[-1])):
            other.absorb(car)
            self._cars.remove(car)
            return True
        return False

    def _is_same(self, car: Car, other: Car) -> bool:
        """Tell whether a car's few readings are misreadings of another one."""
        if other.number in car.met:
            return False
        unlike = _unlike(car, other)
        if unlike == 0:
            return True
        gap = max(car.first_seen - other.last_seen, other.first_seen - car.last_seen, 0)
        if _is_convincing(car) and (gap > _SOON_SECONDS or car.pictures > 1):
            return False
        return unlike <= (_SIMILAR if gap <= _SOON_SECONDS and other.pictures > car.pictures else _SIMILAR_LATER)

    def _end(self, car: Car) -> list[Event]:
        """Let a car leave."""
        self._cars.remove(car)
        if not self._is_car(car):
            return []
        events = [] if car.settled else self._arrival(car)
        return [*events, Event("left", car.payload(self.name), car.picture)] if self._settings.left else events


def _evidence(time: float, car: Car, sighting: Sighting) -> float:
    """Return how much speaks for a sighting being of a car; above 0 it is."""
    unlike = car.unlike(sighting.candidates)
    if unlike == 0:
        return 10.0
    if unlike > _OTHER and min(sighting.score, car.verdict().score) >= _OTHER_SCORE:
        # Not even in the same place: pictures of several cars may come from files, one right after the other.
        return 0.0
    gap = abs(time - car.last_seen)
    where = car.trail.evidence(time, sighting)
    if gap > _SOON_SECONDS and where < STANDS and _is_convincing(car):
        # A misreading, or the next car with a similar plate: its further pictures will show.
        return 0.0
    return max(5 - 2 * unlike, -6) + where


def _is_settled(car: Car) -> bool:
    found = car.verdict()
    return found.agreeing > 1 and found.score >= _SURE


def _is_convincing(car: Car) -> bool:
    """Tell whether a car's readings are no misreading of a similar plate."""
    return _is_settled(car) if car.pictures > 1 else car.verdict().score >= _SURE_ALONE


def _unlike(car: Car, other: Car) -> float:
    return other.unlike(car.verdict().candidates)


def _distinct(seen: list[Sighting]) -> list[Sighting]:
    """Return the sightings of one picture without second readings of the same plate, best first."""
    found: list[Sighting] = []
    for one in sorted(seen, key=lambda sighting: -sighting.score):
        if not any(_is_twice(one, other) for other in found):
            found.append(one)
    return found


def _is_twice(one: Sighting, other: Sighting) -> bool:
    if not one.candidates or not other.candidates:
        return False
    if one.plate == other.plate:
        return True
    return bool(one.box and other.box and common_of_smaller(one.box, other.box) >= _SAME_PLATE)
