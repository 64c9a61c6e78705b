"""Combines the readings of one car's plate: a misreading in one picture is outvoted by the others."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .texts import difference

Candidates: TypeAlias = "tuple[tuple[str, float], ...]"

MOST_READINGS = 24
"""Readings of one car that count; of more, those with the lowest scores are dropped."""

_MOST_TEXTS = 8
"""Texts that are compared."""

_MOST_CANDIDATES = 10
"""Candidates of the combined reading."""

_INDEPENDENT = 0.6
"""How much each further reading counts: pictures of one car share their faults."""

_LEAST = 0.02
"""What the candidates of a reading leave at least to texts that are not among them."""

_PER_CHARACTER = 2.5
"""How quickly a text becomes unlikely with each character in which it differs from what was read."""

_OTHERS = 0.05
"""How likely a reading is for a text that nobody thought of, as a part of what its candidates leave."""


@dataclass(frozen=True)
class Verdict:
    """What the readings of a car say together.

    Attributes:
        candidates: texts with how likely each is the plate's, best first, never empty; at most 0.999.
        agreeing: how many readings have the first as their first.
    """

    candidates: Candidates
    agreeing: int

    @property
    def plate(self) -> str:
        """The likeliest text."""
        return self.candidates[0][0]

    @property
    def score(self) -> float:
        """How likely it is."""
        return self.candidates[0][1]


def verdict(readings: Sequence[Candidates]) -> Verdict:
    """Return what readings (each with its candidates, best first) say together.

    The likelihoods of a text are multiplied over the readings. A reading that does not have the text among its
    candidates speaks for it the more, the less characters differ; and beside the texts that were read, one counts that
    has at each place the character that most readings have there. A single reading stays as it is.
    """
    if len(readings) == 1:
        return Verdict(readings[0][:_MOST_CANDIDATES], 1)
    weight = (1 + _INDEPENDENT * (len(readings) - 1)) / len(readings)
    # Readings that are the same need to be looked at but once.
    counted: dict[Candidates, int] = defaultdict(int)
    for reading in readings:
        counted[reading] += 1
    logarithms = {
        text: weight * sum(times * math.log(_likelihood(text, reading)) for reading, times in counted.items())
        for text in _texts(counted)
    }
    others = weight * sum(times * math.log(_left(reading) * _OTHERS) for reading, times in counted.items())
    highest = max(others, *logarithms.values())
    total = sum(math.exp(one - highest) for one in (others, *logarithms.values()))
    likely = sorted(logarithms.items(), key=lambda item: -item[1])
    candidates = tuple((text, min(0.999, math.exp(one - highest) / total)) for text, one in likely)
    agreeing = sum(reading[0][0] == likely[0][0] for reading in readings)
    return Verdict(candidates[:_MOST_CANDIDATES], agreeing)


def _likelihood(text: str, reading: Candidates) -> float:
    """Return how likely a reading is if this is the plate's text.

    What engines give their further candidates tells how like they look, and is often far too little: a text that hardly
    differs from the first is never less likely than that says.
    """
    score = next((score for candidate, score in reading if candidate == text), 1e-6)
    return max(score, _left(reading) * math.exp(-_PER_CHARACTER * difference(text, reading[0][0])))


def _left(reading: Candidates) -> float:
    """Return how likely it is that a reading's plate is none of its candidates."""
    return max(_LEAST, 1 - sum(score for _, score in reading))


def _texts(counted: dict[Candidates, int]) -> list[str]:
    """Return the texts that may be the plate's: the likeliest that were read, and what their characters say."""
    weights: dict[str, float] = defaultdict(float)
    for reading, times in counted.items():
        for text, score in reading:
            weights[text] += times * score
    read = sorted(weights, key=lambda text: -weights[text])[: _MOST_TEXTS - 1]
    composed = _composed(weights)
    return read if composed in read else [*read, composed]


def _composed(weights: dict[str, float]) -> str:
    """Return the text of the commonest length with the commonest character at each place."""
    lengths: dict[int, float] = defaultdict(float)
    for text, weight in weights.items():
        lengths[len(text)] += weight
    length = max(lengths, key=lambda one: lengths[one])
    places: list[dict[str, float]] = [defaultdict(float) for _ in range(length)]
    for text, weight in weights.items():
        if len(text) == length:
            for place, character in zip(places, text, strict=True):
                place[character] += weight
    return "".join(max(place, key=lambda one: place[one]) for place in places)
