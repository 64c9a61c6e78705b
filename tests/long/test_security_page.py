"""docs/security.md names a test for each promise; each of them exists."""

from __future__ import annotations

import re

from scripts.tools import ROOT

from .faults import FAULTS

_PAGE = (ROOT / "docs" / "security.md").read_text()
_PROMISES = _PAGE.partition("## Promises")[2].partition("## What is not promised")[0]


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w./-]+)::([^`]+)`", _PAGE)
    assert len(named) > 50
    for file, name in named:
        source = (ROOT / file).read_text()
        assert (f"def {name}(" if file.endswith(".py") else name) in source, f"{file} has no test {name!r}"


def test_every_fault_of_the_long_run_holds_a_promise_of_the_page() -> None:
    assert set(re.findall(r"`test:long --only ([\w-]+)`", _PROMISES)) == set(FAULTS)


def test_every_promise_names_a_test() -> None:
    for promise in re.split(r"^- ", _PROMISES, flags=re.MULTILINE)[1:]:
        assert re.search(r"`tests/|`test:long", promise), promise
