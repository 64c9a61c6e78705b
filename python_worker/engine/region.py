"""Which region a plate comes from, by its format and by what is printed next to it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from .choose import Plate
from .formats import Formats
from .regions import known_regions

TELLING = 0.2
"""The likeliest region is reported from this probability on."""

_UNKNOWN = ("unknown", 0.0)

_NAMED = 50.0
"""How many times likelier a region's name is on its own plates than on others, where dealers' frames may show it."""

_SHARE_OF_ODD = 0.01
"""Part of a region's plates that have none of its formats."""

_SIMILAR = 0.8
"""From this similarity on (difflib's), hardly legible small print counts as a region's name."""

_SHORTEST_NAME = 4

FIRST_IDEOGRAPH = "\u2e80"
"""Signs of Chinese and kana come from this character on."""


def region(plate: Plate, formats: Formats) -> tuple[str, float]:
    """Return the code of a plate's region and its probability; "unknown" and 0 if the region is not known."""
    shares = formats.regions(plate.candidates[0].plate)
    for code in {*_in_band(plate), *_by_signs(plate), *_in_print(plate.small_print)}:
        shares[code] = _NAMED * max(shares.get(code, 0.0), _SHARE_OF_ODD)
    code, share = max(shares.items(), key=lambda one: one[1], default=_UNKNOWN)
    probability = share / max(sum(shares.values()), 1.0)
    return (code, probability) if probability >= TELLING else _UNKNOWN


def _in_band(plate: Plate) -> Iterable[str]:
    """Yield the regions whose band's letters were read before the plate's text."""
    seen = "".join(character for character in plate.text.upper() if character.isalnum())
    text = plate.candidates[0].plate
    if seen.endswith(text):
        yield from _bands().get(seen[: -len(text)], ())


def _by_signs(plate: Plate) -> Iterable[str]:
    """Yield the regions whose plates have one of the signs of other scripts that were read."""
    seen = {character for character in plate.text if character >= FIRST_IDEOGRAPH}
    for code, entry in known_regions().items():
        if seen.intersection(entry.get("signs", "")):
            yield code


def _in_print(texts: Iterable[str]) -> Iterable[str]:
    """Yield the regions with names that were read above or below the plate's text; only the longest names count."""
    names = _names()
    for text in texts:
        letters = "".join(character for character in text.lower() if character.isalpha())
        found = [name for name in names if name in letters] or get_close_matches(letters, names, 1, _SIMILAR)
        for name in found:
            if not any(name in other and name != other for other in found):
                yield from names[name]


@cache
def _bands() -> dict[str, list[str]]:
    """Return the codes of the regions that have each band's letters."""
    bands: dict[str, list[str]] = {}
    for code, entry in known_regions().items():
        for letters in entry.get("band", ()):
            bands.setdefault(letters, []).append(code)
    return bands


@cache
def _names() -> dict[str, list[str]]:
    """Return the codes of the regions that have each name; only the letters of a name count."""
    names: dict[str, list[str]] = {}
    for code, entry in known_regions().items():
        name = "".join(character for character in entry["name"].lower() if character.isalpha())
        if len(name) >= _SHORTEST_NAME:
            names.setdefault(name, []).append(code)
    return names
