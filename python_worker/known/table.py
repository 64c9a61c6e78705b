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

Written: TypeAlias = "list[tuple[str, Any]]"
"""What `entry.entries` takes."""


class TableError(ValueError):
    """A list cannot be read at all; the message says why."""


def read_list(value: Any) -> tuple[list[Entry], list[str]]:
    """Return the entries of a list, and what is wrong with those that cannot be used.

    Args:
        value: a list of entries, or of plates; or a text or bytes with one as JSON or CSV.

    Raises:
        TableError: it is no list, or too long.
    """
    text = decode(value) if isinstance(value, (bytes, bytearray, memoryview)) else value
    problems: list[str] = []
    if isinstance(text, str):
        is_json = text.lstrip("\ufeff \t\r\n")[:1] == "["
        written, problems = (from_json(text), []) if is_json else from_csv(text)
    elif isinstance(text, list):
        written = _numbered(text)
    else:
        raise TableError("it is no list of entries")
    if len(written) > MOST_ENTRIES:
        raise TableError(f"it has {len(written):,} entries, and {MOST_ENTRIES:,} are possible")
    found, wrong = entries(written)
    patterns = sum(entry.is_pattern for entry in found)
    if patterns > MOST_PATTERNS:
        raise TableError(f"it has {patterns:,} entries with wildcards, and {MOST_PATTERNS:,} are possible")
    return found, problems + wrong


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


def from_json(text: str) -> Written:
    """Return what a JSON list holds.

    Raises:
        TableError: it is no JSON, or no list.
    """
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise TableError(f"it is no JSON: {error}") from None
    if not isinstance(value, list):
        raise TableError("its JSON is no list")
    return _numbered(value)


def from_csv(text: str) -> tuple[Written, list[str]]:
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
    header = [cell.strip().lower() for cell in rows[0][1]]
    if "plate" not in header:
        if len(header) > 1 or header[0] in FIELDS:
            raise TableError(f"its first line names no column 'plate'; the columns are {', '.join(FIELDS)}")
        header, rows = ["plate"], [(0, ["plate"]), *rows]
    twice = next((name for name in FIELDS if header.count(name) > 1), None)
    if twice:
        raise TableError(f"two columns are named '{twice}'")
    problems = [
        f"column '{name}' is none of an entry's and is left out" for name in header if name and name not in FIELDS
    ]
    written: Written = []
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells[len(header) :]):
            problems.append(f"line {line}: it has more columns than the first line")
        else:
            row = {name: cell for name, cell in zip(header, cells, strict=False) if name in FIELDS}
            written.append((f"line {line}", row))
    return written, problems


def to_csv(listed: Iterable[Mapping[str, str]]) -> str:
    """Return a table with all columns, for `from_csv` and for spreadsheets."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, FIELDS, restval="")
    writer.writeheader()
    writer.writerows(listed)
    return file.getvalue()


def _rows(text: str, delimiter: str, first: int) -> list[tuple[int, list[str]]]:
    """Return the number and the cells of each line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line + first, cells))
            # Where the next row begins: quoted cells may have several lines.
            line = reader.line_num
    except csv.Error as error:
        raise TableError(f"line {line + first} is no row of a table: {error}") from None
    return found


def _numbered(value: list[Any]) -> Written:
    return [(f"entry {number}", one) for number, one in enumerate(value, 1)]
