"""Whatever a service answers becomes a result that can be passed on, or a failure."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_worker.errors import NotTheApiError, RecognitionError, RefusedError
from python_worker.schemas import ANSWER
from python_worker.services.account import Account
from python_worker.services.address import Address
from python_worker.services.answers import DEEPEST, MOST_VALUES, Reply, result
from python_worker.services.boxes import scale_boxes
from tests.contract.faults import ODD

ACCOUNT = Account(Address("http://sdk:8080/v1/plate-reader/", False), "0123456789abcdef", 5)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=30,
)
RESULT = st.dictionaries(
    st.sampled_from(["plate", "score", "box", "xmin", "ymin", "xmax", "ymax", "vehicle", "props"]) | TEXTS,
    JSON,
    max_size=9,
)


def answered(text: str | bytes, status: int = 200, reason: str = "OK") -> dict[str, Any]:
    body = text if isinstance(text, bytes) else text.encode()
    return result(Reply(status, reason, None, body), ACCOUNT, ANSWER)


def refused(text: str | bytes, status: int = 200, reason: str = "OK") -> RecognitionError:
    with pytest.raises(RecognitionError) as caught:
        answered(text, status, reason)
    portable(caught.value.as_result())
    return caught.value


def portable(value: Any) -> None:
    """Check that MessagePack and JSON carry a value, and JavaScript's numbers hold it."""
    msgpack.packb(value)
    json.dumps(value, allow_nan=False).encode()


@given(results=st.lists(RESULT, max_size=4), rest=st.dictionaries(TEXTS, JSON, max_size=4), ascii_=st.booleans())
def test_any_results_pass_in_a_form_that_can_be_passed_on(results: Any, rest: Any, *, ascii_: bool) -> None:
    text = json.dumps({**rest, "results": results}, ensure_ascii=ascii_).encode("utf-8", "replace")
    answer = answered(text, 201, "Created")
    assert (answer["status"], answer["statusText"]) == (201, "Created")
    assert len(answer["results"]) == len(results)
    portable(answer)
    portable(scale_boxes(answer, 1.7))
    portable(scale_boxes(answer, 1e9))


@given(JSON, st.sampled_from([200, 201, 301, 400, 403, 407, 429, 500, 999]), TEXTS)
def test_any_json_ends_as_an_answer_or_as_a_failure(value: Any, status: int, reason: str) -> None:
    try:
        portable(answered(json.dumps(value), status, reason))
    except RecognitionError as error:
        portable(error.as_result())


@given(st.binary(max_size=200), st.sampled_from([200, 302, 500]))
def test_any_bytes_end_as_a_failure(text: bytes, status: int) -> None:
    refused(text, status)


def test_integers_of_more_than_64_bits_become_floats_and_others_stay() -> None:
    largest, text = 2**64 - 1, "1" + "0" * 5000
    answer = answered(
        f'{{"results": [], "a": [{largest}, {-(2**63)}, {largest + 1}, {-(2**63) - 1}, {2**53 + 1}, {text}]}}'
    )
    assert answer["a"] == [largest, -(2**63), float(2**64), -float(2**63), 2**53 + 1, None]
    assert [type(number) for number in answer["a"][:4]] == [int, int, float, float]


def test_floats_that_overflow_become_null_and_nan_is_refused() -> None:
    assert answered('{"results": [{"score": 1e999, "dscore": -1e999}]}')["results"] == [{"score": None, "dscore": None}]
    for constant in ("NaN", "Infinity", "-Infinity"):
        assert "no JSON object" in refused(f'{{"results": [{{"score": {constant}}}]}}').message


def test_half_surrogate_pairs_become_replacement_characters_also_in_keys_and_reasons() -> None:
    answer = answered('{"results": [], "a\\ud800": "\\udfffb", "car": "\\ud83d\\ude97"}', reason="O\udcffK")
    assert (answer["a\ufffd"], answer["car"], answer["statusText"]) == ("\ufffdb", "🚗", "O\ufffdK")


@pytest.mark.parametrize("levels", [DEEPEST - 1, DEEPEST, 990, 100_000])
def test_nesting_is_bounded(levels: int) -> None:
    text = '{"results": [], "a": ' + "[" * levels + "]" * levels + "}"
    if levels < DEEPEST:
        assert answered(text)["results"] == []
        return
    error = refused(text)
    assert isinstance(error, NotTheApiError)
    assert error.status == 502


def test_the_count_of_values_is_bounded_before_they_are_made() -> None:
    assert len(answered('{"results": [' + "{}," * (MOST_VALUES // 2 - 3) + "{}]}")["results"]) > MOST_VALUES // 3
    error = refused('{"results": [' + "{}," * MOST_VALUES + "{}]}")
    assert error.status == 502
    assert f"{MOST_VALUES:,} values" in error.message


def test_an_answer_of_which_nothing_is_as_documented_passes() -> None:
    answer = answered(ODD)
    assert [result.get("score") for result in answer["results"]] == [None, 1e300, None, None, None, None]


@pytest.mark.parametrize("factor", [2, 0.5, 1e300])
def test_boxes_that_are_none_are_left_alone(factor: float) -> None:
    strange = {"xmin": None, "ymin": "7", "xmax": float("inf"), "ymax": True}
    huge = {"xmin": 1e300, "ymin": 2**63, "xmax": [1], "ymax": {}}
    answer = {"results": [{"box": None}, {"box": strange}, {"box": huge}, {"box": [1, 2]}, None, 5]}
    assert scale_boxes(answer, factor)["results"][:2] == [{"box": None}, {"box": strange}]
    assert scale_boxes(answer, factor)["results"][3:] == [{"box": [1, 2]}, None, 5]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "License expired"}, "License expired."),
        ({"detail": "No credits  left.", "status_code": 402}, "No credits left."),
        ({"error": {"code": 7, "message": "Camera unknown"}}, "Camera unknown."),
        ({"message": "Try later"}, "Try later."),
    ],
)
def test_a_success_without_a_result_is_told_in_the_services_own_words(body: dict[str, Any], words: str) -> None:
    error = refused(json.dumps(body))
    assert isinstance(error, RefusedError)
    assert (error.status, error.status_text) == (502, "Bad Gateway")
    assert error.message.startswith(words)
    assert "Check the URL" not in error.message
    assert body.items() <= error.as_result().items() or "error" in body


def test_what_a_refusal_says_is_bounded() -> None:
    error = refused(json.dumps({"detail": "x" * 100_000}), 403, "y" * 8000)
    assert len(json.dumps(error.as_result())) < 5000
