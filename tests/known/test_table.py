"""Lists as CSV and JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_worker.known.entry import FIELDS
from python_worker.known.table import MOST_ENTRIES, TableError, read_list, to_csv

ALICE = {"plate": "B-AB 123", "name": "Müller, Alice", "group": "family"}


def fields(value: Any) -> list[dict[str, str]]:
    entries, problems = read_list(value)
    assert problems == []
    return [dict(entry.fields) for entry in entries]


@pytest.mark.parametrize(
    "text",
    [
        'plate,name,group\nB-AB 123,"Müller, Alice",family\n',
        "plate;name;group\r\nB-AB 123;Müller, Alice;family\r\n",
        "\ufeffplate\tname\tgroup\nB-AB 123\tMüller, Alice\tfamily",
        "Group ; Name ; PLATE \n family ; Müller, Alice ; B-AB 123 \n",
        'sep=;\nplate;name;group\n"B-AB 123";"Müller, Alice";"family"\n',
        "plate;name;group;from;until;weekdays;hours;note\nB-AB 123;Müller, Alice;family;;;;;\n\n;;;;;;;\n",
        '[{"plate": "B-AB 123", "name": "Müller, Alice", "group": "family", "note": null}]',
        ' \n[{"plate": "B-AB 123", "name": "Müller,\\n Alice", "group": " family "}]',
    ],
)
def test_a_list_is_read_as_spreadsheets_and_programs_write_it(text: str) -> None:
    assert fields(text) == [ALICE]
    assert fields(text.encode()) == [ALICE]
    assert fields(text.encode("utf-16")) == [ALICE]


def test_a_file_in_windows_own_characters_is_read() -> None:
    assert fields("plate;name\nB-AB 123;Müller\n".encode("cp1252")) == [{"plate": "B-AB 123", "name": "Müller"}]


def test_without_names_of_columns_each_line_is_a_plate() -> None:
    assert fields("B-AB 123\n\nM-XY 88\r\n") == [{"plate": "B-AB 123"}, {"plate": "M-XY 88"}]


def test_a_quoted_cell_may_have_several_lines() -> None:
    entries, problems = read_list('plate,note\nAB 1,"first\nsecond"\n-,x\n')
    assert [entry.fields["note"] for entry in entries] == ["first second"]
    assert problems == ["line 4 (-): the plate '-' has no letter and no digit"]


def test_a_list_of_objects_and_texts_is_read() -> None:
    weekdays = {"plate": 12345, "weekdays": ["mon", "tue"], "until": None, "name": ""}
    assert fields(["B-AB 123", weekdays]) == [{"plate": "B-AB 123"}, {"plate": "12345", "weekdays": "mon, tue"}]


def test_a_nodes_own_table_is_a_list_of_lines() -> None:
    lines = [",".join(FIELDS), 'B-AB 123,"Müller, Alice",family', "M-XY 88"]
    assert fields(lines) == fields(json.dumps(lines)) == [ALICE, {"plate": "M-XY 88"}]
    entries, problems = read_list([*lines, "AB 1,,,tomorrow", "AB 2,,,,,,,,x", ""])
    assert [entry.where for entry in entries] == ["entry 1", "entry 2"]
    assert [problem.partition(":")[0] for problem in problems] == ["entry 4", "entry 3 (AB 1)"]


def test_an_empty_list_is_a_list() -> None:
    assert fields("") == fields("[]") == fields([]) == fields("plate,name\n") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("plate,name\nAB 1,x\n,y\n", "line 3: the plate is missing"),
        ("plate,hours\nAB 1,8-18\nAB 2,late\n", "line 3 (AB 2): hours: 'late' is no period; write 08:00-18:00, or"),
        ("plate,name\nAB 1,x\nAB 2,y,z\n", "line 3: it has more columns than the first line"),
        ("plate,phone\nAB 1,123\n", "column 'phone' is none of an entry's and is left out"),
        ('["AB 1", {"plate": "AB 2", "untl": "2026-01-01"}]', "entry 2 (AB 2): 'untl' is no field of an entry; these"),
        ('["AB 1", true]', "entry 2: it is no object with a plate"),
        ('["AB 1", {"plate": ["AB", {}]}]', "entry 2: plate is no text"),
        ('["AB 1", {"plate": "AB 2", "name": 1.5}]', "entry 2 (AB 2): name is no text"),
        ('["AB 1", "\u0416 123"]', "entry 2 (\u0416 123): plate: '\u0416' is no letter or digit of a reading: put ?"),
        ('["AB 1", "ABCDEFGHIJKLMNOPQRSTU"]', "entry 2: the plate has more than 20 characters"),
        (json.dumps(["AB 1", {"plate": "AB 2", "note": "x" * 501}]), "entry 2 (AB 2): note is longer than 500"),
    ],
)
def test_what_is_wrong_with_one_entry_is_told_and_the_others_stay(text: str, problem: str) -> None:
    entries, problems = read_list(text)
    assert [entry.text for entry in entries] == ["AB1"]
    assert len(problems) == 1
    assert problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Kennzeichen;Name\nAB 1;x\n", "its first line names no column 'plate'; the columns are plate, name, group"),
        ("name\nx\n", "its first line names no column 'plate'"),
        ('plate,name\nAB 1,"x\nAB 2,y\n', "line 2 is no row of a table"),
        ("plate,plate\nAB 1,x\n", "two columns are named 'plate'"),
        ('[{"plate": "AB 1"', "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "it is no text"),
        (b"a" * 20_000_001, "it has more than 20 MB"),
        ({"plate": "AB 1"}, "it is no list of entries"),
        (None, "it is no list of entries"),
        (["AB 1"] * (MOST_ENTRIES + 1), "it has 100,001 entries, and 100,000 are possible"),
        (["A*"] * 1001, "it has 1,001 entries with wildcards, and 1,000 are possible"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(value: Any, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_list(value)
    assert str(caught.value).startswith(message)


def test_a_hundred_thousand_entries_are_a_list() -> None:
    entries, problems = read_list([f"AB {number}" for number in range(MOST_ENTRIES)])
    assert (len(entries), problems) == (MOST_ENTRIES, [])


_CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(lambda text: " ".join(text.split()))


@given(st.lists(st.fixed_dictionaries({"plate": st.from_regex("[A-Z0-9]{1,8}", fullmatch=True), "name": _CELLS})))
def test_a_written_table_is_read_as_it_was(listed: list[dict[str, str]]) -> None:
    # Cells that a spreadsheet would take for something else stay what they are.
    written = [{name: text for name, text in one.items() if text} for one in listed]
    assert fields(to_csv(written)) == written


def test_a_written_table_has_all_columns() -> None:
    assert to_csv([ALICE]) == f'{",".join(FIELDS)}\r\nB-AB 123,"Müller, Alice",family,,,,,\r\n'


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text() | st.floats(), st.lists)))
def test_no_value_is_more_than_refused(value: Any) -> None:
    try:
        read_list(value)
    except TableError as error:
        assert str(error)
