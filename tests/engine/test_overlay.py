"""Text that is written into a picture is no plate, whatever it says; plates near the margin are, if they have a rim."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from python_worker.engine import PlateReader

from .drawing import encoded, plate, scene

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"

TEXTS = ("CAM07", "FPS 25", "GATE 3", "IPC2", "RLC520A", "48 KM/H", "NVR16", "KX 482 PL", "7EAV482", "BD51 SMR")
PLACES = ((0.01, 0.015), (0.99, 0.015), (0.01, 0.985), (0.99, 0.985))


def _read(reader: PlateReader, picture: Image.Image) -> list[str]:
    return [result["plate"] for result in reader.read(encoded(picture)).results]


def _written(
    picture: Image.Image, text: str, place: tuple[float, float], *, ink: str = "white", rim: int = 0, bar: bool = False
) -> Image.Image:
    """Return the picture with a text in a corner, as cameras write it."""
    picture = picture.convert("RGB")
    anchor = ("l" if place[0] < 0.5 else "r") + ("t" if place[1] < 0.5 else "b")
    where = (place[0] * picture.width, place[1] * picture.height)
    draw = ImageDraw.Draw(picture, "RGBA")
    font = ImageFont.load_default(round(picture.height * 0.05))
    if bar:
        _, top, _, bottom = draw.textbbox(where, text, font, anchor)
        draw.rectangle((0, top - 8, picture.width, bottom + 8), fill=(0, 0, 0, 110))
    draw.text(where, text, ink, font, anchor, stroke_width=rim, stroke_fill="black")
    return picture


@pytest.mark.parametrize("text", TEXTS)
def test_text_in_the_corner_of_a_street_is_no_plate(reader: PlateReader, text: str) -> None:
    street = Image.open(SAMPLES / "no-car.jpg")
    place = PLACES[TEXTS.index(text) % len(PLACES)]
    assert _read(reader, _written(street, text, place, rim=1)) == []


@pytest.mark.parametrize("look", [{}, {"ink": "yellow"}, {"rim": 2}, {"bar": True}], ids=str)
def test_a_plate_is_read_beside_text_in_the_corner(reader: PlateReader, look: dict[str, object]) -> None:
    for number, text in enumerate(("RLC520A", "CAM07")):
        picture = Image.open(SAMPLES / "one-car.jpg")
        without = _read(reader, picture)
        assert without
        assert _read(reader, _written(picture, text, PLACES[number + 1], **look)) == without  # type: ignore[arg-type]


def test_lines_below_each_other_are_no_plates_either(reader: PlateReader) -> None:
    picture = scene([], lettering=("KX 482 PL", "CAM 04", "IPC2"))
    assert _read(reader, picture) == []


@pytest.mark.parametrize("where", [(160, 70), (800, 70), (160, 650), (800, 650), (480, 660)], ids=str)
@pytest.mark.parametrize("ground", ["white", "#f5c400"])
def test_a_plate_with_a_rim_is_read_near_the_margin(reader: PlateReader, where: tuple[int, int], ground: str) -> None:
    assert _read(reader, scene([(plate("KX 482 PL", height=64, ground=ground), where)])) == ["kx482pl"]


def test_a_plate_that_fills_the_picture_is_read(reader: PlateReader) -> None:
    assert _read(reader, plate("KX 482 PL", height=200)) == ["kx482pl"]


def test_a_plate_that_is_cut_tightly_is_read(reader: PlateReader) -> None:
    whole = plate("KX 482 PL", height=160)
    assert _read(reader, whole.crop((24, 20, whole.width - 24, whole.height - 20))) == ["kx482pl"]
