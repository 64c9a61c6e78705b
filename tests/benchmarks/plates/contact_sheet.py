"""One picture of everything that was read wrongly, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from python_worker.engine.decode import decode

from .measure import Outcome

_Cell: TypeAlias = "npt.NDArray[np.uint8]"

_WIDTH, _HEIGHT, _TEXT = 300, 190, 44
_COLUMNS = 5


def write_contact_sheet(path: Path, folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Write a PNG with a cell for each wrong first result and each result elsewhere; without any, write no file."""
    cells = [cell for outcome in outcomes for cell in _cells(folder, outcome)]
    if not cells:
        path.unlink(missing_ok=True)
        return
    cells += [np.zeros_like(cells[0])] * (-len(cells) % _COLUMNS)
    rows = [np.hstack(cells[start : start + _COLUMNS]) for start in range(0, len(cells), _COLUMNS)]
    cv2.imwrite(str(path), np.vstack(rows))


def _cells(folder: Path, outcome: Outcome) -> list[_Cell]:
    wrong: list[tuple[str, tuple[int, int, int, int], dict[str, Any] | None]] = []
    if not outcome.is_lenient():
        wrong.append(("wrong", outcome.box, outcome.results[0] if outcome.results else None))
    for result in outcome.shown():
        if outcome.is_false(result):
            box = result["box"]
            wrong.append(("elsewhere", (box["xmin"], box["ymin"], box["xmax"], box["ymax"]), result))
    if not wrong:
        return []
    picture = decode((folder / outcome.image).read_bytes())
    return [_cell(picture, outcome, *one) for one in wrong]


def _cell(
    picture: _Cell, outcome: Outcome, kind: str, box: tuple[int, int, int, int], result: dict[str, Any] | None
) -> _Cell:
    left, top, right, bottom = box
    across, down = (right - left) // 3, bottom - top
    crop = picture[max(0, top - down) : bottom + down, max(0, left - across) : right + across]
    scale = min(_WIDTH / crop.shape[1], (_HEIGHT - _TEXT) / crop.shape[0])
    crop = np.asarray(cv2.resize(crop, None, fx=scale, fy=scale), np.uint8)
    cell = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    cell[: crop.shape[0], : crop.shape[1]] = crop[: _HEIGHT - _TEXT, :_WIDTH]
    read = f"{result['plate'].upper()} d{result['dscore']} o{result['score']}" if result else "nothing"
    for line, text in enumerate((f"{outcome.image[:20]} {outcome.plate}", f"{kind}: {read}")):
        where = (2, _HEIGHT - _TEXT + 17 + 20 * line)
        cv2.putText(cell, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return cell
