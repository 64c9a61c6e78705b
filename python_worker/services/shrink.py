"""Making an image small enough for the cloud's upload limit, and its answer fit the original image again."""

from __future__ import annotations

import io
import math
from typing import Any

from PIL import Image, UnidentifiedImageError

from ..errors import InputError

UPLOAD_LIMIT = 3_000_000
"""Largest upload in bytes: the cloud documents 3 MB."""

_QUALITY = 90
_MARGIN = 0.95
_ATTEMPTS = 6


def shrink(image: bytes, limit: int = UPLOAD_LIMIT) -> tuple[bytes, float]:
    """Re-encode an image as JPEG below `limit` bytes, scaled down as little as that takes.

    Returns:
        The JPEG, and its size in pixels relative to the image's (1.0 where re-encoding alone sufficed).

    Raises:
        InputError: the image cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(image)) as source:
            # The orientation stays in the EXIF data, so that whoever reads the image turns it as it would have before.
            exif = source.getexif().tobytes()
            pixels = source.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(
            f"The image of {len(image):,} bytes exceeds the cloud's limit of {limit:,} and cannot be decoded to "
            f"shrink it: {error}."
        ) from error
    factor = 1.0
    for _ in range(_ATTEMPTS):
        size = (max(1, round(pixels.width * factor)), max(1, round(pixels.height * factor)))
        scaled = pixels if factor == 1.0 else pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        encoded = io.BytesIO()
        scaled.save(encoded, "JPEG", quality=_QUALITY, exif=exif)
        if encoded.tell() <= limit:
            return encoded.getvalue(), factor
        # A JPEG's size follows its area; the margin saves an attempt on images where it follows less.
        factor *= math.sqrt(limit / encoded.tell()) * _MARGIN
    raise InputError(f"The image cannot be shrunk below {limit:,} bytes.")


def scale_boxes(answer: Any, factor: float) -> Any:
    """Return a copy of a service's answer in which every bounding box fits an image `factor` times as large."""
    if isinstance(answer, dict):
        if answer.keys() >= {"xmin", "ymin", "xmax", "ymax"}:
            return {key: round(value * factor) for key, value in answer.items()}
        return {key: scale_boxes(value, factor) for key, value in answer.items()}
    if isinstance(answer, list):
        return [scale_boxes(value, factor) for value in answer]
    return answer
