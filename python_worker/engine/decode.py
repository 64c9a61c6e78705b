"""From an uploaded file to pixels."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from ..pictures import MAX_PIXELS, ImageError, opened
from ..pictures.open import upright
from ..pictures.pixels import strips

__all__ = ["MAX_PIXELS", "ImageError", "Picture", "decode"]

# Height x width x 3, blue first: the order that both models were trained with.
Picture: TypeAlias = "npt.NDArray[np.uint8]"


def decode(data: bytes) -> Picture:
    """Return the upright picture that the bytes hold.

    The EXIF orientation is applied, so width and height are those that a viewer shows. Transparent parts become white,
    samples of more than 8 bits are scaled so that the brightest is white, an animation gives its first frame. A JPEG
    may lack its end, see `pictures.jpeg`.

    Raises:
        ImageError: no bytes, not an image, a broken one, or one of more than `MAX_PIXELS` pixels; the header shows the
            size before memory is taken.
    """
    with opened(data) as (image, whole):
        # OpenCV writes a line on standard error about a file whose end had to be made up.
        is_plain = image.format == "JPEG" and image.mode in ("L", "RGB") and whole is data
        picture = _decode_jpeg(data) if is_plain else None
        return _to_picture(upright(image)) if picture is None else picture


def _decode_jpeg(data: bytes) -> Picture | None:
    """Decode by OpenCV, which takes two thirds of Pillow's time for the kind that nearly all cameras send.

    None: Pillow has to look at it, because Pillow says what is wrong with a broken file.
    """
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else picture.astype(np.uint8, copy=False)


def _to_picture(image: Image.Image) -> Picture:
    if image.mode == "F":
        image = Image.fromarray(np.nan_to_num(np.asarray(image), posinf=0.0, neginf=0.0))
    picture = np.empty((image.height, image.width, 3), np.uint8)
    for top, strip in strips(image):
        picture[top : top + strip.height] = np.asarray(strip)[:, :, ::-1]
    return picture
