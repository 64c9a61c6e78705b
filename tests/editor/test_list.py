"""The dialog of the plate-list node, and its table of plates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from python_worker.known.table import read_list, to_csv

from .flows import flow_with
from .page import EditorPage

LIST = "list"
HEADER = "plate,name,group,from,until,weekdays,hours,note"
LINES = [HEADER, 'B-AB 123,"Müller, Alice",family', "M-XY 88,Bob,,,2030-12-31,,08:00-18:00"]
NODE: dict[str, Any] = {
    "id": LIST,
    "type": "plate-list",
    "name": "",
    "inputField": "payload",
    "inputFieldType": "msg",
    "outputField": "match",
    "outputFieldType": "msg",
    "limit": "exact",
    "timeZone": "",
    "source": "table",
    "file": "",
    "list": "plates",
    "listType": "flow",
    "entries": LINES,
}


async def open_list(editor: EditorPage, **properties: object) -> None:
    await editor.load(flow_with({**NODE, **properties}, outputs=4))
    await editor.edit(LIST)


def rows(editor: EditorPage) -> Locator:
    return editor.page.locator("#plate-list-entries > li")


def cell(editor: EditorPage, row: int, field: str) -> Locator:
    return rows(editor).nth(row).locator(f'[data-field="{field}"]')


async def chosen(editor: EditorPage, path: Path) -> None:
    """Choose a file to import."""
    async with editor.page.expect_file_chooser() as chooser:
        await editor.page.locator("#plate-list-import").click()
    await (await chooser.value).set_files(path)


async def saved(editor: EditorPage) -> Any:
    await editor.done()
    return (await editor.deploy())[LIST]["entries"]


async def test_a_table_is_shown_and_stays_unchanged(editor: EditorPage) -> None:
    await open_list(editor)
    await expect(rows(editor)).to_have_count(2)
    await expect(cell(editor, 0, "name")).to_have_value("Müller, Alice")
    await expect(cell(editor, 1, "until")).to_have_value("2030-12-31")
    await expect(cell(editor, 0, "until"), "what an entry does not use is not in the way").to_have_count(0)
    await editor.done()
    assert await editor.properties(LIST) == {"changed": False, "outputs": 4, "validationErrors": []}


async def test_a_new_node_is_saved_with_the_defaults(editor: EditorPage) -> None:
    await editor.load(flow_with(outputs=4))
    node_id = await editor.add("plate-list")
    await editor.edit(node_id)
    await editor.done()
    node = (await editor.deploy())[node_id]
    expected = {**NODE, "entries": [], "wires": [[], [], [], []]}
    assert {name: node[name] for name in expected if name not in ("id", "type")} == {
        name: value for name, value in expected.items() if name not in ("id", "type")
    }


async def test_entries_are_added_changed_and_removed(editor: EditorPage) -> None:
    await open_list(editor)
    await editor.page.locator(".red-ui-editableList-addButton").click()
    await cell(editor, 2, "plate").fill("HH-*")
    await rows(editor).nth(2).locator("button").first.click()
    await cell(editor, 2, "weekdays").fill("mon-fri")
    await cell(editor, 2, "note").fill('says "hello"')
    await cell(editor, 0, "name").fill("Alice")
    await rows(editor).nth(1).locator(".red-ui-editableList-item-remove").click()
    await expect(rows(editor)).to_have_count(2)
    assert await saved(editor) == [HEADER, "B-AB 123,Alice,family", 'HH-*,,,,,mon-fri,,"says ""hello"""']


@pytest.mark.one_line
async def test_the_worker_reads_what_the_table_saves(editor: EditorPage) -> None:
    texts = ("x,y", 'a "quoted" one', "a;b", "=1+1", " spaces ", "Ünïcode 京")
    await open_list(editor, entries=[])
    for number, text in enumerate(texts):
        await editor.page.locator(".red-ui-editableList-addButton").click()
        await cell(editor, number, "plate").fill(f"AB {number}")
        await cell(editor, number, "name").fill(text)
    entries, problems = read_list(await saved(editor))
    assert problems == []
    assert [entry.fields["name"] for entry in entries] == [text.strip() for text in texts]


@pytest.mark.one_line
async def test_an_empty_row_is_not_saved(editor: EditorPage) -> None:
    await open_list(editor)
    await editor.page.locator(".red-ui-editableList-addButton").click()
    await editor.done()
    assert not (await editor.properties(LIST))["changed"]


@pytest.mark.one_line
@pytest.mark.parametrize(
    ("field", "bad"),
    [("plate", "--"), ("from", "1.5.2026"), ("until", "soon"), ("weekdays", "mon-fry"), ("hours", "8")],
)
async def test_a_bad_field_is_marked_and_named(editor: EditorPage, field: str, bad: str) -> None:
    await open_list(editor, entries=[HEADER, "AB 1,,,2020-01-01"])
    await expect(cell(editor, 0, field)).not_to_contain_class("input-error")
    await cell(editor, 0, field).fill(bad)
    await expect(cell(editor, 0, field)).to_contain_class("input-error")
    await editor.done()
    (reason,) = (await editor.properties(LIST))["validationErrors"]
    assert reason == f"Plates: check entry 1: {field.capitalize()}"
    _, problems = read_list(await editor.page.evaluate(f"RED.nodes.node('{LIST}').entries"))
    assert len(problems) == 1


@pytest.mark.one_line
async def test_what_the_worker_takes_is_not_marked(editor: EditorPage) -> None:
    texts = {
        "from": ("2026-05-01", "2026-05-01 18:00", "2026-05-01T18:00"),
        "until": ("2030-12-31", "2030-12-31 06:00:30"),
        "weekdays": ("mon-fri", "Mo, we;FRIDAY", "sat - sun", "1-5", "sun."),
        "hours": ("8-18", "08:00-12:00, 13:00-17:30", "22:00 - 06:00", "0-24"),
    }
    await open_list(editor, entries=[HEADER, "AB 1,,,2020-01-01"])
    for field, rights in texts.items():
        for right in rights:
            await cell(editor, 0, field).fill(right)
            await expect(cell(editor, 0, field), right).not_to_contain_class("input-error")
            assert read_list([{"plate": "AB 1", field: right}])[1] == []
        await cell(editor, 0, field).fill("")
    await cell(editor, 0, "hours").fill("8-18")
    await editor.done()
    assert (await editor.properties(LIST))["validationErrors"] == []
    assert (await editor.deploy())[LIST]["entries"] == [HEADER, "AB 1,,,,,,8-18"]


async def test_only_the_rows_of_the_chosen_list_are_shown(editor: EditorPage) -> None:
    await open_list(editor)
    parts = {
        "table": editor.page.locator("#plate-list-entries"),
        "file": editor.field("file"),
        "property": editor.typed("list"),
    }
    for source in ("file", "property", "table"):
        await editor.field("source").select_option(source)
        for name, part in parts.items():
            await expect(part).to_be_visible(visible=name == source)


async def test_what_is_entered_is_saved(editor: EditorPage) -> None:
    await open_list(editor)
    await editor.field("limit").select_option("one")
    await editor.field("timeZone").fill("Europe/Berlin")
    await editor.field("source").select_option("file")
    await editor.field("file").fill("/data/plates.csv")
    await editor.enter("outputField", "gate.match")
    await editor.done()
    node = (await editor.deploy())[LIST]
    expected = {"limit": "one", "timeZone": "Europe/Berlin", "source": "file", "file": "/data/plates.csv"}
    assert {name: node[name] for name in expected} == expected
    assert (node["outputField"], node["entries"]) == ("gate.match", LINES)


@pytest.mark.one_line
@pytest.mark.parametrize(
    "content",
    [
        "plate,name,hours\nAB 1,Müller,8-18\n".encode(),
        "\ufeffplate;name;hours\r\nAB 1;Müller;8-18\r\n".encode(),
        "sep=;\r\nHOURS; Name ;Plate\r\n8-18;Müller;AB 1\r\n;;\r\n".encode("cp1252"),
        'plate\tname\thours\n"AB 1"\t"Müller"\t8-18'.encode("utf-16"),
    ],
    ids=["commas", "semicolons", "Windows", "UTF-16"],
)
async def test_a_csv_is_imported_as_the_worker_reads_it(editor: EditorPage, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plates.csv"
    path.write_bytes(content)
    await open_list(editor, entries=[])
    await chosen(editor, path)
    await expect(rows(editor)).to_have_count(1)
    entries, _ = read_list(await saved(editor))
    assert [entry.fields for entry in entries] == [entry.fields for entry in read_list(content)[0]]
    assert entries[0].fields == {"plate": "AB 1", "name": "Müller", "hours": "8-18"}


@pytest.mark.one_line
async def test_an_import_adds_to_the_table_or_replaces_it(editor: EditorPage, tmp_path: Path) -> None:
    path = tmp_path / "plates.csv"
    path.write_text("plate,name\nb ab-123,Carol\nAB 1,Dan\n")
    await open_list(editor)
    plates = editor.page.locator('#plate-list-entries [data-field="plate"]')
    notice = editor.page.locator(".red-ui-notification")
    for choice, expected in (
        ("Cancel", ["B-AB 123", "M-XY 88"]),
        ("Add", ["M-XY 88", "b ab-123", "AB 1"]),
        ("Replace", ["b ab-123", "AB 1"]),
    ):
        await chosen(editor, path)
        await expect(notice).to_contain_text("The file has 2 entries.")
        await notice.get_by_role("button", name=choice).click()
        await expect(notice).to_have_count(0)
        await expect(plates).to_have_count(len(expected))
        assert [await plates.nth(place).input_value() for place in range(len(expected))] == expected


@pytest.mark.one_line
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Kennzeichen;Name\nAB 1;x\n", "must name the column “plate”"),
        ('plate,name\nAB 1,"x\n', "A quote in the file is not closed."),
        ("\n".join(f"AB {number}" for number in range(2001)), "The table takes 2000 entries, not 2001."),
    ],
)
async def test_a_file_that_is_no_table_changes_nothing(
    editor: EditorPage, tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "plates.csv"
    path.write_text(content)
    await open_list(editor, entries=[])
    await chosen(editor, path)
    await expect(editor.page.locator(".red-ui-notification")).to_contain_text(words)
    await expect(rows(editor)).to_have_count(0)


@pytest.mark.one_line
async def test_columns_that_no_entry_has_are_named(editor: EditorPage, tmp_path: Path) -> None:
    path = tmp_path / "plates.csv"
    path.write_text("plate,phone\nAB 1,123\n")
    await open_list(editor, entries=[])
    await chosen(editor, path)
    await expect(editor.page.locator(".red-ui-notification")).to_contain_text("no entry has are left out: phone")
    assert await saved(editor) == [HEADER, "AB 1"]


async def test_an_exported_table_is_what_the_worker_writes(editor: EditorPage, tmp_path: Path) -> None:
    await open_list(editor)
    async with editor.page.expect_download() as download:
        await editor.page.locator("#plate-list-export").click()
    file = await download.value
    await file.save_as(tmp_path / "out.csv")
    assert file.suggested_filename == "plates.csv"
    data = (tmp_path / "out.csv").read_bytes()
    entries, problems = read_list(data)
    assert problems == []
    assert data.decode("utf-8-sig") == to_csv(entry.fields for entry in entries)
    assert [entry.fields for entry in entries] == [entry.fields for entry in read_list(LINES)[0]]


@pytest.mark.one_line
async def test_a_search_shows_the_entries_that_have_the_text(editor: EditorPage) -> None:
    await open_list(editor)
    for text, names in (("müller", ["Müller, Alice"]), ("mxy", ["Bob"]), ("b", ["Müller, Alice", "Bob"]), ("q", [])):
        await editor.page.locator("#plate-list-search").fill(text)
        shown = editor.page.locator('#plate-list-entries [data-field="name"]')
        await expect(shown).to_have_count(len(names))
        assert [await shown.nth(place).input_value() for place in range(len(names))] == names
    await editor.page.locator("#plate-list-search").fill("alice")
    await expect(rows(editor)).to_have_count(1)
    await cell(editor, 0, "group").fill("friends")
    assert await saved(editor) == [HEADER, 'B-AB 123,"Müller, Alice",friends', LINES[2]]


@pytest.mark.one_line
async def test_entries_that_a_flow_was_written_with_by_hand_are_shown(editor: EditorPage) -> None:
    await open_list(editor, entries=[{"plate": "AB 1", "name": "Alice"}, {"plate": "AB 2"}])
    await expect(cell(editor, 0, "name")).to_have_value("Alice")
    await editor.done()
    assert not (await editor.properties(LIST))["changed"]
    await editor.edit(LIST)
    await cell(editor, 1, "name").fill("Bob")
    assert await saved(editor) == [HEADER, "AB 1,Alice", "AB 2,Bob"]


@pytest.mark.one_line
async def test_of_two_thousand_entries_the_first_and_those_that_are_searched_for_are_shown(editor: EditorPage) -> None:
    lines = [HEADER, *(f"B-AB {number},A resident,residents" for number in range(2000))]
    await open_list(editor, entries=lines)
    await expect(rows(editor)).to_have_count(100)
    await expect(editor.page.locator("#plate-list-rest")).to_have_text(
        "The first 100 of 2000 are shown. Search for the others."
    )
    await editor.page.locator("#plate-list-search").fill("bab1999")
    await expect(rows(editor)).to_have_count(1)
    await cell(editor, 0, "name").fill("Alice")
    await editor.page.locator("#plate-list-search").fill("bab1998")
    await rows(editor).nth(0).locator(".red-ui-editableList-item-remove").click()
    await expect(rows(editor)).to_have_count(0)
    assert await saved(editor) == [*lines[:-2], "B-AB 1999,Alice,residents"]
