"""Where text is, on which vehicle, and what is beside it tell whether it is a plate."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from python_worker.engine.choose import Plate, one_for_each_car
from python_worker.engine.formats import formats_for
from python_worker.engine.geometry import Box, rectangle
from python_worker.engine.judge import judge
from python_worker.engine.match import Candidate
from python_worker.engine.propose import Proposal
from python_worker.engine.vehicles import Vehicle

_CAR = Vehicle("Car", 0.9, (200.0, 200.0, 800.0, 700.0))
_PICTURE_HEIGHT = 900


def _plate(
    text: str,
    *,
    at: tuple[float, float] = (500, 560),
    height: float = 45.0,
    among_text: bool = False,
    prior: float = -3.0,
    vehicles: Sequence[Vehicle] = (_CAR,),
) -> Plate:
    """Return a legible reading of a text that has no known format."""
    box = Box(rectangle(at, (0.58 * height * len(text), height), 0), 0.85)
    prior = -2.5 * len(text) if text.isalpha() else prior
    candidate = Candidate(text, -0.05, prior, None)
    return judge(Proposal((box,), among_text), text, [candidate], formats_for(()), _PICTURE_HEIGHT, vehicles)


def test_text_on_a_vehicle_is_more_likely_a_plate_than_text_on_none() -> None:
    assert _plate("QX482KL").is_plate > _plate("QX482KL", at=(1200, 560)).is_plate


def test_a_plate_that_leaves_no_room_for_its_vehicle_needs_none() -> None:
    near, far = (_plate("QX482KL", at=(450, 450), height=height, vehicles=()) for height in (200.0, 40.0))
    assert near.is_plate == pytest.approx(_plate("QX482KL").is_plate)
    assert far.is_plate < near.is_plate


def test_text_among_other_lines_on_no_vehicle_is_less_likely_a_plate() -> None:
    alone, among = (_plate("QX482KL", among_text=beside, vehicles=()) for beside in (False, True))
    assert among.is_plate < alone.is_plate


@pytest.mark.parametrize("height", [8.0, 160.0], ids=["too small", "too large"])
def test_text_too_small_or_too_large_for_its_vehicle_is_less_likely_a_plate(height: float) -> None:
    assert _plate("QX482KL", height=height).is_plate < _plate("QX482KL").is_plate


def test_text_high_on_a_vehicle_is_less_likely_a_plate() -> None:
    chances = [_plate("QX482KL", at=(500, y)).is_plate for y in (340, 440, 560)]
    assert chances == sorted(chances)
    assert chances[0] < chances[2]


def test_a_word_is_a_plate_only_where_plates_are() -> None:
    assert _plate("DREAMS").is_plate > 0.2
    assert _plate("DREAMS", at=(500, 330)).is_plate < 0.2
    assert _plate("DREAMS", height=15.0).is_plate < 0.2
    assert _plate("DREAMS", among_text=True).is_plate < _plate("DREAMS").is_plate
    assert _plate("DREAMS", vehicles=()).is_plate < 0.2
    assert _plate("ENTERTAINMENTS").is_plate < 0.05


def test_a_plate_tells_its_vehicle() -> None:
    assert _plate("QX482KL").vehicle == _CAR
    assert _plate("QX482KL", at=(1200, 560)).vehicle is None


def test_a_second_text_right_beside_a_plate_is_the_cars_name() -> None:
    plate, name = _plate("QX482KL", prior=4.0), _plate("ROVER", at=(560, 500))
    assert one_for_each_car([plate, name])[1].is_plate < name.is_plate


def test_plates_of_two_cars_may_be_right_beside_each_other() -> None:
    cars = [Vehicle("Car", 0.9, (100.0, 200.0, 500.0, 700.0)), Vehicle("Car", 0.9, (500.0, 200.0, 900.0, 700.0))]
    left, right = (
        _plate(text, at=(x, 560), vehicles=cars, prior=4.0) for text, x in (("QX482KL", 380), ("QZ731MN", 620))
    )
    assert one_for_each_car([left, right]) == [left, right]
