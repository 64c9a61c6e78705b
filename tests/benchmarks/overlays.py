"""`npm run benchmark:overlays -- DIR…`: how often text that cameras write into pictures is taken for plates.

Draws texts at the margins of labelled photographs and counts how many of them come back as plates, and how many of the
photographs' own plates are still read.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.decode import Picture, decode

from .plates.overlay_draw import Drawn, with_overlays
from .plates.photographs import folders, lenient, photographs, regions, share_of_smaller
from .plates.street import is_street, street_photographs

_HERE = 0.3
"""From which overlap on a result is of a text that was drawn."""

_RED = (0, 0, 255)


@dataclass(frozen=True)
class Labelled:
    """A photograph of either kind of folder.

    Attributes:
        path: of the picture.
        plates: those that count.
        regions: to read it with.
    """

    path: Path
    plates: tuple[str, ...]
    regions: tuple[str, ...]


def main() -> None:
    """Draw and count as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:overlays", description=__doc__)
    parser.add_argument(
        "directories", type=Path, nargs="+", metavar="DIR", help="with labels.tsv, or with such folders"
    )
    parser.add_argument("--held", action="store_true", help="draw the texts that the engine was not calibrated on")
    parser.add_argument("--regions", metavar="CODES", help="comma-separated; default: each picture's; '' for none")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take each N-th photograph (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn where (%(default)s)")
    parser.add_argument(
        "--fonts", type=Path, metavar="FOLDER", help="TrueType fonts besides those of OpenCV and Pillow"
    )
    parser.add_argument("--failures", type=Path, metavar="FOLDER", help="write the pictures whose texts came back here")
    arguments = parser.parse_args()
    fonts = sorted(arguments.fonts.rglob("*.ttf")) if arguments.fonts else []
    reader = PlateReader()
    counted = {"pictures": 0, "drawn": 0, "read_as_plates": 0, "plates": 0, "plates_under_overlays": 0}
    chosen = [folder for directory in arguments.directories for folder in folders(directory)]
    for photograph in list(labelled(chosen, arguments.regions))[:: arguments.every]:
        picture = decode(photograph.path.read_bytes())
        dice = random.Random(f"{arguments.seed} {photograph.path.name}")  # noqa: S311 (nothing secret)
        changed, drawn = with_overlays(picture, dice, held=arguments.held, fonts=fonts)
        options = ReadOptions(photograph.regions)
        results = [one for one in reader.read(_file(changed), options).results if one["plate"]]
        wrong = [(one, text) for one in results if (text := _drawn_at(one["box"], drawn))]
        read = {lenient(one["plate"]) for one in results}
        before = {lenient(one["plate"]) for one in reader.read(_file(picture), options).results}
        plates = [plate for plate in photograph.plates if lenient(plate) in before]
        counted["pictures"] += 1
        counted["drawn"] += len(drawn)
        counted["read_as_plates"] += len({text for _, text in wrong})
        counted["plates"] += len(plates)
        counted["plates_under_overlays"] += sum(lenient(plate) in read for plate in plates)
        for one, text in wrong:
            print(f"{photograph.path.name:28}{text.text:20}{one['plate']:12}{one['score']:6.2f}{one['dscore']:6.2f}")
        if wrong and arguments.failures:
            _write(arguments.failures / f"{photograph.path.stem}.jpg", changed, [text for _, text in wrong])
    found = {**counted, "part_read_as_plates": round(counted["read_as_plates"] / max(counted["drawn"], 1), 4)}
    print(json.dumps(found, indent=1))


def labelled(chosen: Sequence[Path], codes: str | None) -> Iterator[Labelled]:
    given = None if codes is None else regions(codes)
    for folder in chosen:
        if is_street(folder):
            for one in street_photographs(folder):
                plates = tuple(label.spellings[0] for label in one.certain)
                yield Labelled(one.path, plates, one.regions if given is None else given)
        else:
            for photograph in photographs(folder):
                own = regions(folder.name) if given is None else given
                yield Labelled(photograph.path, (photograph.plate,), own)


def _drawn_at(box: dict[str, int], drawn: Sequence[Drawn]) -> Drawn | None:
    place = (box["xmin"], box["ymin"], box["xmax"], box["ymax"])
    return next((one for one in drawn if share_of_smaller(place, one.box) > _HERE), None)


def _file(picture: Picture) -> bytes:
    return cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def _write(path: Path, picture: Picture, texts: Sequence[Drawn]) -> None:
    for text in texts:
        left, top, right, bottom = text.box
        cv2.rectangle(picture, (left - 4, top - 4), (right + 4, bottom + 4), _RED, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)


if __name__ == "__main__":
    main()
