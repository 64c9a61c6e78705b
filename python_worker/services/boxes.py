"""Bounding boxes in a service's answer."""

from __future__ import annotations

from typing import Any

_BOX = {"xmin", "ymin", "xmax", "ymax"}
_LARGEST = 2**53


def scale_boxes(answer: Any, factor: float) -> Any:
    """Return a copy of a service's answer in which every bounding box fits an image `factor` times as large.

    Anything that is not a number stays as it is.
    """
    if isinstance(answer, dict):
        if answer.keys() >= _BOX:
            return {key: _scaled(value, factor) for key, value in answer.items()}
        return {key: scale_boxes(value, factor) for key, value in answer.items()}
    if isinstance(answer, list):
        return [scale_boxes(value, factor) for value in answer]
    return answer


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    scaled = value * factor
    return round(scaled) if abs(scaled) < _LARGEST else value
