"""Which entries a message means that changes a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plate_text import UNREADABLE, as_read
from .entry import FIELDS, Entry, EntryError, entry
from .learnt import LearntError
from .reading import ReadingError, readings


def entries_to_add(value: Any, fields: Any = None) -> list[Entry]:
    """Return the entries that a message adds.

    Args:
        value: an entry; a list of entries; a text, which is a plate; or what a recognizer gave, see `readings`.
        fields: an object with the other fields of the entry, or of all of them; may be None.

    Raises:
        LearntError: a value from which no entry, or not one alone, follows.
    """
    if fields is not None and not isinstance(fields, Mapping):
        raise LearntError("the fields of the new entry are no object such as {name: 'Alice', group: 'family'}")
    listed = value if isinstance(value, list) and all(map(_is_entry, value)) else [value]
    if not listed:
        raise LearntError("the list of new entries is empty")
    try:
        return [entry({**_written(one), **(fields or {})}) for one in listed]
    except EntryError as error:
        raise LearntError(str(error)) from None


def plates_to_remove(value: Any) -> list[str]:
    """Return the plates that a message removes, see `Entry.text`.

    Args:
        value: as for `entries_to_add`.

    Raises:
        LearntError: a value that means no plate, or several.
    """
    listed = value if isinstance(value, list) and all(map(_is_entry, value)) else [value]
    try:
        return [entry({"plate": _written(one)["plate"]}).text for one in listed]
    except EntryError as error:
        raise LearntError(str(error)) from None


def _is_entry(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, Mapping) and "plate" in value and set(value) <= set(FIELDS))


def _written(value: Any) -> Mapping[str, Any]:
    """Return an entry's fields from an entry, a plate or a reading."""
    if isinstance(value, str):
        return {"plate": value}
    if _is_entry(value):
        return dict(value)
    try:
        found = readings(value)
    except ReadingError as error:
        raise LearntError(f"the value {error}") from None
    if len(found) != 1:
        number = f"{len(found)} plates, and one alone can be meant" if found else "no plate"
        raise LearntError(f"the picture shows {number}")
    if not found[0].text or UNREADABLE in found[0].text:
        raise LearntError("the plate could not be read whole")
    return {"plate": _printed(value, found[0].text)}


def _printed(value: Any, text: str) -> str:
    """Return the plate as it is printed, if the result tells it, otherwise the text that was read."""
    results = value["results"] if isinstance(value, Mapping) and "results" in value else value
    first = results[0] if isinstance(results, list) and results else results
    printed = first.get("plate_text") if isinstance(first, Mapping) else None
    return printed if isinstance(printed, str) and as_read(printed) == text else text
