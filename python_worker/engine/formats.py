"""The public formats of the world's plates, and how the caller's regions and text formats choose among them.

`formats.json` holds one entry for each region code of the Snapshot API: name, source, shape (how wide a plate's text is
to its height), the letters of the band at the left of its plates, and formats (a pattern, see `patterns`, with the part
of the region's plates that have it). A pattern is of what `plate` holds, so signs that are neither Latin letters nor
digits are left out of it. To add a country, add an entry; nothing else lists them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from .models import ALPHABET
from .patterns import PatternError, Positions, expand
from .propose import Proposal
from .regions import known_regions

_ELSEWHERE = 0.05
"""Part of the plates in pictures of a region that have none of its formats: visitors, and what `formats.json` lacks.
`regions` guides, so these are still read, but of two readings that are about as likely the asked region's wins."""

_TEXT_FORMAT = 1.0
"""The assumed share of the plates that have a format given by the caller."""


@dataclass(frozen=True)
class Format:
    """One sequence of character sets, with the regions that use it.

    Attributes:
        positions: for each character of the plate, what it may be.
        log_prior: natural logarithm of the probability that a plate has one particular text of this format.
        regions: code and share (1 in all, over all formats of one text) of each region that has it.
        foreign: whether it belongs only to regions that were not asked for.
    """

    positions: Positions
    log_prior: float
    regions: tuple[tuple[str, float], ...]
    foreign: bool


@dataclass(frozen=True, eq=False)
class FormatGroup:
    """All formats of one length, as arrays.

    There are thousands of formats, but few sets of characters: the work is done once for each set.

    Attributes:
        formats: k formats.
        sets: (s, len(ALPHABET)) bool, the different sets of characters.
        places: (k, length) which of the sets stands where.
        log_priors: (k,) float32.
    """

    formats: tuple[Format, ...]
    sets: npt.NDArray[np.bool_]
    places: npt.NDArray[np.intp]
    log_priors: npt.NDArray[np.float32]

    def best(self, seen: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp]]:
        """Return how likely each set's likeliest character is at each place, and which it is: (n, s) each.

        Args:
            seen: (n, len(ALPHABET)) for each place the natural logarithm of each character's probability.
        """
        masked = np.where(self.sets, seen[:, np.newaxis], np.float32(-np.inf))
        return masked.max(axis=2), masked.argmax(axis=2)

    def fits(self, text: str) -> npt.NDArray[np.bool_]:
        """Tell for each format whether it allows a text of its length: (k,)."""
        allowed = self.sets[self.places, [ALPHABET.index(character) for character in text]]
        return np.asarray(allowed.all(axis=1), bool)


_MISSHAPE = 0.55
"""Logarithm of the largest factor at which reading is still worth the time: seen from the side, a plate is narrower."""

_SHAPES = {"long": (2.4, 5.6), "short": (1.6, 3.4)}
"""Width of a plate's line of text to its height, as the detector boxes it. Short plates: twice as wide as high."""

_ANY_SHAPE = (min(low for low, _ in _SHAPES.values()), max(high for _, high in _SHAPES.values()))

_STACKED = {2: (0.8, 2.4), 3: (0.5, 1.4)}
"""The same for two and for three lines below each other."""

_CHARACTERS = {"long": 0.58, "short": 0.38}
"""Width that a character takes in a line to the line's height, its share of the gaps included."""

_UNUSUAL = 0.2
"""Logarithm of a factor: by so much at least are shapes off that are usual only in regions that were not asked for."""


@dataclass(frozen=True, eq=False)
class Formats:
    """What plates to expect.

    Attributes:
        by_length: formats by the number of their characters.
        shape: smallest and largest usual width to height of a line of text.
        characters: usual widths of a character to the line's height.
        strict: whether to reject texts that no format allows.
    """

    by_length: Mapping[int, FormatGroup]
    shape: tuple[float, float]
    characters: tuple[float, ...]
    strict: bool

    def misshape(self, proposal: Proposal) -> float:
        """Return the natural logarithm of the factor by which a proposal is too narrow or too wide, 0 if it is not."""
        width = max(line.width for line in proposal.lines)
        ratio = width / max(sum(line.height for line in proposal.lines), 1e-6)
        if len(proposal.lines) > 1:
            return _excess(ratio, _STACKED[len(proposal.lines)])
        return min(_excess(ratio, self.shape), _excess(ratio, _ANY_SHAPE) + _UNUSUAL)

    def misspacing(self, proposal: Proposal, length: int) -> float:
        """Return how far, as the natural logarithm of a factor, characters are from their usual width."""
        width = sum(line.width for line in proposal.lines) / length
        height = sum(line.height for line in proposal.lines) / len(proposal.lines)
        ratio = max(width, 1e-6) / max(height, 1e-6)
        return min(
            abs(math.log(ratio / usual)) + (0.0 if usual in self.characters else _UNUSUAL)
            for usual in _CHARACTERS.values()
        )

    def regions(self, plate: str) -> dict[str, float]:
        """Return the probability of each region, by code, for a plate with this text; empty if no format allows it."""
        group = self.by_length.get(len(plate))
        if group is None:
            return {}
        shares: dict[str, float] = defaultdict(float)
        for index in np.flatnonzero(group.fits(plate)):
            for code, share in group.formats[index].regions:
                shares[code] += share * math.exp(group.formats[index].log_prior)
        total = sum(shares.values())
        return {code: share / total for code, share in shares.items()}

    def may_hold(self, proposal: Proposal) -> bool:
        """Tell whether a proposal has a plate's shape, seen from any side."""
        return self.misshape(proposal) < _MISSHAPE


def _excess(ratio: float, usual: tuple[float, float]) -> float:
    """Return the natural logarithm of the factor by which a ratio is outside of the usual ones, 0 if it is not."""
    low, high = usual
    return math.log(max(low / max(ratio, 1e-6), ratio / high, 1.0))


_MOST_OF_CALLER = 4000
"""Sequences of all of a caller's text formats together, since anybody who sends a picture may send them."""


def formats_for(regions: tuple[str, ...], text_formats: tuple[str, ...] = (), *, strict: bool = False) -> Formats:
    """Return the formats to expect, by length; those of the last calls are kept.

    Args:
        regions: codes that the caller expects, all where none is given. A code without formats of its own counts as
            the country before its hyphen.
        text_formats: regular expressions of further formats, see `patterns.expand`.
        strict: leave out the formats of regions that were not asked for.

    Raises:
        PatternError: a text format that cannot be understood, or more than 4,000 sequences in all of them.
    """
    return (_with_callers if text_formats else _public)(regions, text_formats, strict)


def _made(regions: tuple[str, ...], text_formats: tuple[str, ...], strict: bool) -> Formats:
    asked = set(_with_formats(regions))
    parts = _parts(asked, strict=strict and bool(regions))
    shares: dict[Positions, dict[str, float]] = defaultdict(dict)
    for code, part in parts.items():
        entries = known_regions()[code]["formats"]
        total = sum(entry["weight"] for entry in entries)
        for entry in entries:
            known = _known(entry["pattern"])
            share = part * entry["weight"] / total / len(known)
            for positions in known:
                shares[positions][code] = shares[positions].get(code, 0.0) + share
    of_caller = 0
    for text_format in text_formats:
        sequences = expand(text_format)
        of_caller += len(sequences)
        if of_caller > _MOST_OF_CALLER:
            raise PatternError(
                f"the text formats together allow more than {_MOST_OF_CALLER} sequences of letters and digits; give "
                "fewer or simpler ones"
            )
        for positions in sequences:
            shares[positions][""] = _TEXT_FORMAT
    formats = [_format(positions, by_region, asked) for positions, by_region in shares.items()]
    lengths = sorted({len(one.positions) for one in formats})
    groups = {length: _group([one for one in formats if len(one.positions) == length]) for length in lengths}
    shapes = {region["shape"] for code, region in known_regions().items() if not asked or code in asked}
    lows, highs = zip(*(_SHAPES[shape] for shape in shapes), strict=True)
    return Formats(groups, (min(lows), max(highs)), tuple(_CHARACTERS[shape] for shape in sorted(shapes)), strict)


_public = lru_cache(maxsize=64)(_made)
# A camera sends the same ones again and again, but those of many callers would fill the memory.
_with_callers = lru_cache(maxsize=8)(_made)


def _parts(asked: set[str], *, strict: bool) -> dict[str, float]:
    """Return which part of the plates in the caller's pictures is of each region."""
    # The root, because pictures are spread less unevenly than cars: a camera in Malta sends pictures, too.
    cars = {code: math.sqrt(region["vehicles"]) for code, region in known_regions().items()}
    here = sum(cars[code] for code in asked)
    elsewhere = sum(cars.values()) - here
    if strict:
        return {code: cars[code] / here for code in asked}
    if not asked:
        return {code: number / elsewhere for code, number in cars.items()}
    return {
        code: (1 - _ELSEWHERE) * number / here if code in asked else _ELSEWHERE * number / elsewhere
        for code, number in cars.items()
    }


def _format(positions: Positions, by_region: Mapping[str, float], asked: set[str]) -> Format:
    total = sum(by_region.values())
    texts = math.prod(len(position) for position in positions)
    regions = tuple((code, share / total) for code, share in by_region.items() if code)
    foreign = bool(asked) and asked.isdisjoint(by_region) and "" not in by_region
    return Format(positions, math.log(total / texts), regions, foreign)


def _with_formats(regions: Iterable[str]) -> Iterable[str]:
    """Yield the known regions that codes mean: `br-sp` is `br`, `us` is every state as well."""
    for code in (region.lower() for region in regions):
        country = code.partition("-")[0]
        parts = [known for known in known_regions() if known == code or known.startswith(f"{code}-")]
        yield from parts or [known for known in known_regions() if known == country]


@cache
def _known(pattern: str) -> tuple[Positions, ...]:
    """Return what a pattern of `formats.json` allows; those of callers would fill the memory."""
    return tuple(expand(pattern))


def _group(formats: list[Format]) -> FormatGroup:
    numbers: dict[frozenset[str], int] = {}
    places = [[numbers.setdefault(position, len(numbers)) for position in one.positions] for one in formats]
    sets = np.array([[character in one for character in ALPHABET] for one in numbers], bool)
    log_priors = np.array([one.log_prior for one in formats], np.float32)
    return FormatGroup(tuple(formats), sets, np.array(places, np.intp), log_priors)
