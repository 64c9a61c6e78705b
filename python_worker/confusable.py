"""Which characters are taken for each other on plates, and how far two texts are from each other by that.

The pairs and their costs come from what the engine's recogniser takes for what where it sees badly: 9,000 drawn plates
in six typefaces, 8 to 12 pixels high, soft and noisy, with 10,140 characters taken for others (`npm run
benchmark:confusions`). The costs' steps follow the share of a pair among them: from 5 % on, from 1.4 % on, from 0.6 %
on. Rarer pairs are here if they are alike in typefaces of plates: those of `engine.match`, and of Genetec's published
table (Security Center Administrator Guide, "ALPR matcher technique: OCR equivalence").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

UNLIKE = 1.0
"""Cost of a character in place of one that is not like it, of one that is missing, and of one too many."""

# All characters of a group are taken for each other.
_GROUPS = {
    0.2: ("0O", "1I", "5S", "8B"),
    0.4: ("0OQ", "0OD", "2Z", "6G", "7T"),
    0.6: (
        *("0B", "0G", "0OU", "1J", "1L", "1T", "3J", "4A", "6E", "8R", "8S", "9S", "EF", "KX", "MN", "VY"),
        *("0QDCO", "1LT7I", "2Z7", "8B3", "UV", "VW", "MW", "HM", "HN", "PR", "CG"),
    ),
}


@dataclass(frozen=True)
class Difference:
    """One difference of two texts.

    Attributes:
        at: place in the first text, from 0; of a character that is missing there, where it would be.
        one: the character in the first text, empty if it is missing there.
        other: the same of the second text.
        cost: above 0 and below `UNLIKE` where one is easily taken for the other, otherwise `UNLIKE`.
    """

    at: int
    one: str
    other: str
    cost: float

    @property
    def doubtful(self) -> int:
        """As how many doubtful characters it counts: 1 if one is easily taken for the other, otherwise 2."""
        return 1 if self.cost < UNLIKE else 2


def cost(one: str, other: str) -> float:
    """Return how unlike two characters of plates are: 0 if they are the same, `UNLIKE` if nobody confuses them."""
    return 0.0 if one == other else _table().get((one, other), UNLIKE)


def distance(one: str, other: str) -> float:
    """Return the least sum of costs of the differences of two texts; see `plate_text.normalised`."""
    return _cheapest(one, other)[0]


def doubtful(one: str, other: str) -> int:
    """Return how many characters must be doubtful for two texts to be of one plate; see `Difference.doubtful`."""
    return _cheapest(one, other)[1]


def differences(one: str, other: str) -> tuple[Difference, ...]:
    """Return the differences that make one text the other at the least cost, in their order."""
    found: list[Difference] = []
    steps = _cheapest(one, other)[2]
    while steps:
        steps, *difference = steps
        found.append(Difference(*difference))
    return tuple(reversed(found))


def _cheapest(one: str, other: str) -> tuple[float, int, Any]:
    """Return the cheapest way from one text to the other: its cost, doubtful characters, and steps from the last on.

    rapidfuzz, which searches lists, knows one cost for all substitutions (its issue 241), and its alignment is not
    always the cheapest by these costs. Two plates are short enough for the textbook's table.
    """
    table = _table()
    # The way to each beginning of `other`. Of equal costs, fewer doubtful characters decide.
    row: list[tuple[float, int, Any]] = [(0.0, 0, ())]
    for yours in other:
        spent, count, steps = row[-1]
        row.append((spent + UNLIKE, count + 2, (steps, 0, "", yours, UNLIKE)))
    for place, mine in enumerate(one):
        above = row
        spent, count, steps = above[0]
        row = [(spent + UNLIKE, count + 2, (steps, place, mine, "", UNLIKE))]
        for number, yours in enumerate(other):
            spent, count, steps = best = above[number]
            if mine != yours:
                price = table.get((mine, yours), UNLIKE)
                # Rounded, so that equal sums are equal.
                spent, count = round(spent + price, 1), count + (1 if price < UNLIKE else 2)
                best = spent, count, (steps, place, mine, yours, price)
            for at, without, (before, doubts, earlier) in (
                (place, (mine, ""), above[number + 1]),
                (place + 1, ("", yours), row[-1]),
            ):
                if (before + UNLIKE, doubts + 2) < best[:2]:
                    best = before + UNLIKE, doubts + 2, (earlier, at, *without, UNLIKE)
            row.append(best)
    return row[-1]


@cache
def _table() -> dict[tuple[str, str], float]:
    table: dict[tuple[str, str], float] = {}
    for price, groups in _GROUPS.items():
        for group in groups:
            for one, other in combinations(group, 2):
                table.setdefault((one, other), price)
                table.setdefault((other, one), price)
    return table
