"""`npm run benchmark:confusions -- [--fonts FILE…] [--photographs DIR]`: counts what the recogniser takes for what.

This is where the costs in `python_worker.confusable` come from. Plates with invented texts, any character as often as
any other, are drawn in each font, made small, soft and noisy, and read without any knowledge of formats. With
`--photographs`, the engine's misreadings of labelled photographs are counted as well.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.models import ALPHABET, Recogniser, load_recogniser

from .plates.photographs import folders, photographs, regions, share_of_smaller
from .plates.street import is_street

_LENGTH = 7
_STRIP = 48
"""Height of what the recogniser takes, in pixels."""


def main() -> None:
    """Print the pairs that were confused, the most frequent first."""
    parser = argparse.ArgumentParser(prog="benchmark:confusions", description=__doc__)
    parser.add_argument("--fonts", type=Path, nargs="*", default=[], metavar="FILE", help="besides Pillow's own")
    parser.add_argument("--count", type=int, default=1500, metavar="N", help="plates in each font (%(default)s)")
    parser.add_argument("--photographs", type=Path, metavar="DIR", help="folder with labels.tsv, or with such folders")
    arguments = parser.parse_args()
    drawn = list(_drawn(arguments.fonts, arguments.count))
    _print("drawn plates", drawn)
    if arguments.photographs:
        _print("photographs", list(_photographed(arguments.photographs)))


def _drawn(fonts: Iterable[Path], count: int) -> Iterator[tuple[str, str]]:
    """Yield texts of drawn plates and what was read."""
    recogniser = load_recogniser(2)
    chance = np.random.default_rng(16)
    for font in (None, *fonts):
        for _ in range(count):
            text = "".join(chance.choice(list(ALPHABET), _LENGTH))
            yield text, _read(recogniser, _draw(text, font, chance))


def _draw(text: str, path: Path | None, chance: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return a strip with the text, as a poor camera sees it."""
    font = ImageFont.truetype(str(path), 80) if path else ImageFont.load_default(80)
    width = sum(font.getlength(one) + 8 for one in text) + 40
    image = Image.new("L", (round(width), 100), 235)
    left = 24.0
    for one in text:
        ImageDraw.Draw(image).text((left, 50), one, 20, font, anchor="lm")
        left += font.getlength(one) + 8
    height = int(chance.choice((8, 9, 10, 12)))
    small = image.resize((round(image.width * height / 100), height), Image.Resampling.BOX)
    small = small.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 0.8)))
    noisy = np.asarray(small, np.float32) + chance.normal(0, 16, small.size[::-1])
    strip = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    wide = max(48, round(strip.width * _STRIP / height / 8) * 8)
    return np.asarray(strip.resize((wide, _STRIP), Image.Resampling.BILINEAR).convert("RGB"))


def _read(recogniser: Recogniser, strip: npt.NDArray[np.uint8]) -> str:
    folded = recogniser.network.run(strip[np.newaxis])[0][0] @ recogniser.fold
    best = folded.argmax(axis=1)
    return "".join(ALPHABET[c - 1] for i, c in enumerate(best) if c and (i == 0 or c != best[i - 1]))


def _photographed(directory: Path) -> Iterator[tuple[str, str]]:
    """Yield the labels of photographs and what the engine reads there."""
    reader = PlateReader()
    for folder in folders(directory):
        if is_street(folder):
            continue
        for one in photographs(folder):
            options = ReadOptions(regions(folder.name), threshold_d=0, threshold_o=0)
            for result in reader.read(one.path.read_bytes(), options).results:
                box = result["box"]
                if share_of_smaller((box["xmin"], box["ymin"], box["xmax"], box["ymax"]), one.box) >= 0.5:
                    yield one.plate, result["plate"].upper()
                    break


def _print(name: str, readings: list[tuple[str, str]]) -> None:
    pairs: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for text, read in readings:
        for edit in Levenshtein.editops(text, read):
            others[edit.tag] += 1
            if edit.tag == "replace":
                pairs["".join(sorted((text[edit.src_pos], read[edit.dest_pos])))] += 1
    characters = sum(len(text) for text, _ in readings)
    right = sum(text == read for text, read in readings)
    print(f"{name}: {len(readings)} readings, {right} right, {characters} characters, {dict(others)}")
    total = sum(pairs.values())
    so_far = 0
    for pair, count in pairs.most_common(80):
        so_far += count
        print(f"  {pair[0]} {pair[1]} {count:6} {count / max(total, 1):7.2%} {so_far / max(total, 1):7.1%}")


if __name__ == "__main__":
    main()
