"""Fits the weights of `python_worker.engine.overlay`: `npm run benchmark:overlay-calibration -- DIR…`.

Texts of the development list are drawn into labelled photographs. Against them stand the photographs' own plates, as
they are and in cut-outs in which they fill the picture, are cut tightly or are near the margin, and plates with a rim
that are drawn near the margin: few cameras see such, and they must be read.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from python_worker.engine import PlateReader
from python_worker.engine.decode import Picture, decode
from python_worker.engine.detect import detect
from python_worker.engine.geometry import Box
from python_worker.engine.light import brightened
from python_worker.engine.overlay import WEIGHTS, signs
from python_worker.engine.runtime import Network

from .overlays import Labelled, labelled
from .plates.overlay_draw import with_overlays
from .plates.photographs import folders, lenient, share_of_smaller
from .plates.regression import fit

_RIDGE = 1.0
_LONGEST = 640
_HERE = 0.6
_ROUNDS = 2

_LOOKS = (((255, 255, 255), (0, 0, 0)), ((250, 200, 0), (0, 0, 0)), ((235, 235, 235), (0, 0, 120)))
"""Ground and ink (RGB) of drawn plates. Light letters on a dark rim's ground are what cameras write as well."""

_TEXTS = ("KLM 482", "B 1234 XY", "AB-123-CD", "7EAV482", "BRA2E19", "4826 BCD")


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:overlay-calibration", description=__doc__)
    parser.add_argument(
        "directories", type=Path, nargs="+", metavar="DIR", help="with labels.tsv, or with such folders"
    )
    parser.add_argument(
        "--fonts", type=Path, metavar="FOLDER", help="TrueType fonts besides those of OpenCV and Pillow"
    )
    arguments = parser.parse_args()
    fonts = sorted(arguments.fonts.rglob("*.ttf")) if arguments.fonts else []
    reader = PlateReader()
    rows: list[dict[str, float]] = []
    truth: list[bool] = []
    for photograph in labelled([one for each in arguments.directories for one in folders(each)], None):
        picture = decode(photograph.path.read_bytes())
        for number in range(_ROUNDS):
            # Not those that `benchmark:overlays` draws.
            dice = random.Random(f"calibration {number} {photograph.path.name}")  # noqa: S311 (nothing secret)
            changed, drawn = with_overlays(picture, dice, held=False, fonts=fonts)
            for text in drawn:
                rows += [signs(changed, box) for box in _at(reader.searcher.detector, changed, text.box)]
            truth += [True] * (len(rows) - len(truth))
        for part, box in _plates(reader, photograph, picture, random.Random(photograph.path.name)):  # noqa: S311
            rows.append(signs(part, box))
            truth.append(False)
    evidence = np.array([[row[name] for name in WEIGHTS] for row in rows])
    weights = fit(evidence, np.zeros(len(rows)), np.array(truth, np.float64), _RIDGE)
    odds = evidence @ weights
    print(f"# {sum(truth)} written texts, {len(truth) - sum(truth)} plates\nWEIGHTS = {{")
    print("".join(f'    "{name}": {weight:.2f},\n' for name, weight in zip(WEIGHTS, weights, strict=True)) + "}")
    for share in (0.98, 0.95):
        edge = np.quantile(odds[~np.array(truth)], share)
        print(f"# of the texts, {np.mean(odds[np.array(truth)] > edge):.3f} are above {share} of the plates")


def _at(detector: Network, picture: Picture, place: tuple[float, float, float, float]) -> list[Box]:
    """Return the text that the detector finds at a place."""
    boxes = detect(detector, picture, _LONGEST).boxes
    return [box for box in boxes if share_of_smaller(box.bounds, place) > _HERE and box.width > 1.4 * box.height]


def _plates(
    reader: PlateReader, photograph: Labelled, picture: Picture, dice: random.Random
) -> Iterator[tuple[Picture, Box]]:
    """Yield pictures with plates, and where these are."""
    known = {lenient(plate) for plate in photograph.plates}
    detector = reader.searcher.detector
    for result in reader.read(photograph.path.read_bytes()).results:
        if lenient(result["plate"]) not in known:
            continue
        left, top, right, bottom = (result["box"][name] for name in ("xmin", "ymin", "xmax", "ymax"))
        for part, place in _cut_outs(picture, (left, top, right, bottom), dice):
            yield from ((part, box) for box in _at(detector, brightened(part), place))
    made, place = _with_drawn_plate(picture, dice)
    yield from ((made, box) for box in _at(detector, made, place) if box.width > 0.4 * (place[2] - place[0]))


def _cut_outs(
    picture: Picture, plate: tuple[int, int, int, int], dice: random.Random
) -> Iterator[tuple[Picture, tuple[int, int, int, int]]]:
    """Yield the picture, and parts of it around the plate, each with the plate's place in it."""
    rows, columns = picture.shape[:2]
    left, top, right, bottom = plate
    width, height = right - left, bottom - top
    margin = 0.7 * height
    wide, high = 6 * width, 4.5 * width
    x = dice.choice((left - margin, right + margin - wide, (left + right - wide) / 2))
    y = dice.choice((top - margin, bottom + margin - high))
    for x0, y0, x1, y1 in (
        (0.0, 0.0, float(columns), float(rows)),
        (left - 0.35 * height, top - 0.35 * height, right + 0.35 * height, bottom + 0.35 * height),
        (left - 0.4 * width, top - 1.5 * height, right + 0.4 * width, bottom + 1.5 * height),
        (x, y, x + wide, y + high),
    ):
        start, above = max(0, round(x0)), max(0, round(y0))
        part = picture[above : min(rows, round(y1)), start : min(columns, round(x1))]
        yield np.ascontiguousarray(part), (left - start, top - above, right - start, bottom - above)


def _with_drawn_plate(picture: Picture, dice: random.Random) -> tuple[Picture, tuple[int, int, int, int]]:
    """Return a copy with a plate drawn near its margin, upright or a little turned, and the plate's place."""
    rows, columns = picture.shape[:2]
    height = max(16, round(rows * dice.uniform(0.05, 0.13)))
    font = ImageFont.load_default(round(height * 0.75))
    text, (ground, ink) = dice.choice(_TEXTS), dice.choice(_LOOKS)
    plate = Image.new(
        "RGB", (round(font.getlength(text) + height * dice.uniform(0.5, 1.4)), round(height * 1.1)), ground
    )
    draw = ImageDraw.Draw(plate)
    if dice.random() < 0.7:
        draw.rectangle((0, 0, plate.width - 1, plate.height - 1), outline=ink, width=max(1, height // 25))
    draw.text((plate.width / 2, height * 0.57), text, ink, font, anchor="mm")
    turned = plate.convert("RGBA").rotate(dice.choice((0, 0, 0, dice.uniform(-4, 4))), Image.Resampling.BICUBIC, True)
    margin = dice.uniform(0, 0.08) * rows
    x = round(dice.choice((margin, columns - margin - turned.width, dice.uniform(0, columns - turned.width))))
    y = round(dice.choice((margin, rows - margin - turned.height, dice.uniform(0, rows - turned.height))))
    image = Image.fromarray(picture[:, :, ::-1])
    image.paste(turned, (x, y), turned)
    drawn: npt.NDArray[np.uint8] = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])
    data = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    return decode(data.tobytes()), (x, y, x + turned.width, y + turned.height)


if __name__ == "__main__":
    main()
