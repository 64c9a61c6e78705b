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
from .car import Car, Picture
from .matching import distinct, is_settled, matched, same_car
from .sightings import Sighting, sightings
from .trail import STANDS

MOST_CARS = 50
"""Cars of one camera at the same time; of more, the one that was not seen for the longest time has left."""

MOST_SEEN = 30
"""Plates and vehicles of one picture that count, those with the highest scores. Each is compared with all cars, so more
would keep other messages waiting."""

LATEST = 250_000_000_000.0
"""Greatest time, in the year 9892."""


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
            picture: kept if it is the car's best one, and while it can still be told.

        Raises:
            InputError: the results or the time cannot be used; nothing has changed.
        """
        seen = distinct(sightings(results))[:MOST_SEEN]
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
        for car, sighting in matched(time, self._cars, seen):
            if car is None:
                car = Car(next(self._numbers), time)
                self._cars.append(car)
            yield car, sighting

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
            if now < car.first_seen + self._settings.wait and not is_settled(car):
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
        other = same_car(car, self._cars)
        if other:
            other.absorb(car)
            if not self._keeps_picture(other):
                other.picture = None
            self._cars.remove(car)
        return other is not None

    def _end(self, car: Car) -> list[Event]:
        """Let a car leave."""
        self._cars.remove(car)
        if not self._is_car(car):
            return []
        events = [] if car.settled else self._arrival(car)
        return [*events, Event("left", car.payload(self.name), car.picture)] if self._settings.left else events
