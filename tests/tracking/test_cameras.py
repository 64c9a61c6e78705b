"""Many cameras and the limits to what is kept of them, and anything that may come as input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_worker.errors import InputError
from python_worker.tracking import Cameras, Settings
from python_worker.tracking.camera import MOST_CARS
from python_worker.tracking.cameras import MOST_CAMERAS

from .pictures import START, result, told


def test_cameras_do_not_know_of_each_other() -> None:
    cameras = Cameras(Settings(wait=0))
    assert told(cameras.see("gate", START, [result("kab123")])) == ["kab123"]
    events = cameras.see("yard", START + 1, [result("kab123")])
    assert [(event.payload["camera_id"], event.payload["plate"]) for event in events] == [("yard", "kab123")]
    assert cameras.cars == 2


def test_the_next_time_is_the_earliest_of_all_cameras() -> None:
    cameras = Cameras(Settings(wait=3))
    assert cameras.due is None
    cameras.see("gate", START + 1, [result("kab123")])
    cameras.see("yard", START, [result("kab123")])
    assert cameras.due == START + 3
    assert [event.payload["camera_id"] for event in cameras.tick(START + 4)] == ["gate", "yard"]


def test_a_camera_without_cars_is_forgotten() -> None:
    cameras = Cameras(Settings(hold=10))
    cameras.see("gate", START, [result("kab123")])
    cameras.tick(START + 10)
    assert (cameras.cars, cameras.due) == (0, None)


def test_of_too_many_cameras_the_one_without_pictures_for_the_longest_time_ends() -> None:
    cameras = Cameras(Settings(left=True))
    for number in range(MOST_CAMERAS):
        cameras.see(f"{number}", START + number / 1000, [result("kab123")])
    cameras.see("0", START + 1, [])
    events = cameras.see("new", START + 1, [])
    assert [(event.kind, event.payload["camera_id"]) for event in events] == [("arrived", "1"), ("left", "1")]


def test_the_pictures_of_the_cars_that_were_seen_first_are_dropped_when_they_take_too_much() -> None:
    cameras = Cameras(Settings(arrived=False, left=True), picture_bytes=250)
    for number in range(4):
        cameras.see(f"{number}", START + number, [result("kab123")], bytes(100))
    kept = {event.payload["camera_id"]: event.picture for event in cameras.end()}
    assert kept == {"0": None, "1": None, "2": bytes(100), "3": bytes(100)}


def test_the_picture_of_a_car_is_not_kept_after_its_only_event() -> None:
    cameras = Cameras(Settings(wait=0), picture_bytes=250)
    events = []
    for number in range(4):
        events += cameras.see(f"{number}", START + number, [result("kab123")], bytes(200))
    assert [event.picture for event in events] == [bytes(200)] * 4


@pytest.mark.parametrize(("name", "shown"), [("gate", "gate"), (7, "7"), (7.5, "7.5"), ("", "")])
def test_a_camera_may_have_a_text_or_a_number_as_name(name: object, shown: str) -> None:
    assert Cameras(Settings(wait=0)).see(name, START, [result("kab123")])[0].payload["camera_id"] == shown


@pytest.mark.parametrize("name", [None, True, ["gate"], "x" * 201, b"gate"])
def test_other_names_are_refused(name: object) -> None:
    with pytest.raises(InputError, match="camera's name"):
        Cameras(Settings()).see(name, START, [])


_KEYS = (
    *("plate", "score", "candidates", "region", "code", "box", "xmin", "ymin", "xmax", "ymax", "vehicle", "type"),
    *("props", "value", "color", "model_make"),
)
_anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
_results = st.lists(
    st.builds(
        result,
        st.text("ab108", min_size=1, max_size=7),
        st.floats(0, 1),
        st.tuples(st.text("ab108", min_size=1, max_size=7), st.floats(0, 1)),
        x=st.integers(0, 1000),
        y=st.integers(0, 1000),
        width=st.integers(1, 300),
    ),
    max_size=4,
)
_moves = st.one_of(st.floats(0, 3), st.floats(-200, 200), st.sampled_from([1e6, -1e6]))


@settings(max_examples=300, deadline=None)
@given(_anything)
def test_any_input_is_taken_or_refused_without_a_trace(value: Any) -> None:
    cameras = Cameras(Settings(left=True, wait=0))
    cameras.see("gate", START, [result("kab123")])
    try:
        cameras.see("gate", START + 1, value)
    except InputError:
        assert cameras.cars == 1
        assert [event.payload["last_seen"] for event in cameras.end()] == ["2025-10-09T08:53:20.000Z"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_moves, _results, st.booleans()), max_size=15), st.booleans(), st.sampled_from([0.0, 2.0]))
def test_whatever_comes_every_car_arrives_and_leaves_once(
    steps: list[tuple[float, list[dict[str, Any]], bool]], arrived: bool, wait: float
) -> None:
    cameras = Cameras(Settings(arrived=arrived, left=True, hold=60, wait=wait), picture_bytes=50)
    now, events = START, []
    for move, results, ticks in steps:
        now += move
        events += cameras.see("gate", now, results, bytes(20))
        events += cameras.tick(now) if ticks else []
        assert cameras.cars <= MOST_CARS
        assert (cameras.due is None) == (cameras.cars == 0)
    for _ in range(2 * MOST_CARS + 2):
        if cameras.due is not None:
            events += cameras.tick(cameras.due)
    assert cameras.due is None
    kinds: dict[str, list[str]] = {}
    for event in events:
        kinds.setdefault(event.payload["id"], []).append(event.kind)
        assert 0 <= event.payload["score"] <= 1
        assert event.payload["first_seen"] <= event.payload["last_seen"]
    assert all(told_of == (["arrived"] if arrived else []) + ["left"] for told_of in kinds.values())
