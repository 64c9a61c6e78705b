"""`npm run benchmark:calibration -- DIR`: fits the weights of `python_worker.engine.choose` to labelled photographs.

Prints both tables of weights for `choose.py`. The engine makes the readings with its present weights, once with the
regions of the photographs and once without any. So after a change, a second run settles the weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from python_worker.engine import PlateReader
from python_worker.engine.choose import PLATE_WEIGHTS, TEXT_WEIGHTS, Plate
from python_worker.engine.decode import decode
from python_worker.engine.formats import formats_for

from .plates.photographs import Photograph, folders, lenient, photographs, regions, share_of_smaller

_RIDGE = 0.3
"""Weight of the squared weights, so that what hardly ever occurs in the photographs gets no large one."""

_HERE, _ELSEWHERE = 0.6, 0.05
"""From which and to which overlap a reading is of the labelled plate, or of something else."""


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:calibration", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder with labels.tsv, or with such folders")
    arguments = parser.parse_args()
    searcher = PlateReader().searcher
    are_plates: list[tuple[Plate, bool]] = []
    are_right: list[tuple[Plate, bool]] = []
    for folder in folders(arguments.directory):
        for photograph in photographs(folder):
            picture = decode(photograph.path.read_bytes())
            for codes in (regions(folder.name), ()):
                for plate in searcher.plates(picture, formats_for(codes)):
                    here = share_of_smaller(plate.box.bounds, photograph.box)
                    if here > _HERE:
                        right = _is_right(plate, photograph)
                        are_right.append((plate, right))
                        if right:
                            are_plates.append((plate, True))
                    elif here < _ELSEWHERE and plate.candidates[0].plate not in photograph.others:
                        are_plates.append((plate, False))
    for name, rows, weights in (
        ("PLATE_WEIGHTS", are_plates, PLATE_WEIGHTS),
        ("TEXT_WEIGHTS", are_right, TEXT_WEIGHTS),
    ):
        evidence = np.array([[plate.evidence[key] for key in weights] for plate, _ in rows])
        fixed = np.array([plate.evidence["overlay"] if weights is PLATE_WEIGHTS else 0.0 for plate, _ in rows])
        fitted = _fit(evidence, fixed, np.array([true for _, true in rows], np.float64))
        print(f"# {len(rows)} readings, {sum(true for _, true in rows)} true\n{name} = {{")
        print("".join(f'    "{key}": {value:.2f},\n' for key, value in zip(weights, fitted, strict=True)) + "}")


def _is_right(plate: Plate, photograph: Photograph) -> bool:
    return lenient(plate.candidates[0].plate) == lenient(photograph.plate)


def _fit(
    evidence: npt.NDArray[np.float64], fixed: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the weights of a logistic regression with a ridge penalty, by Newton's method.

    Args:
        evidence: (readings, weights).
        fixed: (readings,) log-odds to which the weighted evidence is added.
        truth: (readings,) 0 or 1.
    """
    weights = np.zeros(evidence.shape[1])
    ridge = _RIDGE * np.eye(len(weights))
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(fixed + evidence @ weights)))
        gradient = evidence.T @ (truth - chance) - ridge @ weights
        curvature = (evidence * (chance * (1 - chance))[:, None]).T @ evidence + ridge
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


if __name__ == "__main__":
    main()
