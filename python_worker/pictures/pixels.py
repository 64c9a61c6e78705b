"""Pixels of every kind as three bytes each."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PIL import Image

from .open import ImageError

_STRIP = 1_000_000
"""Pixels that are converted at a time. All at once, 64 million with transparency would take five copies of 256 MB."""


def strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield an image from top to bottom in strips of mode RGB, each with its first row.

    Transparent parts become white, and samples of more than 8 bits are scaled so that the brightest is white: the
    lower 8 bits of an infrared camera's 16 are noise, and a plain conversion makes what exceeds them white.

    Raises:
        ImageError: the samples are no numbers.
    """
    scale = _scale(image)
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        yield top, _rgb(strip, scale)


def rgb(image: Image.Image) -> Image.Image:
    """Return an image as `strips` gives it; an image that is already so is returned itself.

    Raises:
        ImageError: as `strips`.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    whole = Image.new("RGB", image.size)
    for top, strip in strips(image):
        whole.paste(strip, (0, top))
    return whole


def _is_deep(image: Image.Image) -> bool:
    return image.mode in ("F", "I") or image.mode.startswith("I;16")


def _scale(image: Image.Image) -> float:
    """Return the factor for the samples."""
    if not _is_deep(image):
        return 1.0
    # Pillow gives the extremes only of this kind of 16 bits.
    _, brightest = (image if image.mode in ("F", "I", "I;16") else image.convert("I")).getextrema()
    if not isinstance(brightest, (int, float)) or not math.isfinite(brightest):
        raise ImageError("its samples are no numbers")
    return 255 / max(float(brightest), 1.0)


def _rgb(strip: Image.Image, scale: float) -> Image.Image:
    if _is_deep(strip):
        floats = strip if strip.mode == "F" else strip.convert("I").convert("F")
        return floats.point(lambda sample: sample * scale).convert("L").convert("RGB")
    if strip.has_transparency_data:
        layer = strip.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        return ground.convert("RGB")
    return strip if strip.mode == "RGB" else strip.convert("RGB")
