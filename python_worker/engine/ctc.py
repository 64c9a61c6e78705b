"""Texts and their probabilities under the recogniser's output (connectionist temporal classification).

A path gives each time step a character or the blank (class 0); a text is what remains of a path when repetitions are
taken once and blanks are dropped. A. Graves et al., "Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_IMPOSSIBLE = -1e9


def segments(log_probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return, for each character of the most probable path, the best log-probability of every character there.

    Args:
        log_probabilities: (steps, 1 + n); column 0 is the blank.

    Returns:
        (characters, n): the maximum over the steps that the path gives to the character.
    """
    best = log_probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], best[1:] != best[:-1]]))
    runs = zip(starts, [*starts[1:], len(best)], strict=True)
    peaks = [log_probabilities[start:end, 1:].max(axis=0) for start, end in runs if best[start] != 0]
    return np.array(peaks, np.float32).reshape(-1, log_probabilities.shape[1] - 1)


def text_scores(log_probabilities: npt.NDArray[np.float32], texts: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
    """Return the exact log-probability of each text: the sum over all its paths.

    Args:
        log_probabilities: (steps, 1 + n); column 0 is the blank.
        texts: (k, length) classes, 1 to n; all texts have the same length, at least 1.
    """
    count, length = texts.shape
    # The texts with a blank before, between and behind all characters.
    states = np.zeros((count, 2 * length + 1), np.intp)
    states[:, 1::2] = texts
    # A path may skip the blank between two different characters.
    may_skip = np.zeros(states.shape, bool)
    may_skip[:, 3::2] = texts[:, 1:] != texts[:, :-1]
    emitted = log_probabilities[:, states].astype(np.float64)  # (steps, k, states)
    alpha = np.full(states.shape, _IMPOSSIBLE)
    alpha[:, :2] = emitted[0, :, :2]
    for step in emitted[1:]:
        one = np.full_like(alpha, _IMPOSSIBLE)
        one[:, 1:] = alpha[:, :-1]
        two = np.full_like(alpha, _IMPOSSIBLE)
        two[:, 2:] = np.where(may_skip[:, 2:], alpha[:, :-2], _IMPOSSIBLE)
        alpha = np.logaddexp(np.logaddexp(alpha, one), two) + step
    return np.asarray(np.logaddexp(alpha[:, -1], alpha[:, -2]), np.float32)
