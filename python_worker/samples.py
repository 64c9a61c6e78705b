"""`python -m python_worker samples --out DIR`: draws sample pictures with known plates."""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

Colour: TypeAlias = "tuple[int, int, int]"

SAMPLES: dict[str, tuple[str, ...]] = {
    "one-car.jpg": ("NHK552",),
    "two-cars.jpg": ("KLM482", "AB123CD"),
    "no-car.jpg": (),
    "car-at-angle.jpg": ("TRG318",),
    "another-car-at-angle.jpg": ("EX473JH",),
    "truck.jpg": ("PWA926",),
}
"""Name of each picture, and the plates that it shows."""

SIZE = (1280, 720)

_FINER = 2
"""Everything is drawn this many times as large and scaled down, which smooths the edges."""
_HORIZON = 290
_SMOOTH = Image.Resampling.BICUBIC
_BAND, _INK, _TYRE, _GLASS = (0, 51, 153), (16, 16, 18), (24, 25, 28), (38, 48, 60)
_RED, _BLUE, _SILVER, _GREEN = (170, 32, 38), (34, 74, 138), (168, 174, 182), (38, 92, 70)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the pictures")


def run(arguments: argparse.Namespace) -> int:
    """Draw all pictures and print their paths; return 0."""
    for path in write_samples(arguments.out):
        print(path)
    return 0


@dataclass(frozen=True)
class _Vehicle:
    """A vehicle and its place on the road, in pixels of the finished picture."""

    image: Image.Image
    middle: int
    bottom: int
    width: int


def draw_samples() -> dict[str, bytes]:
    """Return the pictures, encoded as JPEG, by their names."""
    leaning = _turned(draw_car("EX 473 JH", "F", _GREEN), 0.24).rotate(-6, _SMOOTH, expand=True)
    vehicles = {
        "one-car.jpg": [_Vehicle(draw_car("NHK 552", "S", _RED), 640, 680, 640)],
        "two-cars.jpg": [
            _Vehicle(draw_car("KLM 482", "S", _BLUE), 340, 640, 540),
            _Vehicle(draw_car("AB 123 CD", "F", _SILVER), 920, 690, 560),
        ],
        "no-car.jpg": [],
        "car-at-angle.jpg": [_Vehicle(_turned(draw_car("TRG 318", "LT", _SILVER), 0.28), 660, 690, 620)],
        "another-car-at-angle.jpg": [_Vehicle(leaning, 620, 700, 660)],
        "truck.jpg": [_Vehicle(draw_truck("PWA 926", "S"), 640, 700, 600)],
    }
    return {name: _jpeg(vehicles[name]) for name in SAMPLES}


def write_samples(folder: Path) -> list[Path]:
    """Write the pictures into a folder, which is made if needed, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in draw_samples().items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    return paths


def _jpeg(vehicles: list[_Vehicle]) -> bytes:
    scene = draw_road()
    for vehicle in vehicles:
        width = vehicle.width * _FINER
        size = (width, round(vehicle.image.height * width / vehicle.image.width))
        corner = (vehicle.middle * _FINER - width // 2, vehicle.bottom * _FINER - size[1])
        scaled = vehicle.image.resize(size, Image.Resampling.LANCZOS)
        scene.paste(scaled, corner, scaled)
    encoded = io.BytesIO()
    scene.resize(SIZE, Image.Resampling.LANCZOS).save(encoded, "JPEG", quality=80, optimize=True)
    return encoded.getvalue()


def draw_road() -> Image.Image:
    """Return the road without vehicles, twice as large as the pictures."""
    width, height, horizon = SIZE[0] * _FINER, SIZE[1] * _FINER, _HORIZON * _FINER
    scene = Image.new("RGB", (width, height))
    scene.paste(_gradient((width, horizon), (112, 164, 214), (222, 234, 242)))
    draw = ImageDraw.Draw(scene)
    for left, right, top, colour in ((-300, 1300, 130, (150, 172, 170)), (900, 3000, 90, (134, 160, 150))):
        draw.ellipse((left, horizon - top, right, horizon + top), fill=colour)
    scene.paste(_gradient((width, height - horizon), (112, 136, 84), (78, 104, 56)), (0, horizon))
    for number in range(36):
        left, size = number * 76 - 40, 60 + (number * 37) % 50
        draw.ellipse((left, horizon - size, left + 110, horizon + 24), fill=(58, 84 + number * 5 % 18, 50))
    draw.rectangle((0, horizon + 8, width, horizon + 26), fill=(111, 135, 83))
    lane = Image.new("L", (width, height))
    ImageDraw.Draw(lane).polygon(_strip(-0.5, 0.5, 0, 1), fill=255)
    scene.paste(_gradient((width, height), (150, 152, 154), (84, 86, 90)), (0, 0), lane)
    for side in (-0.47, 0.46):
        draw.polygon(_strip(side, side + 0.01, 0, 1), fill=(232, 232, 226))
    for near in (0.02, 0.08, 0.2, 0.42, 0.75):
        draw.polygon(_strip(-0.006, 0.006, near, near * 1.45), fill=(232, 232, 226))
    return scene


def _strip(left: float, right: float, far: float, near: float) -> list[tuple[float, float]]:
    """Return the corners of a strip of the road: across from -0.5 to 0.5, along from 0 (horizon) to 1 (bottom)."""
    middle, top = SIZE[0] * _FINER / 2, (_HORIZON + 12) * _FINER
    length = SIZE[1] * _FINER - top

    def corner(across: float, along: float) -> tuple[float, float]:
        return middle + across * (160 + along * 3400), top + along * length

    return [corner(left, far), corner(right, far), corner(right, near), corner(left, near)]


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    weight = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), weight)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


class _Canvas:
    """A transparent layer, 100 units wide, on which a vehicle is drawn."""

    UNIT = 14

    def __init__(self, height: float) -> None:
        self.image = Image.new("RGBA", (100 * self.UNIT, round(height * self.UNIT)))
        self._draw = ImageDraw.Draw(self.image)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0) -> None:
        self._draw.rounded_rectangle(self._scaled(left, top, right, bottom), radius * self.UNIT, fill=fill)

    def pair(self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0) -> None:
        """Draw a box on the left and its mirror image on the right."""
        self.box(left, top, right, bottom, fill, radius)
        self.box(100 - right, top, 100 - left, bottom, fill, radius)

    def polygon(self, fill: Colour, *points: tuple[float, float]) -> None:
        self._draw.polygon([(x * self.UNIT, y * self.UNIT) for x, y in points], fill=fill)

    def body(self, left: float, top: float, right: float, bottom: float, colour: Colour, radius: float) -> None:
        """Draw a box of metal, light above and dark below."""
        box = [round(edge) for edge in self._scaled(left, top, right, bottom)]
        size = (box[2] - box[0], box[3] - box[1])
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, *size), radius * self.UNIT, fill=255)
        self.image.paste(_gradient(size, _shade(colour, 1.2), _shade(colour, 0.75)), (box[0], box[1]), mask)

    def shadow(self, left: float, top: float, right: float, bottom: float) -> None:
        self._draw.ellipse(self._scaled(left, top, right, bottom), fill=(20, 22, 24, 110))

    def text(self, x: float, y: float, text: str, width: float, fill: Colour, bold: float = 0.0) -> None:
        """Write a line of text with this width, centred on a point."""
        trial = 100.0
        size = trial * width * self.UNIT / ImageFont.load_default(trial).getlength(text)
        stroke = round(bold * self.UNIT)
        font = ImageFont.load_default(size)
        self._draw.text((x * self.UNIT, y * self.UNIT), text, fill, font, "mm", stroke_width=stroke, stroke_fill=fill)

    def plate(self, x: float, y: float, text: str, country: str) -> None:
        """Mount a plate, 38 units wide, centred on a point: its frame, the blue band and the text."""
        self.box(x - 20, y - 4.9, x + 20, y + 4.9, _INK, 1)
        self.box(x - 19, y - 4, x + 19, y + 4, (246, 246, 240), 0.6)
        self.box(x - 19, y - 4, x - 15.4, y + 4, _BAND, 0.6)
        self.text(x - 17.2, y + 2, country, 0.9 + 0.7 * len(country), (255, 255, 255))
        for star in (-2.2, -1.2, -0.2):
            self.box(x - 17.4, y + star, x - 17, y + star + 0.4, (255, 204, 0), 0.2)
        self.text(x + 1.8, y, text, 28, _INK, 0.14)

    def _scaled(self, *edges: float) -> tuple[float, float, float, float]:
        left, top, right, bottom = (edge * self.UNIT for edge in edges)
        return left, top, right, bottom


def draw_car(plate: str, country: str, colour: Colour) -> Image.Image:
    """Return a car seen from behind."""
    car = _Canvas(86)
    car.shadow(0, 72, 100, 86)
    car.pair(9, 58, 25, 83, _TYRE, 3)
    car.polygon(_shade(colour, 0.95), (13, 42), (27, 7), (73, 7), (87, 42))
    car.body(26, 5, 74, 13, colour, 3)
    car.polygon(_GLASS, (22, 37), (30, 12), (70, 12), (78, 37))
    car.polygon(_shade(_GLASS, 1.5), (30, 12), (44, 12), (34, 37), (22, 37))
    car.body(3, 36, 97, 72, colour, 7)
    car.box(9, 38, 91, 38.8, _shade(colour, 0.6))
    car.pair(5, 42, 22, 53, _shade(_INK, 1.6), 2.4)
    car.pair(6, 43, 21, 49, (196, 24, 30), 1.8)
    car.pair(6, 49.6, 13, 52, (240, 150, 40), 1)
    car.pair(14, 49.6, 21, 52, (236, 236, 232), 1)
    car.box(47, 40.5, 53, 43.5, (206, 208, 212), 1.5)
    car.plate(50, 52, plate, country)
    car.body(2, 61, 98, 74, _shade(colour, 0.85), 4)
    car.box(8, 66, 92, 66.8, _shade(colour, 0.55))
    car.pair(10, 68, 20, 70.5, (190, 30, 34), 1)
    car.box(26, 71, 74, 76, _shade(_INK, 1.8), 2)
    car.box(68, 74, 75, 77.5, (140, 142, 146), 1.5)
    return car.image


def draw_truck(plate: str, country: str) -> Image.Image:
    """Return a truck seen from behind, with lettering on its doors."""
    truck = _Canvas(116)
    truck.shadow(2, 104, 98, 116)
    truck.pair(8, 86, 30, 113, _TYRE, 3)
    truck.box(12, 82, 88, 92, (52, 54, 58))
    truck.body(6, 2, 94, 84, (226, 228, 226), 2)
    truck.box(49.7, 4, 50.3, 82, (150, 152, 154))
    truck.box(6, 56, 94, 62, _shade(_GREEN, 1.3))
    for left in (36, 60):
        truck.box(left, 6, left + 1.2, 82, (170, 172, 174), 0.6)
        truck.box(left - 1.5, 66, left + 2.7, 68, (130, 132, 134), 0.6)
    truck.text(50, 22, "GREENFIELD", 74, _GREEN, 0.25)
    truck.text(50, 37, "FARM FOODS", 62, _GREEN, 0.2)
    truck.text(50, 49, "fresh every day", 40, (90, 96, 92))
    truck.pair(9, 85, 25, 91, (196, 24, 30), 1)
    truck.box(24, 94, 76, 106, (44, 46, 50), 1)
    truck.plate(50, 97, plate, country)
    return truck.image


def _turned(vehicle: Image.Image, turn: float) -> Image.Image:
    """Return a vehicle seen from the left: its right side is farther away.

    Args:
        vehicle: seen from straight behind.
        turn: how much smaller the far side is.
    """
    width, height = vehicle.size
    far = height * turn
    corners = (0, 0, 0, height, width, height + far * 0.9, width, -far * 0.6)
    near = vehicle.transform((width, height), Image.Transform.QUAD, corners, _SMOOTH)
    return near.resize((round(width * (1 - turn * 0.8)), height), Image.Resampling.LANCZOS)
