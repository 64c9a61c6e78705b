"""The probability of a text is the sum over all paths that spell it."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_worker.engine.ctc import align, segments, text_scores


def _text(path: tuple[int, ...]) -> tuple[int, ...]:
    kept = [one for place, one in enumerate(path) if place == 0 or one != path[place - 1]]
    return tuple(one for one in kept if one)


def _probabilities(steps: int, classes: int, seed: int) -> npt.NDArray[np.float32]:
    values = np.random.default_rng(seed).random((steps, classes)) ** 3 + 1e-4
    return np.asarray(values / values.sum(axis=1, keepdims=True), np.float32)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(2, 6), st.integers(2, 4), st.integers(0, 10_000))
def test_text_scores_agree_with_counting_every_path(steps: int, classes: int, seed: int) -> None:
    probabilities = _probabilities(steps, classes, seed)
    totals: dict[tuple[int, ...], float] = {}
    for path in product(range(classes), repeat=steps):
        chance = float(np.prod([probabilities[step, one] for step, one in enumerate(path)]))
        totals[_text(path)] = totals.get(_text(path), 0.0) + chance
    texts = [text for text in totals if text]
    scores = text_scores(np.log(probabilities), texts)
    assert np.exp(scores) == pytest.approx([totals[text] for text in texts], rel=1e-3)


def test_a_text_that_needs_more_steps_is_next_to_impossible() -> None:
    scores = text_scores(np.log(_probabilities(3, 3, 1)), [(1, 1, 1), (1, 2, 1)])
    assert scores[0] < -1e6
    assert scores[1] > -30


def test_segments_are_the_characters_of_the_best_path() -> None:
    best = [0, 1, 1, 0, 1, 2, 0]
    probabilities = np.full((len(best), 3), 0.1, np.float32)
    probabilities[range(len(best)), best] = 0.8
    probabilities[2, 2] = 0.3
    found, blanks = segments(np.log(probabilities))
    assert found.argmax(axis=1).tolist() == [0, 0, 1]
    # The best of another character within the segment, not only at its first step.
    assert np.exp(found[0, 1]) == pytest.approx(0.3)
    # How likely there is none, over all its steps.
    assert np.exp(blanks) == pytest.approx([0.01, 0.1, 0.1])


def test_nothing_but_blanks_has_no_segments() -> None:
    characters, blanks = segments(np.log(np.array([[0.9, 0.1], [0.8, 0.2]], np.float32)))
    assert (characters.shape, blanks.shape) == ((0, 1), (0,))


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(3, 6), st.integers(2, 4), st.integers(0, 10_000), st.sampled_from([(1,), (1, 1), (1, 2), (2, 1, 2)]))
def test_a_text_is_aligned_with_the_steps_of_its_likeliest_path(
    steps: int, classes: int, seed: int, text: tuple[int, ...]
) -> None:
    probabilities = _probabilities(steps, max(classes, 3), seed)
    paths = [path for path in product(range(max(classes, 3)), repeat=steps) if _text(path) == text]
    best = max(paths, key=lambda path: float(np.prod([probabilities[step, one] for step, one in enumerate(path)])))
    spans = align(np.log(probabilities), text)
    aligned = [0] * steps
    for (start, end), one in zip(spans, text, strict=True):
        aligned[start:end] = [one] * (end - start)
    assert tuple(aligned) == best


def test_a_text_that_needs_more_steps_is_not_aligned() -> None:
    assert align(np.log(_probabilities(4, 3, 1)), (1, 1, 2)) != []
    assert align(np.log(_probabilities(4, 3, 1)), (1, 1, 1)) == []
