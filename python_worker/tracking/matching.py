"""Which sighting is of which car, and which car is but a misreading of another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .boxes import common_of_smaller
from .car import Car
from .sightings import Sighting
from .trail import STANDS

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

_ALIKE = 5.0
"""What nearly the same texts say for one car; each character of seven that differs takes 2 from it."""

_UNLIKE = 6.0
"""What quite different texts say against it."""

_SAME_PLATE = 0.5
"""Common area of two boxes, as a part of the smaller, from which they are of one plate."""


def distinct(seen: list[Sighting]) -> list[Sighting]:
    """Return the sightings of one picture without second readings of the same plate, best first."""
    found: list[Sighting] = []
    for one in sorted(seen, key=lambda sighting: -sighting.score):
        if not any(_is_twice(one, other) for other in found):
            found.append(one)
    return found


def matched(time: float, cars: Sequence[Car], seen: Sequence[Sighting]) -> Iterator[tuple[Car | None, Sighting]]:
    """Yield each sighting of one picture with its car, None where it is of none that is known.

    No two sightings have the same car; the surest pairs come first.
    """
    fitting = [
        (-evidence, car.number, place, car)
        for car in cars
        for place, sighting in enumerate(seen)
        if (evidence := _evidence(time, car, sighting)) > 0
    ]
    found: dict[int, Car] = {}
    taken: set[int] = set()
    for _, number, place, car in sorted(fitting, key=lambda one: one[:3]):
        if place not in found and number not in taken:
            taken.add(number)
            found[place] = car
    for place, sighting in enumerate(seen):
        yield found.get(place), sighting


def same_car(car: Car, cars: Sequence[Car]) -> Car | None:
    """Return the car of which another one's few readings are misreadings; None if they are a car's own."""
    same = [(_unlike(car, other), -other.pictures, other.number, other) for other in cars if other is not car]
    return next((one[-1] for one in sorted(same) if _is_same(car, one[-1])), None)


def is_settled(car: Car) -> bool:
    """Tell whether at least two pictures agree, and are likely to be right."""
    found = car.verdict()
    return found.agreeing > 1 and found.score >= _SURE


def _evidence(time: float, car: Car, sighting: Sighting) -> float:
    """Return how much speaks for a sighting being of a car; above 0 it is."""
    if sighting.plate == car.verdict().plate:
        return 10.0
    where = car.trail.evidence(time, sighting)
    # Beyond this, the texts decide nothing any more.
    limit = min((_ALIKE + where) / 2, (_ALIKE + _UNLIKE) / 2)
    unlike = car.unlike(sighting.candidates, limit)
    if unlike > _OTHER and min(sighting.score, car.verdict().score) >= _OTHER_SCORE:
        # Not even in the same place: pictures of several cars may come from files, one right after the other.
        return 0.0
    if abs(time - car.last_seen) > _SOON_SECONDS and where < STANDS and _is_convincing(car):
        # A misreading, or the next car with a similar plate: its further pictures will show.
        return 0.0
    return max(_ALIKE - 2 * unlike, -_UNLIKE) + where


def _is_same(car: Car, other: Car) -> bool:
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


def _is_convincing(car: Car) -> bool:
    """Tell whether a car's readings are no misreading of a similar plate."""
    return is_settled(car) if car.pictures > 1 else car.verdict().score >= _SURE_ALONE


def _unlike(car: Car, other: Car) -> float:
    return other.unlike(car.verdict().candidates, _SIMILAR + 0.001)


def _is_twice(one: Sighting, other: Sighting) -> bool:
    if not one.candidates or not other.candidates:
        return False
    if one.plate == other.plate:
        return True
    return bool(one.box and other.box and common_of_smaller(one.box, other.box) >= _SAME_PLATE)
