"""Fits weights of evidence to what turned out to be true."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_STEPS = 50


def fit(
    evidence: npt.NDArray[np.float64], fixed: npt.NDArray[np.float64], truth: npt.NDArray[np.float64], ridge: float
) -> npt.NDArray[np.float64]:
    """Return the weights of a logistic regression with a ridge penalty, by Newton's method.

    Args:
        evidence: (readings, weights).
        fixed: (readings,) log-odds to which the weighted evidence is added.
        truth: (readings,) 0 or 1.
        ridge: weight of the squared weights, so that what hardly ever occurs gets no large one.
    """
    weights = np.zeros(evidence.shape[1])
    penalty = ridge * np.eye(len(weights))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(fixed + evidence @ weights)))
        gradient = evidence.T @ (truth - chance) - penalty @ weights
        curvature = (evidence * (chance * (1 - chance))[:, None]).T @ evidence + penalty
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights
