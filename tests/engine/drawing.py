"""Draws plates on a plain car body."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_SIZE = (960, 720)


def plate(*lines: str, height: int = 90, ground: str = "white", ink: str = "black") -> Image.Image:
    """Return a plate with one or two lines of text; `height` pixels for each line."""
    font = ImageFont.load_default(round(height * 0.75))
    width = round(max(font.getlength(line) for line in lines) + height * 0.8)
    image = Image.new("RGB", (width, round(height * (len(lines) + 0.15))), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width - 1, image.height - 1), outline=ink, width=max(2, height // 25))
    for number, line in enumerate(lines):
        draw.text((width / 2, height * (number + 0.57)), line, ink, font, anchor="mm")
    return image


def scene(
    plates: Sequence[tuple[Image.Image, tuple[int, int]]], *, angle: float = 0.0, lettering: Sequence[str] = ()
) -> Image.Image:
    """Return a picture of a car body with plates at their centres, turned by degrees, and lettering at the top."""
    picture = Image.new("RGB", _SIZE, (70, 78, 92))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, _SIZE[0], 200), fill=(150, 170, 190))
    draw.rectangle((0, 600, _SIZE[0], _SIZE[1]), fill=(60, 60, 60))
    for number, line in enumerate(lettering):
        draw.text((60, 30 + 60 * number), line, "white", ImageFont.load_default(40))
    for image, (x, y) in plates:
        turned = image.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
        picture.paste(turned, (x - turned.width // 2, y - turned.height // 2), turned)
    # No lens is as sharp as a drawing, which would look like text that was written into the picture.
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
