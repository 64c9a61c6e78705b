"""The colour that characters stand on."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .decode import Picture

_STEP = 3
"""Of a strip's rows and columns, every third is looked at."""

_FLAT = 10.0
"""Least contrast of characters to their ground; it keeps noise from being compared with noise."""


def difference(strips: Sequence[Picture]) -> float:
    """Return how much the grounds of lines of text differ: 0 is not at all, 1 as much as characters from their ground.

    Args:
        strips: at least one line each, without much around it.
    """
    grounds, inks = np.transpose([_ground_and_ink(strip) for strip in strips], (1, 0, 2))
    contrast = np.linalg.norm(grounds - inks, axis=1).max()
    farthest = np.linalg.norm(grounds[:, np.newaxis] - grounds, axis=2).max()
    return float(farthest / max(contrast, _FLAT))


def _ground_and_ink(strip: Picture) -> npt.NDArray[np.float64]:
    """Return the colours of a line's ground, which takes more of the strip, and of its characters: (2, 3)."""
    strip = np.ascontiguousarray(strip[::_STEP, ::_STEP])
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY)
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    is_light = grey > threshold
    if is_light.all() or not is_light.any():
        return np.tile(np.median(strip.reshape(-1, 3), axis=0), (2, 1))
    light, dark = np.median(strip[is_light], axis=0), np.median(strip[~is_light], axis=0)
    return np.array([light, dark] if is_light.mean() >= 0.5 else [dark, light], np.float64)
