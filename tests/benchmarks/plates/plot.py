"""How often texts of each score are right, as a picture for the documentation."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from .measure import Outcome
from .photographs import lenient

_BINS = (0.0, 0.02, 0.1, 0.5, 0.85, 0.9, 0.95, 1.001)
_DETECTED = 0.2
_SIDE, _LEFT, _TOP = 400, 50, 30


def points(outcomes: Sequence[Outcome]) -> list[tuple[float, float, int]]:
    """Return mean score, part that is right (lenient) and number of the texts read at labelled plates, by score.

    A plate has several texts: its candidates. Those that differ only in O and 0, or I and 1, count as one.
    """
    scores = []
    for outcome in outcomes:
        for result in outcome.results:
            if outcome.is_false(result) or result["dscore"] < _DETECTED:
                continue
            texts: dict[str, float] = defaultdict(float)
            for candidate in result["candidates"]:
                texts[lenient(candidate["plate"])] += candidate["score"]
            scores += [(min(score, 1.0), text == lenient(outcome.plate)) for text, score in texts.items()]
    found = []
    for low, high in pairwise(_BINS):
        inside = [(score, right) for score, right in scores if low <= score < high]
        if inside:
            score = sum(score for score, _ in inside) / len(inside)
            found.append((score, sum(right for _, right in inside) / len(inside), len(inside)))
    return found


def write_plot(path: Path, found: Sequence[tuple[float, float, int]]) -> None:
    """Write an SVG, legible on light and on dark ground.

    Each point is a dot with its 95 % interval, and its number above.
    """
    bottom, right, middle = _TOP + _SIDE, _LEFT + _SIDE, _SIDE / 2
    marks = []
    for score, part, count in found:
        x = _LEFT + score * _SIDE
        low, high = (bottom - end * _SIDE for end in _interval(part, count))
        marks.append(
            f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="#2f81f7" stroke-width="1.5" stroke-opacity="0.6"/>'
            f'<circle cx="{x:.1f}" cy="{bottom - part * _SIDE:.1f}" r="3.5" fill="#2f81f7"/>'
            f'<text x="{x:.1f}" y="{_TOP - 6}" font-size="9" text-anchor="middle">{count}</text>'
        )
    ticks = [
        f'<text x="{_LEFT + one * _SIDE:.0f}" y="{bottom + 16}" text-anchor="middle">{one}</text>'
        f'<text x="{_LEFT - 6}" y="{bottom - one * _SIDE + 4:.0f}" text-anchor="end">{one}</text>'
        for one in (0, 0.2, 0.4, 0.6, 0.8, 1)
    ]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + 20} {bottom + 40}" width="{right + 20}" '
        'font-family="sans-serif" font-size="12" fill="#7d8590">',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#7d8590"/>',
        f'<path d="M{_LEFT} {bottom}L{right} {_TOP}" stroke="#7d8590" stroke-dasharray="4"/>',
        *marks,
        *ticks,
        f'<text x="{_LEFT + middle:.0f}" y="{bottom + 34}" text-anchor="middle">score</text>',
        f'<text transform="rotate(-90 14 {_TOP + middle:.0f})" x="14" y="{_TOP + middle:.0f}" text-anchor="middle">'
        "part that is right</text>",
        "</svg>",
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _interval(part: float, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a part (E. B. Wilson, 1927), which is right near 0 and 1, too."""
    z = 1.96
    centre = (part + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * math.sqrt(part * (1 - part) / count + z * z / (4 * count * count))
    return centre - reach, centre + reach
