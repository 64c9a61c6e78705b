"""Lines of text are put together to plates as plates have them: side by side, and two or three below each other."""

from __future__ import annotations

import numpy as np
import pytest

from python_worker.engine.geometry import Box, rectangle
from python_worker.engine.propose import propose


def _box(x: float, y: float, width: float, height: float = 40.0, angle: float = 0.0) -> Box:
    return Box(rectangle((x, y), (width, height), angle), 0.8)


def _stacks(boxes: list[Box], count: int) -> list[tuple[int, ...]]:
    """Return the stacks of a number of lines, as the places of their boxes; -1 is a line joined from two."""
    places = {id(box): place for place, box in enumerate(boxes)}
    found = [proposal.lines for proposal in propose(boxes) if len(proposal.lines) == count]
    return [tuple(places.get(id(line), -1) for line in lines) for lines in found]


def _seen_from_aside(boxes: list[Box], slope: float) -> list[Box]:
    """Return boxes as the detector boxes them where lines slope and what is upright stays so."""
    shear = np.array([[1.0, 0.0], [slope, 1.0]])
    angle = float(np.degrees(np.arctan(slope)))
    return [Box(rectangle(tuple(shear @ box.centre), (box.width, box.height), angle), box.score) for box in boxes]


def test_two_lines_below_each_other_are_one_proposal() -> None:
    assert _stacks([_box(100, 100, 120), _box(100, 145, 150)], 2) == [(0, 1)]


@pytest.mark.parametrize("x", [65.0, 100.0, 135.0], ids=["begin together", "centred", "end together"])
def test_a_short_line_may_stand_anywhere_above_a_long_one(x: float) -> None:
    assert _stacks([_box(x, 100, 80), _box(100, 145, 150)], 2) == [(0, 1)]


def test_a_line_beside_the_other_is_none_of_its_plate() -> None:
    assert _stacks([_box(10, 100, 80), _box(100, 145, 150)], 2) == []


@pytest.mark.parametrize("slope", [-0.35, -0.2, 0.2, 0.35])
def test_lines_seen_from_aside_are_stacked(slope: float) -> None:
    boxes = _seen_from_aside([_box(100, 100, 90), _box(100, 143, 140)], slope)
    assert _stacks(boxes, 2) == [(0, 1)]


@pytest.mark.parametrize("angle", [-20.0, 20.0])
def test_turned_lines_are_stacked_though_the_short_ones_direction_is_unsure(angle: float) -> None:
    upper = _box(100, 100, 60)
    down = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))]) * 45
    x, y = upper.centre + down
    assert _stacks([upper, _box(float(x), float(y), 150, angle=angle)], 2) == [(0, 1)]


def test_three_lines_are_one_proposal() -> None:
    assert _stacks([_box(100, 100, 70), _box(100, 145, 110), _box(100, 190, 70)], 3) == [(0, 1, 2)]


def test_a_badge_farther_above_is_no_third_line() -> None:
    assert _stacks([_box(100, 87, 50), _box(100, 145, 110), _box(100, 190, 110)], 3) == []


def test_a_single_character_is_no_line_of_three() -> None:
    assert _stacks([_box(100, 100, 34), _box(100, 145, 110), _box(100, 190, 110)], 3) == []


def test_two_boxes_side_by_side_may_be_the_upper_line() -> None:
    boxes = [_box(60, 100, 60), _box(150, 100, 60), _box(105, 145, 150)]
    assert (-1, 2) in _stacks(boxes, 2)


def test_a_line_is_never_stacked_with_a_part_of_itself() -> None:
    left, right = _box(60, 100, 70, angle=8), _box(150, 114, 70, angle=8)
    assert _stacks([left, right], 2) == []


def test_a_page_of_text_makes_few_proposals() -> None:
    page = [_box(100 + 130 * column, 40 + 44 * row, 110) for column in range(8) for row in range(20)]
    assert len([proposal for proposal in propose(page) if len(proposal.lines) > 1]) <= 120
