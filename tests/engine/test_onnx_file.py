"""A model that was cut down says the same about the characters that it still knows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from python_worker.engine.models import ALPHABET, load_recogniser
from python_worker.engine.onnx_file import keep_classes, metadata

from .drawing import plate


@pytest.fixture(scope="module")
def model() -> bytes:
    package = find_spec("rapidocr")
    assert package and package.submodule_search_locations
    return Path(package.submodule_search_locations[0], "models", "PP-OCRv6_rec_small.onnx").read_bytes()


@pytest.fixture(scope="module")
def full(model: bytes) -> npt.NDArray[np.float32]:
    """Return the probabilities of all characters, (steps, classes), for a drawn plate."""
    return _probabilities(onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]))


def _probabilities(session: onnxruntime.InferenceSession) -> npt.NDArray[np.float32]:
    image = np.asarray(plate("BD51 SMR", height=48).resize((240, 48)), np.float32)
    probabilities: npt.NDArray[np.float32] = session.run(None, {"x": image.transpose(2, 0, 1)[None] / 127.5 - 1})[0][0]
    return probabilities


def _renormalised(probabilities: npt.NDArray[np.float32], keep: list[int]) -> npt.NDArray[np.float32]:
    """Return what a softmax over some of the classes gives: leaving out the others scales all of them alike."""
    kept = probabilities[:, keep]
    return np.asarray(kept / kept.sum(axis=1, keepdims=True), np.float32)


def test_the_metadata_names_every_class_but_blank_and_space(model: bytes, full: npt.NDArray[np.float32]) -> None:
    characters = metadata(model)["character"].split("\n")
    assert len(characters) == full.shape[1] - 2
    assert set(ALPHABET) <= set(characters)


def test_kept_classes_keep_their_probabilities_in_their_new_order(model: bytes, full: npt.NDArray[np.float32]) -> None:
    characters = ["", *metadata(model)["character"].split("\n"), " "]
    # The last class first: the order is the caller's.
    keep = [len(characters) - 1, 0, *(characters.index(character) for character in "RMS15DB")]
    small = keep_classes(model, len(characters), keep)
    assert len(small) < 0.7 * len(model)
    cut = _probabilities(onnxruntime.InferenceSession(small, providers=["CPUExecutionProvider"]))
    np.testing.assert_allclose(cut, _renormalised(full, keep), atol=1e-4)
    best = cut.argmax(axis=1)
    path = [characters[keep[one]] for place, one in enumerate(best) if place == 0 or one != best[place - 1]]
    assert "".join(path).replace(" ", "") == "BD51SMR"


def test_the_recogniser_says_the_same_about_a_plates_characters(model: bytes, full: npt.NDArray[np.float32]) -> None:
    recogniser = load_recogniser(1)
    characters = ["", *metadata(model)["character"].split("\n"), " "]
    keep = [characters.index(character) for character in recogniser.characters]
    cut = _probabilities(recogniser.session)
    np.testing.assert_allclose(cut, _renormalised(full, keep), atol=1e-4)
    assert set(ALPHABET) <= set(recogniser.characters)
    assert len(keep) < len(characters) / 50


def test_every_character_counts_as_one_of_a_plate_or_as_none() -> None:
    recogniser = load_recogniser(1)
    folded = dict(zip(recogniser.characters, recogniser.fold.argmax(axis=1).tolist(), strict=True))
    assert recogniser.fold.sum(axis=1).tolist() == [1] * len(recogniser.characters)
    assert {folded[same] for same in ("A", "a", "Ä", "å", "\N{GREEK CAPITAL LETTER ALPHA}")} == {
        1 + ALPHABET.index("A")
    }
    assert [folded[none] for none in ("", " ", "-", ":")] == [0] * 4
