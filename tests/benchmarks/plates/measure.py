"""Reads a set of photographs and counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from python_worker.engine import PlateReader, ReadOptions

from .photographs import Photograph, lenient, share_of_smaller

_DEFAULTS = ReadOptions()

_PEER_SPINS = 0.1
"""Seconds after its answer in which the peer's idle threads still spin, and would cost the next one 15 to 20 ms."""


@dataclass
class Outcome:
    """One photograph's reading.

    Attributes:
        image: file name.
        plate: its label.
        box: its label's left, top, right and bottom.
        results: everything that the engine takes for a plate, whatever the thresholds.
        milliseconds: of the engine, of the engine in mode `fast`, and of the peer, each from the encoded picture; the
            last two absent where they were not measured.
        fast: the first plate in mode `fast`.
        peer: every text that the peer read.
    """

    image: str
    plate: str
    box: tuple[int, int, int, int]
    results: list[dict[str, Any]]
    milliseconds: dict[str, float]
    fast: str | None = None
    peer: list[str] = field(default_factory=list)

    def first(self) -> str:
        """Return the best result's text, upper case, whatever the thresholds."""
        return str(self.results[0]["plate"]).upper() if self.results else ""

    def shown(
        self, threshold_d: float = _DEFAULTS.threshold_d, threshold_o: float = _DEFAULTS.threshold_o
    ) -> list[dict[str, Any]]:
        """Return the results that a user sees."""
        return [one for one in self.results if one["dscore"] >= threshold_d and one["score"] >= threshold_o]

    def is_exact(self) -> bool:
        """Tell whether the best result is the label."""
        return self.first() == self.plate

    def is_lenient(self) -> bool:
        """Tell whether the best result is the label but for O and 0, I and 1."""
        return lenient(self.first()) == lenient(self.plate)

    def is_false(self, result: dict[str, Any]) -> bool:
        """Tell whether a result is elsewhere than the labelled plate."""
        box = result["box"]
        return share_of_smaller((box["xmin"], box["ymin"], box["xmax"], box["ymax"]), self.box) < 0.3


def read_all(
    reader: PlateReader,
    photographs: Iterable[Photograph],
    regions: Sequence[str],
    *,
    fast: bool = False,
    peer: Callable[[bytes], list[str]] | None = None,
) -> list[Outcome]:
    """Read photographs, each by all contestants in turn, so that a busy moment of the machine hits all of them."""
    everything = ReadOptions(tuple(regions), threshold_d=0, threshold_o=0)
    coarse = ReadOptions(tuple(regions), threshold_d=0, threshold_o=0, mode="fast")
    outcomes = []
    for photograph in photographs:
        data = photograph.path.read_bytes()
        reading, spent = _timed(partial(reader.read, data, everything))
        outcome = Outcome(photograph.path.name, photograph.plate, photograph.box, reading.results, {"engine": spent})
        if fast:
            reading, outcome.milliseconds["fast"] = _timed(partial(reader.read, data, coarse))
            outcome.fast = reading.results[0]["plate"].upper() if reading.results else ""
        if peer:
            outcome.peer, outcome.milliseconds["peer"] = _timed(partial(peer, data))
            time.sleep(_PEER_SPINS)
        outcomes.append(outcome)
    return outcomes


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what the tables show; parts of 1."""
    count = len(outcomes)
    shown = [outcome.shown() for outcome in outcomes]
    pairs = list(zip(outcomes, shown, strict=True))
    found: dict[str, Any] = {
        "pictures": count,
        "exact": sum(outcome.is_exact() for outcome in outcomes) / count,
        "lenient": sum(outcome.is_lenient() for outcome in outcomes) / count,
        "shown_exact": sum(any(o["plate"].upper() == outcome.plate for o in s[:1]) for outcome, s in pairs) / count,
        "shown_lenient": sum(any(_same(o, outcome) for o in s[:1]) for outcome, s in pairs) / count,
        "false_results": sum(outcome.is_false(one) for outcome, s in pairs for one in s) / count,
        "milliseconds": {name: _spread(outcomes, name) for name in outcomes[0].milliseconds},
    }
    if "fast" in outcomes[0].milliseconds:
        found["fast_lenient"] = sum(lenient(o.fast or "") == lenient(o.plate) for o in outcomes) / count
    if "peer" in outcomes[0].milliseconds:
        found["peer_exact"] = sum(o.plate in o.peer for o in outcomes) / count
        found["peer_lenient"] = sum(lenient(o.plate) in map(lenient, o.peer) for o in outcomes) / count
        found["peer_lines"] = sum(len(o.peer) for o in outcomes) / count
    return found


def thresholds(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Return recall and precision (lenient) over `threshold_o`, and over `threshold_d`, the other at its default."""
    rows = []
    for name in ("threshold_o", "threshold_d"):
        for value in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            shown = [(outcome, one) for outcome in outcomes for one in outcome.shown(**{name: value})]
            right = {outcome.image for outcome, one in shown if _same(one, outcome)}
            rows.append(
                {
                    name: value,
                    "recall": len(right) / len(outcomes),
                    "precision": sum(_same(one, outcome) for outcome, one in shown) / max(len(shown), 1),
                }
            )
    return rows


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome for the file of readings."""
    return asdict(outcome)


def _same(result: dict[str, Any], outcome: Outcome) -> bool:
    return lenient(result["plate"]) == lenient(outcome.plate)


def _spread(outcomes: Sequence[Outcome], name: str) -> dict[str, float]:
    times = sorted(outcome.milliseconds[name] for outcome in outcomes)
    return {
        "mean": sum(times) / len(times),
        "p50": times[len(times) // 2],
        "p95": times[min(len(times) - 1, round(0.95 * len(times)))],
    }


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    answer = call()
    return answer, (time.perf_counter() - begun) * 1000
