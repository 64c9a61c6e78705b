"""Photographs made worse in known ways: `npm run benchmark:robustness -- DIR`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from python_worker.engine import PlateReader, ReadOptions
from python_worker.engine.decode import decode

from .photographs import Photograph, folders, lenient, photographs, regions
from .street import is_street

_Picture: TypeAlias = "npt.NDArray[np.uint8]"


def _darker(factor: float) -> Callable[[_Picture], _Picture]:
    # Sensors add noise, and it does not get darker with the scene.
    def change(picture: _Picture) -> _Picture:
        noise = np.random.default_rng(0).normal(0, 1.5, picture.shape)
        return _bytes(picture * factor + noise)

    return change


def _scaled(factor: float) -> Callable[[_Picture], _Picture]:
    return lambda picture: _bytes(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def _turned(degrees: float) -> Callable[[_Picture], _Picture]:
    def change(picture: _Picture) -> _Picture:
        height, width = picture.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        return _bytes(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))

    return change


def _blurred(picture: _Picture) -> _Picture:
    """Return the picture as a lens takes it that is out of focus by a pixel and a half in 800."""
    return _bytes(cv2.GaussianBlur(picture, (0, 0), 1.5 * max(picture.shape) / 800))


def _compressed(picture: _Picture) -> _Picture:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 20])[1]
    return decode(data.tobytes())


def _rainy(picture: _Picture) -> _Picture:
    """Return the picture behind thin bright streaks that all fall the same way."""
    random = np.random.default_rng(0)
    height, width = picture.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    for x, y in random.integers(0, (width, height), (width * height // 1500, 2)):
        length = int(random.integers(8, 24))
        cv2.line(streaks, (int(x), int(y)), (int(x) + length // 5, int(y) + length), 110, 1)
    return _bytes(picture.astype(np.float32) + cv2.GaussianBlur(streaks, (3, 3), 0)[:, :, None])


def _bytes(picture: npt.NDArray[np.generic] | cv2.typing.MatLike) -> _Picture:
    return np.asarray(np.clip(np.round(np.asarray(picture, np.float32)), 0, 255), np.uint8)


VARIANTS: dict[str, Callable[[_Picture], _Picture]] = {
    "as it is": lambda picture: picture,
    "light x 0.3": _darker(0.3),
    "light x 0.1": _darker(0.1),
    "half size": _scaled(0.5),
    **{f"turned {degrees:+}°": _turned(degrees) for degrees in (8, -8, 15, -15, 25, -25)},
    "blurred": _blurred,
    "JPEG quality 20": _compressed,
    "rain": _rainy,
}


def main() -> None:
    """Print for each variant and set the part that is read rightly (lenient), and what crashed."""
    parser = argparse.ArgumentParser(prog="benchmark:robustness", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder with labels.tsv, or with such folders")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take each N-th photograph (%(default)s)")
    parser.add_argument("--only", choices=VARIANTS, metavar="VARIANT", help="one variant alone")
    arguments = parser.parse_args()
    reader = PlateReader()
    chosen = [folder for folder in folders(arguments.directory) if not is_street(folder)]
    sets = {folder.name: photographs(folder)[:: arguments.every] for folder in chosen}
    crashes: list[str] = []
    print(f"{'lenient':17}" + "".join(f"{f'{name} ({len(chosen)})':>12}" for name, chosen in sets.items()))
    for variant in [arguments.only] if arguments.only else VARIANTS:
        parts = [_part_that_is_right(reader, variant, name, chosen, crashes) for name, chosen in sets.items()]
        print(f"{variant:17}" + "".join(f"{part:12.1%}" for part in parts), flush=True)
    print("\n".join(["", f"crashes: {len(crashes)}", *crashes]))


def _part_that_is_right(
    reader: PlateReader, variant: str, name: str, chosen: Sequence[Photograph], crashes: list[str]
) -> float:
    options = ReadOptions(regions(name), threshold_d=0, threshold_o=0)
    right = 0
    for photograph in chosen:
        picture = VARIANTS[variant](decode(photograph.path.read_bytes()))
        data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
        try:
            results = reader.read(data, options).results
        except Exception as error:  # Crashes are what this looks for.
            crashes.append(f"{variant}, {photograph.path.name}: {error!r}")
            continue
        right += bool(results) and lenient(results[0]["plate"]) == lenient(photograph.plate)
    return right / len(chosen)


if __name__ == "__main__":
    main()
