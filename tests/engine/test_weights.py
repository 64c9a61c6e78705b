"""The networks are those that were tested: each file has the checksum that `npm run models` wrote."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import python_worker.engine
from python_worker.engine.models import characters, in_alphabet, load_recogniser

FOLDER = Path(python_worker.engine.__file__).parent / "weights"
OTHER = "\N{GETA MARK}"
"""The class for characters that are neither a plate's nor needed to tell a plate from other text."""


def _expected() -> dict[str, str]:
    lines = (FOLDER / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_every_file_that_the_engine_loads_has_its_checksum() -> None:
    found = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in _expected()}
    assert found == _expected()


def test_no_network_is_without_a_checksum() -> None:
    networks = {path.name for path in FOLDER.iterdir() if path.suffix in (".onnx", ".txt")}
    assert networks == set(_expected()) == {"detector.onnx", "recogniser.onnx", "vehicles.onnx", "characters.txt"}


def test_the_characters_begin_with_the_blank_and_end_with_the_space() -> None:
    characters = (FOLDER / "characters.txt").read_text("utf-8").split("\n")
    assert characters[0] == ""
    assert characters[-2:] == [" ", ""]
    assert len(set(characters[:-1])) == len(characters) - 1


def test_every_networks_origin_and_changes_are_told_and_its_licence_is_there() -> None:
    notice = (FOLDER / "NOTICE").read_text("utf-8")
    assert all(name in notice for name in _expected())
    assert "Apache License" in (FOLDER / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize(("before", "after"), [("25", "19"), ("4", "77")])
def test_a_sign_that_is_no_letter_is_read_as_one_that_is_unknown(before: str, after: str) -> None:
    # A Chinese character of shop signs, two rectangles one in the other, which is a Q or nothing where only letters
    # and digits are known.
    strip = Image.new("RGB", (240, 48), (240, 240, 240))
    draw = ImageDraw.Draw(strip)
    ink, letters = (20, 20, 20), ImageFont.load_default(34)
    draw.text((14, 24), before, ink, letters, anchor="lm")
    left = round(20 + letters.getlength(before))
    draw.rectangle((left, 8, left + 32, 40), outline=ink, width=4)
    draw.rectangle((left + 10, 17, left + 22, 31), outline=ink, width=4)
    draw.text((left + 42, 24), after, ink, letters, anchor="lm")
    recogniser = load_recogniser(1)
    best = recogniser.network.run(np.asarray(strip)[np.newaxis])[0][0].argmax(axis=1)
    path = [characters()[one] for place, one in enumerate(best) if place == 0 or one != best[place - 1]]
    assert "".join(path) == f"{before}{OTHER}{after}"
    assert in_alphabet(OTHER) is None


def test_a_capital_with_an_accent_is_the_letter_without_it() -> None:
    characters = (FOLDER / "characters.txt").read_text("utf-8").splitlines()
    for accented, plain in zip("ÁÈÎÕÜÇŃŠĞŻ", "AEIOUCNSGZ", strict=True):
        assert accented in characters
        assert in_alphabet(accented) == plain
