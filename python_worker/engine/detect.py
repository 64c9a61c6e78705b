"""Finds text in a picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from .decode import Picture
from .geometry import Box, enclosing, rectangle

_PIXEL = 0.2
"""Probability from which a pixel counts as text. Lower than for documents: a lost plate is worse than one more box."""

_TEXT = 0.3
"""Mean probability from which a box counts as text."""

_SHORTEST = 2
"""Shorter side, in the network's pixels, under which a spot is noise."""

_UNCLIP = 1.6
"""The network marks a line's shrunk core; the ratio (area to circumference) that its training shrank by."""

_STEP = 32
"""The network halves the picture five times."""


def detect(session: onnxruntime.InferenceSession, picture: Picture, longest: int) -> list[Box]:
    """Return the lines of text in a picture, as rectangles in its pixels.

    Args:
        session: see `models.load_detector`.
        picture: of any size.
        longest: the longer side to which a larger picture is scaled down, in pixels. Finer finds smaller text.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, longest / max(height, width))
    columns = max(_STEP, round(width * scale / _STEP) * _STEP)
    rows = max(_STEP, round(height * scale / _STEP) * _STEP)
    # Mean and deviation 0.5, as the model was trained.
    blob = cv2.dnn.blobFromImage(cv2.resize(picture, (columns, rows)), 1 / 127.5, mean=(127.5, 127.5, 127.5))
    probability: npt.NDArray[np.float32] = session.run(None, {"x": blob})[0][0, 0]
    return _boxes(probability, width / columns, height / rows)


def _boxes(probability: npt.NDArray[np.float32], scale_x: float, scale_y: float) -> list[Box]:
    mask = (probability > _PIXEL).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        centre, (width, height), angle = enclosing(contour)
        if min(width, height) < _SHORTEST:
            continue
        score = _mean_inside(probability, rectangle(centre, (width, height), angle))
        if score < _TEXT:
            continue
        # Moving every side outwards by the same distance is what offsetting a polygon does to a rectangle.
        distance = _UNCLIP * width * height / (2 * (width + height))
        quad = rectangle(centre, (width + 2 * distance, height + 2 * distance), angle)
        boxes.append(Box(np.asarray(quad * np.array([scale_x, scale_y], np.float32), np.float32), score))
    return boxes


def _mean_inside(probability: npt.NDArray[np.float32], quad: npt.NDArray[np.float32]) -> float:
    rows, columns = probability.shape
    left, top = np.clip(np.floor(quad.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    right, bottom = np.clip(np.ceil(quad.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(quad - np.array([left, top], np.float32)).astype(np.int32)], 1)
    return float(cv2.mean(probability[top : bottom + 1, left : right + 1], mask)[0])
