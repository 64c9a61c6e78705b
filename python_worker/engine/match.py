"""From the recogniser's probabilities to the texts that a plate may have."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
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

_RESCORED = 16

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
    background = _background(segments(log_probabilities))
    log_probabilities = np.log(np.maximum(np.exp(log_probabilities) @ _CHANNEL, 1e-9))
    seen = segments(log_probabilities)
    if len(seen) == 0:
        return []
    found: dict[tuple[int, ...], Format | None] = {}
    if not formats.strict:
        found[tuple(int(c) for c in seen.argmax(axis=1))] = None
    for text, one in _fitting(seen, formats):
        known = found.get(text)
        if known is None or one.log_prior > known.log_prior:
            found[text] = one
    if not found:
        return []
    scores = text_scores(log_probabilities, [tuple(c + 1 for c in text) for text in found])
    candidates = [
        Candidate("".join(ALPHABET[c] for c in text), score / len(seen), _prior(text, one) - background, one)
        for (text, one), score in zip(found.items(), scores.tolist(), strict=True)
    ]
    return sorted(candidates, key=lambda candidate: -candidate.score)


def _fitting(seen: npt.NDArray[np.float32], formats: Formats) -> list[tuple[tuple[int, ...], Format]]:
    """Return the formats that fit best, each with its best text."""
    whole, cut = formats.by_length.get(len(seen)), formats.by_length.get(len(seen) - 1)
    fits = [*_whole(seen, whole)] if whole else []
    if cut:
        fits += _cut(seen, cut)
    fits.sort(key=lambda fit: -fit[0])
    return [(text, one) for _, text, one in fits[:_RESCORED]]


def _whole(seen: npt.NDArray[np.float32], group: FormatGroup) -> Iterator[tuple[float, tuple[int, ...], Format]]:
    """Yield the formats that fit best: how well they fit, and their best texts."""
    values, characters = group.best(seen)
    totals = values.mean(axis=1) + _PRIOR * group.log_priors
    for index in _largest(totals):
        yield float(totals[index]), tuple(characters[index].tolist()), group.formats[index]


def _cut(seen: npt.NDArray[np.float32], group: FormatGroup) -> Iterator[tuple[float, tuple[int, ...], Format]]:
    """Yield the same for texts without one character: it may be a seal, a dot, or the plate's rim."""
    (before, first), (after, last) = group.best(seen[:-1]), group.best(seen[1:])
    sums_before = np.cumsum(before, axis=1)
    sums_after = np.cumsum(after[:, ::-1], axis=1)[:, ::-1]
    zero = np.zeros((len(group.formats), 1))
    sums = np.hstack([zero, sums_before]) + np.hstack([sums_after, zero])
    totals = sums.max(axis=1) / (len(seen) - 1) + _PRIOR * group.log_priors
    for index in _largest(totals):
        dropped = int(sums[index].argmax())
        text = (*first[index, :dropped].tolist(), *last[index, dropped:].tolist())
        yield float(totals[index]), text, group.formats[index]


def _largest(totals: npt.NDArray[np.float64]) -> list[int]:
    """Return the places of the largest values, as many as are scored exactly."""
    indices: list[int] = np.argsort(-totals, kind="stable")[:_RESCORED].tolist()
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
