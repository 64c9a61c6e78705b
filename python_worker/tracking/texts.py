"""How much the texts of two plates differ, in characters that were read wrongly."""

from __future__ import annotations

import math
from functools import lru_cache

from ..confusable import UNLIKE, cost, distance
from ..plate_text import ALPHABET

_USUAL = 7
"""Characters of a plate."""

_SHORT = 4
"""A text with fewer characters counts as one with so many."""


@lru_cache(4096)
def difference(a: str, b: str) -> float:
    """Return the least cost of turning one text into the other, see `confusable`; 0 for the same.

    Args:
        a: letters and digits in lower case.
        b: the same.
    """
    return distance(a.upper(), b.upper())


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
    least = strange * UNLIKE * scale
    return least if least >= limit else difference(a, b) * scale


@lru_cache(1024)
def _characters(text: str) -> frozenset[str]:
    return frozenset(text.upper())


@lru_cache(1024)
def _near(text: str) -> frozenset[str]:
    """Return the characters of a text and all that look like one of them."""
    own = _characters(text)
    return own | {other for other in ALPHABET if any(cost(one, other) < UNLIKE for one in own)}
