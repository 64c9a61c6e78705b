"""Folders of photographs with their plates, as in the OpenALPR benchmark."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LABELS = "labels.tsv"

_EUROPE = (
    "ad al am at az ba be bg by ch cy cz de dk ee es fi fo fr gb ge gg gi gr hr hu ie im is it je li lt lu lv mc md me "
    "mk mt nl no pl pt ro rs ru se si sk sm tr ua va xk"
)

# Plates that can be read in the photographs in addition to the labelled one.
_UNLABELLED = {
    "JOG9221.jpg": ("PYA2979",),
    "JSG9648.jpg": ("OKO6067", "OZR2224"),
    "NZU2673.jpg": ("JPN0921",),
    "OKK7448.jpg": ("DZG1283",),
    "OUM7311.jpg": ("OLD3379",),
    "test_082.jpg": ("RK641AL",),
    "test_096.jpg": ("RK619A", "RK619AB"),
    "wts-lg-000053.jpg": ("JOSEJAY",),
    "wts-lg-000115.jpg": ("WH3T6N",),
    "wts-lg-000148.jpg": ("6MTP929",),
}

_LOOK_ALIKE = str.maketrans("OQI", "001")


@dataclass(frozen=True)
class Photograph:
    """A picture with one labelled plate.

    Attributes:
        path: of the picture.
        plate: upper case, without separators.
        box: left, top, right and bottom of the plate in pixels.
    """

    path: Path
    plate: str
    box: tuple[int, int, int, int]

    @property
    def others(self) -> tuple[str, ...]:
        """Plates that are in the picture as well."""
        return _UNLABELLED.get(self.path.name, ())


def folders(directory: Path) -> list[Path]:
    """Return the folders with labels: the directory itself, or those in it, two levels deep.

    Raises:
        FileNotFoundError: there is none.
    """
    patterns = (LABELS, f"*/{LABELS}", f"*/*/{LABELS}")
    found = [path.parent for pattern in patterns for path in sorted(directory.glob(pattern))]
    if not found:
        raise FileNotFoundError(f"No {LABELS} in {directory} or in a folder of it")
    return found


def photographs(folder: Path) -> list[Photograph]:
    """Return the photographs of a folder with labels."""
    with (folder / LABELS).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [Photograph(folder / row["image"], row["plate"], _box(row)) for row in rows]


def regions(codes: str) -> tuple[str, ...]:
    """Return region codes from a comma-separated list in which `eu` means all of Europe."""
    found: list[str] = []
    for code in filter(None, (part.strip().lower() for part in codes.split(","))):
        found += _EUROPE.split() if code == "eu" else [code]
    return tuple(found)


def lenient(plate: str) -> str:
    """Return a plate with O and Q as 0 and I as 1, because many labels and plates do not distinguish them."""
    return plate.upper().translate(_LOOK_ALIKE)


def share_of_smaller(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the common area of two boxes (left, top, right, bottom) as a part of the smaller."""
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(across, 0) * max(down, 0) / smaller if smaller > 0 else 0.0


def _box(row: dict[str, str]) -> tuple[int, int, int, int]:
    left, top, width, height = (int(row[name]) for name in ("x", "y", "width", "height"))
    return left, top, left + width, top + height
