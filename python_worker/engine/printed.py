"""Writes a plate as it is printed: with separators, accents and the signs of other scripts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from .choose import Plate
from .ctc import align
from .match import with_look_alikes
from .models import ALPHABET, characters, in_alphabet
from .read import Reading
from .region import FIRST_IDEOGRAPH
from .regions import known_regions

_DASHES = "-_="
_DOTS = ".·•"
_SEPARATORS = ("", " ", *_DOTS, "-")
"""Of several between two characters, the last of these is written."""

_WIDE = 1.5
"""From this many times the usual distance of two characters on there is a gap between them, ..."""

_LEAST_WIDER = 1.5
"""... and from so many steps more than usual on: narrow characters are nearer to each other."""

_CLEAR = 0.5
"""From this probability on a sign is what was seen: seals and emblems look a little like some sign."""

_CYRILLIC = dict(
    zip("ABCEHIKMOPTXY", "\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425\u0423", strict=True)
)
"""Letters that have one shape in both scripts."""

Span = tuple[int, int]


def printed(plate: Plate, code: str) -> str:
    """Return the first candidate's text as the plate shows it.

    These are the candidate's characters as capitals, in their order, letters with their accents. Between them are:

    - a hyphen or a dot where one was seen; where the region's plates have no dots, it is a seal, or a bolt;
    - one space where there is a gap, a seal or anything else, and between two lines;
    - the signs of China's, Japan's and Taiwan's plates, also before and after. The recogniser knows no other scripts.

    What the region's plates have in addition to Latin letters, digits and hyphens is told by `signs`, `dot` and
    `script` in `formats.json`.

    Args:
        plate: with its readings.
        code: of its region, or "unknown".
    """
    text = plate.candidates[0].plate
    region = known_regions().get(code, {"signs": _accents(), "dot": None})
    signs, dot = region.get("signs", ""), region.get("dot", "")
    likely = with_look_alikes(np.concatenate([reading.log_probabilities for reading in plate.readings]))
    spans = align(likely, [1 + ALPHABET.index(character) for character in text])
    if not spans:
        return text
    letters = _letters(text, spans, plate.readings, signs)
    if region.get("script") == "Cyrillic" and all(one.isdigit() or one in _CYRILLIC for one in text):
        letters = [_CYRILLIC.get(letter, letter) for letter in letters]
    before, *between, after = _others(spans, plate.readings)
    whole = _written(before, signs, dot).lstrip("".join(_SEPARATORS))
    for letter, others, is_wide in zip(letters, between, _gaps(spans, plate.readings), strict=False):
        whole += letter + (_written(others, signs, dot) or " " * is_wide)
    return whole + letters[-1] + _written(after, signs, dot).rstrip("".join(_SEPARATORS))


def _letters(text: str, spans: Sequence[Span], readings: Sequence[Reading], signs: str) -> list[str]:
    """Return the text's characters, with accents where the recogniser saw some that the region has."""
    probabilities = np.concatenate([reading.probabilities for reading in readings])
    seen = [characters()[int(probabilities[start:end].sum(axis=0).argmax())].upper() for start, end in spans]
    return [one if one in signs and in_alphabet(one) == plain else plain for one, plain in zip(seen, text, strict=True)]


def _others(spans: Sequence[Span], readings: Sequence[Reading]) -> list[str]:
    """Return what was seen before, between and after the text's characters; a line's end as a space."""
    found = [""] * (len(spans) + 1)
    offset = 0
    for reading in readings:
        best = reading.probabilities.argmax(axis=1)
        peaks = reading.probabilities.max(axis=1)
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(best)], strict=True):
            first, last = offset + start, offset + end
            if best[start] and not any(first < after and begin < last for begin, after in spans):
                is_clear = peaks[start:end].max() >= _CLEAR
                found[_number_before(spans, first)] += characters()[best[start]] if is_clear else " "
        offset += len(best)
        found[_number_before(spans, offset)] += " "
    return found


def _number_before(spans: Sequence[Span], step: int) -> int:
    return sum(end <= step for _, end in spans)


def _gaps(spans: Sequence[Span], readings: Sequence[Reading]) -> list[bool]:
    """Tell for each two characters that follow each other on a line whether they are farther apart than usual there."""
    ends = np.cumsum([len(reading.log_probabilities) for reading in readings])
    lines = np.searchsorted(ends, [start for start, _ in spans], side="right")
    distances = np.diff([(start + end) / 2 for start, end in spans])
    gaps = np.zeros(len(distances), bool)
    for line in range(len(readings)):
        within = (lines[:-1] == line) & (lines[1:] == line)
        if within.any():
            usual = np.median(distances[within])
            gaps |= within & (distances >= max(_WIDE * usual, usual + _LEAST_WIDER))
    return list(map(bool, gaps))


def _written(others: str, signs: str, dot: str | None) -> str:
    """Return what stands between two characters, for all that was seen there."""
    written = separator = ""
    for one in others:
        if one >= FIRST_IDEOGRAPH and one in signs:
            written, separator = written + separator + one, ""
        else:
            separator = max(separator, _separator(one, dot), key=_SEPARATORS.index)
    return written + separator


def _separator(one: str, dot: str | None) -> str:
    if one in _DASHES:
        return "-"
    if one in _DOTS:
        return one if dot is None else dot or " "
    return " "


@cache
def _accents() -> str:
    """Return the letters with accents that any region's plates have."""
    signs = "".join(region.get("signs", "") for region in known_regions().values())
    return "".join(sorted(one for one in set(signs) if one < FIRST_IDEOGRAPH))
