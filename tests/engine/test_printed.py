"""`plate_text` is the plate as it is printed, and agrees with `plate`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.choose import Plate
from python_worker.engine.geometry import Box
from python_worker.engine.match import Candidate
from python_worker.engine.models import ALPHABET, characters, in_alphabet, load_fold
from python_worker.engine.printed import printed
from python_worker.engine.propose import Proposal
from python_worker.engine.read import Reading
from python_worker.samples import draw_samples

from .drawing import encoded, plate, scene


@pytest.mark.parametrize(
    ("region", "lines", "expected"),
    [
        ("br", ("KLM·4826",), "KLM·4826"),
        ("br", ("KLM-4826",), "KLM-4826"),
        ("br", ("BRA2E19",), "BRA2E19"),
        ("cz", ("4A2 3827",), "4A2 3827"),
        ("de", ("KA-PX", "482"), "KA-PX 482"),
        ("fr", ("EX-473-JH",), "EX-473-JH"),
        ("gb", ("BD51", "SMR"), "BD51 SMR"),
        ("me", ("BR KL482",), "BR KL482"),
        ("nl", ("GX-482-T",), "GX-482-T"),
        ("ru", ("A482KM 77",), "А482КМ 77"),  # noqa: RUF001
        ("ua", ("KA", "4826", "KM"), "КА 4826 КМ"),  # noqa: RUF001
        ("vn", ("51F", "482.61"), "51F 482.61"),
    ],
)
def test_separators_accents_and_scripts_are_those_of_the_plate(
    reader: PlateReader, region: str, lines: tuple[str, ...], expected: str
) -> None:
    image = encoded(scene([(plate(*lines, height=80), (480, 420))]))
    results = reader.read(image, ReadOptions((region,))).results
    assert [result["plate_text"] for result in results] == [expected]


def _with_seals(left: str, right: str) -> Image.Image:
    """Return a plate with two seals below each other, as Germany's, between its two parts."""
    font = ImageFont.load_default(68)
    before, after = round(font.getlength(left)), round(font.getlength(right))
    image = Image.new("RGB", (before + after + 150, 104), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, image.width - 1, 103), outline="black", width=4)
    draw.text((40, 52), left, "black", font, anchor="lm")
    draw.text((before + 110, 52), right, "black", font, anchor="lm")
    for top in (14, 56):
        draw.ellipse((before + 58, top, before + 92, top + 34), fill=(150, 160, 170), outline=(90, 100, 110), width=3)
    return image


@pytest.mark.parametrize(("left", "right"), [("B", "NO 1234"), ("BN", "O 1234"), ("HH", "PX 858"), ("K", "AB 1213")])
def test_seals_part_what_would_be_the_same_plate_without_them(reader: PlateReader, left: str, right: str) -> None:
    image = encoded(scene([(_with_seals(left, right), (480, 420))]))
    for regions in (("de",), ()):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate_text"] for result in results] == [f"{left} {right}"], regions


def _with_dots(text: str, over: int) -> Image.Image:
    """Return a plate with two dots over one of the letters: the font has no umlauts."""
    drawn, font = plate(text, height=80), ImageFont.load_default(60)
    left = (drawn.width - font.getlength(text)) / 2 + font.getlength(text[:over])
    for part in (0.28, 0.72):
        x = left + part * font.getlength(text[over])
        ImageDraw.Draw(drawn).ellipse((x - 4, 10, x + 4, 18), fill="black")
    return drawn


@pytest.mark.parametrize(
    ("region", "text", "over", "expected"), [("de", "LO RX 482", 1, "LÖ RX 482"), ("se", "KLA 482", 2, "KLÄ 482")]
)
def test_umlauts_are_those_of_the_plate(reader: PlateReader, region: str, text: str, over: int, expected: str) -> None:
    image = encoded(scene([(_with_dots(text, over), (480, 420))]))
    (result,) = reader.read(image, ReadOptions((region,))).results
    assert (result["plate"], result["plate_text"]) == (text.replace(" ", "").lower(), expected)


def test_the_sign_of_a_chinese_province_is_written_and_tells_the_country(reader: PlateReader) -> None:
    drawn = plate("    A·8H458", height=80, ground="#1c3f94", ink="white")
    draw = ImageDraw.Draw(drawn)
    # The sign of Sichuan: three strokes, the first one bent.
    draw.line((40, 22, 40, 49), "white", 7)
    draw.line((40, 47, 32, 68), "white", 7)
    draw.line((54, 27, 54, 60), "white", 7)
    draw.line((68, 22, 68, 70), "white", 7)
    for regions in (("cn",), ()):
        (result,) = reader.read(encoded(scene([(drawn, (480, 420))])), ReadOptions(regions)).results
        assert (result["plate"], result["plate_text"], result["region"]["code"]) == ("a8h458", "川A·8H458", "cn")


def test_plate_text_has_the_characters_of_the_plate(reader: PlateReader) -> None:
    for data in draw_samples().values():
        results = reader.read(data, ReadOptions(mode="redaction", threshold_d=0)).results
        for result in results:
            folded = [in_alphabet(one) for one in result["plate_text"]]
            assert "".join(filter(None, folded)).lower() == result["plate"]


def _read(plate: str, *lines: str) -> Plate:
    """Return a plate of which the recogniser saw these lines, each character in one step of three."""
    readings = []
    for line in lines:
        probabilities = np.zeros((3 * len(line), len(characters())), np.float32)
        probabilities[:, 0] = 1
        for number, character in enumerate(line):
            probabilities[3 * number + 1] = 0
            probabilities[3 * number + 1, characters().index(character)] = 1
        folded = np.log(np.maximum(probabilities @ load_fold(), 1e-9))
        readings.append(Reading(line, folded, probabilities, np.zeros((48, 24 * len(line), 3), np.uint8)))
    box = Box(np.array([[0, 0], [100, 0], [100, 25], [0, 25]], np.float32), 0.9)
    candidate = Candidate(plate, 0.0, 0.0, None)
    return Plate(Proposal((box,)), box, " ".join(lines), (candidate,), 0.9, 0.9, {}, readings=tuple(readings))


@pytest.mark.parametrize(
    ("code", "plate", "lines", "expected"),
    [
        ("de", "B0482", ("B O482",), "B 0482"),
        ("de", "KLM482", ("KQLM482",), "K LM482"),
        ("de", "KLM482", ("DKLM482",), "KLM482"),
        ("de", "KLM482", ("K.LM·482",), "K LM 482"),
        ("de", "KLM482", ("-K:LM - 482.",), "K LM-482"),
        ("de", "KLM482", ("KLM482車",), "KLM482"),
        ("cn", "AF7201", ("沪A•F7201",), "沪A·F7201"),
        ("cn", "A7201", ("琼A·7201学",), "琼A·7201学"),
        ("jp", "3304826", ("品川 330", "あ 48-26"), "品川 330 あ 48-26"),
        ("se", "KLA482", ("KLÅ 482",), "KLÅ 482"),
        ("gb", "KLA482", ("KLÅ 482",), "KLA 482"),
        ("gb", "KLA482", ("klΑ482",), "KLA482"),  # noqa: RUF001
        ("ua", "AD4826KM", ("AD4826KM",), "AD4826KM"),
        ("unknown", "LOA4826", ("LÖ·A 48.26",), "LÖ·A 48.26"),
        ("unknown", "KLM482", ("沪KLM 482",), "KLM 482"),
    ],
)
def test_what_was_seen_between_the_characters_is_written_if_it_can_be_on_a_plate(
    code: str, plate: str, lines: tuple[str, ...], expected: str
) -> None:
    assert printed(_read(plate, *lines), code) == expected


@settings(deadline=None, derandomize=True)
@given(st.text("ABCÖÄ019abz -.·:沪警|#", min_size=1, max_size=12), st.text(ALPHABET, min_size=1, max_size=8))
def test_plate_text_is_the_plate_whatever_was_seen(seen: str, plate: str) -> None:
    for code in ("unknown", "de", "cn"):
        folded = [in_alphabet(one) for one in printed(_read(plate, seen), code)]
        assert "".join(filter(None, folded)) == plate
