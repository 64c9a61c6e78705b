"""Reads the text in a rectangle of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .decode import Picture
from .geometry import Box
from .models import Recogniser, characters

_HEIGHT = 48
"""The only height that the recogniser takes, in pixels."""

_WIDTHS = (48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 288, 320, 384, 448, 512, 640)
"""The widths that the recogniser gets, multiples of 8: for each one that it has seen, it keeps what it prepared for it.
Strips are stretched to the next one, by at most a sixth, which reads no worse."""


@dataclass(frozen=True)
class Crop:
    """How a box is cut out.

    Attributes:
        trim: part of its height to cut off above and below: the detector's boxes include the small print there.
        side: part of its height to add left and right, where the detector cuts characters.
        stretch: of the width. Plates' letters are narrower than the print that the recogniser learned from.
    """

    trim: float
    side: float
    stretch: float


TIGHT = Crop(trim=0.12, side=0.25, stretch=1.0)
"""Reads most plates rightly: without the small print above and below."""

FULL = Crop(trim=0.0, side=0.1, stretch=1.0)
NARROW = Crop(trim=0.18, side=0.25, stretch=1.5)
"""For second opinions: these err elsewhere, where the detector's box was too tight or too wide."""


_BLUE = 40
"""By how much, of 255, blue is stronger than red in the band at an end of European plates."""

_BAND = (14, 60)
"""Width of such a band in a strip, in pixels: it is half as wide as high. Strokes of blue characters are narrower."""

_OUTER = 0.3
"""Part of a strip, at its left and its right, in which a band is."""

_BLUE_PLATE = 0.15
"""Where more than this part of a strip's middle is blue, the plate or its characters are."""


@dataclass(frozen=True, eq=False)
class Reading:
    """The recogniser's answer for one line.

    Attributes:
        text: the most probable text, including what no plate has (punctuation, spaces).
        log_probabilities: (steps, 1 + len(ALPHABET)) float32, natural logarithm; column 0 is CTC's blank.
        probabilities: (steps, classes) float32, of all that the recogniser knows, see `models.characters`.
        strip: what was read, upright.
    """

    text: str
    log_probabilities: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    strip: Picture

    @property
    def clarity(self) -> float:
        """How certain the recogniser is of what it sees, on average over the steps that show something, 0 to 1."""
        seen = self.probabilities[self.probabilities.argmax(axis=1) > 0]
        return float(seen.max(axis=1).mean()) if len(seen) else 0.0


def read(recogniser: Recogniser, picture: Picture, box: Box, crop: Crop) -> Reading:
    """Return what the rectangle says."""
    strip = _rectify(picture, box, crop)
    probabilities = recogniser.network.run(strip[np.newaxis])[0][0]
    folded = probabilities @ recogniser.fold
    band = _in_band(strip, len(folded))
    folded[band] = np.eye(1, folded.shape[1], dtype=np.float32)
    return Reading(_greedy(probabilities), np.log(np.maximum(folded, 1e-9)), probabilities, strip)


def _in_band(strip: Picture, steps: int) -> npt.NDArray[np.bool_]:
    """Tell for each step whether it shows a blue band at an end of the plate, whose letters are not the plate's."""
    blue, green, red = (strip[:, :, channel].astype(np.int16) for channel in range(3))
    is_blue = (blue - red > _BLUE) & (blue > green)
    width = strip.shape[1]
    left, right = round(_OUTER * width), round((1 - _OUTER) * width)
    if is_blue[:, left:right].mean() > _BLUE_PLATE:
        return np.zeros(steps, bool)
    edges = np.flatnonzero(np.diff(is_blue.mean(axis=0) > 0.4, prepend=False, append=False))
    in_band = np.zeros(width, bool)
    for start, end in edges.reshape(-1, 2):
        in_band[start:end] = (end < left or start > right) and _BAND[0] <= end - start <= _BAND[1]
    return np.asarray(in_band.reshape(steps, -1).mean(axis=1) >= 0.5)


def _rectify(picture: Picture, box: Box, crop: Crop) -> Picture:
    """Return the box as an upright strip of the recogniser's height."""
    down = crop.trim * (box.quad[3] - box.quad[0])
    left = crop.side * box.height * box.direction
    source = box.quad + np.stack([down - left, down + left, left - down, -left - down])
    ratio = (box.width + 2 * crop.side * box.height) / max((1 - 2 * crop.trim) * box.height, 1e-6)
    natural = min(crop.stretch * ratio * _HEIGHT, _WIDTHS[-1])
    width = next(wide for wide in _WIDTHS if wide >= natural)
    target = np.array([[0, 0], [width, 0], [width, _HEIGHT], [0, _HEIGHT]], np.float32)
    warp = cv2.getPerspectiveTransform(source.astype(np.float32), target)
    strip = cv2.warpPerspective(
        picture, warp, (width, _HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return strip.astype(np.uint8, copy=False)


def _greedy(probabilities: npt.NDArray[np.float32]) -> str:
    """Return the text of the most probable path: repetitions once, blanks dropped."""
    best = probabilities.argmax(axis=1)
    return "".join(characters()[c] for i, c in enumerate(best) if i == 0 or c != best[i - 1])
