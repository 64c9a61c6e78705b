"""From an uploaded file to pixels."""

from __future__ import annotations

import io
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError

# Height x width x 3, blue first: the order that both models were trained with.
Picture: TypeAlias = "npt.NDArray[np.uint8]"

# More than any camera at a road gives. At 3 bytes a pixel a few such pictures fit into a small machine's memory.
MAX_PIXELS = 64_000_000

# What cameras and phones send. Pillow can open far more (EPS starts a program), which stays shut; what it was built
# without it must not be asked for. Phones' MPO files are opened as the JPEG that they begin with.
Image.init()
_KINDS = tuple(kind for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF", "PPM") if kind in Image.OPEN)

_END_OF_JPEG = b"\xff\xd9"

# What turns a stored picture upright, by its EXIF orientation.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ImageError(ValueError):
    """The bytes are not a picture that can be read; the message says why, in words for the user."""


def decode(data: bytes) -> Picture:
    """Return the upright picture that the bytes hold.

    The EXIF orientation is applied, so width and height are those that a viewer shows. Transparent parts become white,
    samples of more than 8 bits are scaled so that the brightest is white, an animation gives its first frame.

    Raises:
        ImageError: no bytes, not an image, a broken one, or one of more than `MAX_PIXELS` pixels, which its header
            tells before memory is taken.
    """
    if not data:
        raise ImageError("it is empty (0 bytes)")
    try:
        with Image.open(io.BytesIO(data), formats=_KINDS) as image:
            _check_size(image)
            picture = _decode_jpeg(data) if image.format == "JPEG" and image.mode in ("L", "RGB") else None
            return _to_picture(_upright(image)) if picture is None else picture
    except (ImageError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise ImageError("it is not an image of a known kind (JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF)") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(f"it has more than {MAX_PIXELS // 1_000_000} million pixels") from None
    except Exception as error:  # There is hardly a kind of error that none of Pillow's decoders tells a broken file by.
        raise ImageError(f"it is broken ({error})") from error


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million; send a smaller one"
        )


def _decode_jpeg(data: bytes) -> Picture | None:
    """Decode by OpenCV, which takes two thirds of Pillow's time for the kind that nearly all cameras send.

    None: Pillow has to look at it, which says what is wrong with a broken file.
    """
    # OpenCV 4 fills what is missing at a cut file's end with grey and says nothing. Some files go on behind their end.
    if data.rfind(_END_OF_JPEG) < len(data) // 2:
        return None
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else picture.astype(np.uint8, copy=False)


def _upright(image: Image.Image) -> Image.Image:
    """Return the image turned as its EXIF orientation says.

    Pillow's own function fails where it cannot write the other tags again.
    """
    image.load()
    turn = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return image if turn is None else image.transpose(turn)


def _to_picture(image: Image.Image) -> Picture:
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        samples = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0)
        grey = samples * (255 / max(float(samples.max()), 1.0))
        return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
