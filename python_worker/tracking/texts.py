"""How much the texts of two plates differ, in characters that were read wrongly."""

from __future__ import annotations

import math
from functools import lru_cache

_GROUPS = ("0oqdu", "1iljt7", "2z", "5s", "8b3", "6g", "4a", "vyuw", "mnh", "cg", "ef", "pr", "xk", "9g", "kx")
"""Characters that look alike on plates."""

_CONFUSED = 0.4
"""What a character costs that was read as one that looks like it; another one costs 1."""

_MISSING = 0.8
"""What a character costs that one text has and the other lacks."""

_USUAL = 7
"""Characters of a plate."""

_SHORT = 4
"""A text with fewer characters counts as one with so many."""

_ALIKE = frozenset((a, b) for group in _GROUPS for a in group for b in group)


@lru_cache(4096)
def difference(a: str, b: str) -> float:
    """Return the least cost of turning one text into the other; 0 for the same.

    Args:
        a: letters and digits in lower case.
        b: the same.
    """
    if a == b:
        return 0.0
    row = [_MISSING * place for place in range(len(b) + 1)]
    for number, character in enumerate(a, 1):
        above, row = row, [_MISSING * number]
        for place, other in enumerate(b, 1):
            changed = above[place - 1] + _cost(character, other)
            row.append(min(changed, above[place] + _MISSING, row[-1] + _MISSING))
    return row[-1]


def relative(a: str, b: str, limit: float = math.inf) -> float:
    """Return the difference of two texts as if they had seven characters: in short ones, each counts more.

    Args:
        a: letters and digits in lower case.
        b: the same.
        limit: from which on the exact difference does not matter; a lower bound of it, not below the limit, will do.
    """
    scale = _USUAL / max(len(a), len(b), _SHORT)
    # What the other text has nothing like must be changed or dropped.
    strange = max(len(_characters(a) - _near(b)), len(_characters(b) - _near(a)), abs(len(a) - len(b)))
    least = strange * _MISSING * scale
    return least if least >= limit else difference(a, b) * scale


@lru_cache(1024)
def _characters(text: str) -> frozenset[str]:
    return frozenset(text)


@lru_cache(1024)
def _near(text: str) -> frozenset[str]:
    """Return the characters of a text and all that look like one of them."""
    return _characters(text) | {other for one, other in _ALIKE if one in text}


def _cost(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return _CONFUSED if (a, b) in _ALIKE else 1.0
