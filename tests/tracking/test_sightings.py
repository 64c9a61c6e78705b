"""What is taken from results, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from python_worker.errors import InputError
from python_worker.tracking.boxes import Box
from python_worker.tracking.sightings import MOST_CANDIDATES, MOST_RESULTS, sightings

from .pictures import result, without

_BOX = {"xmin": 148, "ymin": 478, "xmax": 288, "ymax": 579}
_PLATE = {
    "type": "Plate",
    "score": 0.74,
    "box": _BOX,
    "props": {
        "plate": [{"value": "nhk552", "score": 0.8}, {"value": "nhk5s2", "score": 0.1}],
        "region": [{"value": "gb", "score": 0.9}],
    },
}
_VEHICLE = {"type": "Sedan", "score": 0.84, "box": {"xmin": 67, "ymin": 113, "xmax": 908, "ymax": 653}}


def test_both_forms_of_the_api_give_the_same_sighting() -> None:
    usual = {
        "plate": "nhk552",
        "score": 0.8,
        "dscore": 0.74,
        "candidates": [{"plate": "nhk552", "score": 0.8}, {"plate": "nhk5s2", "score": 0.1}],
        "region": {"code": "gb", "score": 0.9},
        "box": _BOX,
        "vehicle": _VEHICLE,
    }
    (found,) = sightings([usual])
    assert [found] == sightings([{"plate": _PLATE, "vehicle": {**_VEHICLE, "props": {}}}])
    assert found.candidates == (("nhk552", 0.8), ("nhk5s2", 0.1))
    assert found.region == ("gb", 0.9)
    assert found.box == Box(148, 478, 288, 579)
    assert found.vehicle == ("Sedan", 0.84)
    assert found.vehicle_box == Box(67, 113, 908, 653)


@pytest.mark.parametrize("plate", [{"plate": None}, {}])
def test_a_vehicle_without_a_plate_is_a_sighting_without_candidates(plate: dict[str, Any]) -> None:
    (found,) = sightings([{**plate, "vehicle": _VEHICLE}])
    assert (found.candidates, found.plate, found.score) == ((), "", 0.0)
    assert found.vehicle_box is not None


def test_a_plate_without_a_vehicle_has_none() -> None:
    none = {"type": "Unknown", "score": 0.0, "box": {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}}
    for found in sightings(
        [{**result("kab123"), "vehicle": none}, {"plate": _PLATE}, {"plate": _PLATE, "vehicle": None}]
    ):
        assert (found.vehicle, found.vehicle_box) == (None, None)


def test_what_a_service_leaves_out_is_unknown() -> None:
    (found,) = sightings([{"plate": "K AB-123"}])
    assert found.candidates == (("kab123", 1.0),)
    assert (found.region, found.box, found.vehicle, found.details) == (None, None, None, {})


def test_results_with_neither_plate_nor_vehicle_are_left_out() -> None:
    assert sightings([{}, {"plate": "--"}, {"plate": None, "vehicle": None}]) == []


def test_a_plate_that_a_flow_has_changed_stays_the_first() -> None:
    (found,) = sightings([{**result("kab123", 0.5, ("ka8123", 0.4)), "plate": "kab129"}])
    assert found.plate == "kab129"


def test_scores_that_are_more_than_one_together_become_parts() -> None:
    (found,) = sightings([result("kab123", 0.9, ("ka8123", 0.6))])
    assert [(text, round(score, 6)) for text, score in found.candidates] == [("kab123", 0.6), ("ka8123", 0.4)]


def test_only_the_first_candidates_count() -> None:
    many = [(f"kab{number}", 0.0001) for number in range(10_000)]
    (found,) = sightings([result("kab", 0.5, *many)])
    assert len(found.candidates) == MOST_CANDIDATES


def test_a_box_without_an_area_is_none() -> None:
    (found,) = sightings([{**result("kab123"), "box": {"xmin": 5, "ymin": 5, "xmax": 5, "ymax": 9}}])
    assert found.box is None


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (None, "The results must be a list, as a recognizer gives them, not nothing"),
        ("kab123", "not a text"),
        ({"plate": "kab123"}, "not an object"),
        (b"", "not bytes"),
        ([{}] * (MOST_RESULTS + 1), f"{MOST_RESULTS + 1} results of one picture"),
        ([None], r"results\[0\] must be an object, not nothing"),
        ([{}, ["kab123"]], r"results\[1\] must be an object, not a list"),
        ([{"plate": 5}], r"results\[0\].plate must be a text, not 5"),
        ([{"plate": "k" * 33}], "has 33 characters; a plate has at most 32"),
        ([{"plate": "k", "score": float("nan")}], r"results\[0\].score must be a number from 0 to 1, not nan"),
        ([{"plate": "k", "score": float("inf")}], "must be a number from 0 to 1"),
        ([{"plate": "k", "score": 1.5}], "must be a number from 0 to 1"),
        ([{"plate": "k", "score": True}], "must be a number from 0 to 1"),
        ([{"plate": "k", "score": "0.5"}], "must be a number from 0 to 1"),
        ([{"plate": "k", "score": 10**5000}], "a huge number"),
        ([{"plate": "k", "candidates": {"plate": "k"}}], r"results\[0\].candidates must be a list"),
        ([{"plate": "k", "candidates": [{"score": 1}]}], r"candidates\[0\].plate must be a text, not nothing"),
        ([{"plate": "k", "candidates": [{"plate": "k", "score": -1}]}], r"candidates\[0\].score"),
        ([{"plate": "k", "box": {"xmin": 1}}], r"results\[0\].box.ymin must be a number of pixels, not nothing"),
        ([{"plate": "k", "box": {**_BOX, "xmax": float("nan")}}], "box.xmax must be a number of pixels"),
        ([{"plate": "k", "box": {**_BOX, "xmax": 1e300}}], "box.xmax must be a number of pixels"),
        ([{"plate": "k", "box": [1, 2, 3, 4]}], r"results\[0\].box must be an object"),
        ([{"plate": "k", "region": "de"}], r"results\[0\].region must be an object"),
        ([{"plate": "k", "region": {"code": 7}}], "region.code must be a text of at most 32 characters"),
        ([{"plate": "k", "vehicle": "car"}], r"results\[0\].vehicle must be an object"),
        ([{"plate": "k", "vehicle": {"type": "x" * 99, "score": 1}}], "vehicle.type must be a text"),
        ([{"plate": "k", "color": "red"}], r"results\[0\].color must be a list"),
        ([{"plate": {"props": 5}}], r"results\[0\].plate.props must be an object"),
        ([{"plate": {"props": {"plate": 5}}}], r"results\[0\].plate.props.plate must be a list"),
        ([{"plate": {"props": {"region": 5}}}], r"results\[0\].plate.props.region must be a list"),
        ([{"plate": {"props": {"plate": [{"value": 5}]}}}], r"props.plate\[0\].value must be a text"),
    ],
)
def test_results_that_cannot_be_used_are_refused_with_the_place(results: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        sightings(results)


def test_details_keep_what_is_known_and_plain() -> None:
    given = {**without(result("kab123"), "vehicle"), "color": [{"color": "red", "score": 0.5, "x": [1]}] * 50}
    (found,) = sightings([given])
    assert found.details == {"color": [{"color": "red", "score": 0.5}] * 3}
