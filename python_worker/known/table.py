"""Lists of entries as CSV and JSON, as spreadsheets, databases and people write them."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from .entry import FIELDS, Entry, entries

MOST_ENTRIES = 100_000
"""Entries of one list; a decision among them takes some hundredths of a second."""

MOST_PATTERNS = 1000
"""Entries with wildcards of one list: each of them is compared with each reading."""

MOST_BYTES = 20_000_000

_DELIMITERS = ",;\t"

_Written: TypeAlias = "list[tuple[str, Any]]"
"""What `entry.entries` takes."""


class TableError(ValueError):
    """A list cannot be read at all; the message says why."""


def read_list(value: Any) -> tuple[list[Entry], list[str]]:
    """Return the entries of a list, and what is wrong with those that cannot be used.

    Args:
        value: a list of entries, of plates, or of a table's lines; or a text or bytes with one as JSON or CSV.

    Raises:
        TableError: it is no list, or too long.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = decode(value)
    if isinstance(value, str) and value.lstrip("\ufeff \t\r\n")[:1] == "[":
        value = _from_json(value)
    if isinstance(value, str):
        written, problems = _from_csv(value)
    elif isinstance(value, list):
        written, problems = _from_items(value)
    else:
        raise TableError("it is no list of entries")
    if len(written) > MOST_ENTRIES:
        raise TableError(f"it has {len(written):,} entries, and {MOST_ENTRIES:,} are possible")
    found, wrong = entries(written)
    patterns = sum(entry.is_pattern for entry in found)
    if patterns > MOST_PATTERNS:
        raise TableError(f"it has {patterns:,} entries with wildcards, and {MOST_PATTERNS:,} are possible")
    return found, problems + wrong


def to_csv(listed: Iterable[Mapping[str, str]]) -> str:
    """Return a table with all columns, for `read_list` and for spreadsheets."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, FIELDS, restval="")
    writer.writeheader()
    writer.writerows(listed)
    return file.getvalue()


def decode(data: bytes | bytearray | memoryview) -> str:
    """Return a file's text. Without a mark, it is UTF-8, or what Windows' programs in the West write instead.

    Raises:
        TableError: it is too large, or no text.
    """
    data = bytes(data)
    if len(data) > MOST_BYTES:
        raise TableError(f"it has more than {MOST_BYTES // 1_000_000} MB")
    has_mark = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TableError("it is no text")


def _from_json(text: str) -> list[Any]:
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise TableError(f"it is no JSON: {error}") from None
    # It begins as a list does.
    listed: list[Any] = value
    return listed


def _from_items(listed: list[Any]) -> tuple[_Written, list[str]]:
    """Return what the items of a list say. A node's own table is a list of lines, so that a change is one line."""
    if listed and all(isinstance(one, str) for one in listed) and "plate" in listed[0].lower().split(","):
        header, *rows = _rows("\n".join(" ".join(line.split()) for line in listed), ",", 0)
        return _objects(_header(header[1]), [(f"entry {where.removeprefix('line ')}", cells) for where, cells in rows])
    return [(f"entry {number}", one) for number, one in enumerate(listed, 1)], []


def _from_csv(text: str) -> tuple[_Written, list[str]]:
    """Return the rows of a table as objects, and what is wrong with its columns.

    The first row names the columns, in any order; without such a row, the text is one plate a line. Commas, semicolons
    or tabs are between the columns, whatever the first row has most of.

    Raises:
        TableError: there is no column of plates, or a quote is not closed.
    """
    text = text.removeprefix("\ufeff")
    # Excel's own remark about what is between the columns.
    remark, _, rest = text.partition("\n")
    declared = remark.strip().lower() in {f"sep={one}" for one in _DELIMITERS}
    delimiter = remark.strip()[-1] if declared else max(_DELIMITERS, key=remark.count)
    rows = _rows(rest if declared else text, delimiter, 2 if declared else 1)
    if not rows:
        return [], []
    header = _header(rows[0][1])
    if "plate" not in header:
        if len(header) > 1 or header[0] in FIELDS:
            raise TableError(f"its first line names no column 'plate'; the columns are {', '.join(FIELDS)}")
        header, rows = ["plate"], [("", ["plate"]), *rows]
    return _objects(header, rows[1:])


def _objects(header: list[str], rows: Iterable[tuple[str, list[str]]]) -> tuple[_Written, list[str]]:
    twice = next((name for name in FIELDS if header.count(name) > 1), None)
    if twice:
        raise TableError(f"two columns are named '{twice}'")
    problems = [
        f"column '{name}' is none of an entry's and is left out" for name in header if name and name not in FIELDS
    ]
    written: _Written = []
    for where, cells in rows:
        if any(cell.strip() for cell in cells[len(header) :]):
            problems.append(f"{where}: it has more columns than the first line")
        else:
            row = {name: cell for name, cell in zip(header, cells, strict=False) if name in FIELDS}
            written.append((where, row))
    return written, problems


def _rows(text: str, delimiter: str, first: int) -> list[tuple[str, list[str]]]:
    """Return the name and the cells of each line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[str, list[str]]] = []
    line = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((f"line {line + first}", cells))
            # Where the next row begins: quoted cells may have several lines.
            line = reader.line_num
    except csv.Error as error:
        raise TableError(f"line {line + first} is no row of a table: {error}") from None
    return found


def _header(cells: list[str]) -> list[str]:
    return [cell.strip().lower() for cell in cells]
