"""One entry of a list of known plates, from what people write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..plate_text import PlateTextError, normalised
from .validity import Validity, ValidityError, validity

FIELDS = ("plate", "name", "group", "from", "until", "weekdays", "hours", "note")
"""The fields of an entry, which are the columns of a file; all but the first may be absent."""

WILDCARDS = "*?"
"""`*` stands for any characters, or none; `?` for exactly one."""

MOST_CHARACTERS = 20
"""Longest plate; no plate in the world has as many."""

_LONGEST_FIELD = 500


class EntryError(ValueError):
    """An entry cannot be used; the message says which field is wrong, and how to write it."""


@dataclass(frozen=True)
class Entry:
    """A known plate, or a pattern of plates.

    Attributes:
        fields: what was written, without empty fields; in the order of `FIELDS`.
        text: the plate as it is compared, see `plate_text.normalised`, with wildcards.
        validity: when it counts.
        where: what people call its place, as `entry 3`, `line 7` or `learnt`.
    """

    fields: Mapping[str, str]
    text: str
    validity: Validity = field(default_factory=Validity)
    where: str = ""

    @property
    def is_pattern(self) -> bool:
        """Tell whether it has wildcards."""
        return any(wildcard in self.text for wildcard in WILDCARDS)

    @cached_property
    def fixed(self) -> int:
        """Return how many characters are no wildcards."""
        return sum(character not in WILDCARDS for character in self.text)


def entry(written: Any, where: str = "") -> Entry:
    """Return the entry that an object says; a text alone is a plate.

    Raises:
        EntryError: it says no entry.
    """
    if isinstance(written, (str, int)) and not isinstance(written, bool):
        written = {"plate": written}
    if not isinstance(written, Mapping):
        raise EntryError("it is no object with a plate")
    unknown = [str(name) for name in written if name not in FIELDS]
    if unknown:
        raise EntryError(f"'{unknown[0]}' is no field of an entry; these are {', '.join(FIELDS)}")
    fields = {name: text for name in FIELDS if (text := _text(name, written.get(name)))}
    if "plate" not in fields:
        raise EntryError("the plate is missing")
    return Entry(fields, _plate(fields["plate"]), _validity(fields), where)


def entries(written: Iterable[tuple[str, Any]]) -> tuple[list[Entry], list[str]]:
    """Return the entries that can be used, and what is wrong with the others.

    Args:
        written: pairs of an entry's name for people (`entry 3`, `line 7`) and what `entry` takes.
    """
    found: list[Entry] = []
    problems: list[str] = []
    for where, one in written:
        try:
            found.append(entry(one, where))
        except EntryError as error:
            problems.append(f"{where}{_named(one)}: {error}")
    return found, problems


def _named(written: Any) -> str:
    plate = written.get("plate") if isinstance(written, Mapping) else written
    return f" ({plate})" if isinstance(plate, str) and 0 < len(plate) <= MOST_CHARACTERS else ""


def _text(name: str, value: Any) -> str:
    """Return a field as one line; lists, as JSON may have for weekdays and hours, are their parts with commas."""
    if isinstance(value, list) and all(isinstance(part, (str, int)) for part in value):
        value = ", ".join(map(str, value))
    if value is None:
        return ""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise EntryError(f"{name} is no text")
    text = re.sub(r"\s+", " ", str(value)).strip()
    if len(text) > _LONGEST_FIELD:
        raise EntryError(f"{name} is longer than {_LONGEST_FIELD} characters")
    return text


def _plate(written: str) -> str:
    try:
        # Several `*` in a row mean one.
        text = re.sub(r"\*+", "*", normalised(written, WILDCARDS))
    except PlateTextError as error:
        raise EntryError(f"plate: {error}") from None
    if not text:
        raise EntryError(f"the plate '{written}' has no letter and no digit")
    if len(text) > MOST_CHARACTERS:
        raise EntryError(f"the plate has more than {MOST_CHARACTERS} characters")
    return text


def _validity(fields: Mapping[str, str]) -> Validity:
    try:
        return validity(*(fields.get(name, "") for name in ("from", "until", "weekdays", "hours")))
    except ValidityError as error:
        raise EntryError(str(error)) from None
