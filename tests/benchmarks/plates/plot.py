"""How often readings of each score are right, as a picture for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from .measure import Outcome
from .photographs import lenient

_BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.001)
_SIDE, _LEFT, _TOP = 300, 50, 20


def points(outcomes: Sequence[Outcome]) -> list[tuple[float, float, int]]:
    """Return mean score, part that is right (lenient) and number of the readings at labelled plates, by score."""
    readings = [
        (result["score"], lenient(result["plate"]) == lenient(outcome.plate))
        for outcome in outcomes
        for result in outcome.results
        if not outcome.is_false(result) and result["dscore"] >= 0.2
    ]
    found = []
    for low, high in pairwise(_BINS):
        inside = [(score, right) for score, right in readings if low <= score < high]
        if inside:
            score = sum(score for score, _ in inside) / len(inside)
            found.append((score, sum(right for _, right in inside) / len(inside), len(inside)))
    return found


def write_plot(path: Path, found: Sequence[tuple[float, float, int]]) -> None:
    """Write an SVG that is legible on light and on dark ground."""
    bottom = _TOP + _SIDE
    marks = []
    for score, part, count in found:
        x, y = _LEFT + score * _SIDE, bottom - part * _SIDE
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + count**0.5 / 3:.1f}" fill="#2f81f7"/>')
        marks.append(f'<text x="{x - 8:.1f}" y="{y + 18:.1f}" text-anchor="end">{count}</text>')
    ticks = "".join(
        f'<text x="{_LEFT + one * _SIDE}" y="{bottom + 16}" text-anchor="middle">{one}</text>'
        f'<text x="{_LEFT - 6}" y="{bottom - one * _SIDE + 4}" text-anchor="end">{one}</text>'
        for one in (0, 0.5, 1)
    )
    middle = _LEFT + _SIDE / 2
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _SIDE + 20} {bottom + 40}" width="370" '
        'font-family="sans-serif" font-size="12" fill="#7d8590">\n'
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#7d8590"/>\n'
        f'<path d="M{_LEFT} {bottom}L{_LEFT + _SIDE} {_TOP}" stroke="#7d8590" stroke-dasharray="4"/>\n'
        + "\n".join(marks)
        + f'\n{ticks}\n<text x="{middle}" y="{bottom + 34}" text-anchor="middle">score</text>\n'
        f'<text transform="rotate(-90 14 {_TOP + _SIDE / 2})" x="14" y="{_TOP + _SIDE / 2}" text-anchor="middle">'
        "part that is right</text>\n</svg>\n",
        "utf-8",
    )
