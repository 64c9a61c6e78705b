"""Photographs of real cars, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_worker.engine import PlateReader, ReadOptions
from tests.benchmarks.plates.photographs import lenient, photographs, regions

_PLATES = Path(__file__).parents[3] / "shared" / "plates"

pytestmark = pytest.mark.skipif(not _PLATES.exists(), reason="the labelled photographs are not on this machine")


@pytest.mark.parametrize(("folder", "least"), [("eu", 0.9), ("br", 0.9), ("us", 0.75)])
def test_most_photographs_are_read(reader: PlateReader, folder: str, least: float) -> None:
    chosen = photographs(_PLATES / folder)[::6]
    right = 0
    for photograph in chosen:
        results = reader.read(photograph.path.read_bytes(), ReadOptions(regions(folder))).results
        right += bool(results) and lenient(results[0]["plate"]) == lenient(photograph.plate)
    assert right >= least * len(chosen)


@pytest.mark.parametrize(("name", "plate"), [("eu/eu1.jpg", "m5xsx"), ("br/AYO9034.jpg", "ayo9034")])
def test_known_photographs_are_read_without_a_region(reader: PlateReader, name: str, plate: str) -> None:
    results = reader.read((_PLATES / name).read_bytes()).results
    # On Brazil's plates O and 0 have one shape; only the region tells them apart.
    assert [lenient(result["plate"]) for result in results] == [lenient(plate)]
