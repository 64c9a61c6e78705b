"""Makes dark pictures light enough to read."""

from __future__ import annotations

import cv2
import numpy as np

from .decode import Picture

_DARK = 110
"""Brightest value (of 255, all but the brightest hundredth) under which a picture is dark as a whole. Pictures by
night with lamps in them are not: their plates are lit by the lamps, or by infrared."""

_GAMMA = 0.6
"""Lifts the dark tones, in which the plate is."""

_STEP = 8
"""It is enough to look at the brightness of every so many pixels of a row and a column."""


def brightened(picture: Picture) -> Picture:
    """Return a dark picture with its values stretched over the whole range, any other one as it is."""
    low, high = np.percentile(picture[::_STEP, ::_STEP].max(axis=2), (1, 99))
    if high >= _DARK:
        return picture
    values = np.clip((np.arange(256) - low) / max(high - low, 1.0), 0, 1) ** _GAMMA
    return np.asarray(cv2.LUT(picture, np.round(255 * values).astype(np.uint8)), np.uint8)
