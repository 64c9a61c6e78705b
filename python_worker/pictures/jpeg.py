"""JPEG files that are cut off at their end, as slow cameras and full disks leave them."""

from __future__ import annotations

import io

from PIL import Image, ImageChops

END = b"\xff\xd9"

_SCAN = b"\xff\xda"
_SCALE = 8
_MAY_LACK = 0.1
_BLOCK = 16
# Bytes that a decoder takes for pixels, and draws differently from pixels that it makes up.
_NONSENSE = bytes(range(1, 251)) * 4


class BrokenError(ValueError):
    """More than its end is missing."""


def completed(data: bytes, height: int) -> bytes:
    """Return a JPEG with its end added if that is all, or nearly all, that it lacks; a whole one stays as it is.

    Viewers show such a file, with grey in place of missing pixels. A tenth of the rows may be missing (or sixteen, the
    height of a JPEG's block): if more is missing, a plate may be, too.

    Args:
        data: the file.
        height: in pixels, as its header says.

    Raises:
        BrokenError: more is missing.
    """
    start = _first_scan(data)
    if start is None or data.find(END, start) >= 0:
        return data
    # The cut may be in the middle of a marker, or of a byte that is written as two.
    data = data.rstrip(b"\xff")
    if _is_refined(data, start):
        return data + END
    rows = _rows(data, height)
    if rows < height - max(_BLOCK, _MAY_LACK * height):
        there = f", only {rows} of {height} rows are there" if scans(data) == 1 else ""
        raise BrokenError(f"its end is missing{there}")
    return data + END


def scans(data: bytes) -> int:
    """Return how often the decoder of a JPEG goes over its pixels, at most."""
    return max(1, data.count(_SCAN, _first_scan(data) or 0))


def _first_scan(data: bytes) -> int | None:
    """Return the position of the marker before a JPEG's pixels, None if the data has none or is no JPEG.

    An end marker after it is the picture's own, not that of a preview in an earlier segment.
    """
    if not data.startswith(b"\xff\xd8"):
        return None
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xDA:
            return place
        if marker == 0xFF:
            place += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def _is_refined(data: bytes, start: int) -> bool:
    """Return whether the last scan of a progressive JPEG only adds the last bit of each number to all the pixels.

    Its header (ITU-T T.81, B.2.3): marker, length, count of components, two bytes for each, first and last coefficient,
    and one byte for the previous and the current bit position.
    """
    scan = data.rfind(_SCAN, start)
    bits = scan + 7 + 2 * data[scan + 4] if scan + 4 < len(data) else len(data)
    return data[bits : bits + 1] == b"\x10"


def _rows(data: bytes, height: int) -> int:
    """Return how many of a JPEG's rows are in the data.

    No decoder says how far it came. But the pixels that it makes up depend on what follows the data, so the rows that
    do not change with that are really there.
    """
    scale = _SCALE if scans(data) == 1 else 1
    changed = ImageChops.difference(_grey(data + END, scale), _grey(data + _NONSENSE + END, scale)).getbbox()
    return height if changed is None else min(height, changed[1] * scale)


def _grey(data: bytes, scale: int) -> Image.Image:
    """Return a JPEG's grey picture, scaled down if that is exact enough and takes less time."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        if scale > 1:
            image.draft("L", (max(1, image.width // scale), max(1, image.height // scale)))
        return image.convert("L")
