"""Passes of cars as cameras see them: at what times there are pictures, what they show, and which events are right."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from .subjects import CANVAS, Source, Subject, drawn, from_photograph, invented, road, similar

_START = 1_760_000_000.0
_FAR, _NEAR = 60.0, 170.0
"""Widths of plates in pixels: where a car is first read, and where it is next to the camera."""

_SPOILT = 0.25
"""Part of the pictures that are spoilt by the car's speed or the weather."""

_MISSING = 0.08
"""Part of the pictures in which something is in front of the car."""


@dataclass(frozen=True)
class View:
    """A car in a picture: its plate's middle and width in pixels."""

    subject: Subject
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Frame:
    """A picture of a pass: its time in seconds since the epoch, and what draws it as an encoded picture."""

    time: float
    draw: Callable[[], bytes]


@dataclass
class Pass:
    """What happens in front of one camera.

    Attributes:
        name: number and kind.
        kind: what happens, a key of `KINDS`.
        cars: for each event that is right, the texts that are right.
        regions: that the recognizer is told.
        frames: in the order of their times.
    """

    name: str
    kind: str
    cars: list[tuple[str, ...]] = field(default_factory=list)
    regions: tuple[str, ...] = ()
    frames: list[Frame] = field(default_factory=list)


def passes(count: int, sources: Sequence[Source], held: bool) -> list[Pass]:
    """Return passes of all kinds, always the same ones.

    Args:
        count: of passes.
        sources: photographs; the halves share none.
        held: whether to return those that nothing may be fitted to: other photographs, plates and ways.
    """
    half = [source for number, source in enumerate(sources) if number % 2 == held]
    random.Random(7).shuffle(half)  # noqa: S311 - to be the same again
    kinds = list(KINDS)
    return [_pass(number, kinds[number % len(kinds)], half, held) for number in range(count)]


def _pass(number: int, kind: str, sources: Sequence[Source], held: bool) -> Pass:
    generator = random.Random(f"{'held' if held else 'development'} {number}")  # noqa: S311 - the same
    found = Pass(f"{number:03} {kind}", kind)
    KINDS[kind](_Scene(found, generator, sources, number))
    return found


class _Scene:
    """Writes a pass."""

    def __init__(self, target: Pass, generator: random.Random, sources: Sequence[Source], number: int) -> None:
        self.generator = generator
        self.time = _START + number * 10_000
        self._pass = target
        self._sources = sources
        self._number = number
        self._light = generator.uniform(0.45, 1.15)
        self._quality = generator.choice((35, 50, 70, 85))

    def car(self) -> Subject:
        """Return a car that was not in another pass, and expect an event for it; every third one is drawn."""
        if self._sources and self.generator.random() < 0.67:
            subject = from_photograph(self._sources[(self._number + 41 * len(self._pass.cars)) % len(self._sources)])
        else:
            subject = drawn(invented(self.generator), self.generator)
        return self.expect(subject)

    def pair(self) -> tuple[Subject, Subject]:
        """Return two cars, half of the times drawn ones with similar plates, and expect both."""
        if self.generator.random() < 0.5:
            plate = invented(self.generator)
            texts = (plate, similar(plate, self.generator))
            first, second = (self.expect(drawn(text, self.generator)) for text in texts)
            return first, second
        return self.car(), self.car()

    def expect(self, subject: Subject) -> Subject:
        """Expect one more event for a car."""
        self._pass.cars.append(subject.plates)
        if subject.regions != self._pass.regions:
            self._pass.regions = tuple(dict.fromkeys((*self._pass.regions, *subject.regions)))
        return subject

    def wait(self, least: float, most: float) -> None:
        """Let time go by."""
        self.time += self.generator.uniform(least, most)

    def picture(self, *views: View, whole: bool = False) -> None:
        """Take a picture now; it may be spoilt, and unless it must be whole, something may hide a car."""
        shown = [view for view in views if whole or self.generator.random() >= _MISSING]
        spoilt = self.generator.random() < _SPOILT
        draw = partial(_drawn, shown, self._light, self._quality, spoilt, self.generator.randrange(2**32))
        self._pass.frames.append(Frame(self.time, draw))


def _drawn(views: Sequence[View], light: float, quality: int, spoilt: bool, seed: int) -> bytes:
    generator = np.random.default_rng(seed)
    picture = road()
    # What is farther away is behind.
    for view in sorted(views, key=lambda one: one.width):
        view.subject.put(picture, view.x, view.y, view.width)
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    blur = generator.uniform(1.2, 2.2) if spoilt else generator.uniform(0.3, 0.9)
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), blur), np.float32)
    if spoilt:
        length = int(generator.integers(3, 8))
        pixels = np.asarray(cv2.blur(pixels, (length, 1)), np.float32)
    noise = generator.normal(0, generator.uniform(1, 6), pixels.shape)
    image = np.clip(pixels * light * generator.uniform(0.9, 1.1) + noise, 0, 255).astype(np.uint8)[:, :, ::-1]
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality - (15 if spoilt else 0)])[1]
    return encoded.tobytes()


def _lane(subject: Subject, part: float, side: float = 0.0) -> View:
    """Return a car on its way towards the camera: 0 is far away, 1 is next to it; `side` is -1 to 1."""
    width = _FAR * (_NEAR / _FAR) ** part
    x = CANVAS[0] * (0.5 + side * (0.12 + 0.16 * part))
    return View(subject, x, CANVAS[1] * (0.58 + 0.2 * part), width)


def _steps(scene: _Scene, least: int, most: int) -> list[float]:
    """Return parts of a way, 0 to 1, unevenly."""
    count = scene.generator.randint(least, most)
    parts = [min(1.0, max(0.0, (number + scene.generator.uniform(-0.3, 0.3)) / (count - 1))) for number in range(count)]
    return sorted(parts)


def _drive(scene: _Scene, subject: Subject, parts: Sequence[float], gap: float, side: float = 0.0) -> None:
    for part in parts:
        scene.picture(_lane(subject, part, side))
        scene.wait(0.7 * gap, 1.3 * gap)


def _approaches(scene: _Scene) -> None:
    _drive(scene, scene.car(), _steps(scene, 4, 8), scene.generator.uniform(0.2, 0.6), scene.generator.uniform(-1, 1))


def _stops(scene: _Scene) -> None:
    car, side = scene.car(), scene.generator.uniform(-0.6, 0.6)
    _drive(scene, car, _steps(scene, 3, 4), 0.5, side)
    for _ in range(scene.generator.randint(2, 4)):
        scene.picture(_lane(car, 1, side))
        scene.wait(2, 8)


def _comes_and_leaves(scene: _Scene) -> None:
    car = scene.car()
    _drive(scene, car, _steps(scene, 3, 4), 0.6)
    scene.wait(5, 60)
    _drive(scene, car, _steps(scene, 3, 4)[::-1], 0.6)


def _drives_across(scene: _Scene) -> None:
    car, part = scene.car(), scene.generator.uniform(0.3, 0.9)
    sign = scene.generator.choice((-1, 1))
    for place in _steps(scene, 4, 6):
        view = _lane(car, part)
        scene.picture(View(car, CANVAS[0] * (0.5 + sign * (0.7 * place - 0.35)), view.y, view.width))
        scene.wait(0.2, 0.5)


def _is_parked(scene: _Scene) -> None:
    car, part, side = scene.car(), scene.generator.uniform(0.4, 1), scene.generator.uniform(-1, 1)
    for _ in range(scene.generator.randint(6, 9)):
        scene.picture(_lane(car, part, side))
        scene.wait(10, 45)


def _one_picture(scene: _Scene) -> None:
    scene.picture(_lane(scene.car(), scene.generator.uniform(0.6, 1), scene.generator.uniform(-1, 1)), whole=True)


def _seldom(scene: _Scene) -> None:
    _drive(scene, scene.car(), _steps(scene, 4, 5), scene.generator.uniform(2, 5), scene.generator.uniform(-1, 1))


def _two_at_once(scene: _Scene) -> None:
    one, other = scene.pair()
    for part in _steps(scene, 4, 7):
        scene.picture(_lane(one, 0.3 + 0.7 * part, -1.1), _lane(other, 0.2 + 0.7 * part, 1.1))
        scene.wait(0.3, 0.9)


def _two_after_each_other(scene: _Scene) -> None:
    one, other = scene.pair()
    _drive(scene, one, _steps(scene, 3, 5), 0.5)
    scene.wait(2, 20)
    _drive(scene, other, _steps(scene, 3, 5), 0.5)


def _passes_a_parked_car(scene: _Scene) -> None:
    parked, moving = scene.pair()
    still = _lane(parked, 0.55, 1.3)
    for _ in range(2):
        scene.picture(still)
        scene.wait(10, 30)
    for part in _steps(scene, 3, 5):
        scene.picture(still, _lane(moving, 0.2 + 0.8 * part, -1.0))
        scene.wait(0.4, 0.8)
    scene.wait(10, 30)
    scene.picture(still)


def _returns(scene: _Scene) -> None:
    car = scene.car()
    _drive(scene, car, _steps(scene, 3, 4), 0.5)
    scene.wait(300, 900)
    scene.expect(car)
    _drive(scene, car, _steps(scene, 3, 4), 0.5)


def _nobody(scene: _Scene) -> None:
    for _ in range(4):
        scene.picture()
        scene.wait(1, 30)


KINDS: dict[str, Callable[[_Scene], None]] = {
    "approaches": _approaches,
    "stops": _stops,
    "two at once": _two_at_once,
    "parked": _is_parked,
    "two after each other": _two_after_each_other,
    "across": _drives_across,
    "one picture": _one_picture,
    "comes and leaves": _comes_and_leaves,
    "passes a parked car": _passes_a_parked_car,
    "every 2 to 5 s": _seldom,
    "returns later": _returns,
    "nobody": _nobody,
}
"""What happens in a pass, by name."""
