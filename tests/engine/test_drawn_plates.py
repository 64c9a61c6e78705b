"""Drawn plates of many countries are read exactly, wherever and however they are in the picture."""

from __future__ import annotations

import pytest

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.formats import formats_for

from .drawing import encoded, plate, scene

PLATES = [
    ("ae", "K 48261"),
    ("ar", "KL 482 MN"),
    ("at", "W 12345 A"),
    ("au-nsw", "BTC 42K"),
    ("au-qld", "482-KL6"),
    ("be", "1-ABC-234"),
    ("br", "BRA2E19"),
    ("br", "KLM-4826"),
    ("ca-on", "CKLM 482"),
    ("ca-qc", "K48 LMN"),
    ("ch", "ZH 482615"),
    ("cz", "4A2 3827"),
    ("de", "KA PX 482"),
    ("dk", "KL 48 261"),
    ("es", "4826 BCD"),
    ("fr", "EX-473-JH"),
    ("gb", "BD51 SMR"),
    ("gr", "KHM-4826"),
    ("hu", "KL MN-482"),
    ("ie", "182-D-48261"),
    ("il", "482-61-537"),
    ("in", "MH 12 DE 1433"),
    ("it", "EX 473 JH"),
    ("mx", "KLM-482-A"),
    ("nl", "GX-482-T"),
    ("no", "KL 48261"),
    ("nz", "KLM482"),
    ("pl", "WA 4826K"),
    ("pt", "KL-48-MN"),
    ("ro", "B 482 KLM"),
    ("se", "KLM 482"),
    ("tr", "34 KLM 482"),
    ("ua", "KA 4826 KM"),
    ("us-ca", "7EAV482"),
    ("us-ny", "KLM-4826"),
    ("us-tx", "KLM-4826"),
    ("za", "KL 48 MN GP"),
]

TWO_LINES = [
    ("ae", ("K", "48261")),
    ("au-nsw", ("ABC", "42K")),
    ("br", ("BRA", "2E19")),
    ("ch", ("ZH", "48 2615")),
    ("de", ("KA-PX", "482")),
    ("es", ("4826", "BCD")),
    ("fr", ("EX-473", "JH")),
    ("gb", ("BD51", "SMR")),
    ("il", ("482", "61-537")),
    ("in", ("MH12", "DE1433")),
    ("it", ("EX473", "JH")),
    ("nl", ("DKL", "48-T")),
    ("pl", ("WA", "4826K")),
    ("tr", ("34 KLM", "482")),
    ("us-ca", ("24A", "4826")),
    ("za", ("KL48", "MN GP")),
]

FURTHER = [
    ("am", ("34 KL 482",)),
    ("az", ("10-KL-482",)),
    ("cl", ("KL-PR-48",)),
    ("cn", ("A12345",)),
    ("cn", ("B-48K26",)),
    ("cn", ("AD48261",)),
    ("co", ("KLM 482",)),
    ("ge", ("KL-482-MN",)),
    ("hk", ("KL 4826",)),
    ("id", ("B 4826 KLM",)),
    ("jp", ("330", "48-26")),
    ("ke", ("KCD 482L",)),
    ("kg", ("01 482 KLM",)),
    ("kr", ("124 8261",)),
    ("kz", ("482 KLM 02",)),
    ("lk", ("CAB-4826",)),
    ("me", ("BR KL482",)),
    ("me", ("BR", "KL 48")),
    ("mo", ("MK-48-26",)),
    ("my", ("WKL 4826",)),
    ("my", ("WKL", "4826")),
    ("ng", ("KLM-482AB",)),
    ("ph", ("KLM 4826",)),
    ("ro", ("SB 048261",)),
    ("ru", ("4826", "AK 77")),
    ("sa", ("4826 KLD",)),
    ("sg", ("SKL 4826 X",)),
    ("th", ("1 4826",)),
    ("tw", ("KLM-3826",)),
    ("uz", ("01 K 482 LM",)),
    ("vn", ("51F-482.61",)),
    ("vn", ("51F", "482.61")),
    ("vn", ("59-X3", "482.61")),
    ("vn", ("59-X3", "4826")),
    ("zw", ("KLM 4826",)),
]

FOREIGN = [
    ("me", "BD51 SMR"),
    ("me", "ZG 4826-KL"),
    ("nl", "WA 4826K"),
    ("se", "KA PX 482"),
    ("de", "34 KLM 482"),
    ("us", "EX 473 JH"),
    ("us-ca", "KL 4826 MN"),
    ("us", "MH 12 DE 1433"),
    ("br", "KL 482 MN"),
    ("jp", "MH 12 DE 1433"),
    ("vn", "KLM 482"),
    ("mt", "182-D-48261"),
]
"""Regions, and plates that none of their formats allows."""


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).lower()


@pytest.mark.parametrize(("region", "text"), PLATES)
def test_a_plate_is_read_with_its_region_and_without(reader: PlateReader, region: str, text: str) -> None:
    image = encoded(scene([(plate(text), (480, 420))]))
    for regions in ((region,), ()):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate"] for result in results] == [_plain(text)], regions


@pytest.mark.parametrize(("region", "lines"), FURTHER)
def test_a_plate_is_read_with_its_region(reader: PlateReader, region: str, lines: tuple[str, ...]) -> None:
    image = encoded(scene([(plate(*lines, height=80), (480, 420))]))
    results = reader.read(image, ReadOptions((region,))).results
    assert [result["plate"] for result in results] == [_plain("".join(lines))]


@pytest.mark.parametrize(("region", "text"), FOREIGN)
def test_the_region_given_costs_no_plate_that_its_formats_lack(reader: PlateReader, region: str, text: str) -> None:
    assert region not in formats_for((region,), strict=True).regions(_plain(text).upper())
    image = encoded(scene([(plate(text), (480, 420))]))
    for regions in ((), (region,)):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate"] for result in results] == [_plain(text)], regions


@pytest.mark.parametrize(("region", "lines"), TWO_LINES)
def test_two_lines_are_one_plate(reader: PlateReader, region: str, lines: tuple[str, str]) -> None:
    image = encoded(scene([(plate(*lines, height=80), (480, 420))]))
    for regions in ((region,), ()):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate"] for result in results] == [_plain("".join(lines))], regions


THREE_LINES = [("ua", ("KA", "4826", "KM")), ("hr", ("ZG", "482", "KM")), ("at", ("KL", "482", "MN"))]


@pytest.mark.parametrize(("region", "lines"), THREE_LINES)
@pytest.mark.parametrize("angle", [0, 12])
def test_three_lines_are_one_plate(reader: PlateReader, region: str, lines: tuple[str, ...], angle: int) -> None:
    image = encoded(scene([(plate(*lines, height=70), (480, 400))], angle=angle))
    for regions in ((region,), ()):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate"] for result in results] == [_plain("".join(lines))], regions


@pytest.mark.parametrize(("region", "text"), [("pl", "WA    4826K"), ("de", "B    KL 4826"), ("de", "S    KL 48")])
def test_a_plate_with_a_wide_gap_is_one_plate(reader: PlateReader, region: str, text: str) -> None:
    image = encoded(scene([(plate(text), (480, 420))]))
    for regions in ((region,), ()):
        results = reader.read(image, ReadOptions(regions)).results
        assert [result["plate"] for result in results] == [_plain(text)], regions


@pytest.mark.parametrize("angle", [-15, -8, 8, 15])
@pytest.mark.parametrize("lines", [("BD51 SMR",), ("1-ABC-234",), ("KA-PX", "482")], ids=" ".join)
def test_a_turned_plate_is_read_and_boxed(reader: PlateReader, lines: tuple[str, ...], angle: int) -> None:
    image = encoded(scene([(plate(*lines), (480, 420))], angle=angle))
    results = reader.read(image).results
    assert [result["plate"] for result in results] == [_plain("".join(lines))]
    box = results[0]["box"]
    assert (box["xmin"] + box["xmax"]) / 2 == pytest.approx(480, abs=15)
    assert (box["ymin"] + box["ymax"]) / 2 == pytest.approx(420, abs=15)


@pytest.mark.parametrize("text", ["BX 906 WO", "NZH 0965", "OX61 NOS", "SH 906 XE"])
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_of_a_picture_on_its_side_or_its_head_nothing_is_read_or_the_right_plate(
    reader: PlateReader, text: str, turn: int
) -> None:
    image = encoded(scene([(plate(text), (480, 420))]).rotate(turn, expand=True))
    assert {result["plate"] for result in reader.read(image).results} <= {_plain(text)}


def test_every_plate_is_found_and_boxed_where_it_is(reader: PlateReader) -> None:
    left, right = plate("BD51 SMR", height=60), plate("EX-473-JH", height=60)
    results = reader.read(encoded(scene([(left, (230, 420)), (right, (730, 480))]))).results
    found = {result["plate"]: result["box"] for result in results}
    assert set(found) == {"bd51smr", "ex473jh"}
    for name, image, (x, y) in (("bd51smr", left, (230, 420)), ("ex473jh", right, (730, 480))):
        box = found[name]
        assert (box["xmin"] + box["xmax"]) / 2 == pytest.approx(x, abs=10)
        assert (box["ymin"] + box["ymax"]) / 2 == pytest.approx(y, abs=10)
        # The box is that of the text: within the plate, and not much smaller.
        assert image.width * 0.6 < box["xmax"] - box["xmin"] <= image.width + 10


@pytest.mark.parametrize(
    "lettering",
    [
        (),
        ("2026-11-23 14:05:27", "Camera 1"),
        ("23.11.2026", "14:05"),
        ("CITY PLUMBING", "Call 555 014 2368"),
        ("www.example.com", "FRESH FRUIT DAILY"),
        ("Ford Transit", "2.0 TDI"),
    ],
)
def test_what_is_no_plate_is_not_taken_for_one(reader: PlateReader, lettering: tuple[str, ...]) -> None:
    assert reader.read(encoded(scene([], lettering=lettering))).results == []
    results = reader.read(encoded(scene([(plate("BD51 SMR"), (480, 420))], lettering=lettering))).results
    assert [result["plate"] for result in results] == ["bd51smr"]


@pytest.mark.parametrize("name", ["A 180 CDI", "C220 CDI", "XC90 D5", "HILL 4X4"])
def test_the_name_of_a_model_above_the_plate_is_no_second_plate(reader: PlateReader, name: str) -> None:
    lettering = plate(name, height=44, ground="#464e5c", ink="white")
    image = encoded(scene([(plate("BD51 SMR", height=60), (480, 450)), (lettering, (420, 340))]))
    assert [result["plate"] for result in reader.read(image).results] == ["bd51smr"]


def test_light_text_on_dark_ground_is_read(reader: PlateReader) -> None:
    image = encoded(scene([(plate("BD51 SMR", ground="black", ink="white"), (480, 420))]))
    assert [result["plate"] for result in reader.read(image).results] == ["bd51smr"]


@pytest.mark.parametrize("height", [16, 24, 200])
def test_small_and_large_plates_are_read(reader: PlateReader, height: int) -> None:
    image = encoded(scene([(plate("BD51 SMR", height=height), (480, 420))]), quality=92)
    assert [result["plate"] for result in reader.read(image).results] == ["bd51smr"]
