"""The public formats of the world's plates, and how the caller's regions and text formats choose among them.

`formats.json` holds one entry for each region code of the Snapshot API: name, source, shape (how wide a plate's text is
to its height) and formats (a pattern, see `patterns`, with the part of the region's plates that have it). A country is
added by adding an entry.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from .models import ALPHABET
from .patterns import Positions, expand

_OTHER_REGION = 0.02
"""Weight of the regions that were not asked for: `regions` guides, so another country's plate is still read, but of two
readings that are as likely the asked region's wins."""

_TEXT_FORMAT = 4.0
"""Weight of a format that the caller gave: above every known one."""


@dataclass(frozen=True)
class Format:
    """One sequence of character sets, with the regions that use it.

    Attributes:
        positions: for each character of the plate what may stand there.
        weight: the largest share that it has among the plates of a region, above 0.
        regions: code and share of each region that has it.
    """

    positions: Positions
    weight: float
    regions: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class FormatGroup:
    """All formats of one length, as arrays.

    Attributes:
        formats: k formats.
        allowed: (k, length, len(ALPHABET)) bool, which character may stand where.
        log_weights: (k,) float32.
    """

    formats: tuple[Format, ...]
    allowed: npt.NDArray[np.bool_]
    log_weights: npt.NDArray[np.float32]


@cache
def known_regions() -> Mapping[str, Mapping[str, Any]]:
    """Return the entries of `formats.json` by region code."""
    data: dict[str, Any] = json.loads(files(__package__).joinpath("formats.json").read_text("utf-8"))
    regions: dict[str, Mapping[str, Any]] = data["regions"]
    return regions


@lru_cache(maxsize=64)
def formats_for(regions: tuple[str, ...], text_formats: tuple[str, ...]) -> Mapping[int, FormatGroup]:
    """Return the formats to expect, by length.

    Args:
        regions: codes that the caller expects, all where none is given. A code without formats of its own counts as
            the country before its hyphen.
        text_formats: regular expressions of further formats, see `patterns.expand`.

    Raises:
        PatternError: a text format that cannot be understood.
    """
    asked = set(_with_formats(regions))
    shares: dict[Positions, dict[str, float]] = defaultdict(dict)
    weights: dict[Positions, float] = defaultdict(float)
    for code, region in known_regions().items():
        factor = 1.0 if not asked or code in asked else _OTHER_REGION
        for entry in region["formats"]:
            for positions in expand(entry["pattern"]):
                share = entry["weight"] * factor
                shares[positions][code] = max(share, shares[positions].get(code, 0.0))
                weights[positions] = max(weights[positions], share)
    for text_format in text_formats:
        for positions in expand(text_format):
            weights[positions] = _TEXT_FORMAT
    formats = [Format(key, weight, tuple(shares[key].items())) for key, weight in weights.items()]
    lengths = sorted({len(one.positions) for one in formats})
    return {length: _group([one for one in formats if len(one.positions) == length]) for length in lengths}


def _with_formats(regions: Iterable[str]) -> Iterable[str]:
    """Yield the known regions that codes mean: `br-sp` is `br`, `us` is every state as well."""
    for code in (region.lower() for region in regions):
        country = code.partition("-")[0]
        if code in known_regions():
            yield code
            yield from (known for known in known_regions() if known.startswith(code + "-"))
        elif country in known_regions():
            yield country


def _group(formats: list[Format]) -> FormatGroup:
    allowed = np.array([[[c in position for c in ALPHABET] for position in one.positions] for one in formats], bool)
    weights = np.array([one.weight for one in formats], np.float32)
    return FormatGroup(tuple(formats), allowed, np.log(weights))
