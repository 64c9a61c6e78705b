"""The one place where pictures are opened."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from PIL import ExifTags, Image, UnidentifiedImageError

from .jpeg import BrokenError, completed, scans
from .sniff import instead

# More than any roadside camera gives. At 3 bytes a pixel, a few such pictures fit into a small machine's memory.
MAX_PIXELS = 64_000_000

# Pixels times scans of a progressive JPEG. The decoder goes over all pixels in each scan: about ten scans are usual,
# but a file of one megabyte has room for thousands, which take a minute. So many take about six seconds.
_MAX_SCANNED = 12 * MAX_PIXELS

# What cameras and phones send. Pillow can open far more (EPS starts a program), but is not allowed to, and it must not
# be asked for a format that it was built without. Phones' MPO files begin with a JPEG and are opened as one.
_KINDS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "BMP": "BmpImagePlugin",
    "GIF": "GifImagePlugin",
    "TIFF": "TiffImagePlugin",
    "AVIF": "AvifImagePlugin",
    "PPM": "PpmImagePlugin",
}
for _module in _KINDS.values():
    # Pillow has AVIF from version 11.3 on.
    with suppress(ImportError):
        importlib.import_module(f"PIL.{_module}")
_FORMATS = tuple(kind for kind in _KINDS if kind in Image.OPEN)

# The operation that turns a stored picture upright, by its EXIF orientation.
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


class Opened(NamedTuple):
    """A picture whose header was read.

    Attributes:
        image: by Pillow; its pixels are decoded when they are first used.
        data: the file, for another decoder; an end is added to a JPEG that lacked it.
    """

    image: Image.Image
    data: bytes


@contextmanager
def opened(data: bytes) -> Iterator[Opened]:
    """Open a picture, and turn whatever its decoder raises within the block into an error with a reason.

    Raises:
        ImageError: no bytes, not an image, a broken one, or one of more than `MAX_PIXELS` pixels; the header shows the
            size before memory is taken.
    """
    if not data:
        raise ImageError("it is empty (0 bytes)")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_size(image, data)
            whole = completed(data, image.height) if image.format in ("JPEG", "MPO") else data
            if whole is data:
                yield Opened(image, data)
                return
        with Image.open(io.BytesIO(whole), formats=_FORMATS) as image:
            yield Opened(image, whole)
    except ImageError:
        raise
    except BrokenError as error:
        raise ImageError(f"it is broken ({error})") from None
    except UnidentifiedImageError:
        raise ImageError(f"it is not an image of a known kind, but {instead(data)}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(f"it has more than {MAX_PIXELS // 1_000_000} million pixels") from None
    except MemoryError:
        raise ImageError("it needs more memory than there is; send a smaller one") from None
    except Exception as error:  # Pillow's decoders raise nearly every kind of error for a broken file.
        end = " (its end is missing)" if "truncated" in str(error).lower() else ""
        raise ImageError(f"it is broken{end}") from error


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation of an image, 1 to 8; 1 (upright) if it has none that can be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # A broken EXIF block raises as many kinds of errors as a broken image, but the image is fine.
        return 1
    return value if value in _UPRIGHT else 1


def upright(image: Image.Image) -> Image.Image:
    """Return the image turned as its EXIF orientation says.

    Pillow's own function fails if it cannot write the other tags again.
    """
    image.load()
    turn = _UPRIGHT.get(orientation(image))
    return image if turn is None else image.transpose(turn)


def _check_size(image: Image.Image, data: bytes) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{width} x {height} pixels are more than {MAX_PIXELS // 1_000_000} million; send a smaller one"
        )
    if image.format in ("JPEG", "MPO") and width * height * scans(data) > _MAX_SCANNED:
        raise ImageError(f"it is a progressive JPEG with {scans(data)} scans, which takes too long to decode")
