"""`npm run benchmark:calibration -- DIR`: fits the weights of `python_worker.engine.choose` to labelled photographs.

Prints both tables of weights for `judge.py`. The engine makes the readings with its present weights, once with the
regions of the photographs and once without any. So after a change, a second run settles the weights. DIR holds folders
of either form, see `plates.photographs` and `plates.street`. Photographs whose plates have a known place are also read
as a camera at a gate takes them: so near that no vehicle can be seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from python_worker.engine import PlateReader
from python_worker.engine.choose import Plate
from python_worker.engine.decode import Picture, decode
from python_worker.engine.formats import formats_for
from python_worker.engine.judge import PLATE_WEIGHTS, TEXT_WEIGHTS, penalties
from python_worker.engine.light import brightened

from .plates.photographs import Photograph, folders, lenient, photographs, regions, share_of_smaller
from .plates.regression import fit
from .plates.street import StreetPhotograph, is_street, street_photographs

_Truth: TypeAlias = Literal["right", "misread", "elsewhere", "unsure"]
"""What a reading is: of a plate, right or wrong; of something else; or nobody can tell."""

_RIDGE = 0.3
"""Weight of the squared weights, so that what hardly ever occurs in the photographs gets no large one."""

_HERE, _ELSEWHERE = 0.6, 0.05
"""From which and to which overlap a reading is of the labelled plate, or of something else."""

_NEAR = (1.6, 3.0)
"""Width of a picture from near, in widths of the plate: every second photograph from so near, the others from so."""


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:calibration", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder with labels.tsv, or with such folders")
    arguments = parser.parse_args()
    searcher = PlateReader().searcher
    are_plates: list[tuple[Plate, bool]] = []
    are_right: list[tuple[Plate, bool]] = []
    for picture, codes, truth in _pictures(folders(arguments.directory)):
        for plate in searcher.plates(brightened(picture), formats_for(codes))[0]:
            reading = truth(plate)
            if reading in ("right", "misread"):
                are_right.append((plate, reading == "right"))
            if reading in ("right", "elsewhere"):
                are_plates.append((plate, reading == "right"))
    for name, rows, weights in (
        ("PLATE_WEIGHTS", are_plates, PLATE_WEIGHTS),
        ("TEXT_WEIGHTS", are_right, TEXT_WEIGHTS),
    ):
        evidence = np.array([[plate.evidence[key] for key in weights] for plate, _ in rows])
        fixed = np.array([penalties(plate.evidence) if weights is PLATE_WEIGHTS else 0.0 for plate, _ in rows])
        fitted = fit(evidence, fixed, np.array([true for _, true in rows], np.float64), _RIDGE)
        print(f"# {len(rows)} readings, {sum(true for _, true in rows)} true\n{name} = {{")
        print("".join(f'    "{key}": {value:.2f},\n' for key, value in zip(weights, fitted, strict=True)) + "}")


def _pictures(
    among: Iterable[Path],
) -> Iterator[tuple[Picture, tuple[str, ...], Callable[[Plate], _Truth]]]:
    """Yield pictures, the regions to read them with, and what tells the truth about their readings."""
    for folder in among:
        if is_street(folder):
            for street in street_photographs(folder):
                picture = decode(street.path.read_bytes())
                for codes in (street.regions, ()):
                    yield picture, codes, partial(_on_the_street, street)
            continue
        for number, photograph in enumerate(photographs(folder)):
            picture = decode(photograph.path.read_bytes())
            for codes in (regions(folder.name), ()):
                yield picture, codes, partial(_at_the_label, photograph, (0, 0))
            near, corner = _from_near(picture, photograph, _NEAR[number % 2])
            yield near, (), partial(_at_the_label, photograph, corner)


def _from_near(picture: Picture, photograph: Photograph, widths: float) -> tuple[Picture, tuple[int, int]]:
    """Return the part of a picture around its plate, so many plates wide, and where it begins."""
    left, top, right, bottom = photograph.box
    width = widths * (right - left)
    height = max(0.75 * width, 1.6 * (bottom - top))
    x, y = (max(0, round(((left + right) - width) / 2)), max(0, round(((top + bottom) - height) / 2)))
    return np.ascontiguousarray(picture[y : y + round(height), x : x + round(width)]), (x, y)


def _at_the_label(photograph: Photograph, corner: tuple[int, int], plate: Plate) -> _Truth:
    """Tell the truth about a reading by where it is; `corner` is where the picture begins in the photograph."""
    shift = np.array([*corner, *corner])
    here = share_of_smaller((np.array(plate.box.bounds) + shift).tolist(), photograph.box)
    if here > _HERE:
        return "right" if lenient(plate.candidates[0].plate) == lenient(photograph.plate) else "misread"
    return "elsewhere" if here < _ELSEWHERE and plate.candidates[0].plate not in photograph.others else "unsure"


def _on_the_street(photograph: StreetPhotograph, plate: Plate) -> _Truth:
    """Tell the truth about a reading by its text: street photographs do not say where their plates are."""
    text = plate.candidates[0].plate
    if any(lenient(text) == lenient(spelling) for label in photograph.certain for spelling in label.spellings):
        return "right"
    resembling = [label for label in photograph.labels if label.resembles(text)]
    if not resembling:
        return "elsewhere"
    return "misread" if all(label.certain for label in resembling) else "unsure"


if __name__ == "__main__":
    main()
