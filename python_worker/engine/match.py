"""From the recogniser's probabilities to the texts that a plate may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .ctc import segments, text_scores
from .formats import Format, FormatGroup
from .models import ALPHABET

_LOOK_ALIKE = (
    "0OQDC",
    "1ILT",
    "2Z7",
    "5S",
    "8B3",
    "6G",
    "4A",
    "VYU",
    "MN",
    "VW",
    "MH",
    "HN",
    "EF",
    "PR",
    "CG",
    "KX",
    "T7",
)
"""Characters that differ in little, or in nothing at all in some countries' typefaces."""

_DOUBT = 0.01
"""Probability that a look-alike gets beside the recogniser's own: it learned from print, where O and 0 do differ."""

_FORMAT = 0.5
"""Power of a format's weight against the mean character's probability."""

_NO_FORMAT = -4.0
_ODD = -2.0
_RESCORED = 16
_SHORTEST = 5


@dataclass(frozen=True)
class Candidate:
    """A text that a plate may have.

    Attributes:
        plate: upper case, without separators.
        log_probability: natural logarithm of the exact probability under the recogniser's output.
        score: mean log-probability of a character and the format's weight; higher is better, 0 is about the best.
        format: None where no known format fits.
    """

    plate: str
    log_probability: float
    score: float
    format: Format | None


def match(
    log_probabilities: npt.NDArray[np.float32], formats: Mapping[int, FormatGroup], *, strict: bool = False
) -> list[Candidate]:
    """Return the likely texts of a line, best first.

    Args:
        log_probabilities: see `read.Reading`.
        formats: see `formats.formats_for`.
        strict: leave out the text that no format allows.
    """
    seen = segments(log_probabilities)
    if len(seen) == 0:
        return []
    literal = tuple(int(c) for c in seen.argmax(axis=1))
    found: dict[tuple[int, ...], Format | None] = {literal: None} if not strict else {}
    doubted = np.log(np.exp(seen) + _DOUBT * _CONFUSION[seen.argmax(axis=1)])
    proposed = sorted(_fitting(doubted, formats), key=lambda one: -one[0])[:_RESCORED]
    for _, text, one in proposed:
        known = found.get(text)
        if known is None or one.weight > known.weight:
            found[text] = one
    return sorted(_scored(log_probabilities, found), key=lambda candidate: -candidate.score)


def _fitting(
    seen: npt.NDArray[np.float32], formats: Mapping[int, FormatGroup]
) -> Iterator[tuple[float, tuple[int, ...], Format]]:
    """Yield for each format its best text, and the best one with a character less (a seal, a dot, the plate's rim)."""
    group = formats.get(len(seen))
    if group:
        fit = np.where(group.allowed, seen, -np.inf)
        totals = fit.max(axis=2).mean(axis=1) + _FORMAT * group.log_weights
        texts = fit.argmax(axis=2)
        yield from zip(totals.tolist(), map(tuple, texts.tolist()), group.formats, strict=True)
    group = formats.get(len(seen) - 1)
    if group:
        before, after = (np.where(group.allowed, part, -np.inf) for part in (seen[:-1], seen[1:]))
        sums_before = np.cumsum(before.max(axis=2), axis=1)
        sums_after = np.cumsum(after.max(axis=2)[:, ::-1], axis=1)[:, ::-1]
        zero = np.zeros((len(group.formats), 1))
        totals = np.hstack([zero, sums_before]) + np.hstack([sums_after, zero])
        dropped = totals.argmax(axis=1)
        means = totals.max(axis=1) / (len(seen) - 1) + _FORMAT * group.log_weights
        places = np.arange(len(seen) - 1)
        texts = np.where(places < dropped[:, None], before.argmax(axis=2), after.argmax(axis=2))
        yield from zip(means.tolist(), map(tuple, texts.tolist()), group.formats, strict=True)


def _scored(
    log_probabilities: npt.NDArray[np.float32], texts: Mapping[tuple[int, ...], Format | None]
) -> Iterator[Candidate]:
    by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for text in texts:
        by_length[len(text)].append(text)
    for length, same in by_length.items():
        scores = text_scores(log_probabilities, np.array(same, np.intp) + 1)
        for text, score in zip(same, scores.tolist(), strict=True):
            plate = "".join(ALPHABET[c] for c in text)
            one = texts[text]
            prior = _FORMAT * float(np.log(one.weight)) if one else _NO_FORMAT + _oddity(plate)
            yield Candidate(plate, score, score / length + prior, one)


def _oddity(plate: str) -> float:
    """Return a penalty for what is rarely a plate: words, numbers, and short texts."""
    return _ODD * (plate.isalpha() + plate.isdigit() + (len(plate) < _SHORTEST))


def _confusion() -> npt.NDArray[np.float32]:
    table = np.zeros((len(ALPHABET), len(ALPHABET)), np.float32)
    for group in _LOOK_ALIKE:
        for a in group:
            for b in group:
                table[ALPHABET.index(a), ALPHABET.index(b)] = a != b
    return table


_CONFUSION = _confusion()
