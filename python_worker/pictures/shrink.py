"""Making an image small enough for an upload limit."""

from __future__ import annotations

import io
import math

from PIL import ExifTags, Image

from ..errors import InputError
from .open import ImageError, opened, orientation
from .pixels import rgb

_QUALITY = 90
_MARGIN = 0.95
_ATTEMPTS = 6


def shrink(image: bytes, limit: int) -> tuple[bytes, float]:
    """Re-encode an image as JPEG below `limit` bytes, scaled down as little as that takes.

    Returns:
        The JPEG, and its size in pixels relative to the image's (1.0 where re-encoding alone sufficed).

    Raises:
        InputError: the image cannot be decoded, or cannot be made so small.
    """
    try:
        with opened(image) as (source, _):
            fitted = _fitted(rgb(source), _turned(orientation(source)), limit)
    except ImageError as error:
        raise InputError(
            f"The image of {len(image):,} bytes exceeds the limit of {limit:,} and cannot be decoded to "
            f"shrink it: {error}."
        ) from error
    if fitted is None:
        raise InputError(f"The image cannot be shrunk below {limit:,} bytes.")
    return fitted


def _fitted(pixels: Image.Image, exif: Image.Exif, limit: int) -> tuple[bytes, float] | None:
    factor = 1.0
    for _ in range(_ATTEMPTS):
        size = (max(1, round(pixels.width * factor)), max(1, round(pixels.height * factor)))
        scaled = pixels if factor == 1.0 else pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        encoded = io.BytesIO()
        scaled.save(encoded, "JPEG", quality=_QUALITY, exif=exif, comment=b"", icc_profile=None)
        if encoded.tell() <= limit:
            return encoded.getvalue(), factor
        # A JPEG's size follows its area. For images where it follows less closely, the margin saves an attempt.
        factor *= math.sqrt(limit / encoded.tell()) * _MARGIN
    return None


def _turned(orientation: int) -> Image.Exif:
    """Return EXIF data with only the orientation, so that readers of the image turn it as before.

    The rest stays behind: it may be broken, or larger than a JPEG's 64 kB.
    """
    exif = Image.Exif()
    if orientation != 1:
        exif[ExifTags.Base.Orientation] = orientation
    return exif
