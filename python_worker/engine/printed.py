"""A plate's text as it is printed on it."""

from __future__ import annotations

from difflib import SequenceMatcher

from .models import in_alphabet

_SEPARATORS = {**dict.fromkeys("-_", "-"), **dict.fromkeys("·•°:.,'", "·"), " ": " "}
"""What stands between a plate's characters, and how it is written: a dash, a gap, or a dot, which may be a seal."""

_SIGNS = frozenset(
    "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新"  # The provinces of China,
    "港澳学警挂领使临试"  # and what its plates for special uses end in.
)


def printed(seen: str, plate: str) -> str:
    """Return a plate's text as it is printed: upper case, with separators, accents and the signs of Chinese plates.

    "B NO 1234" and "BN O 1234" are different plates with one `plate`, bno1234. Without its separators, accents and
    signs, the text is always the plate: where the recogniser saw another character than the plate's format allows, or
    more characters than the plate has, the plate counts.

    Args:
        seen: what the recogniser saw, lines separated by spaces.
        plate: the characters of the plate, `models.ALPHABET` only.
    """
    characters = [(place, known) for place, one in enumerate(seen) if (known := in_alphabet(one)) is not None]
    # Which character of the plate each seen one is; those that are none of the plate's have no entry.
    meant: dict[int, str] = {}
    missing: dict[int, str] = {}
    matcher = SequenceMatcher(None, [known for _, known in characters], list(plate), autojunk=False)
    for _, start, end, first, last in matcher.get_opcodes():
        for number, (place, _) in enumerate(characters[start:end]):
            if first + number < last:
                meant[place] = plate[first + number]
        # What was not seen on its own is written behind the last one that was.
        if last - first > end - start:
            behind = characters[end - 1][0] if end else -1
            missing[behind] = plate[first + end - start : last]
    text = missing.get(-1, "")
    begin, stop = min(meant, default=0), max(meant, default=-1)
    for place, one in enumerate(seen):
        if place in meant:
            text += one.upper() if in_alphabet(one) == meant[place] else meant[place]
            text += missing.get(place, "")
        elif one in _SIGNS and (place < begin or place > stop):
            text += one
        elif begin < place < stop or (text and text[-1] in _SIGNS):
            text += _separator(text, _SEPARATORS.get(one, ""))
    return text.strip(" -·")


def _separator(text: str, separator: str) -> str:
    """Return what to add to a text for a separator: nothing behind another one, and nothing at the beginning."""
    return "" if not text or text[-1] in " -·" else separator
