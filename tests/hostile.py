"""Pictures that are small as files and take a decoder long, or much memory."""

from __future__ import annotations

import io

from PIL import Image

_START_OF_SCAN, _END = 0xDA, 0xD9


def slow_jpeg(scans: int, side: int = 2000) -> bytes:
    """Return a progressive JPEG, grey all over, whose last scan is repeated; each costs a walk over all of the picture.

    With 2,000 x 2,000 pixels a scan takes 14 bytes and about 2 ms.
    """
    file = io.BytesIO()
    Image.new("L", (side, side), 90).save(file, "JPEG", progressive=True, quality=30)
    segments = _segments(file.getvalue())
    last = max(index for index, segment in enumerate(segments) if segment[1] == _START_OF_SCAN)
    return b"\xff\xd8" + b"".join(segments[: last + 1]) + segments[last] * scans + b"\xff\xd9"


def large_png(side: int = 8000) -> bytes:
    """Return a PNG with alpha of 64 megapixels in 260 kB, which takes 1.5 GB to be read."""
    file = io.BytesIO()
    Image.new("RGBA", (side, side), (10, 20, 30, 200)).save(file, "PNG")
    return file.getvalue()


def _segments(jpeg: bytes) -> list[bytes]:
    """Return the segments between a JPEG's first and last marker, each scan with its data."""
    segments, at = [], 2
    while jpeg[at + 1] != _END:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] == _START_OF_SCAN:
            # In a scan's data FF is followed by 0.
            while jpeg[end] != 0xFF or jpeg[end + 1] == 0:
                end += 1
        segments.append(jpeg[at:end])
        at = end
    return segments
