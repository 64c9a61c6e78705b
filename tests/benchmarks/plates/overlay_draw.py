"""Draws text into photographs as cameras, recorders and people do."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from python_worker.engine.decode import Picture

from .overlay_texts import draw_text

_Mask: TypeAlias = "npt.NDArray[np.float32]"
"""(height, width), 0 to 1: how much of each pixel a text covers."""

_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_PLAIN,
)

_INKS = ((255, 255, 255),) * 5 + ((0, 0, 0), (0, 255, 255), (0, 255, 0), (0, 0, 255), (255, 255, 0), (225, 225, 225))
"""BGR; most are white."""

_HEIGHTS = (0.022, 0.07)
"""Of the capital letters, as parts of the picture's height."""

_LEAST = 9
"""The same in pixels: smaller text is not legible."""

_PLACES = ("top left", "top right", "bottom left", "bottom right", "top", "bottom", "left", "right")


@dataclass(frozen=True)
class Drawn:
    """A text in a picture.

    Attributes:
        text: what it says.
        box: its left, top, right and bottom, in pixels.
    """

    text: str
    box: tuple[int, int, int, int]


def with_overlays(
    picture: Picture, dice: random.Random, *, held: bool, fonts: Sequence[Path] = ()
) -> tuple[Picture, list[Drawn]]:
    """Return a copy of the picture with one or two blocks of text at its margin, and what was drawn.

    Args:
        picture: BGR.
        dice: decides everything.
        held: from which list the texts come.
        fonts: TrueType files to use besides those of Pillow and OpenCV.
    """
    picture = picture.copy()
    drawn: list[Drawn] = []
    for place in dice.sample(_PLACES, dice.choice((1, 1, 2))):
        block = _block(picture, dice, place, held, fonts)
        if not any(_touch(one.box, other.box) for one in block for other in drawn):
            drawn += block
    quality = dice.randint(75, 95)
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8), drawn


def _block(picture: Picture, dice: random.Random, place: str, held: bool, fonts: Sequence[Path]) -> list[Drawn]:
    """Draw one to three lines in the same hand, and return them."""
    height, width = picture.shape[:2]
    capitals = max(_LEAST, round(dice.uniform(*_HEIGHTS) * height))
    hand = _hand(dice, capitals, fonts)
    masks = [(text, hand(text)) for text in (draw_text(dice, held) for _ in range(dice.choice((1, 1, 2, 3))))]
    masks = [(text, mask) for text, mask in masks if mask.shape[1] < 0.9 * width]
    ink = dice.choice(_INKS)
    rim = dice.choice((0.0, 0.0, 0.06, 0.12)) * capitals
    shadow = 0 if rim else dice.choice((0, 0, max(1, capitals // 14)))
    bar = dice.choice((None,) * 5 + ("tight", "wide"))
    margin = round(dice.uniform(0.004, 0.035) * height)
    step = round(capitals * dice.uniform(1.4, 2.1))
    drawn = []
    for number, (text, mask) in enumerate(masks):
        rows, columns = mask.shape
        left = {"l": margin, "r": width - margin - columns}.get(
            next((word[0] for word in place.split() if word in ("left", "right")), ""), (width - columns) // 2
        )
        top = margin + number * step
        if "bottom" in place:
            top = height - margin - rows - (len(masks) - 1 - number) * step
        elif "top" not in place:
            top = (height - rows) // 2 + number * step
        box = (max(left, 0), max(top, 0), min(left + columns, width), min(top + rows, height))
        if min(box[2] - box[0], box[3] - box[1]) < _LEAST // 2:
            continue
        mask = mask[: box[3] - box[1], : box[2] - box[0]]
        if bar:
            _shade(picture, box, dice, bar == "wide", capitals)
        _ink(picture, box, mask, ink, rim, shadow)
        drawn.append(Drawn(text, box))
    return drawn


def _hand(dice: random.Random, capitals: int, fonts: Sequence[Path]) -> Callable[[str], _Mask]:
    """Return a way of writing: from a text to its mask."""
    kind = dice.choice(("hershey", "hershey", "pillow", "pixels", *(("file",) * 2 if fonts else ())))
    if kind == "hershey":
        face, thick = dice.choice(_HERSHEY), dice.choice((1, 1, 1.6))
        smooth = dice.choice((cv2.LINE_AA, cv2.LINE_AA, cv2.LINE_8))
        return lambda text: _hershey(text, face, capitals, thick, smooth)
    if kind == "pixels":
        return lambda text: _pixels(text, max(1, round(capitals / 7)))
    path = dice.choice(list(fonts)) if kind == "file" else None
    size = round(capitals / 0.72)
    font = ImageFont.truetype(path, size) if path else ImageFont.load_default(size)
    return lambda text: _written(text, font)


def _hershey(text: str, face: int, capitals: int, thick: float, smooth: int) -> _Mask:
    scale = cv2.getFontScaleFromHeight(face, capitals)
    line = max(1, round(thick * capitals / 12))
    (width, height), below = cv2.getTextSize(text, face, scale, line)
    mask = np.zeros((height + below + 2 * line, width + 2 * line), np.uint8)
    cv2.putText(mask, text, (line, height + line), face, scale, 255, line, smooth)
    return _trimmed(mask)


def _pixels(text: str, size: int) -> _Mask:
    """Return the text as the chips in cameras write it, each dot a square."""
    small = _written(text, ImageFont.load_default_imagefont())
    return np.asarray(small > 0.5, np.float32).repeat(size, axis=0).repeat(size, axis=1)


def _written(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont | ImageFont.TransposedFont) -> _Mask:
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font)
    image = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), text, 255, font)
    return _trimmed(np.asarray(image, np.uint8))


def _trimmed(mask: npt.NDArray[np.uint8]) -> _Mask:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.asarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32) / np.float32(255)


def _shade(picture: Picture, box: tuple[int, int, int, int], dice: random.Random, wide: bool, capitals: int) -> None:
    """Darken or colour a bar behind a text."""
    height, width = picture.shape[:2]
    edge = round(capitals * dice.uniform(0.2, 0.5))
    left, top, right, bottom = box[0] - edge, max(box[1] - edge, 0), box[2] + edge, min(box[3] + edge, height)
    if wide:
        left, right = 0, width
    left, right = max(left, 0), min(right, width)
    strength = dice.choice((0.35, 0.5, 0.65, 1.0))
    part = picture[top:bottom, left:right]
    colour = np.array(dice.choice(((0, 0, 0), (0, 0, 0), (80, 40, 0))), np.float32)
    part[:] = np.round((1 - strength) * part + strength * colour).astype(np.uint8)


def _ink(
    picture: Picture,
    box: tuple[int, int, int, int],
    mask: _Mask,
    ink: tuple[int, int, int],
    rim: float,
    shadow: int,
) -> None:
    """Write a text with its rim or shadow in the opposite brightness."""
    other = (0, 0, 0) if sum(ink) > 200 else (255, 255, 255)
    reach = round(max(rim, shadow)) + 1
    room = np.pad(mask, reach)
    if rim:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * max(1, round(rim)) + 1,) * 2)
        _blend(picture, box, np.asarray(cv2.dilate(room, kernel), np.float32), other, reach)
    if shadow:
        _blend(picture, box, np.roll(room, (shadow, shadow), (0, 1)), other, reach)
    _blend(picture, box, room, ink, reach)


def _blend(
    picture: Picture, box: tuple[int, int, int, int], mask: _Mask, colour: tuple[int, int, int], reach: int
) -> None:
    height, width = picture.shape[:2]
    left, top = box[0] - reach, box[1] - reach
    inner = mask[max(-top, 0) : height - top, max(-left, 0) : width - left, None]
    part = picture[max(top, 0) : max(top, 0) + inner.shape[0], max(left, 0) : max(left, 0) + inner.shape[1]]
    part[:] = np.round((1 - inner) * part + inner * np.array(colour, np.float32)).astype(np.uint8)


def _touch(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return max(a[0], b[0]) < min(a[2], b[2]) and max(a[1], b[1]) < min(a[3], b[3])
