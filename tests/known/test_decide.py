"""What a reading is on a list."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from python_worker import confusable
from python_worker.known.decide import LIMITS, Limit, decide
from python_worker.known.plates import KnownPlates
from python_worker.known.reading import Reading, readings
from python_worker.known.table import read_list

from .decisions import ROWS, Row

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Wednesday
_SCHEMA = Draft202012Validator(
    json.loads(files("python_worker.known").joinpath("match.schema.json").read_text("utf-8"))
)


def known(*listed: Any) -> KnownPlates:
    entries, problems = read_list(list(listed))
    assert problems == []
    return KnownPlates(entries)


def decided(plates: KnownPlates, value: Any, limit: Limit = "exact", now: datetime = NOW) -> dict[str, Any]:
    (reading,) = readings(value)
    answer = decide(plates, reading, limit, now)
    _SCHEMA.validate(json.loads(json.dumps(answer)))
    return answer


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.about)
def test_a_decision_is_as_the_table_says(row: Row, limit: Limit) -> None:
    answer = decided(known(*row.listed), row.result, limit)
    expected = {"exact": row.exact, "one": row.one, "two": row.two}[limit]
    assert (answer["entry"]["plate"] if answer["known"] else answer["reason"]) == expected


_PLATES = st.text("0OQ8B1I5S", min_size=1, max_size=5)


@given(st.lists(_PLATES, max_size=8), _PLATES, st.sampled_from(list(LIMITS)))
def test_the_search_finds_what_comparing_with_every_entry_finds(listed: list[str], read: str, limit: Limit) -> None:
    answer = decided(known(*listed), read, limit)
    doubts = {plate: confusable.doubtful(read, plate) for plate in listed}
    fewest = min(doubts.values(), default=99)
    nearest = {plate for plate, doubtful in doubts.items() if doubtful == fewest}
    if fewest > LIMITS[limit]:
        assert (answer["known"], answer["reason"]) == (False, "not listed")
    elif len(nearest) > 1:
        assert (answer["known"], answer["reason"]) == (False, "ambiguous")
        assert {one["entry"]["plate"] for one in answer["nearest"]} == nearest
    else:
        assert answer["known"]
        assert {answer["entry"]["plate"]} == nearest


@given(st.lists(_PLATES, max_size=8), _PLATES, st.lists(st.tuples(_PLATES, st.floats(0, 1)), max_size=3))
def test_at_exact_only_an_entry_with_the_very_text_is_known(
    listed: list[str], read: str, others: list[tuple[str, float]]
) -> None:
    answer = decide(known(*listed), Reading(read, 0.5, tuple(others)), "exact", NOW)
    assert answer["known"] == (read in listed)


def test_a_known_plate_comes_with_its_entry_and_how_it_was_found() -> None:
    answer = decided(known({"plate": "B-AB 123", "name": "Alice", "group": "family"}), "8AB123", "one")
    assert answer == {
        "known": True,
        "reason": "doubtful",
        "explanation": "Read 8AB123: 'B-AB 123' (Alice) is meant if one doubtful character is wrong.",
        "read": "8AB123",
        "score": None,
        "candidate": "8AB123",
        "entry": {"plate": "B-AB 123", "name": "Alice", "group": "family"},
        "name": "Alice",
        "group": "family",
        "doubtful": 1,
        "distance": 0.2,
        "differences": [{"at": 1, "read": "8", "listed": "B", "cost": 0.2}],
        "limit": "one",
        "time": "2026-11-25T12:00:00+01:00",
        "nearest": [
            {
                "entry": {"plate": "B-AB 123", "name": "Alice", "group": "family"},
                "where": "entry 1",
                "doubtful": 1,
                "distance": 0.2,
                "refused": None,
            }
        ],
        "warning": None,
    }


def test_an_unknown_plate_comes_with_the_nearest_entries_and_their_distance() -> None:
    answer = decided(known("B-AB 999", {"plate": "B-AB 128", "name": "Alice"}, "XX 1"), "BAB123")
    assert (answer["entry"], answer["name"], answer["candidate"]) == (None, None, None)
    assert [one["entry"]["plate"] for one in answer["nearest"]] == ["B-AB 128", "B-AB 999", "XX 1"]
    assert (answer["doubtful"], answer["distance"]) == (1, 0.6)
    assert answer["differences"] == [{"at": 6, "read": "3", "listed": "8", "cost": 0.6}]
    assert answer["explanation"] == (
        "Read BAB123: the nearest entry, 'B-AB 128' (Alice), is one doubtful character away, and only what is read "
        "exactly counts."
    )


def test_an_answer_says_which_candidate_led_to_the_entry() -> None:
    result = {"plate": "bab193", "score": 0.6, "candidates": [{"plate": "bab123", "score": 0.3}]}
    answer = decided(known("B-AB 123"), result, "one")
    assert (answer["read"], answer["candidate"], answer["score"]) == ("BAB193", "BAB123", 0.6)
    assert "by way of the candidate BAB123" in answer["explanation"]


def test_an_ambiguous_answer_names_all_entries_with_their_groups_and_takes_none() -> None:
    listed = ({"plate": "AB 123", "group": "staff"}, {"plate": "AB 128", "group": "staff"})
    answer = decided(known(*listed), "AB12B", "two")
    assert (answer["known"], answer["entry"], answer["group"]) == (False, None, None)
    assert [one["entry"] for one in answer["nearest"]] == [listed[1], listed[0]]
    assert answer["explanation"] == "Read AB12B: it may be 'AB 128' and 'AB 123', with one doubtful character each."


@pytest.mark.parametrize(
    ("times", "reason", "words"),
    [
        ({"until": "2026-11-24"}, "expired", "expired on 2026-11-24"),
        ({"from": "2026-11-26"}, "not yet valid", "is valid only from 2026-11-26"),
        ({"weekdays": "mon, tue"}, "not on this weekday", "is not valid on this weekday (mon, tue)"),
        ({"hours": "8-11"}, "not at this hour", "is not valid at this hour (8-11)"),
    ],
)
def test_an_entry_that_is_not_valid_now_does_not_open(times: dict[str, str], reason: str, words: str) -> None:
    answer = decided(known({"plate": "B-AB 123", **times}), "BAB123")
    assert (answer["known"], answer["reason"], answer["entry"]) == (False, reason, None)
    assert answer["nearest"][0]["refused"] == reason
    assert words in answer["explanation"]


def test_of_several_entries_of_one_plate_the_valid_one_counts() -> None:
    listed = ({"plate": "AB 123", "hours": "8-10"}, {"plate": "AB123", "hours": "11-13", "name": "noon"}, "A-B123")
    answer = decided(known(*listed), "AB123")
    assert (answer["known"], answer["name"]) == (True, "noon")
    assert [one["where"] for one in answer["nearest"]] == ["entry 2", "entry 1", "entry 3"]


def test_a_plate_that_was_read_exactly_and_has_expired_is_not_taken_for_a_valid_one_like_it() -> None:
    answer = decided(known({"plate": "AB 123", "until": "2020-01-01"}, "A8 123"), "AB123", "two")
    assert (answer["known"], answer["reason"]) == (False, "expired")


def test_entries_that_are_as_near_are_ambiguous_even_if_one_of_them_has_expired() -> None:
    answer = decided(known({"plate": "AB 123", "until": "2020-01-01"}, "AB 128"), "AB12B", "one")
    assert (answer["known"], answer["reason"]) == (False, "ambiguous")


def test_a_pattern_counts_where_the_plates_own_entry_has_expired() -> None:
    answer = decided(known({"plate": "B-AB 123", "until": "2020-01-01"}, {"plate": "B-*", "name": "Berlin"}), "BAB123")
    assert (answer["known"], answer["reason"], answer["name"]) == (True, "pattern", "Berlin")


def test_a_text_longer_than_any_plate_is_unknown_at_once() -> None:
    answer = decided(known("B-AB 123"), "B" * 100_000, "two")
    assert (answer["known"], answer["reason"], len(answer["read"])) == (False, "not listed", 40)


def test_a_letter_that_no_plate_has_stands_for_no_other_character() -> None:
    assert not decided(known("123"), "\u0416123")["known"]
    assert decided(known("?123"), "\u0416123")["known"]
