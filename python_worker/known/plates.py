"""The entries of a list, and those of them that are near to a reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from .. import confusable
from ..plate_text import ALPHABET
from .entry import WILDCARDS, Entry
from .reading import Reading

_LOOKED_AT = 12
"""How many of the texts with the fewest different characters are compared by what is confused."""


@dataclass(frozen=True)
class Near:
    """An entry that is near to a reading.

    Attributes:
        entry: which it is.
        doubtful: how many characters of the reading must be doubtful for it to be this entry. A character is doubtful
            if it is easily taken for the entry's, or if a candidate has another one there; one that is neither, is
            missing or is too many counts as two.
        distance: of the entry's plate from the text that was read, see `confusable`; for a pattern, of the nearest
            plate that it allows.
        candidate: the candidate that leads to the entry with the fewest doubtful characters.
    """

    entry: Entry
    doubtful: int
    distance: float
    candidate: str


class KnownPlates:
    """Entries, searched by what was read.

    Args:
        entries: in the order of the list.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._plain: dict[str, list[Entry]] = {}
        self._patterns: list[_Pattern] = []
        for entry in entries:
            if entry.is_pattern:
                self._patterns.append(_Pattern(entry))
            else:
                self._plain.setdefault(entry.text, []).append(entry)
        # rapidfuzz searches a list faster than what it has to make one of.
        self._texts = list(self._plain)

    def exact(self, text: str) -> list[Near]:
        """Return the entries that a text is, those without wildcards first, then patterns by their fixed characters."""
        plain = [Near(entry, 0, 0.0, text) for entry in self._plain.get(text, ())]
        patterns = [Near(one.entry, 0, 0.0, text) for one in self._patterns if one.allows(text)]
        return plain + sorted(patterns, key=lambda near: -near.entry.fixed)

    def within(self, reading: Reading, doubtful: int) -> list[Near]:
        """Return all entries with at most so many doubtful characters, 1 or more; the nearest first."""
        # No text is farther than this from the reading if all characters that differ are doubtful.
        texts = process.extract(
            reading.text, self._texts, scorer=Levenshtein.distance, score_cutoff=doubtful, limit=None
        )
        found = self._weighed(reading, [text for text, _, _ in texts])
        for pattern in self._patterns:
            near = pattern.near(reading)
            if near is not None:
                found.append(near)
        return sorted((near for near in found if near.doubtful <= doubtful), key=_order)

    def nearest(self, reading: Reading, count: int) -> list[Near]:
        """Return the nearest entries without wildcards, however far they are."""
        texts = process.extract(reading.text, self._texts, scorer=Levenshtein.distance, limit=_LOOKED_AT)
        return sorted(self._weighed(reading, [text for text, _, _ in texts]), key=_order)[:count]

    def _weighed(self, reading: Reading, texts: Iterable[str]) -> list[Near]:
        found = []
        for text in texts:
            differences = confusable.differences(reading.text, text)
            doubtful, candidate = sum(each.doubtful for each in differences), reading.text
            for other, away in _others(reading):
                # Of several ways with as few, the one of the first candidate.
                if away < doubtful and (doubts := away + confusable.doubtful(other, text)) < doubtful:
                    doubtful, candidate = doubts, other
            distance = round(sum(each.cost for each in differences), 1)
            found += [Near(entry, doubtful, distance, candidate) for entry in self._plain[text]]
        return found


class _Pattern:
    """An entry with wildcards."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._exact = re.compile("".join(map(_as_is, entry.text)))
        self._alike = re.compile("".join(map(_with_look_alikes, entry.text)))

    def allows(self, text: str) -> bool:
        """Tell whether it allows a text as it is."""
        return self._exact.fullmatch(text) is not None

    def near(self, reading: Reading) -> Near | None:
        """Return how near it is to a reading; None if another character than one that is easily taken is different.

        A pattern allows so many plates that a missing or an unlike character would make it any plate.
        """
        ways = []
        for candidate, away in ((reading.text, 0), *_others(reading)):
            if self._alike.fullmatch(candidate):
                distance, doubtful = self._fit(candidate)
                ways.append((away + doubtful, distance, candidate))
        if not ways:
            return None
        doubtful, distance, candidate = min(ways, key=lambda way: way[:2])
        return Near(self.entry, doubtful, distance, candidate)

    def _fit(self, text: str) -> tuple[float, int]:
        """Return the least cost, and the doubtful characters, of a text that look-alikes make one of the pattern's."""
        never = (float("inf"), 0)
        row = [(0.0, 0)] + [never] * len(text)
        for wanted in self.entry.text:
            if wanted == "*":
                best = never
                row = [best := min(best, way) for way in row]
                continue
            # The first place is before all characters, where only `*` can end.
            following = [never]
            for way, character in zip(row, text, strict=False):
                cost = 0.0 if wanted == "?" else confusable.cost(character, wanted)
                possible = cost < confusable.UNLIKE
                following.append((round(way[0] + cost, 1), way[1] + (cost > 0)) if possible else never)
            row = following
        return row[-1]


def _others(reading: Reading) -> list[tuple[str, int]]:
    """Return the other candidates, with the characters in which the best reading must be wrong for each."""
    return [(other, Levenshtein.distance(reading.text, other)) for other, _ in reading.others]


def _order(near: Near) -> tuple[int, float, bool, int]:
    # Of equal ones, the order of the list stays.
    return near.doubtful, near.distance, near.entry.is_pattern, -near.entry.fixed


def _as_is(character: str) -> str:
    return {"*": ".*", "?": "."}.get(character, character)


def _with_look_alikes(character: str) -> str:
    if character in WILDCARDS:
        return _as_is(character)
    alike = [one for one in ALPHABET if confusable.cost(one, character) < confusable.UNLIKE]
    return f"[{''.join(alike)}]"
