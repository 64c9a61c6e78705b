"""Tells text that was written into a picture, by a camera, a recorder or a person, from text that was photographed.

What it says does not matter. Written text is exactly upright, near the margin, small, of one pure colour, as sharp as
pixels allow, and has no ground of its own: the scene goes on behind it and around it. A plate has a rim on all sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from .choose import Plate
from .decode import Picture
from .geometry import Box

_TEXT = 24
"""Height to which the text is scaled to be looked at, in pixels; as much is looked at on each side of it."""

_LONGEST = 12 * _TEXT

_STEP = 2
"""A rim is where the brightness so many pixels before and after it differs."""

_NOISE = 2.0
"""Differences of brightness (of 255) that mean nothing."""

_LIGHT = np.array([0.25, 0.45, 0.3], np.float32)
"""Parts of blue, green and red in the brightness. Blue counts more than for eyes: text is written in it, too."""

_PURE = np.array([[b, g, r] for b in (0, 255) for g in (0, 255) for r in (0, 255)], np.float32)
"""The colours, BGR, in which nearly all such text is written."""

_STRICTNESS = 2.5
"""How many times over what the signs say counts: cameras that write into their pictures do so in each of them."""

# A logistic regression over plates in photographs and cut-outs of them, and texts that were drawn into the same
# photographs: `tests/benchmarks/overlay_calibration.py` fits the weights and prints them. Positive weights speak for
# written text.
WEIGHTS: Mapping[str, float] = {
    "constant": 4.71,
    "impure": -2.27,
    "tilt": -1.92,
    "rims": -1.76,
    "sides": -2.82,
    "frame": -3.10,
    "inside": -1.80,
    "height": -4.56,
    "blend": -1.82,
    "sharpness": 3.16,
    "contrast": 0.46,
}


def less_if_written(plate: Plate, picture: Picture) -> Plate:
    """Return the reading, less likely a plate if its text seems to be written into the picture."""
    found = signs(picture, plate.box)
    log_odds = sum(weight * found[name] for name, weight in WEIGHTS.items())
    penalty = -_STRICTNESS * math.log1p(math.exp(log_odds))
    odds = plate.is_plate / (1 - plate.is_plate) * math.exp(penalty)
    evidence = {**plate.evidence, "overlay": plate.evidence["overlay"] + penalty}
    return replace(plate, is_plate=odds / (1 + odds), evidence=evidence)


def signs(picture: Picture, box: Box) -> dict[str, float]:
    """Return what tells written text from photographed text, by the names of the weights, each 0 to 1.

    Args:
        picture: BGR.
        box: of one line of text, or around two.
    """
    rows, columns = picture.shape[:2]
    strip, inside = _surroundings(picture, box)
    text = slice(_TEXT, 2 * _TEXT), slice(_TEXT, strip.shape[1] - _TEXT)
    light = strip @ _LIGHT
    low, high = np.percentile(light[text], (3, 97))
    contrast = max(float(high - low), 8.0)
    ground = _border(strip, inside)
    ink = _ink(strip[text], ground)
    axis = (ink - ground) / max(float((ink - ground) @ (ink - ground)), 1.0)
    share = strip[text] @ axis - ground @ axis
    # The rims above and below are as long as the text; those at its sides as high.
    upper, lower = _rims(light[:, text[1]], inside[:, text[1]], contrast)
    left, right = _rims(light[text[0]].T, inside[text[0]].T, contrast)
    rims, sides = _part(min(upper, lower), 0.5), _part(min(left, right), 0.3)
    from_left, from_top, to_right, to_bottom = box.bounds
    margins = (from_left / columns, 1 - to_right / columns, from_top / rows, 1 - to_bottom / rows)
    angle = abs(math.degrees(math.atan2(*box.direction[::-1])))
    return {
        "constant": 1.0,
        "impure": _part(float(np.abs(_PURE - ink).max(axis=1).min()) / 255, 0.3),
        "tilt": _part(angle, 2.0),
        "rims": rims,
        "sides": sides,
        # Few cameras write dark on a light ground of their own.
        "frame": min(rims, sides) * float(ink @ _LIGHT < ground @ _LIGHT),
        "inside": _part(max(min(margins), 0.0), 0.15),
        "height": _part(box.height / rows, 0.25),
        "blend": _part(float(((share > 0.3) & (share < 0.7)).mean()), 0.3),
        "sharpness": _part(_steepness(picture, box) / contrast, 1.0),
        "contrast": _part(contrast / 255, 1.0),
    }


def _surroundings(picture: Picture, box: Box) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the box made upright with its surroundings, and which pixels of that are in the picture (0 or 1)."""
    scale = _TEXT / max(box.height, 1.0)
    width = int(min(max(round(box.width * scale), _TEXT), _LONGEST))
    across, down = box.height * box.direction, box.quad[3] - box.quad[0]
    origin = box.quad[0] - across - down
    step = (box.width * box.direction / width, down / _TEXT)
    warp = np.column_stack([*step, origin]).astype(np.float64)
    size = (width + 2 * _TEXT, 3 * _TEXT)
    # The text is seldom much larger than the strip, so that pixels need not be averaged.
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(picture, warp, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    x = warp[0, 0] * np.arange(size[0]) + warp[0, 1] * np.arange(size[1])[:, None] + warp[0, 2]
    y = warp[1, 0] * np.arange(size[0]) + warp[1, 1] * np.arange(size[1])[:, None] + warp[1, 2]
    rows, columns = picture.shape[:2]
    inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
    return strip.astype(np.float32), inside.astype(np.float32)


def _border(strip: npt.NDArray[np.float32], inside: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the colour at the text's border, which is that of its ground."""

    def around(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        rows, columns = pixels[_TEXT - 1 : 2 * _TEXT + 1], pixels[:, _TEXT - 1 : pixels.shape[1] - _TEXT + 1]
        sides = (columns[_TEXT : 2 * _TEXT, 0], columns[_TEXT : 2 * _TEXT, -1])
        return np.concatenate([rows[0, _TEXT:-_TEXT], rows[-1, _TEXT:-_TEXT], *sides])

    colours, known = around(strip), around(inside) > 0
    return np.asarray(np.median(colours[known] if known.any() else colours, axis=0), np.float32)


def _ink(text: npt.NDArray[np.float32], ground: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the colour of the text: of what differs most from its ground."""
    distance = np.abs(text - ground).max(axis=2)
    core = text[distance >= 0.85 * np.percentile(distance, 98)]
    return np.asarray(np.median(core, axis=0), np.float32)


def _rims(light: npt.NDArray[np.float32], inside: npt.NDArray[np.float32], contrast: float) -> tuple[float, float]:
    """Return how clear an edge there is along the text before and after it, 0 to 1.

    Args:
        light: (3 * `_TEXT`, along the text); the text is in the middle third.
        inside: of the same shape, 1 in the picture.
        contrast: of the text.
    """
    change = light[2 * _STEP :] - light[: -2 * _STEP]
    mean = np.abs(change.mean(axis=1))
    # An edge goes the same way all along; what lies behind a written text changes here and there.
    clear = mean / (np.abs(change).mean(axis=1) + _NOISE) * np.minimum(mean / contrast, 1)
    known = inside.mean(axis=1)
    clear = np.where(np.minimum(known[2 * _STEP :], known[: -2 * _STEP]) > 0.9, clear, 0)
    reach = _TEXT - _STEP  # Inside of the box are the characters, and their outline.
    return float(clear[:reach].max()), float(clear[len(clear) - reach :].max())


def _steepness(picture: Picture, box: Box) -> float:
    """Return the largest steps of brightness from one pixel of the picture to the next in the text."""
    left, top, right, bottom = (max(int(value), 0) for value in box.bounds)
    light = picture[top : bottom + 1, left : right + 1].max(axis=2).astype(np.int16)
    steps = np.abs(np.diff(light, axis=1))
    return float(np.percentile(steps, 97)) if steps.size else 0.0


def _part(value: float, whole: float) -> float:
    return min(value / whole, 1.0)
