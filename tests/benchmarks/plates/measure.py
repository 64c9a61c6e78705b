"""Reads a set of photographs and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from python_worker.engine import PlateReader, ReadOptions

from .peer import Peer, ask
from .photographs import Photograph, lenient, share_of_smaller
from .timing import spread, timed
from .vehicles import vehicle_figures

_DEFAULTS = ReadOptions()


@dataclass
class Outcome:
    """One photograph's reading.

    Attributes:
        image: file name.
        plate: its label.
        box: its label's left, top, right and bottom.
        results: everything that the engine takes for a plate, whatever the thresholds.
        milliseconds: of the engine, of the engine in mode `fast`, and of each peer, each from the encoded picture.
        fast: the first plate in mode `fast`, upper case.
        peers: every text that each peer read.
    """

    image: str
    plate: str
    box: tuple[int, int, int, int]
    results: list[dict[str, Any]]
    milliseconds: dict[str, float]
    fast: str = ""
    peers: dict[str, list[str]] = field(default_factory=dict)

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
    reader: PlateReader, photographs: Iterable[Photograph], regions: Sequence[str], peers: Mapping[str, Peer]
) -> list[Outcome]:
    """Read photographs, each by all contestants in turn, so that a busy moment of the machine hits all of them."""
    everything = ReadOptions(tuple(regions), threshold_d=0, threshold_o=0)
    coarse = ReadOptions(tuple(regions), threshold_d=0, threshold_o=0, mode="fast")
    outcomes = []
    for photograph in photographs:
        data = photograph.path.read_bytes()
        reading, spent = timed(partial(reader.read, data, everything))
        quick, spent_quickly = timed(partial(reader.read, data, coarse))
        texts, times = ask(peers, data)
        times = {"engine": spent, "fast": spent_quickly, **times}
        outcome = Outcome(photograph.path.name, photograph.plate, photograph.box, reading.results, times, peers=texts)
        outcome.fast = quick.results[0]["plate"].upper() if quick.results else ""
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
        "fast_lenient": sum(lenient(o.fast) == lenient(o.plate) for o in outcomes) / count,
        "milliseconds": {
            name: spread([outcome.milliseconds[name] for outcome in outcomes]) for name in outcomes[0].milliseconds
        },
        "vehicles": vehicle_figures([one for outcome, s in pairs for one in s[:1] if _same(one, outcome)]),
    }
    for name in outcomes[0].peers:
        found[name] = {
            "exact": sum(o.plate in o.peers[name] for o in outcomes) / count,
            "lenient": sum(lenient(o.plate) in map(lenient, o.peers[name]) for o in outcomes) / count,
            "lines": sum(len(o.peers[name]) for o in outcomes) / count,
        }
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
    """Return an outcome for the record of a run."""
    shown = outcome.shown()
    return {
        **asdict(outcome),
        "right": [one["plate"].upper() for one in shown[:1] if _same(one, outcome)],
        "false": [one["plate"].upper() for one in shown if outcome.is_false(one)],
    }


def _same(result: dict[str, Any], outcome: Outcome) -> bool:
    return lenient(result["plate"]) == lenient(outcome.plate)
