"""How long plates are looked for, and how small they may be."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest
from PIL import Image

from python_worker.engine import PlateReader
from python_worker.engine.attempts import Scene
from python_worker.engine.decode import decode
from python_worker.engine.detect import glance
from python_worker.engine.formats import formats_for
from python_worker.engine.geometry import Box
from python_worker.engine.propose import propose
from python_worker.engine.runtime import Floats, Network, Pixels
from python_worker.engine.vehicles import Vehicle
from python_worker.samples import draw_samples

from .drawing import encoded, plate, scene


@pytest.fixture(scope="module")
def pictures() -> Mapping[str, bytes]:
    return draw_samples()


@pytest.mark.parametrize("place", [(1700, 1200), (400, 1500), (3000, 1100)], ids=["middle", "left", "right"])
def test_a_small_car_in_a_large_picture_is_read(
    reader: PlateReader, pictures: Mapping[str, bytes], place: tuple[int, int]
) -> None:
    with Image.open(io.BytesIO(pictures["two-cars.jpg"])) as cars:
        far = cars.convert("RGB").resize((500, 281), Image.Resampling.LANCZOS)
    street = Image.new("RGB", (3840, 2160), (150, 170, 190))
    street.paste((60, 60, 60), (0, 1000, 3840, 2160))
    street.paste(far, place)
    results = reader.read(encoded(street, quality=92)).results
    assert sorted(result["plate"] for result in results) == ["ab123cd", "klm482"]
    assert all(result["box"]["xmax"] - result["box"]["xmin"] < 72 for result in results)


class _Counted:
    """A network that counts its runs."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.runs = 0

    def run(self, pictures: Pixels) -> tuple[Floats, ...]:
        self.runs += 1
        return self.network.run(pictures)


def test_the_search_on_a_vehicle_ends_with_its_certain_plate(
    reader: PlateReader, pictures: Mapping[str, bytes]
) -> None:
    def runs(data: bytes) -> int:
        counted = _Counted(reader.searcher.detector)
        searcher = replace(reader.searcher, detector=cast("Network", counted))
        searcher.plates(decode(data), formats_for(()))
        return counted.runs

    with Image.open(io.BytesIO(pictures["two-cars.jpg"])) as picture:
        picture.paste((34, 74, 138), (220, 440, 460, 510))
        without_plate = encoded(picture, quality=92)
    # A look at the whole picture, and one at the plate; without a plate, the vehicle is looked at more closely.
    assert runs(pictures["two-cars.jpg"]) == 2
    assert runs(without_plate) > 2


def test_text_that_is_clearly_no_plate_is_not_read_again_in_the_next_look(reader: PlateReader) -> None:
    sign = plate("DELIVERIES", height=60, ground="#464e5c", ink="white")
    picture = decode(encoded(scene([(sign, (480, 430))]), quality=92))
    van = Vehicle("Truck", 0.9, (100.0, 0.0, 860.0, 700.0))
    street = Scene(picture, formats_for(()), [van], "regular")
    boxes = glance(reader.searcher.detector, picture).boxes
    assert boxes
    reader.searcher.reader.best(street, propose(boxes), [])
    read = len(street.readings)
    assert read > 0
    again = [Box(box.quad + 2, box.score) for box in boxes]
    reader.searcher.reader.best(street, propose(again), [])
    assert len(street.readings) == read
