"""When a car gives an event, and what the event tells."""

from __future__ import annotations

import random
import string

import pytest

from python_worker.errors import InputError
from python_worker.tracking import Camera, Settings
from python_worker.tracking.camera import MOST_CARS, MOST_SEEN

from .pictures import START, followed, result, told, without

LEAVING = Settings(arrived=False, left=True)
BOTH = Settings(left=True)


def test_a_car_that_comes_nearer_gives_one_event() -> None:
    pictures = [(0.4 * number, [result("kab123", width=40 + 15 * number)]) for number in range(6)]
    events = followed(pictures)
    assert [event.kind for event in events] == ["arrived"]
    assert events[0].payload["plate"] == "kab123"
    assert events[0].payload["direction"] == "approaching"


def test_an_event_tells_what_the_readings_say_together() -> None:
    events = followed([(0, [result("kab123", 0.9, x=400)]), (1.5, [result("kab123", 0.8, x=410)])])
    assert len(events) == 1
    payload = events[0].payload
    assert set(payload) == {
        *("id", "camera_id", "plate", "score", "candidates", "region", "vehicle", "box", "first_seen", "last_seen"),
        "pictures",
    }
    assert payload["camera_id"] == "gate"
    assert payload["score"] > 0.9
    assert payload["candidates"][0] == {"plate": "kab123", "score": payload["score"]}
    assert payload["region"] == {"code": "de", "score": 0.8}
    assert payload["vehicle"]["type"] == "Sedan"
    assert payload["vehicle"]["box"]["xmin"] == 240
    assert payload["box"] == {"xmin": 360, "ymin": 290, "xmax": 440, "ymax": 310}
    assert (payload["first_seen"], payload["last_seen"]) == ("2025-10-09T08:53:20.000Z", "2025-10-09T08:53:21.500Z")
    assert payload["pictures"] == 2
    assert events[0].picture == b"picture"


def test_a_car_is_told_as_soon_as_two_pictures_agree() -> None:
    camera = Camera("gate", Settings(wait=60))
    assert camera.see(START, [result("kab123")]) == []
    assert told(camera.see(START + 0.3, [result("kab123")])) == ["kab123"]


def test_a_single_picture_is_told_after_the_waiting_time() -> None:
    camera = Camera("gate", Settings(wait=3))
    assert camera.see(START, [result("kab123")]) == []
    assert camera.due == START + 3
    assert camera.tick(START + 2.9) == []
    assert told(camera.tick(START + 3)) == ["kab123"]


def test_without_waiting_a_single_picture_is_told_at_once() -> None:
    assert told(Camera("gate", Settings(wait=0)).see(START, [result("kab123")])) == ["kab123"]


def test_the_reading_of_a_single_picture_stays_as_it_is() -> None:
    events = followed([(0, [result("kab123", 0.7, ("ka8123", 0.2))])])
    assert events[0].payload["candidates"] == [{"plate": "kab123", "score": 0.7}, {"plate": "ka8123", "score": 0.2}]


def test_a_misreading_in_one_picture_is_outvoted() -> None:
    texts = ("kab123", "kab128", "kab123", "kab123")
    events = followed([(0.5 * number, [result(text)]) for number, text in enumerate(texts)], LEAVING)
    assert told(events) == ["kab123"]


def test_a_first_picture_that_is_misread_is_no_car() -> None:
    texts = ("rae129", "kab123", "kab123", "kab123")
    pictures = [
        (0.5 * number, [result(text, 0.7 if number == 0 else 0.9, x=100 + 90 * number)])
        for number, text in enumerate(texts)
    ]
    assert told(followed(pictures)) == ["kab123"]


def test_what_is_read_at_the_place_of_a_car_an_instant_later_is_that_car() -> None:
    pictures = [(0, [result("kab123")]), (0.2, [result("kab123")]), (0.4, [result("xyz789", 0.6)])]
    assert told(followed(pictures)) == ["kab123"]


def test_a_certain_reading_of_quite_another_text_is_another_car_even_in_the_same_place() -> None:
    pictures = [(0.1 * number, [result(plate, 0.95)]) for number, plate in enumerate(("kab123", "xyz789", "kop454"))]
    assert told(followed(pictures)) == ["kab123", "xyz789", "kop454"]


def test_characters_that_no_picture_read_all_right_are_put_together() -> None:
    texts = ("xab1234", "kab7234", "kab1239")
    events = followed([(0.3 * number, [result(text, 0.7)]) for number, text in enumerate(texts)], LEAVING)
    assert told(events) == ["kab1234"]


def test_a_car_that_one_picture_misses_stays_one() -> None:
    pictures = [
        (0, [result("kab123", width=40)]),
        (0.5, [result("kab123", width=50)]),
        (1, []),
        (1.5, [result("kab123", width=90)]),
    ]
    assert told(followed(pictures)) == ["kab123"]


def test_two_cars_with_similar_plates_in_one_picture_are_two() -> None:
    pictures = [
        (0.5 * number, [result("kab123", x=200 + 5 * number), result("kab128", x=700 - 5 * number)])
        for number in range(4)
    ]
    assert sorted(told(followed(pictures))) == ["kab123", "kab128"]


def test_each_of_two_cars_keeps_its_misreadings() -> None:
    left = ("kab123", "kab123", "kab128", "kab123")
    right = ("kab128", "kab128", "kab128", "kab123")
    pictures = [
        (0.5 * number, [result(one, x=200), result(other, x=700)])
        for number, (one, other) in enumerate(zip(left, right, strict=True))
    ]
    assert sorted(told(followed(pictures, LEAVING))) == ["kab123", "kab128"]


def test_a_car_with_a_similar_plate_that_comes_after_another_is_a_car() -> None:
    pictures = [
        (start + 0.5 * number, [result(plate, 0.95, width=40 + 20 * number)])
        for start, plate in ((0, "kab123"), (12, "kab128"))
        for number in range(4)
    ]
    assert told(followed(pictures)) == ["kab123", "kab128"]


def test_a_similar_plate_that_is_back_where_the_first_car_came_from_is_another_car() -> None:
    pictures = [
        (start + 0.5 * number, [result(plate, 0.95, width=40 + 20 * number, x=300 + 60 * number)])
        for start, plate in ((0, "kab123"), (3, "kab927"))
        for number in range(4)
    ]
    assert told(followed(pictures)) == ["kab123", "kab927"]


def test_a_parked_car_gives_nothing_new_for_hours() -> None:
    pictures = [
        (30.0 * number, [result("kab123" if number % 7 else "kqb129", x=400 + number % 3)]) for number in range(1, 500)
    ]
    assert told(followed(pictures)) == ["kab123"]


def test_a_parked_car_whose_plate_is_hidden_stays_while_its_vehicle_is_seen() -> None:
    hidden = {"plate": None, "vehicle": {**result("x")["vehicle"], "props": {}}}
    pictures = [(30.0 * number, [hidden if 2 < number < 20 else result("kab123")]) for number in range(22)]
    assert told(followed(pictures)) == ["kab123"]


def test_vehicles_without_plates_give_no_event() -> None:
    hidden = {"plate": None, "vehicle": result("x")["vehicle"]}
    assert followed([(0, [hidden]), (1, [hidden])]) == []


def test_the_same_plate_after_the_hold_time_is_a_new_car() -> None:
    pictures = [(0, [result("kab123")]), (59, [result("kab123")]), (120, [result("kab123")])]
    events = followed(pictures, Settings(hold=60))
    assert told(events) == ["kab123", "kab123"]
    assert events[0].payload["id"] != events[1].payload["id"]


def test_a_car_leaves_after_the_hold_time_and_both_events_have_its_id() -> None:
    events = followed([(0, [result("kab123")]), (1, [result("kab123")])], BOTH)
    assert [event.kind for event in events] == ["arrived", "left"]
    assert events[0].payload["id"] == events[1].payload["id"]
    assert events[1].payload["last_seen"] == "2025-10-09T08:53:21.000Z"


def test_a_car_that_is_told_when_it_leaves_is_told_once_with_all_its_readings() -> None:
    events = followed([(number, [result("kab123")]) for number in range(5)], LEAVING)
    assert [(event.kind, event.payload["pictures"]) for event in events] == [("left", 5)]


def test_fewer_pictures_than_wanted_make_no_car() -> None:
    settings = Settings(pictures=2, left=True)
    assert followed([(0, [result("kab123")])], settings) == []
    assert told(followed([(0, [result("kab123")]), (9, [result("kab123")])], settings)) == ["kab123", "kab123"]


def test_readings_that_are_less_likely_than_wanted_make_no_car() -> None:
    assert followed([(0, [result("kab123", 0.6)])], Settings(score=0.8)) == []


@pytest.mark.parametrize(
    ("places", "direction"),
    [
        ([(400, 40), (400, 60), (400, 90)], "approaching"),
        ([(400, 90), (400, 60), (400, 40)], "leaving"),
        ([(100, 60), (300, 60), (500, 60)], "right"),
        ([(500, 60), (300, 60), (100, 60)], "left"),
        ([(400, 60), (402, 61), (401, 60)], None),
    ],
)
def test_boxes_tell_the_direction(places: list[tuple[float, float]], direction: str | None) -> None:
    pictures = [(0.5 * number, [result("kab123", x=x, width=width)]) for number, (x, width) in enumerate(places)]
    assert followed(pictures, LEAVING)[0].payload.get("direction") == direction


def test_results_without_boxes_tell_no_direction_and_still_become_one_car() -> None:
    bare = without(result("kab123"), "box", "vehicle", "region", "candidates", "dscore")
    events = followed([(0, [bare]), (1, [bare]), (30, [{**bare, "plate": "kab128", "score": 0.7}])])
    assert told(events) == ["kab123"]
    assert events[0].payload["box"] is None
    assert events[0].payload["region"] is None
    assert events[0].payload["vehicle"]["type"] == "Unknown"
    assert "direction" not in events[0].payload


def test_the_best_picture_is_the_one_with_the_largest_plate_that_was_read_well() -> None:
    camera = Camera("gate", LEAVING)
    for number, (score, width) in enumerate(((0.9, 40), (0.9, 90), (0.3, 110), (0.9, 50))):
        camera.see(START + number, [result("kab123", score, width=width)], f"{number}".encode())
    assert [event.picture for event in camera.end()] == [b"1"]


def test_the_make_and_the_colour_of_a_vehicle_are_told_where_the_service_gives_them() -> None:
    details = {"model_make": [{"make": "VW", "model": "Golf", "score": 0.6}], "color": [{"color": "red", "score": 0.5}]}
    payload = followed([(0, [{**result("kab123"), **details}])])[0].payload
    assert {name: payload[name] for name in details} == details


def test_a_plate_that_was_read_twice_in_one_picture_is_one_car() -> None:
    pictures = [(0.5 * number, [result("kab123"), result("kab12", 0.7, x=405)]) for number in range(3)]
    assert told(followed(pictures)) == ["kab123"]
    twice = [(0.5 * number, [result("kab123", x=300), result("kab123", x=600)]) for number in range(3)]
    assert told(followed(twice)) == ["kab123"]


def test_texts_that_are_too_long_for_a_plate_are_no_cars() -> None:
    assert told(followed([(0, [result("greenfieldfarmfoods"), result("kab123", x=100)])])) == ["kab123"]


def test_separators_and_case_do_not_matter() -> None:
    assert told(followed([(0, [result("K-AB 123")]), (1, [result("kab123")])])) == ["kab123"]


def test_pictures_that_come_late_belong_to_their_car() -> None:
    pictures = [(3, [result("kab123")]), (1, [result("kab123")]), (2, [result("kab123")])]
    events = followed(pictures, LEAVING)
    assert told(events) == ["kab123"]
    assert events[0].payload["first_seen"] == "2025-10-09T08:53:21.000Z"
    assert events[0].payload["last_seen"] == "2025-10-09T08:53:23.000Z"


def test_a_clock_that_is_set_back_makes_no_new_car_and_lets_cars_leave() -> None:
    camera = Camera("gate", BOTH)
    camera.see(START, [result("kab123")])
    assert told(camera.see(START + 1, [result("kab123")])) == ["kab123"]
    assert camera.see(START - 86_400, [result("kab123")]) == []
    assert camera.due == START - 86_400 + BOTH.hold
    assert [event.kind for event in camera.tick(camera.due)] == ["left"]


@pytest.mark.parametrize("time", [float("nan"), float("inf"), -1, "12", None, True, 10**400])
def test_a_time_that_is_none_is_refused(time: object) -> None:
    camera = Camera("gate", Settings())
    with pytest.raises(InputError, match="The time must be a number of seconds"):
        camera.see(time, [result("kab123")])  # type: ignore[arg-type]
    assert camera.cars == ()


def test_results_that_cannot_be_used_change_nothing() -> None:
    camera = Camera("gate", Settings())
    camera.see(START, [result("kab123")])
    with pytest.raises(InputError):
        camera.see(START + 300, [result("kab123"), {"plate": "x", "score": float("nan")}])
    assert told(camera.tick(START + 300)) == ["kab123"]


def test_a_picture_that_is_no_longer_needed_is_dropped_with_the_misreading_that_it_came_with() -> None:
    camera = Camera("gate", Settings())
    for number, text in enumerate(("kae129", "kab123", "kab123")):
        camera.see(START + number / 2, [result(text, 0.7, x=100 + 300 * number)], b"picture")
    camera.tick(START + 10)
    assert [car.picture for car in camera.cars] == [None]


def test_of_too_many_plates_in_one_picture_those_that_are_read_best_count() -> None:
    generator = random.Random(2)  # noqa: S311 - to be the same again
    plates = ["".join(generator.choices(string.ascii_lowercase, k=8)) for _ in range(MOST_SEEN + 5)]
    seen = [without(result(plate, 0.5 + number / 100), "box", "vehicle") for number, plate in enumerate(plates)]
    assert sorted(told(followed([(0, seen)]))) == sorted(plates[5:])


def test_of_too_many_cars_those_that_were_seen_first_leave() -> None:
    generator = random.Random(1)  # noqa: S311 - to be the same again
    plates = ["".join(generator.choices(string.ascii_lowercase, k=8)) for _ in range(MOST_CARS + 10)]
    camera = Camera("gate", Settings(left=True, hold=10_000))
    events = []
    for number, plate in enumerate(plates):
        events += camera.see(START + 10 * number, [without(result(plate), "box", "vehicle")])
    assert len(camera.cars) == MOST_CARS
    assert told([event for event in events if event.kind == "left"]) == plates[:10]
