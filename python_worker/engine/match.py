"""From the recogniser's probabilities to the texts that a plate may have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import permutations

import numpy as np
import numpy.typing as npt

from .ctc import segments, text_scores
from .formats import Format, FormatGroup, Formats
from .models import ALPHABET

# How often a character that the recogniser sees is really another one. It learned from print, but on plates some
# characters look nearly or exactly alike: O and 0, I and 1 have one shape in many countries' typefaces.
_SAME = (("0O", 0.5), ("O0", 0.5), ("1I", 0.15), ("I1", 0.15))
_SIMILAR_SHARE = 0.003
_SIMILAR = (
    "0QDC",
    "OQDC",
    "1LT7",
    "IL",
    "IT",
    "2Z7",
    "5S",
    "8B3",
    "6G",
    "4A",
    "UV",
    "VY",
    "MN",
    "VW",
    "MW",
    "MH",
    "HN",
    "EF",
    "PR",
    "CG",
    "KX",
)

_PRIOR = 0.06
"""Weight of a text's prior probability against its mean character's: the recogniser is far too sure of what it sees."""

_NO_FORMAT = -20.0
"""Logarithm of the part of all plates that have no known format."""

_LOOKED_AT = 32
"""How many formats are looked at for the best texts, for each number of characters that are left out."""

_RESCORED = 16
"""How many texts are scored exactly."""

_MOST_LEFT_OUT = 3
"""How many characters may be none of the plate's: a seal, a dot, the letters of a band, a province's name."""

_LEFT_OUT = -3.0
"""Logarithm of the part of all plates beside which one such character is."""

_LEAST_KEPT = 3
"""Characters that remain at least where more than one is left out."""

# The other text in pictures: the shares of words, numbers and mixed texts, and their perplexity (each next character is
# as hard to guess as one of so many equally likely ones).
_BACKGROUND = ((0.4, 8), (0.4, 5), (0.2, 36))


@dataclass(frozen=True)
class Candidate:
    """A text that a plate may have.

    Attributes:
        plate: upper case, without separators.
        legibility: mean natural logarithm of the exact probability of a character under the recogniser's output; 0 is
            the best.
        prior: natural logarithm of how much likelier this text is on a plate than the line is anywhere else.
        format: None where no known format fits.
    """

    plate: str
    legibility: float
    prior: float
    format: Format | None

    @property
    def score(self) -> float:
        """The number by which candidates of one line are compared; higher is better."""
        return self.legibility + _PRIOR * self.prior


def match(log_probabilities: npt.NDArray[np.float32], formats: Formats) -> list[Candidate]:
    """Return the likely texts of a line, best first.

    Args:
        log_probabilities: see `read.Reading`.
        formats: see `formats.formats_for`.
    """
    background = _background(segments(log_probabilities)[0])
    log_probabilities = with_look_alikes(log_probabilities)
    seen, blanks = segments(log_probabilities)
    if len(seen) == 0:
        return []
    found: dict[tuple[int, ...], Format | None] = {}
    if not formats.strict:
        found[tuple(int(c) for c in seen.argmax(axis=1))] = None
    found |= _fitting(seen, blanks, formats)
    if not found:
        return []
    scores = text_scores(log_probabilities, [tuple(c + 1 for c in text) for text in found])
    candidates = [
        Candidate(
            "".join(ALPHABET[c] for c in text),
            score / len(seen),
            _prior(text, one) + (len(seen) - len(text)) * _LEFT_OUT - background,
            one,
        )
        for (text, one), score in zip(found.items(), scores.tolist(), strict=True)
    ]
    return sorted(candidates, key=lambda candidate: -candidate.score)


def with_look_alikes(log_probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return how likely each character is meant where the recogniser saw what `log_probabilities` says."""
    return np.asarray(np.log(np.maximum(np.exp(log_probabilities) @ _CHANNEL, 1e-9)), np.float32)


def _fitting(
    seen: npt.NDArray[np.float32], blanks: npt.NDArray[np.float32], formats: Formats
) -> dict[tuple[int, ...], Format]:
    """Return the different texts that fit best, each with its likeliest format."""
    fits: list[tuple[float, Callable[[], tuple[int, ...]], Format]] = []
    for left_out in range(_MOST_LEFT_OUT + 1):
        length = len(seen) - left_out
        group = formats.by_length.get(length)
        if group and (left_out < 2 or length >= _LEAST_KEPT):
            fits += _fits(seen, blanks, group, left_out)
    fits.sort(key=lambda fit: -fit[0])
    # Several formats often allow the same text; it must not crowd out the others.
    texts: dict[tuple[int, ...], Format] = {}
    for _, text, one in fits:
        if len(texts) == _RESCORED:
            break
        texts.setdefault(text(), one)
    return texts


def _fits(
    seen: npt.NDArray[np.float32], blanks: npt.NDArray[np.float32], group: FormatGroup, left_out: int
) -> Iterator[tuple[float, Callable[[], tuple[int, ...]], Format]]:
    """Yield the formats that fit best if some of the characters are left out: how well, and what tells the text."""
    length = len(seen) - left_out
    best, characters = group.best(seen)
    places = np.arange(length)
    # The best sums up to each position; and whether the last step was to leave a character out there.
    sums = np.zeros((len(group.formats), length + 1), np.float32)
    sums[:, 1:] = np.cumsum(best[places, group.places], axis=1)
    skipped = [np.zeros(sums.shape, bool)]
    for shift in range(1, left_out + 1):
        # After so many characters were left out, position i holds the character that was seen at i + shift.
        values = best[places + shift, group.places]
        sums = sums + blanks[shift - 1 : shift + length]
        skips = np.ones(sums.shape, bool)
        for place in range(length):
            kept = sums[:, place] + values[:, place]
            skips[:, place + 1] = sums[:, place + 1] >= kept
            sums[:, place + 1] = np.maximum(sums[:, place + 1], kept)
        skipped.append(skips)

    def text(index: int) -> tuple[int, ...]:
        found: list[int] = []
        shift, place = left_out, length
        while place:
            if skipped[shift][index, place]:
                shift -= 1
            else:
                place -= 1
                found.append(int(characters[place + shift, group.places[index, place]]))
        return tuple(reversed(found))

    totals = sums[:, -1] / len(seen) + _PRIOR * (group.log_priors + left_out * _LEFT_OUT)
    for index in _largest(totals):
        yield float(totals[index]), partial(text, index), group.formats[index]


def _largest(totals: npt.NDArray[np.float64]) -> list[int]:
    """Return the places of the largest values, the largest first."""
    indices: list[int] = np.argsort(-totals, kind="stable")[:_LOOKED_AT].tolist()
    return indices


def _prior(text: tuple[int, ...], one: Format | None) -> float:
    """Return the natural logarithm of the probability that a plate has the text."""
    return one.log_prior if one else _NO_FORMAT - len(text) * math.log(len(ALPHABET))


def _background(seen: npt.NDArray[np.float32]) -> float:
    """Return the natural logarithm of the probability that a line is what was seen, if it is no plate."""
    digits = seen[:, :10].max(axis=1)
    letters = seen[:, 10:].max(axis=1)
    best = np.maximum(digits, letters)
    losses = (float((letters - best).sum()), float((digits - best).sum()), 0.0)
    return float(
        np.logaddexp.reduce(
            [
                math.log(part) - len(seen) * math.log(size) + loss
                for (part, size), loss in zip(_BACKGROUND, losses, strict=True)
            ]
        )
    )


def _channel() -> npt.NDArray[np.float32]:
    """Return how often each class that was seen is really each other one: (classes, classes), with the blank first."""
    table = np.eye(1 + len(ALPHABET), dtype=np.float32)
    similar = (((seen, meant), _SIMILAR_SHARE) for group in _SIMILAR for seen, meant in permutations(group, 2))
    for (seen, meant), share in (*similar, *_SAME):
        table[1 + ALPHABET.index(seen), 1 + ALPHABET.index(meant)] = share
    return np.asarray(table / table.sum(axis=1, keepdims=True), np.float32)


_CHANNEL = _channel()
