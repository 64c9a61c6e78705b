"""Cars for the passes: cut out of labelled photographs, or drawn with invented plates."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageOps

from python_worker.engine import PlateReader, ReadOptions
from python_worker.samples import SIZE, draw_car, draw_road, draw_truck

from ..plates.photographs import folders, photographs, regions
from ..plates.street import is_street, street_photographs

CANVAS = (960, 540)

_AROUND = (3.5, 4.0, 3.5, 2.0)
"""How much of a photograph belongs to the car: widths of the plate to the left, above, to the right and below."""

_NOMINAL = 0.16
"""Width of a plate in a photograph whose labels do not say where it is, as a part of the photograph's."""

_FORMATS = ("LLDDDLL", "LLLDDD", "DDDDLLL", "LLDDDDLL", "LLLDDDD")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_COLOURS = ((170, 32, 38), (34, 74, 138), (168, 174, 182), (38, 92, 70), (60, 62, 66))


@dataclass(frozen=True)
class Subject:
    """A car that can be put into a picture.

    Attributes:
        plates: the texts that are right, upper case; several spellings of one plate.
        image: RGBA.
        plate: left, top, right and bottom of its plate in the image, in pixels.
        regions: that the recognizer is told.
    """

    plates: tuple[str, ...]
    image: Image.Image
    plate: tuple[float, float, float, float]
    regions: tuple[str, ...]

    def put(self, picture: Image.Image, x: float, y: float, width: float) -> None:
        """Put the car into a picture, with its plate's middle at a point and its plate so many pixels wide."""
        left, top, right, bottom = self.plate
        scale = width / (right - left)
        scaled = self.image.resize(
            (max(1, round(self.image.width * scale)), max(1, round(self.image.height * scale))),
            Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC,
        )
        corner = (round(x - (left + right) / 2 * scale), round(y - (top + bottom) / 2 * scale))
        picture.paste(scaled, corner, scaled)


@dataclass(frozen=True)
class Source:
    """A photograph that a subject can be cut out of; `box` is None where its labels do not say where the plate is."""

    path: Path
    plates: tuple[str, ...]
    box: tuple[int, int, int, int] | None
    regions: tuple[str, ...]


def sources(directories: Sequence[Path]) -> list[Source]:
    """Return the photographs that show one plate, which people can read, in the folders with labels."""
    found = []
    for folder in [one for directory in directories for one in folders(directory)]:
        if is_street(folder):
            found += [
                Source(one.path, one.labels[0].spellings, None, one.regions)
                for one in street_photographs(folder)
                if len(one.labels) == 1 and one.labels[0].certain
            ]
        else:
            found += [
                Source(one.path, (one.plate,), one.box, regions(folder.name))
                for one in photographs(folder)
                if not one.others
            ]
    return found


def readable(found: Sequence[Source], reader: PlateReader) -> list[Source]:
    """Return the photographs in which the engine reads the plate right, and nothing else.

    How well it reads photographs is what `benchmark:engine` asks; here, what becomes of readings in the course of time.
    """
    chosen = []
    for one in found:
        results = reader.read(one.path.read_bytes(), ReadOptions(one.regions)).results
        if [result["plate"].upper() in one.plates for result in results] == [True]:
            chosen.append(one)
    return chosen


def from_photograph(source: Source) -> Subject:
    """Return the car of a photograph."""
    image = ImageOps.exif_transpose(Image.open(source.path)).convert("RGBA")
    if source.box is None:
        half = image.width * _NOMINAL / 2
        middle, centre = image.width / 2, image.height / 2
        box = (middle - half, centre - half / 4, middle + half, centre + half / 4)
        return Subject(source.plates, image, box, source.regions)
    left, top, right, bottom = source.box
    width = right - left
    edges = (
        max(0, round(left - _AROUND[0] * width)),
        max(0, round(top - _AROUND[1] * width)),
        min(image.width, round(right + _AROUND[2] * width)),
        min(image.height, round(bottom + _AROUND[3] * width)),
    )
    place = (left - edges[0], top - edges[1], right - edges[0], bottom - edges[1])
    return Subject(source.plates, image.crop(edges), place, source.regions)


def invented(generator: random.Random) -> str:
    """Return a plate of a common form."""
    form = generator.choice(_FORMATS)
    return "".join(generator.choice(_LETTERS if one == "L" else string.digits) for one in form)


def similar(plate: str, generator: random.Random) -> str:
    """Return a plate that differs in one character, of the same kind."""
    place = generator.randrange(len(plate))
    kind = string.digits if plate[place].isdigit() else _LETTERS
    other = generator.choice([one for one in kind if one != plate[place]])
    return plate[:place] + other + plate[place + 1 :]


def drawn(plate: str, generator: random.Random) -> Subject:
    """Return a drawn car, seldom a truck, with a plate."""
    groups = "".join(
        f" {one}" if number and one.isdigit() != plate[number - 1].isdigit() else one
        for number, one in enumerate(plate)
    )
    is_truck = generator.random() < 0.15
    colour = generator.choice(_COLOURS)
    image = draw_truck(groups, "D") if is_truck else draw_car(groups, "D", colour)
    unit = image.width / 100
    middle = 97 if is_truck else 52
    box = (31 * unit, (middle - 4) * unit, 69 * unit, (middle + 4) * unit)
    return Subject((plate,), image.reduce(2), (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2), regions("eu"))


@lru_cache(1)
def _road() -> Image.Image:
    return draw_road().resize(SIZE, Image.Resampling.LANCZOS).resize(CANVAS, Image.Resampling.LANCZOS)


def road() -> Image.Image:
    """Return a picture of the road without cars."""
    return _road().copy()
