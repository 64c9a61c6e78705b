"""The options of a reading, and what its result always holds."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

from python_worker.engine import ImageError, PatternError, PlateReader, ReadOptions
from python_worker.samples import SAMPLES, draw_samples
from tests.contract.answers import departure

from .drawing import encoded, plate, scene


@pytest.fixture(scope="module")
def pictures() -> Mapping[str, bytes]:
    return draw_samples()


def _plates(results: list[dict[str, Any]]) -> list[str]:
    return [result["plate"] for result in results]


def test_the_sample_pictures_are_read(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    for name, plates in SAMPLES.items():
        assert sorted(_plates(reader.read(pictures[name]).results)) == sorted(one.lower() for one in plates), name


def test_results_are_the_apis(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    for data in pictures.values():
        reading = reader.read(data, ReadOptions(mode="redaction", threshold_d=0))
        assert departure({"results": reading.results}) is None
        json.dumps(reading.results, allow_nan=False)
        for result in reading.results:
            assert 0 <= result["box"]["xmin"] < result["box"]["xmax"] <= reading.width
            assert 0 <= result["box"]["ymin"] < result["box"]["ymax"] <= reading.height
            scores = [candidate["score"] for candidate in result["candidates"]]
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= score <= 1 for score in [*scores, result["dscore"], result["region"]["score"]])
            assert result["candidates"][0] == {"plate": result["plate"], "score": result["score"]}
            assert result["plate"] == result["plate"].lower()


def test_the_same_picture_gives_the_same_results_from_many_threads(
    reader: PlateReader, pictures: Mapping[str, bytes]
) -> None:
    alone = {name: reader.read(data).results for name, data in pictures.items()}
    with ThreadPoolExecutor(4) as threads:
        together = {name: threads.submit(reader.read, data) for name, data in pictures.items() for _ in range(3)}
        assert {name: reading.result().results for name, reading in together.items()} == alone


def test_thresholds_drop_results(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    everything = reader.read(pictures["two-cars.jpg"], ReadOptions(threshold_d=0, threshold_o=0)).results
    dscore, score = (max(result[key] for result in everything) for key in ("dscore", "score"))
    for key, limit, options in (
        ("dscore", dscore, ReadOptions(threshold_d=dscore)),
        ("score", score, ReadOptions(threshold_o=score)),
    ):
        kept = reader.read(pictures["two-cars.jpg"], options).results
        assert kept
        assert all(result[key] >= limit for result in kept)
    for options in (ReadOptions(threshold_d=1), ReadOptions(threshold_o=1)):
        assert reader.read(pictures["two-cars.jpg"], options).results == []


def test_redaction_keeps_what_cannot_be_read(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    impossible = ReadOptions(threshold_o=1.0, mode="redaction")
    assert len(reader.read(pictures["two-cars.jpg"], impossible).results) >= 2


def test_redaction_keeps_plates_of_other_regions(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    strict = ReadOptions(("br",), strict_regions=True)
    assert reader.read(pictures["two-cars.jpg"], strict).results == []
    strict = replace(strict, mode="redaction")
    assert len(reader.read(pictures["two-cars.jpg"], strict).results) >= 2


def test_redaction_looks_for_more_where_a_sure_plate_is_found(reader: PlateReader) -> None:
    picture = Image.new("RGB", (1600, 1200), (70, 78, 92))
    picture.paste(scene([(plate("BD51 SMR"), (480, 420))]), (100, 200))
    picture.paste(plate("EX-473-JH", height=9), (1450, 300))
    results = reader.read(encoded(picture, quality=92), ReadOptions(mode="redaction")).results
    assert sorted(result["box"]["xmin"] > 1400 for result in results) == [False, True]


@pytest.fixture(scope="module")
def without_plate(pictures: Mapping[str, bytes]) -> bytes:
    """Return the picture of two cars, of which the left one, whose kind the engine recognises, has lost its plate."""
    with Image.open(io.BytesIO(pictures["two-cars.jpg"])) as picture:
        picture.paste((34, 74, 138), (220, 440, 460, 510))
        return encoded(picture, quality=92)


def _boxed(outer: Mapping[str, int], inner: Mapping[str, int]) -> bool:
    return (
        outer["xmin"] <= inner["xmin"] < inner["xmax"] <= outer["xmax"]
        and outer["ymin"] <= inner["ymin"] < inner["ymax"] <= outer["ymax"]
    )


@pytest.mark.parametrize("mode", ["regular", "fast", "redaction"])
def test_a_result_names_the_vehicle_that_carries_the_plate(
    reader: PlateReader, pictures: Mapping[str, bytes], mode: str
) -> None:
    results = {one["plate"]: one for one in reader.read(pictures["two-cars.jpg"], ReadOptions(mode=mode)).results}
    seen, unseen = results["klm482"]["vehicle"], results["ab123cd"]["vehicle"]
    assert seen["type"] in ("Car", "Truck")
    assert 0.2 <= seen["score"] <= 1
    assert _boxed(seen["box"], results["klm482"]["box"])
    assert not _boxed(seen["box"], results["ab123cd"]["box"])
    assert unseen == {"score": 0.0, "type": "Unknown", "box": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}}


def test_vehicle_mode_has_the_apis_form_and_vehicles_without_a_plate(reader: PlateReader, without_plate: bytes) -> None:
    assert [one["plate"] for one in reader.read(without_plate).results] == ["ab123cd"]
    alone, *others = reader.read(without_plate).results
    reading = reader.read(without_plate, ReadOptions(detection_mode="vehicle"))
    assert departure({"results": reading.results}) is None
    plate_, vehicle = reading.results
    assert others == []
    assert plate_ == {
        "plate": {
            "type": "Plate",
            "score": alone["dscore"],
            "box": alone["box"],
            "plate_text": alone["plate_text"],
            "props": {
                "plate": [{"value": one["plate"], "score": one["score"]} for one in alone["candidates"]],
                "region": [{"value": alone["region"]["code"], "score": alone["region"]["score"]}],
            },
        },
        "vehicle": None,
    }
    assert vehicle["plate"] is None
    assert set(vehicle["vehicle"]) == {"type", "score", "box", "props"}
    assert vehicle["vehicle"]["type"] in ("Car", "Truck")
    assert _boxed({"xmin": 0, "ymin": 0, "xmax": reading.width, "ymax": reading.height}, vehicle["vehicle"]["box"])


def test_vehicle_mode_puts_a_plate_and_its_vehicle_together(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    plain = {one["plate"]: one["vehicle"] for one in reader.read(pictures["two-cars.jpg"]).results}
    both = reader.read(pictures["two-cars.jpg"], ReadOptions(detection_mode="vehicle")).results
    found = {one["plate"]["props"]["plate"][0]["value"]: one["vehicle"] for one in both}
    assert found == {"klm482": {**plain["klm482"], "props": {}}, "ab123cd": None}


def test_a_vehicle_whose_plate_the_thresholds_drop_is_a_vehicle_without_one(
    reader: PlateReader, pictures: Mapping[str, bytes]
) -> None:
    options = ReadOptions(detection_mode="vehicle", threshold_o=1)
    assert [one["plate"] for one in reader.read(pictures["two-cars.jpg"], options).results] == [None]
    assert reader.read(pictures["no-car.jpg"], options).results == []


def test_strict_detection_leaves_out_plates_on_no_vehicle_but_not_what_is_to_be_blackened(
    reader: PlateReader, pictures: Mapping[str, bytes]
) -> None:
    strict = ReadOptions(strict_detection=True)
    assert _plates(reader.read(pictures["two-cars.jpg"], strict).results) == ["klm482"]
    assert len(reader.read(pictures["two-cars.jpg"], replace(strict, mode="redaction")).results) >= 2


def _merged_by_a_redaction_client(halves: Mapping[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return results of parts of a picture, by the part's left edge, as the vendor's redaction script joins them.

    It moves the boxes of plates and of vehicles in place.
    """
    for left, results in halves.items():
        for result in results:
            for box in (result["box"], result["vehicle"].get("box", {})):
                box["xmin"] += left
                box["xmax"] += left
    return [result for results in halves.values() for result in results]


def test_a_redaction_client_can_tell_plates_on_vehicles_by_the_vehicles_score_and_move_all_boxes(
    reader: PlateReader, pictures: Mapping[str, bytes]
) -> None:
    redaction = ReadOptions(mode="redaction", threshold_o=0.5)
    whole = reader.read(pictures["two-cars.jpg"], redaction).results
    on_vehicles = [result["plate"] for result in whole if result["vehicle"]["score"] > 0]
    assert on_vehicles == ["klm482"]
    halves = {}
    with Image.open(io.BytesIO(pictures["two-cars.jpg"])) as picture:
        for left in (0, 640):
            part = encoded(picture.crop((left, 0, left + 640, 720)), quality=95)
            halves[left] = reader.read(part, redaction).results
    merged = {result["plate"]: result for result in _merged_by_a_redaction_client(halves)}
    for result in whole:
        moved = merged[result["plate"]]
        assert moved["box"] == pytest.approx(result["box"], abs=12)
        assert moved["vehicle"]["score"] == 0 or _boxed(moved["vehicle"]["box"], moved["box"])


def test_fast_finds_large_plates_and_only_redaction_searches_small_ones_on_no_vehicle(reader: PlateReader) -> None:
    fast = ReadOptions(mode="fast")
    large = encoded(scene([(plate("BD51 SMR"), (480, 420))]))
    assert _plates(reader.read(large, fast).results) == ["bd51smr"]
    small = encoded(scene([(plate("BD51 SMR", height=14), (480, 420))]).resize((1920, 1440)))
    assert _plates(reader.read(small, fast).results) == []
    assert _plates(reader.read(small).results) == []
    assert _plates(reader.read(small, ReadOptions(mode="redaction")).results) == ["bd51smr"]


@pytest.mark.parametrize("light", [0.3, 0.1, 0.02])
def test_a_dark_picture_is_read(reader: PlateReader, light: float) -> None:
    dark = scene([(plate("BD51 SMR", height=40), (480, 420))]).point(lambda value: round(value * light))
    assert _plates(reader.read(encoded(dark, "PNG")).results) == ["bd51smr"]


def test_a_large_picture_is_read(reader: PlateReader) -> None:
    large = Image.new("RGB", (7000, 6000), (70, 78, 92))
    large.paste(scene([(plate("BD51 SMR"), (480, 420))]), (3000, 2500))
    assert _plates(reader.read(encoded(large)).results) == ["bd51smr"]


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (3000, 1), (1, 3000), (5000, 20), (31, 33)], ids=str)
@pytest.mark.parametrize("mode", ["regular", "fast", "redaction"])
def test_a_picture_of_any_shape_has_an_answer(reader: PlateReader, size: tuple[int, int], mode: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    reading = reader.read(encoded(Image.fromarray(noise), "PNG"), ReadOptions(mode=mode))
    assert (reading.width, reading.height) == size
    assert reading.results == []


def test_boxes_are_where_a_viewer_shows_the_plate(reader: PlateReader) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    upright = scene([(plate("BD51 SMR"), (300, 500))])
    as_stored = encoded(upright.transpose(Image.Transpose.ROTATE_90), exif=exif)
    reading = reader.read(as_stored)
    assert (reading.width, reading.height) == upright.size
    box = reading.results[0]["box"]
    assert (box["xmin"] + box["xmax"]) / 2 == pytest.approx(300, abs=10)
    assert (box["ymin"] + box["ymax"]) / 2 == pytest.approx(500, abs=10)


def test_the_box_of_a_plate_at_the_edge_is_in_the_picture(reader: PlateReader) -> None:
    picture = scene([(plate("BD51 SMR"), (480, 420))]).crop((0, 392, 960, 720))
    reading = reader.read(encoded(picture))
    assert [result["box"]["ymin"] for result in reading.results] == [0]


@pytest.mark.parametrize(
    ("text", "regions", "region"),
    [("BRA2E19", (), "br"), ("BD51 SMR", ("us",), "gb"), ("KLM 482", ("se",), "se"), ("KLM 482", (), "unknown")],
)
def test_the_region_is_told_where_the_text_or_the_caller_tells_it(
    reader: PlateReader, text: str, regions: tuple[str, ...], region: str
) -> None:
    results = reader.read(encoded(scene([(plate(text), (480, 420))])), ReadOptions(regions)).results
    assert [result["region"]["code"] for result in results] == [region]
    assert (results[0]["region"]["score"] > 0.2) == (region != "unknown")


def test_what_cannot_be_used_is_told_by_its_own_error(reader: PlateReader, pictures: Mapping[str, bytes]) -> None:
    with pytest.raises(ImageError, match="known kind"):
        reader.read(b"no picture")
    with pytest.raises(PatternError, match="too early"):
        reader.read(pictures["one-car.jpg"], ReadOptions(text_formats=("(AB",)))


def test_strict_regions_leave_out_other_plates(reader: PlateReader) -> None:
    image = encoded(scene([(plate("BD51 SMR", height=60), (230, 420)), (plate("BRA2E19", height=60), (730, 480))]))
    assert sorted(_plates(reader.read(image, ReadOptions(("br",))).results)) == ["bd51smr", "bra2e19"]
    assert _plates(reader.read(image, ReadOptions(("br",), strict_regions=True)).results) == ["bra2e19"]


def test_a_text_format_guides_the_reading(reader: PlateReader) -> None:
    # The letter O and the digit 0 look alike: only a format can tell them apart.
    image = encoded(scene([(plate("OOO OOO OO"), (480, 420))]))
    for pattern in ("O{3}0{5}", "0{4}O{4}"):
        options = ReadOptions(("br",), strict_regions=True, text_formats=(pattern,))
        expected = "ooo00000" if pattern == "O{3}0{5}" else "0000oooo"
        assert _plates(reader.read(image, options).results) == [expected]
