"""The recogniser's characters: what it reads with them, and what each counts as on a plate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from python_worker.engine import ModelError, models
from python_worker.engine.models import ALPHABET, Recogniser, characters, load_detector, load_recogniser

from .drawing import plate


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return load_recogniser(1)


@pytest.mark.parametrize("text", ["BD51 SMR", "62A-051.23", "ZG 123-AB"])
def test_the_recogniser_reads_a_drawn_plate_in_the_characters_that_it_names(recogniser: Recogniser, text: str) -> None:
    image = np.asarray(plate(text, height=48).resize((240, 48)))[None]
    (probabilities,) = recogniser.network.run(image)
    assert probabilities.shape[2] == len(characters())
    best = probabilities[0].argmax(axis=1).tolist()
    path = [characters()[one] for place, one in enumerate(best) if place == 0 or one != best[place - 1]]
    assert "".join(path) == text


def test_every_character_counts_as_one_of_a_plate_as_none_or_as_a_part_of_both(recogniser: Recogniser) -> None:
    assert recogniser.fold.sum(axis=1).tolist() == [1] * len(characters())
    folded = dict(zip(characters(), recogniser.fold, strict=True))
    first = 1 + ALPHABET.index("A")
    for same in ("A", "Ä", "å", "\N{GREEK CAPITAL LETTER ALPHA}"):
        assert folded[same][first] == 1
    for none in ("", " ", "-", ":", "沪", "さ"):
        assert folded[none][0] == 1


def test_the_recogniser_knows_the_signs_of_chinese_taiwanese_and_japanese_plates(recogniser: Recogniser) -> None:
    signs = (
        "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新港澳学警挂领使临试" + "臺灣品川横浜なにわさせれ"
    )
    assert set(signs) <= set(characters())


def test_a_model_that_is_missing_or_damaged_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_WEIGHTS", tmp_path)
    with pytest.raises(ModelError, match=r"cannot be read .* Install the package again"):
        load_detector(1, 1)
    (tmp_path / "detector.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"cannot be made ready .* install the package again"):
        load_detector(1, 1)
