"""The cars of all cameras, with limits to what is kept."""

from __future__ import annotations

from itertools import count

from ..errors import InputError
from .camera import Camera, Event, Settings
from .car import Picture

MOST_CAMERAS = 100
"""Cameras at the same time; of more, the one without a picture for the longest time is forgotten."""

MOST_PICTURE_BYTES = 32 * 2**20
"""Bytes of pictures that are kept for all cameras; of more, those of the cars that were seen first are dropped."""

LONGEST_NAME = 200
"""Characters of a camera's name."""


class Cameras:
    """Follows the cars of any number of cameras; see `Camera`."""

    def __init__(self, settings: Settings, picture_bytes: int = MOST_PICTURE_BYTES) -> None:
        self._settings = settings
        self._picture_bytes = picture_bytes
        self._cameras: dict[str, Camera] = {}
        self._numbers = count(1)

    @property
    def due(self) -> float | None:
        """When `tick` must be called next; None while no car is anywhere."""
        return min((due for camera in self._cameras.values() if (due := camera.due) is not None), default=None)

    @property
    def cars(self) -> int:
        """How many cars are here now."""
        return sum(len(camera.cars) for camera in self._cameras.values())

    def see(self, name: object, time: float, results: object, picture: Picture = None) -> list[Event]:
        """Take in a recognizer's `results` of one picture; see `Camera.see`.

        Args:
            name: of the camera, a text or a number.
            time: of the picture, in seconds since the epoch.
            results: as in the Snapshot API's answer, in either form.
            picture: kept if it is the car's best one.

        Raises:
            InputError: something cannot be used; nothing has changed.
        """
        if isinstance(name, (int, float)) and not isinstance(name, bool):
            name = f"{name:g}" if abs(name) < 1e6 else str(name)
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            raise InputError(f"The camera's name must be a text of at most {LONGEST_NAME} characters.")
        camera = self._cameras.get(name) or Camera(name, self._settings, self._numbers)
        events = camera.see(time, results, picture)
        # The last in the dictionary is the one with the newest picture.
        self._cameras.pop(name, None)
        self._cameras[name] = camera
        if len(self._cameras) > MOST_CAMERAS:
            events += self._cameras.pop(next(iter(self._cameras))).end()
        self._limit_pictures()
        return events

    def tick(self, now: float) -> list[Event]:
        """Return what has happened by a time without new pictures, camera after camera; see `Camera.tick`."""
        events = [event for camera in self._cameras.values() for event in camera.tick(now)]
        self._cameras = {name: camera for name, camera in self._cameras.items() if camera.cars}
        return events

    def end(self) -> list[Event]:
        """Let all cars leave, and return the events that this gives."""
        events = [event for camera in self._cameras.values() for event in camera.end()]
        self._cameras.clear()
        return events

    def _limit_pictures(self) -> None:
        cars = [car for camera in self._cameras.values() for car in camera.cars if car.picture is not None]
        kept = sum(len(car.picture or b"") for car in cars)
        for car in sorted(cars, key=lambda one: one.last_seen):
            if kept <= self._picture_bytes:
                return
            kept -= len(car.picture or b"")
            car.picture = None
