"""Which vehicles the model's answer means, and which of them carries a plate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from python_worker.engine.vehicles import Vehicle, prepare, vehicle_of, vehicles

_CLASSES = ("person", "bicycle", "car", "motorcycle", "bus", "train", "truck")

Seen = tuple[tuple[float, float, float, float], Mapping[str, float]]
"""Left, top, right and bottom as parts of the picture, and the scores of classes."""


def _answer(*seen: Seen) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return what the model answers for these boxes, among others that hold nothing."""
    boxes = np.full((1, 1917, 1, 4), 0.5, np.float32)
    scores = np.full((1, 1917, 7), 0.01, np.float32)
    for place, ((left, top, right, bottom), found) in enumerate(seen):
        boxes[0, 100 + place, 0] = (top, left, bottom, right)
        for name, score in found.items():
            scores[0, 100 + place, _CLASSES.index(name)] = score
    return boxes, scores


def test_the_model_sees_the_whole_picture_in_red_green_and_blue() -> None:
    picture = np.zeros((40, 120, 3), np.uint8)
    picture[:, 60:] = (255, 128, 0)
    prepared = prepare(picture)
    assert prepared.shape == (1, 300, 300, 3)
    assert prepared.dtype == np.uint8
    assert prepared[0, 299, 0].tolist() == [0, 0, 0]
    assert prepared[0, 0, 299].tolist() == [0, 128, 255]


def test_a_box_becomes_a_vehicle_in_the_pictures_pixels_and_within_it() -> None:
    found = vehicles(*_answer(((-0.01, 0.25, 0.5, 1.02), {"car": 0.9})), 1000, 400)
    assert [(one.type, round(one.score, 3)) for one in found] == [("Car", 0.9)]
    assert found[0].bounds == pytest.approx((0, 100, 500, 400))
    assert (found[0].width, found[0].height) == pytest.approx((500, 300))


@pytest.mark.parametrize(
    ("name", "type_"), [("car", "Car"), ("truck", "Truck"), ("bus", "Bus"), ("motorcycle", "Motorcycle")]
)
def test_every_class_with_a_plate_has_its_type(name: str, type_: str) -> None:
    assert [one.type for one in vehicles(*_answer(((0.1, 0.1, 0.5, 0.5), {name: 0.8})), 640, 480)] == [type_]


@pytest.mark.parametrize("name", ["person", "bicycle", "train"])
def test_what_has_no_plate_is_no_vehicle(name: str) -> None:
    assert vehicles(*_answer(((0.1, 0.1, 0.5, 0.5), {name: 0.99})), 640, 480) == []


def test_a_picture_without_vehicles_has_none() -> None:
    assert vehicles(*_answer(), 640, 480) == []
    assert vehicles(*_answer(((0.1, 0.1, 0.5, 0.5), {"car": 0.19})), 640, 480) == []


def test_a_car_that_is_also_seen_as_a_truck_and_a_bus_is_one_vehicle() -> None:
    found = vehicles(
        *_answer(
            ((0.10, 0.10, 0.50, 0.50), {"car": 0.7}),
            ((0.11, 0.09, 0.52, 0.50), {"truck": 0.6}),
            ((0.09, 0.10, 0.49, 0.52), {"bus": 0.3}),
        ),
        640,
        480,
    )
    assert [(one.type, round(one.score, 3)) for one in found] == [("Car", 0.7)]


def test_a_truck_that_may_as_well_be_a_car_is_a_car() -> None:
    box = (0.1, 0.1, 0.5, 0.5)
    assert vehicles(*_answer((box, {"truck": 0.8, "car": 0.3})), 640, 480)[0].type == "Car"
    assert vehicles(*_answer((box, {"truck": 0.8, "car": 0.1})), 640, 480)[0].type == "Truck"
    assert vehicles(*_answer((box, {"motorcycle": 0.8, "car": 0.3})), 640, 480)[0].type == "Motorcycle"


def test_a_motorcycle_in_front_of_a_car_is_a_vehicle_of_its_own_and_the_surest_comes_first() -> None:
    found = vehicles(
        *_answer(((0.4, 0.4, 0.55, 0.9), {"motorcycle": 0.6}), ((0.2, 0.2, 0.8, 0.8), {"car": 0.9})), 640, 480
    )
    assert [one.type for one in found] == ["Car", "Motorcycle"]


CAR = Vehicle("Car", 0.9, (100, 100, 500, 400))


def test_a_plate_belongs_to_the_vehicle_around_it() -> None:
    assert vehicle_of((250, 300, 350, 330), [CAR, Vehicle("Car", 0.95, (600, 100, 900, 400))]) is CAR
    # Steep plates stick out of the box a little.
    assert vehicle_of((90, 300, 190, 330), [CAR]) is CAR


@pytest.mark.parametrize(
    ("plate", "where"),
    [
        ((550, 300, 650, 330), "beside it"),
        ((50, 300, 150, 330), "half outside of it"),
        ((250, 110, 350, 140), "on the roof, as a taxi's sign"),
        ((250, 300, 270, 305), "far behind it, too small for it"),
    ],
)
def test_a_text_that_a_vehicle_cannot_carry_as_its_plate_has_no_vehicle(
    plate: tuple[float, float, float, float], where: str
) -> None:
    assert vehicle_of(plate, [CAR]) is None, where


def test_the_upper_part_of_a_vehicle_that_the_picture_cuts_off_may_carry_the_plate() -> None:
    assert vehicle_of((250, 10, 350, 40), [cut := Vehicle("Car", 0.9, (100, 0, 500, 300))]) is cut


def test_of_two_vehicles_around_a_plate_the_nearer_one_carries_it() -> None:
    bus = Vehicle("Bus", 0.95, (0, 0, 640, 380))
    assert vehicle_of((250, 300, 350, 330), [bus, CAR]) is CAR


def test_a_part_of_a_car_that_is_faintly_seen_as_another_car_does_not_carry_the_plate() -> None:
    assert vehicle_of((250, 300, 350, 330), [CAR, Vehicle("Car", 0.25, (200, 200, 420, 460))]) is CAR


def test_a_plate_without_any_vehicle_has_none() -> None:
    assert vehicle_of((250, 300, 350, 330), []) is None
