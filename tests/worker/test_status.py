"""The node's status says what was recognized, as the "status text" setting wants it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_worker.nodes import status


def plate(text: str, score: float) -> dict[str, Any]:
    return {"plate": text, "score": score}


@pytest.mark.parametrize(
    ("kind", "results", "text"),
    [
        ("count", [], "0 plates"),
        ("count", [plate("a", 1)], "1 plate"),
        ("count", [plate("a", 1), plate("b", 1)], "2 plates"),
        ("plates", [plate("nhk552", 0.9), plate("ab123", 0.8)], "NHK552,AB123"),
        ("plates", [], ""),
        ("scores", [plate("nhk552", 0.903)], "NHK552(90%)"),
        ("scores", [plate("a1", 0.96), plate("b2", 0.94)], "A1(96%),B2(94%)"),
        ("scores", [plate("a1", 0.145), plate("b2", 0.005), plate("c3", 1)], "A1(15%),B2(1%),C3(100%)"),
        ("scores", [{"plate": {"props": {"plate": [{"value": "x1", "score": 0.5}]}}}], "X1(50%)"),
        ("plates", [{"vehicle": {"type": "Sedan"}}], ""),
        ("plates", [plate("a1", 1), {"vehicle": {"type": "Sedan"}, "plate": None}, plate("b2", 1)], "A1,B2"),
        ("scores", [{"vehicle": {"type": "Sedan"}}, plate("a1", 0.9)], "A1(90%)"),
        ("count", [plate("a1", 1), {"vehicle": {"type": "Sedan"}, "plate": None}], "1 plate"),
    ],
)
def test_the_status_after_a_recognition(kind: str, results: list[dict[str, Any]], text: str) -> None:
    assert status.recognized(kind, results) == {"fill": "blue", "shape": "dot", "text": text}


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"plate": "a", "score": None}, "A"),
        ({"plate": "a", "score": float("inf")}, "A"),
        ({"plate": "a", "score": 1e300}, "A"),
        ({"plate": "a", "score": 10**5000}, "A"),
        ({"plate": "a", "score": "0.9"}, "A"),
        ({"plate": "a", "score": True}, "A"),
        ({"plate": None, "score": 0.5}, "(50%)"),
        ({"plate": ["a"], "score": 0.5}, "(50%)"),
        ({"plate": {"props": None}}, ""),
        ({"plate": {"props": {"plate": {"0": "a"}}}}, ""),
        ({"plate": {"props": {"plate": ["a"]}}}, ""),
        ({"plate": "\ud800", "score": 1}, "?(100%)"),
        (7, ""),
    ],
)
def test_what_is_no_plate_or_score_is_left_out(result: Any, text: str) -> None:
    assert status.recognized("scores", [result])["text"] == text


def test_a_reason_has_at_most_40_characters_and_a_list_of_plates_200() -> None:
    assert status.recognized("plates", [plate("ab123", 1)] * 33)["text"] == ",".join(["AB123"] * 33)
    assert status.recognized("plates", [plate("ab123", 1)] * 40)["text"] == "AB123," * 33 + "A…"
    assert status.failure("x" * 41)["text"] == "x" * 39 + "…"
    assert status.failure("x" * 40)["text"] == "x" * 40
    assert status.misconfigured("x" * 10**6)["text"] == "x" * 39 + "…"


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(), max_size=60),
        st.sampled_from([10**400, "\ud800"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["plate", "props", "score", "value"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(kind=st.sampled_from(["none", "count", "plates", "scores"]), results=JSON | st.lists(JSON), other=JSON)
def test_any_answer_has_a_status_that_can_be_shown(kind: str, results: Any, other: Any) -> None:
    for shown in (status.recognized(kind, results), status.statistics(results, other)):
        text = shown.get("text", "")
        assert len(text) <= 200
        assert text.encode().decode() == text, "no half of a surrogate pair"


def test_none_clears_the_status() -> None:
    assert status.recognized("none", [plate("a", 1)]) == {}


def test_statistics_show_used_of_all_calls_and_only_the_used_where_there_is_no_limit() -> None:
    assert status.statistics(128, 2500)["text"] == "128 / 2500"
    assert status.statistics(128, None)["text"] == "128"
    assert status.statistics(1e300, 10**5000)["text"] == "? / ?"
