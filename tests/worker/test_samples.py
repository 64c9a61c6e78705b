"""The sample pictures: what they show, and the copies that the example flows use."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageStat

from python_worker.samples import SAMPLES, SIZE, draw_samples, write_samples
from scripts.tools import ROOT


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return draw_samples()


def test_there_is_a_picture_for_each_case_of_the_example_flow(drawn: dict[str, bytes]) -> None:
    assert list(drawn) == list(SAMPLES)
    assert sorted(map(len, SAMPLES.values())) == [0, 1, 1, 1, 1, 2]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_picture_is_a_jpeg_of_the_promised_size(drawn: dict[str, bytes], name: str) -> None:
    with Image.open(io.BytesIO(drawn[name])) as picture:
        assert (picture.format, picture.size) == ("JPEG", SIZE)
    assert len(drawn[name]) < 64_000


def test_drawing_twice_gives_the_same_bytes(drawn: dict[str, bytes]) -> None:
    assert draw_samples() == drawn


@pytest.mark.parametrize("name", SAMPLES)
def test_the_packed_copy_is_what_is_drawn(drawn: dict[str, bytes], name: str) -> None:
    """Made by `npm run worker -- samples --out resources/samples`; another Pillow may encode a little differently."""
    copy = ROOT / "resources" / "samples" / name
    with Image.open(copy) as packed, Image.open(io.BytesIO(drawn[name])) as fresh:
        assert packed.size == fresh.size
        difference = ImageChops.difference(packed.convert("RGB"), fresh.convert("RGB"))
    assert max(ImageStat.Stat(difference).mean) < 1


def test_writing_makes_the_folder(tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("samples") / "new" / "folder"
    paths = write_samples(folder)
    assert {path.name: path.read_bytes() for path in paths} == drawn
    assert sorted(folder.iterdir()) == sorted(paths)


def test_the_embedded_engine_reads_every_plate(drawn: dict[str, bytes]) -> None:
    from python_worker.engine import PlateReader

    reader = PlateReader()
    read = {
        name: {result["plate"].upper() for result in reader.read(content).results} for name, content in drawn.items()
    }
    assert read == {name: set(plates) for name, plates in SAMPLES.items()}
