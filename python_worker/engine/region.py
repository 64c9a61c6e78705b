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

# Letters of the band at the left of European plates: the international vehicle codes.
# https://unece.org/DAM/trans/conventn/Distsigns.pdf
_BAND = {
    **{code: code.lower() for code in ("AL", "BG", "CY", "CZ", "DK", "GR", "HR", "LT", "LV", "NL", "PL", "RO", "SK")},
    "A": "at",
    "B": "be",
    "BIH": "ba",
    "D": "de",
    "E": "es",
    "EST": "ee",
    "F": "fr",
    "FIN": "fi",
    "GB": "gb",
    "H": "hu",
    "I": "it",
    "IRL": "ie",
    "L": "lu",
    "M": "mt",
    "MNE": "me",
    "N": "no",
    "NMK": "mk",
    "P": "pt",
    "S": "se",
    "SLO": "si",
    "SRB": "rs",
    "TR": "tr",
    "UA": "ua",
    "UK": "gb",
}


def region(plate: Plate, formats: Formats) -> tuple[str, float]:
    """Return the code of a plate's region and its probability; "unknown" and 0 if the region is not known."""
    shares = formats.regions(plate.candidates[0].plate)
    for code in {*_in_band(plate), *_in_print(plate.small_print)}:
        shares[code] = _NAMED * max(shares.get(code, 0.0), _SHARE_OF_ODD)
    code, share = max(shares.items(), key=lambda one: one[1], default=_UNKNOWN)
    probability = share / max(sum(shares.values()), 1.0)
    return (code, probability) if probability >= TELLING else _UNKNOWN


def _in_band(plate: Plate) -> Iterable[str]:
    """Yield the region whose letters were read before the plate's text."""
    seen = "".join(character for character in plate.text.upper() if character.isalnum())
    text = plate.candidates[0].plate
    if seen.endswith(text) and seen[: -len(text)] in _BAND:
        yield _BAND[seen[: -len(text)]]


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
def _names() -> dict[str, list[str]]:
    """Return the codes of the regions that have each name; only the letters of a name count."""
    names: dict[str, list[str]] = {}
    for code, entry in known_regions().items():
        name = "".join(character for character in entry["name"].lower() if character.isalpha())
        if len(name) >= _SHORTEST_NAME:
            names.setdefault(name, []).append(code)
    return names
