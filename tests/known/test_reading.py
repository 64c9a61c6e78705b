"""The plates in what a recognizer gives."""

from __future__ import annotations

from typing import Any

import pytest

from python_worker.known.reading import Reading, ReadingError, readings

RESULT = {
    "plate": "nhk552",
    "plate_text": "NHK-552",
    "score": 0.9,
    "dscore": 0.8,
    "candidates": [{"score": 0.9, "plate": "nhk552"}, {"score": 0.3, "plate": "nhk55z"}, {"score": 0.01, "plate": "n"}],
}
READ = Reading("NHK552", 0.9, (("NHK55Z", 0.3),))
WITH_VEHICLE = {
    "plate": {
        "type": "Plate",
        "score": 0.8,
        "props": {"plate": [{"value": "nhk552", "score": 0.9}, {"value": "nhk55z", "score": 0.3}], "region": []},
    },
    "vehicle": {"type": "Sedan", "score": 0.9},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (RESULT, [READ]),
        (WITH_VEHICLE, [READ]),
        ({"results": [RESULT, WITH_VEHICLE], "processing_time": 1}, [READ, READ]),
        ([RESULT], [READ]),
        ({"results": RESULT, "processing_time": 1}, [READ]),
        ({"results": {}}, []),
        ({"results": []}, []),
        ([], []),
        ({"results": [{"plate": None, "vehicle": {"type": "Sedan"}}]}, []),
        ("nhk 552", [Reading("NHK552")]),
        ({"plate": "NHK-552"}, [Reading("NHK552")]),
        ({"plate": "nhk552", "score": "high", "candidates": [1, {"plate": None}, {"plate": "x"}]}, [Reading("NHK552")]),
        ("\u0430 123 \u0432\u0441", [Reading("A123BC")]),
        ("", [Reading("")]),
    ],
)
def test_every_form_of_a_result_is_read(value: Any, expected: list[Reading]) -> None:
    assert readings(value) == expected


@pytest.mark.parametrize("value", [None, 5, b"\xff\xd8", {}, {"plate": 5}, {"plate": {"props": {}}}, [RESULT, None]])
def test_what_is_no_result_is_refused(value: Any) -> None:
    with pytest.raises(ReadingError):
        readings(value)
