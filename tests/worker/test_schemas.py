"""What the compiled schemas accept is what JSON Schema says."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_worker.nodes.registry import NODE_TYPES
from python_worker.schemas import ANSWER, CLIENT_FRAMES, STATISTICS, Schema, complaint
from tests.contract.server import PLATE

VEHICLE = {"vehicle": {"type": "Sedan", "score": 0.9, "box": PLATE["box"]}, "plate": None}
RECOGNIZER = {
    "inputField": "payload",
    "inputFieldType": "msg",
    "outputField": "payload",
    "outputFieldType": "msg",
    "url": "",
    "ignoreDuring": True,
    "makeAndModel": False,
    "statusText": "count",
    "cameraId": "",
    "cameraIdType": "str",
    "separateMsg": False,
    "timestamp": True,
    "regionFilter": True,
    "regionList": '["gb"]',
    "regionListType": "json",
    "timeout": "30",
    "tries": 3,
    "shrink": True,
}
INPUT = {"needs": [b"\xff\xd8"], "inputs": {"cameraId": 1}, "wired": [True, False]}
OPEN = {"type": "plate-recognizer", "id": "n1", "config": RECOGNIZER, "credentials": {"apiToken": None}}
VALID = [
    (ANSWER, {"processing_time": 1.5, "results": [PLATE, VEHICLE], "filename": "a.jpg", "camera_id": None}),
    (STATISTICS, {"usage": {"calls": 128, "month": 1}, "total_calls": 2500}),
    (NODE_TYPES["plate-recognizer"].schema, RECOGNIZER),
    (
        NODE_TYPES["plate-statistics"].schema,
        {"outputField": "payload", "outputFieldType": "msg", "url": "", "timeout": 5},
    ),
    (CLIENT_FRAMES["hello"], {"ctx": "hello", "value": {"protocol": 2, "versions": {"node": "v24"}}}),
    (CLIENT_FRAMES["open"], {"ctx": "open", "node": 1, "value": OPEN}),
    (CLIENT_FRAMES["input"], {"ctx": "input", "node": 1, "msgid": 2, "value": INPUT}),
    (CLIENT_FRAMES["cancel"], {"ctx": "cancel", "node": 1, "msgid": 2}),
    (CLIENT_FRAMES["close"], {"ctx": "close", "node": 1, "value": {"removed": True}}),
]
WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
)


@pytest.mark.parametrize(("schema", "value"), VALID)
def test_a_valid_value_is_accepted(schema: Schema, value: Any) -> None:
    assert complaint(schema, value) is None
    assert schema.accepts(value)
    assert schema.validator.is_valid(value)


@given(data=st.data(), wrong=WRONG)
@pytest.mark.parametrize(("schema", "value"), VALID)
def test_a_changed_value_is_judged_alike_by_both_forms(schema: Schema, value: Any, data: Any, wrong: Any) -> None:
    """Each draw replaces or removes one part of the value, at any depth."""
    changed = copy.deepcopy(value)
    *way, last = data.draw(st.sampled_from(list(_paths(changed))))
    parent = changed
    for key in way:
        parent = parent[key]
    if isinstance(parent, dict) and data.draw(st.booleans()):
        del parent[last]
    else:
        parent[last] = wrong
    assert schema.accepts(changed) == schema.validator.is_valid(changed), json.dumps(changed, default=repr)


def _paths(value: Any, way: tuple[Any, ...] = ()) -> Any:
    """Yield the way to every part of a value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*way, key)
        yield from _paths(inner, (*way, key))
