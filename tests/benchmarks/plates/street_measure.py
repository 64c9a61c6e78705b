"""Reads a set of photographs from the street and counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from python_worker.engine import PlateReader, ReadOptions

from .peer import Peer, ask
from .street import Score, StreetPhotograph, score
from .timing import spread, timed
from .vehicles import vehicle_figures

_DEFAULTS = ReadOptions()

_ALL = "all"


@dataclass
class StreetOutcome:
    """One photograph's reading.

    Attributes:
        photograph: what was read.
        results: everything that the engine takes for a plate, whatever the thresholds.
        score: of the results that a user sees.
        milliseconds: of the engine and of each peer, from the encoded picture.
        peers: every text that each peer read.
    """

    photograph: StreetPhotograph
    results: list[dict[str, Any]]
    score: Score
    milliseconds: dict[str, float]
    peers: dict[str, list[str]] = field(default_factory=dict)


def read_street(
    reader: PlateReader,
    photographs: Iterable[StreetPhotograph],
    regions: Sequence[str] | None,
    peers: Mapping[str, Peer],
) -> list[StreetOutcome]:
    """Read photographs, each by all contestants in turn, so that a busy moment of the machine hits all of them.

    Args:
        reader: the engine.
        photographs: what to read.
        regions: for all of them; None: each picture's own.
        peers: by their names.
    """
    outcomes = []
    for photograph in photographs:
        data = photograph.path.read_bytes()
        codes = photograph.regions if regions is None else tuple(regions)
        options = ReadOptions(codes, threshold_d=0, threshold_o=0)
        reading, spent = timed(partial(reader.read, data, options))
        texts, times = ask(peers, data)
        counted = score(photograph, [one["plate"] for one in shown(reading.results)])
        outcomes.append(StreetOutcome(photograph, reading.results, counted, {"engine": spent, **times}, texts))
    return outcomes


def shown(results: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results that a user sees."""
    return [
        one
        for one in results
        if one["plate"] and one["dscore"] >= _DEFAULTS.threshold_d and one["score"] >= _DEFAULTS.threshold_o
    ]


def street_figures(outcomes: Sequence[StreetOutcome]) -> dict[str, Any]:
    """Return what the tables show: counts, parts of 1 and milliseconds, of each category and of all."""
    groups: dict[str, list[StreetOutcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.photograph.category].append(outcome)
    categories = {name: _counted(groups[name]) for name in sorted(groups)}
    hits = [shown(outcome.results)[index] for outcome in outcomes for index in outcome.score.hits]
    return {
        "categories": categories | {_ALL: _counted(outcomes)},
        "milliseconds": {
            name: spread([outcome.milliseconds[name] for outcome in outcomes]) for name in outcomes[0].milliseconds
        },
        "without_plate": _without_plate(outcomes),
        "vehicles": vehicle_figures(hits),
    }


def _counted(outcomes: Sequence[StreetOutcome]) -> dict[str, Any]:
    plates = sum(len(outcome.photograph.certain) for outcome in outcomes)
    scores = [outcome.score for outcome in outcomes]
    return {
        "pictures": len(outcomes),
        "plates": plates,
        "exact": sum(len(one.exact) for one in scores) / max(plates, 1),
        "lenient": sum(len(one.lenient) for one in scores) / max(plates, 1),
        "misread": sum(len(one.misread) for one in scores),
        "text": sum(len(one.elsewhere) for one in scores),
        "false_results": sum(len(one.false) for one in scores) / len(outcomes),
        "milliseconds": spread([outcome.milliseconds["engine"] for outcome in outcomes]),
    }


def _without_plate(outcomes: Sequence[StreetOutcome]) -> dict[str, Any] | None:
    """Return the times of the pictures in which no plate can be read with certainty."""
    empty = [outcome.milliseconds["engine"] for outcome in outcomes if not outcome.photograph.certain]
    return {"pictures": len(empty), **spread(empty)} if empty else None


def table(found: Mapping[str, Any]) -> str:
    """Return the figures of the categories as a table."""
    lines = [
        f"{'category':14}{'pictures':>9}{'plates':>8}{'exact %':>9}{'lenient %':>11}{'misread':>9}{'text':>6}"
        f"{'false/picture':>15}{'ms mean':>9}{'p50':>6}{'p95':>6}"
    ]
    for name, row in found["categories"].items():
        times = row["milliseconds"]
        lines.append(
            f"{name:14}{row['pictures']:9}{row['plates']:8}{100 * row['exact']:9.1f}{100 * row['lenient']:11.1f}"
            f"{row['misread']:9}{row['text']:6}{row['false_results']:15.3f}"
            f"{times['mean']:9.0f}{times['p50']:6.0f}{times['p95']:6.0f}"
        )
    return "\n".join(lines)


def failures(outcomes: Iterable[StreetOutcome]) -> list[str]:
    """Return a line for each picture in which not everything is right."""
    lines = []
    for outcome in outcomes:
        counted = outcome.score
        if not (counted.missed or counted.false):
            continue
        scores = {_plate(one): f"{one['score']:.2f}/{one['dscore']:.2f}" for one in outcome.results}
        false = ", ".join(f"{text} {scores.get(text, '')}" for text in counted.false)
        regions = "+".join(outcome.photograph.regions) or "-"
        missed = ", ".join(counted.missed) or "-"
        lines.append(f"{outcome.photograph.path.name:22}{regions:9}missed {missed}; false {false or '-'}")
    return lines


def street_json(outcome: StreetOutcome) -> dict[str, Any]:
    """Return an outcome for the record of a run."""
    return {
        "image": outcome.photograph.path.name,
        "category": outcome.photograph.category,
        "right": outcome.score.exact,
        "false": outcome.score.false,
        "score": asdict(outcome.score),
        "milliseconds": outcome.milliseconds,
        "results": outcome.results,
        "peers": outcome.peers,
    }


def _plate(result: Mapping[str, Any]) -> str:
    return "".join(c for c in str(result["plate"]).upper() if c.isascii() and c.isalnum())
