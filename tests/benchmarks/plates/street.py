"""Folders of photographs from the street, with any number of plates each, and what counts as right in them.

`labels.tsv` has a row for each picture: `file` (in `images/`), `category`, `region` (codes of the Snapshot API, several
with `+` between them; `unknown`), `plates` (with commas between them) and what else helps people. A plate that ends
with `?` is not fully legible, `*` stands for a character of it that cannot be read at all, and `^` separates spellings
that are accepted alike. Of plates in other scripts the labels hold the Latin letters and the digits.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .photographs import LABELS, lenient

_FEW_EDITS = 2
"""A text that is within so many edits of a plate that was not read right is a misreading of it."""

_SHARED = 3
"""So is one that holds at least so many characters of a plate, or that is itself a part of it and as long."""

_UNREADABLE = "*"


@dataclass(frozen=True)
class Label:
    """A plate in a picture.

    Attributes:
        spellings: at least one, upper case, letters and digits; `*` is any one character.
        certain: whether all of it can be read.
    """

    spellings: tuple[str, ...]
    certain: bool

    def resembles(self, text: str) -> bool:
        """Tell whether the text is a reading of this plate, right or wrong."""
        return any(_resembles(lenient(text), lenient(spelling)) for spelling in self.spellings)


@dataclass(frozen=True)
class StreetPhotograph:
    """A picture with its plates.

    Attributes:
        path: of the picture.
        category: what kind of picture it is.
        regions: where its plates come from; empty if nobody knows.
        labels: its plates.
    """

    path: Path
    category: str
    regions: tuple[str, ...]
    labels: tuple[Label, ...]

    @property
    def certain(self) -> tuple[Label, ...]:
        """The plates that count."""
        return tuple(label for label in self.labels if label.certain)


@dataclass
class Score:
    """What is right in a reading, and what is not; texts upper case.

    Attributes:
        exact: plates that were read right.
        lenient: plates that were read right but for O, Q and 0, I and 1; those that are exact included.
        missed: plates that were not.
        misread: texts that are wrong readings of plates.
        elsewhere: texts that are no reading of a plate.
        hits: the places of the results that are right, in the sequence of results.
    """

    exact: list[str] = field(default_factory=list)
    lenient: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)

    @property
    def false(self) -> list[str]:
        """All false results."""
        return self.misread + self.elsewhere


def is_street(folder: Path) -> bool:
    """Tell whether a folder's labels are of this form."""
    with (folder / LABELS).open(encoding="utf-8") as file:
        return "plates" in file.readline().rstrip("\n").split("\t")


def street_photographs(folder: Path) -> list[StreetPhotograph]:
    """Return the photographs of a folder."""
    with (folder / LABELS).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        StreetPhotograph(
            folder / "images" / row["file"],
            row["category"],
            () if row["region"] == "unknown" else tuple(row["region"].split("+")),
            tuple(_label(text) for text in row["plates"].split(",") if text),
        )
        for row in rows
    ]


def score(photograph: StreetPhotograph, texts: Sequence[str]) -> Score:
    """Count a picture's results.

    Each label is found at most once, by the text that fits best. A label that is not fully legible is neither right
    nor wrong, and excuses one text that resembles it.
    """
    texts = [_plain(text) for text in texts]
    left = list(photograph.certain)
    open_texts = dict(enumerate(texts))
    found = Score()
    for fold, names in ((str, (found.exact, found.lenient)), (lenient, (found.lenient,))):
        for index, text in list(open_texts.items()):
            label = next((one for one in left if fold(text) in map(fold, one.spellings)), None)
            if label:
                left.remove(label)
                del open_texts[index]
                found.hits.append(index)
                for name in names:
                    name.append(label.spellings[0])
    excuses = [label for label in photograph.labels if not label.certain]
    for text in open_texts.values():
        if any(label.resembles(text) for label in left):
            found.misread.append(text)
            continue
        excuse = next((label for label in excuses if label.resembles(text)), None)
        if excuse:
            excuses.remove(excuse)
        else:
            found.elsewhere.append(text)
    found.missed = [label.spellings[0] for label in left]
    return found


def _label(text: str) -> Label:
    certain = not text.endswith("?")
    return Label(tuple(_plain(spelling) for spelling in text.rstrip("?").split("^")), certain)


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if (c.isascii() and c.isalnum()) or c == _UNREADABLE)


def _resembles(text: str, plate: str) -> bool:
    longest = max(plate.split(_UNREADABLE), key=len)
    holds = len(longest) >= _SHARED and longest in text
    is_part = len(text) >= _SHARED and text in plate
    return holds or is_part or edits(text, plate) <= _FEW_EDITS


def edits(text: str, plate: str) -> int:
    """Return the least number of characters to insert, drop or change (V. Levenshtein, 1965)."""
    row = list(range(len(plate) + 1))
    for number, character in enumerate(text, 1):
        above, row = row, [number]
        for place, expected in enumerate(plate, 1):
            differs = expected not in (character, _UNREADABLE)
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + differs))
    return row[-1]
