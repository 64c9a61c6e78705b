"""Property expressions mean what they mean to Node-RED."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_worker.errors import InputError
from python_worker.nodes.fields import DEEPEST, LONGEST, Expression, ExpressionError, Path, parse
from python_worker.values import Opaque

PROJECT = FilePath(__file__).parents[2]

MESSAGE: dict[str, Any] = {
    "payload": {"image": "A", "list": ["zero", {"x y": 1, "0": "text key"}, ["deep"]], "it's": "quote", "": "empty"},
    "index": 1,
    "key": "image",
    "names": ["list", "image"],
    "number": 1.5,
    "whole": 2.0,
    "flag": True,
    "nothing": None,
    "text": "word",
    "$_1": {"ä": "umlaut"},
}

KEYS = [
    "payload",
    "image",
    "list",
    "index",
    "key",
    "names",
    "number",
    "whole",
    "text",
    "$_1",
    "x y",
    "it's",
    "ä",
    "absent",
]


class RedUtil:
    """Node-RED's own functions in a Node.js process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", PROJECT / "tests/worker/red_util.js"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "NODE_PATH": os.pathsep.join(
                    filter(None, (str(PROJECT / "node_modules"), os.environ.get("NODE_PATH")))
                ),
            },
        )

    def ask(self, expression: str) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"expression": expression, "msg": MESSAGE}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def red_util() -> Any:
    util = RedUtil()
    yield util
    util.close()


def known(paths: list[Path]) -> dict[Path, Any]:
    """Walk the needed paths by plain property access, as Node-RED's end does."""

    def walk(path: Path) -> Any:
        value: Any = MESSAGE
        for key in path:
            if isinstance(value, (list, str)) and str(key) in map(str, range(len(value))):
                value = value[int(key)]
            elif isinstance(value, dict) and str(key) in value:
                value = value[str(key)]
            else:
                return Opaque("undefined")
        return value

    return {path: walk(path) for path in paths}


def ours(text: str) -> dict[str, Any]:
    """Return the worker's reading of an expression in the form of `RedUtil.ask`."""
    try:
        expression = parse(text)
        path = expression.path(known(expression.needs_for_path()))
    except (ExpressionError, InputError) as error:
        return {"invalid": str(error)}
    value = expression.value(known(expression.needs_for_value()))
    result: dict[str, Any] = {"path": list(path)}
    return result if value == Opaque("undefined") else {**result, "value": value}


def quoted(key: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"[{quote}{key}{quote}]" for quote in "'\"" if quote not in key])


part = st.one_of(
    st.sampled_from(KEYS).map(lambda key: f".{key}"),
    st.sampled_from(KEYS).flatmap(quoted),
    st.integers(0, 3).map(lambda index: f"[{index}]"),
    st.integers(0, 3).map(lambda index: f".{index}"),
)
plain = st.builds(lambda first, rest: first + "".join(rest), st.sampled_from(KEYS), st.lists(part, max_size=4))
nested = st.recursive(
    plain,
    lambda inner: st.builds(
        lambda before, key, after: f"{before}[msg.{key}]{''.join(after)}", inner, inner, st.lists(part, max_size=2)
    ),
    max_leaves=4,
)
broken = st.text(alphabet="ab.[]\"' 01msg$ä", max_size=12)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(nested, nested.map(lambda text: f"msg.{text}"), broken))
def test_expressions_are_read_as_node_red_reads_them(red_util: RedUtil, text: str) -> None:
    theirs, mine = red_util.ask(text), ours(text)
    if "path" in theirs and any(not isinstance(key, (str, int)) or isinstance(key, bool) for key in theirs["path"]):
        # JavaScript takes any value as a key ("[object Object]"); we say what is wrong instead.
        assert "invalid" in mine
        return
    assert ("invalid" in mine) == ("invalid" in theirs), (mine, theirs)
    if "invalid" not in theirs:
        assert mine == theirs


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("payload", ("payload",)),
        ("msg.payload", ("payload",)),
        ("a.b[2].c", ("a", "b", 2, "c")),
        ('a["x y"]', ("a", "x y")),
        ("a['x'].y", ("a", "x", "y")),
        ("payload[msg.index]", ("payload", Expression("index", ("index",)))),
    ],
)
def test_an_expression_is_parsed_into_its_parts(text: str, parts: tuple[Any, ...]) -> None:
    assert parse(text).parts == parts


@pytest.mark.parametrize("text", ["", "msg.", ".a", "a.", "a..b", "a b", "[0]", "a[", "a[b]", 'a["', 'a[""]', "a]"])
def test_a_broken_expression_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"\w"):
        parse(text)


def test_only_the_needed_parts_of_a_message_are_asked_for() -> None:
    expression = parse("req.files[msg.a.b].data[msg.i]")
    assert expression.needs_for_value() == [("req", "files"), ("a", "b"), ("i",)]
    assert expression.needs_for_path() == [("a", "b"), ("i",)]
    assert parse("req.files[0].buffer").needs_for_value() == [("req", "files", 0, "buffer")]


@pytest.mark.parametrize("value", [True, None, [1], Opaque("function"), 1.5])
def test_a_key_that_is_no_text_or_whole_number_is_named(value: Any) -> None:
    with pytest.raises(InputError, match=r"msg\.payload\[msg\.index\] cannot be resolved: msg\.index is "):
        parse("payload[msg.index]").path({("index",): value})


def nested_brackets(levels: int) -> str:
    return "a" + "[msg.a" * levels + "]" * levels


def test_an_expression_may_be_long_and_nested_as_far_as_anybody_writes_it() -> None:
    assert parse("a" * LONGEST).parts == ("a" * LONGEST,)
    assert parse(nested_brackets(DEEPEST)).needs_for_path()


@pytest.mark.parametrize("text", [nested_brackets(DEEPEST + 1), nested_brackets(2000), "a" * (LONGEST + 1), "[" * 2000])
def test_an_expression_beyond_its_bounds_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="more than"):
        parse(text)


@pytest.mark.parametrize("index", [1e300, float("inf"), float("nan")])
def test_a_number_that_is_no_index_is_named(index: float) -> None:
    with pytest.raises(InputError, match="a number"):
        parse("payload[msg.index]").path({("index",): index})


def test_a_key_of_many_digits_leads_nowhere() -> None:
    expression = parse("payload[msg.index]")
    assert expression.value({("payload",): ["a"], ("index",): "9" * 5000}) == Opaque("undefined")
