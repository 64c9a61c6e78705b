"""Entries that messages add and remove."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from python_worker.known.changes import entries_to_add, plates_to_remove
from python_worker.known.entry import Entry, entry
from python_worker.known.learnt import Learnt, LearntError, learnt_at, learnt_path
from tests.known.test_reading import RESULT, WITH_VEHICLE


def loaded(path: Path) -> Learnt:
    learnt = Learnt(path)
    learnt.load()
    return learnt


def shown(entries: Any) -> list[dict[str, str]]:
    return [dict(one.fields) for one in entries]


def test_what_was_learnt_is_there_after_a_restart(tmp_path: Path) -> None:
    learnt = loaded(tmp_path / "lists" / "n1.csv")
    learnt.add([entry({"plate": "B-AB 123", "name": "Müller, Alice", "hours": "8-18"}), entry("M-XY 88")])
    learnt.remove(["MXY88"])
    assert shown(loaded(tmp_path / "lists" / "n1.csv").entries) == [
        {"plate": "B-AB 123", "name": "Müller, Alice", "hours": "8-18"}
    ]


def test_a_plate_that_is_learnt_again_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    learnt = loaded(tmp_path / "n1.csv")
    learnt.add([entry({"plate": "B-AB 123", "name": "Alice"}), entry("M-XY 88")])
    assert shown(learnt.add([entry({"plate": "b ab123", "name": "Bob"})])) == [{"plate": "B-AB 123", "name": "Alice"}]
    assert shown(loaded(tmp_path / "n1.csv").entries) == [{"plate": "M-XY 88"}, {"plate": "b ab123", "name": "Bob"}]


def test_removing_tells_what_was_removed(tmp_path: Path) -> None:
    learnt = loaded(tmp_path / "n1.csv")
    learnt.add([entry("M-XY 88")])
    assert shown(learnt.remove(["MXY88"])) == [{"plate": "M-XY 88"}]
    assert loaded(tmp_path / "n1.csv").entries == ()


def test_a_plate_that_was_not_learnt_is_not_removed_in_silence() -> None:
    learnt = Learnt(None)
    learnt.add([entry("M-XY 88")])
    with pytest.raises(LearntError, match="AB1 was not learnt; what the node's own table, or a file, lists"):
        learnt.remove(["MXY88", "AB1"])
    assert shown(learnt.entries) == [{"plate": "M-XY 88"}]


def test_two_nodes_with_one_file_have_one_list(tmp_path: Path) -> None:
    one, other = learnt_at(tmp_path / "n1.csv"), learnt_at(tmp_path / "n1.csv")
    one.load()
    one.add([entry("AB 1")])
    other.load()
    other.add([entry("AB 2")])
    assert shown(loaded(tmp_path / "n1.csv").entries) == [{"plate": "AB 1"}, {"plate": "AB 2"}]


def test_without_a_file_entries_are_kept_until_the_end() -> None:
    learnt = Learnt(None)
    learnt.load()
    learnt.add([entry("M-XY 88")])
    assert shown(learnt.entries) == [{"plate": "M-XY 88"}]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"plate,name\r\nM-XY 88,Bob\r\n,broken\r\n", [{"plate": "M-XY 88", "name": "Bob"}]),
        (b'plate,name\r\nM-XY 88,"Bob\r\n', []),
        (b"\0\0\0\0", []),
    ],
)
def test_a_damaged_file_is_set_aside_before_it_is_overwritten(
    tmp_path: Path, content: bytes, kept: list[dict[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "n1.csv"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        learnt = loaded(path)
    assert shown(learnt.entries) == kept
    assert "is damaged" in str(learnt.trouble)
    assert "is damaged" in caplog.text
    learnt.add([entry("AB 1")])
    (aside,) = tmp_path.glob("n1.damaged-*.csv")
    assert aside.read_bytes() == content
    again = loaded(path)
    assert (shown(again.entries), again.trouble) == ([*kept, {"plate": "AB 1"}], None)


def test_a_file_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "n1.csv").mkdir()
    with pytest.raises(OSError, match=r"n1\.csv"):
        loaded(tmp_path / "n1.csv")


def test_what_cannot_be_written_has_not_been_learnt(tmp_path: Path) -> None:
    (tmp_path / "lists").write_text("no folder")
    learnt = Learnt(tmp_path / "lists" / "n1.csv")
    with pytest.raises(OSError, match="lists"):
        learnt.add([entry("AB 1")])
    assert learnt.entries == ()


def test_nothing_is_left_over_beside_the_file(tmp_path: Path) -> None:
    learnt = loaded(tmp_path / "n1.csv")
    for number in range(3):
        learnt.add([entry(f"AB {number}")])
    assert [path.name for path in tmp_path.iterdir()] == ["n1.csv"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    loaded(tmp_path / "n1.csv").add([entry("AB 1")])
    assert stat.S_IMODE((tmp_path / "n1.csv").stat().st_mode) == 0o600


def test_there_is_an_end_to_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_worker.known.learnt.MOST_ENTRIES", 2)
    learnt = Learnt(None)
    learnt.add([entry("AB 1"), entry("AB 2")])
    learnt.add([entry("AB 2")])
    with pytest.raises(LearntError, match="2 plates are learnt, and no more are possible; remove some first"):
        learnt.add([entry("AB 3")])


@pytest.mark.parametrize("node", ["../../etc/passwd", "a/b", "", "x" * 300, "a\0b", "..", "nul\\b"])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, node: str) -> None:
    path = learnt_path(tmp_path, node)
    assert path.parent == tmp_path / "lists"
    assert len(path.name) == 68


@pytest.mark.parametrize("node", ["f1a2b3c4d5e6f708", "f1a2b3c4.d5e6f7"])
def test_a_file_has_the_name_of_its_node(tmp_path: Path, node: str) -> None:
    assert learnt_path(tmp_path, node) == tmp_path / "lists" / f"{node}.csv"


@pytest.mark.parametrize(
    ("value", "fields", "expected"),
    [
        ("B-AB 123", None, [{"plate": "B-AB 123"}]),
        ({"plate": "B-AB 123", "name": "Alice"}, None, [{"plate": "B-AB 123", "name": "Alice"}]),
        ({"plate": "B-AB 123", "name": "Alice"}, {"name": "Bob"}, [{"plate": "B-AB 123", "name": "Bob"}]),
        (
            ["AB 1", {"plate": "AB 2"}],
            {"group": "g"},
            [{"plate": "AB 1", "group": "g"}, {"plate": "AB 2", "group": "g"}],
        ),
        (RESULT, {"name": "Alice"}, [{"plate": "NHK-552", "name": "Alice"}]),
        (WITH_VEHICLE, None, [{"plate": "NHK552"}]),
        ({"results": [RESULT]}, None, [{"plate": "NHK-552"}]),
        ([RESULT], None, [{"plate": "NHK-552"}]),
        ({"results": RESULT}, None, [{"plate": "NHK-552"}]),
        ({**RESULT, "plate_text": "something else"}, None, [{"plate": "NHK552"}]),
    ],
)
def test_a_plate_is_learnt_from_a_text_an_entry_and_a_result(value: Any, fields: Any, expected: Any) -> None:
    assert shown(entries_to_add(value, fields)) == expected
    assert plates_to_remove(value) == [one.text for one in entries_to_add(value, fields)]


@pytest.mark.parametrize(
    ("value", "fields", "message"),
    [
        ({"results": [RESULT, RESULT]}, None, "the picture shows 2 plates, and one alone can be meant"),
        ({"results": []}, None, "the picture shows no plate"),
        ([], None, "the list of new entries is empty"),
        (None, None, "the value is no plate: connect a plate-recognizer, or give a text"),
        ({"plate": "", "score": 0}, None, "the plate could not be read whole"),
        ({"plate": "\u0416123", "score": 1}, None, "the plate could not be read whole"),
        ("--", None, "the plate '--' has no letter and no digit"),
        ("AB 1", "Alice", "the fields of the new entry are no object such as"),
        ("AB 1", {"nam": "Alice"}, "'nam' is no field of an entry"),
        ("AB 1", {"until": "tomorrow"}, "until 'tomorrow' is no date"),
    ],
)
def test_what_is_not_one_plate_is_not_learnt(value: Any, fields: Any, message: str) -> None:
    with pytest.raises(LearntError) as caught:
        entries_to_add(value, fields)
    assert str(caught.value).startswith(message)


def test_an_entry_of_a_learnt_plate_counts_as_any_other() -> None:
    (learnt,) = entries_to_add(RESULT)
    assert isinstance(learnt, Entry)
    assert learnt.text == "NHK552"
