"""The node's status says what was recognized, as the "status text" setting wants it."""

from __future__ import annotations

from typing import Any

import pytest

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
    ],
)
def test_the_status_after_a_recognition(kind: str, results: list[dict[str, Any]], text: str) -> None:
    assert status.recognized(kind, results) == {"fill": "blue", "shape": "dot", "text": text}


def test_none_clears_the_status() -> None:
    assert status.recognized("none", [plate("a", 1)]) == {}


def test_statistics_show_used_of_all_calls_and_only_the_used_where_there_is_no_limit() -> None:
    assert status.statistics(128, 2500)["text"] == "128 / 2500"
    assert status.statistics(128, None)["text"] == "128"
