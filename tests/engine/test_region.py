"""A plate's region follows from its format and from the print next to it, and is unknown if neither shows it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.choose import Plate
from python_worker.engine.formats import formats_for
from python_worker.engine.geometry import Box
from python_worker.engine.match import Candidate
from python_worker.engine.propose import Proposal
from python_worker.engine.region import region

from .drawing import encoded, plate, scene


def _read(text: str, seen: str = "", small_print: tuple[str, ...] = ()) -> Plate:
    box = Box(np.array([[0, 0], [100, 0], [100, 25], [0, 25]], np.float32), 0.9)
    candidate = Candidate(text, 0.0, 0.0, None)
    return Plate(Proposal((box,)), box, seen or text, (candidate,), 0.9, 0.9, {}, small_print)


@pytest.mark.parametrize(("text", "code"), [("BD51SMR", "gb"), ("BRA2E19", "br"), ("MH12DE1433", "in")])
def test_a_format_of_one_region_tells_it(text: str, code: str) -> None:
    found, probability = region(_read(text), formats_for(()))
    assert found == code
    assert probability > 0.9


def test_a_format_of_many_regions_tells_none() -> None:
    assert region(_read("KLM482"), formats_for(())) == ("unknown", 0.0)
    assert region(_read("KLM48265482"), formats_for(())) == ("unknown", 0.0)


@pytest.mark.parametrize(("seen", "code"), [("S KLM 482", "se"), ("H KLM-482", "hu"), ("KLM 482", "unknown")])
def test_the_letters_of_the_band_tell_the_region(seen: str, code: str) -> None:
    assert region(_read("KLM482", seen), formats_for(()))[0] == code


@pytest.mark.parametrize(
    ("small_print", "code"),
    [
        (("TEXAS",), "us-tx"),
        (("°EXAS",), "us-tx"),
        (("1Arkansas11", "The Natural State"), "us-ar"),
        (("West Virginia",), "us-wv"),
        (("VOLVO", "Dealer of the year"), "unknown"),
    ],
)
def test_the_name_of_a_region_in_small_print_tells_it(small_print: tuple[str, ...], code: str) -> None:
    found, probability = region(_read("KLM4826", small_print=small_print), formats_for(("us",)))
    assert found == code
    assert (0.3 < probability < 1) == (code != "unknown")


def test_a_name_does_not_outweigh_a_format_that_only_another_region_has() -> None:
    assert region(_read("BD51SMR", small_print=("TEXAS",)), formats_for(()))[0] == "gb"


def test_small_print_in_a_picture_is_read(reader: PlateReader) -> None:
    drawn = plate("KLM 4826", height=110)
    framed = Image.new("RGB", (drawn.width, drawn.height + 60), "white")
    framed.paste(drawn, (0, 60))
    ImageDraw.Draw(framed).text((framed.width / 2, 32), "TEXAS", "navy", ImageFont.load_default(24), anchor="mm")
    (result,) = reader.read(encoded(scene([(framed, (480, 420))])), ReadOptions(("us",))).results
    assert result["plate"] == "klm4826"
    assert result["region"]["code"] == "us-tx"
