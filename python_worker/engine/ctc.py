"""Texts and their probabilities under the recogniser's output (connectionist temporal classification).

A path gives each time step a character or the blank (class 0); to get a text, merge the repetitions of a path and drop
its blanks. A. Graves et al., "Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_IMPOSSIBLE = -1e9


def segments(
    log_probabilities: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return, for each character of the most probable path, how probable every character, and none, would be there.

    Args:
        log_probabilities: (steps, 1 + n); column 0 is the blank.

    Returns:
        (characters, n): the maximum over the steps that the path gives to the character; and (characters,): the sum of
        the blank's over these steps.
    """
    best = log_probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], best[1:] != best[:-1]]))
    runs = [(start, end) for start, end in zip(starts, [*starts[1:], len(best)], strict=True) if best[start] != 0]
    peaks = [log_probabilities[start:end, 1:].max(axis=0) for start, end in runs]
    blanks = [log_probabilities[start:end, 0].sum() for start, end in runs]
    return np.array(peaks, np.float32).reshape(-1, log_probabilities.shape[1] - 1), np.array(blanks, np.float32)


def text_scores(
    log_probabilities: npt.NDArray[np.float32], texts: Sequence[tuple[int, ...]]
) -> npt.NDArray[np.float64]:
    """Return the exact log-probability of each text: the sum over all its paths.

    Args:
        log_probabilities: (steps, 1 + n); column 0 is the blank.
        texts: classes, 1 to n; each text at least one.
    """
    rows = np.arange(len(texts))
    lengths = np.array([len(text) for text in texts])
    # The texts with a blank before, between and after all characters. Shorter ones end in more blanks; their own states
    # do not depend on these.
    states = np.zeros((len(texts), 2 * int(lengths.max()) + 1), np.intp)
    for row, text in zip(states, texts, strict=True):
        row[1 : 2 * len(text) : 2] = text
    # A path may skip the blank between two different characters.
    may_skip = states[:, 3::2] != states[:, 1:-2:2]
    # Relative to each step's likeliest class, the numbers stay large enough to add them directly, not as logarithms.
    peaks = log_probabilities.max(axis=1, keepdims=True)
    emitted = np.exp(log_probabilities - peaks).astype(np.float64)[:, states]  # (steps, texts, states)
    alpha = np.zeros(states.shape)
    alpha[:, :2] = emitted[0, :, :2]
    for step in emitted[1:]:
        before = alpha
        alpha = before.copy()
        alpha[:, 1:] += before[:, :-1]
        alpha[:, 3::2] += may_skip * before[:, 1:-2:2]
        alpha *= step
    total = alpha[rows, 2 * lengths] + alpha[rows, 2 * lengths - 1]
    with np.errstate(divide="ignore"):
        scores = np.log(total) + peaks.sum(dtype=np.float64)
    return np.asarray(np.maximum(scores, _IMPOSSIBLE), np.float64)


def align(log_probabilities: npt.NDArray[np.float32], text: Sequence[int]) -> list[tuple[int, int]]:
    """Return the steps of each character in the text's most probable path: first, and one after the last.

    Args:
        log_probabilities: (steps, 1 + n); column 0 is the blank.
        text: classes, 1 to n.

    Returns:
        One entry for each character; none if the text needs more steps.
    """
    states = np.zeros(2 * len(text) + 1, np.intp)
    states[1::2] = text
    may_skip = np.zeros(len(states), bool)
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    emitted = log_probabilities[:, states]
    best = np.full(len(states), -np.inf)
    best[:2] = emitted[0, :2]
    steps_back = np.zeros(emitted.shape, np.intp)
    for step in range(1, len(emitted)):
        arrivals = np.full((3, len(states)), -np.inf)
        arrivals[0] = best
        arrivals[1, 1:] = best[:-1]
        arrivals[2, 2:] = np.where(may_skip[2:], best[:-2], -np.inf)
        steps_back[step] = arrivals.argmax(axis=0)
        best = arrivals.max(axis=0) + emitted[step]
    state = len(states) - (1 if best[-1] >= best[-2] else 2)
    if best[state] == -np.inf:
        return []
    path = [state]
    for step in range(len(emitted) - 1, 0, -1):
        state -= int(steps_back[step, state])
        path.append(state)
    places = np.array(path[::-1])
    return [
        (int(steps[0]), int(steps[-1]) + 1)
        for steps in (np.flatnonzero(places == 2 * number + 1) for number in range(len(text)))
    ]
