"""Texts of plates as they are compared: capital Latin letters and digits, without separators and accents."""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache

ALPHABET = string.digits + string.ascii_uppercase
"""The characters of a plate."""

# Letters of other scripts that have a Latin one's shape, as on plates of Greece, Russia and Ukraine, and letters that
# are no letter with an accent, as the Snapshot API answers them.
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧØĐ", "ABEZHIKMNOPTYXOD", strict=True)) | dict(
    zip("\u0410\u0412\u0415\u0406\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425", "ABEIKMHOPCTYX", strict=True)
)

FIRST_IDEOGRAPH = "\u2e80"
"""Signs of Chinese and kana come from this character on."""


class PlateTextError(ValueError):
    """A text cannot be a plate's; the message says why, without naming the text."""


@lru_cache(maxsize=4096)
def in_alphabet(character: str) -> str | None:
    """Return the character of `ALPHABET` that another one means, None if it means none."""
    # The decomposed form has the letter first, and its accents behind it.
    letter = unicodedata.normalize("NFD", character.upper())[:1]
    upper = _LATIN.get(letter, letter)
    return upper if upper and upper in ALPHABET else None


UNREADABLE = "#"
"""In a text that was read: a letter that is none of `ALPHABET`. It is like no other character."""


def as_read(text: str) -> str:
    """Return a text that was read as `normalised` does, with `UNREADABLE` for what that refuses."""
    return "".join(UNREADABLE if _is_foreign(one) else in_alphabet(one) or "" for one in _composed(text))


def normalised(text: str, also: str = "") -> str:
    """Return a plate's text as it is compared, which is what a result's `plate` is as capitals.

    Case, separators, accents and signs of Chinese and kana do not count; Cyrillic and Greek letters are the Latin ones
    of the same shape.

    Args:
        text: as somebody writes it.
        also: characters that stay as they are, such as wildcards.

    Raises:
        PlateTextError: a letter that no reading has: without it, the text would mean other plates as well.
    """
    found = ""
    for character in _composed(text):
        if character not in also and _is_foreign(character):
            raise PlateTextError(f"'{character}' is no letter or digit of a reading: put ? in its place")
        found += character if character in also else in_alphabet(character) or ""
    return found


def _composed(text: str) -> str:
    """Return a text in which an accent is no character of its own, and full-width letters are letters."""
    return unicodedata.normalize("NFKC", text)


def _is_foreign(character: str) -> bool:
    return in_alphabet(character) is None and character.isalnum() and character < FIRST_IDEOGRAPH
