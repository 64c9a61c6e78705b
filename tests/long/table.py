"""What came of a fault: a row of the table, and the promises that were broken."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Row:
    """What came of one fault.

    Attributes:
        fault: its name.
        times: how often it was done.
        messages: how many went into the nodes meanwhile.
        results: how many of them ended with a result.
        failures: how many ended with a failure, by status code.
        skipped: how many were completed without one of both, as a node does with its messages when it is closed.
        lost: how many never ended.
        doubled: how many ended, or were sent on, more than once.
        recovery: for each time, the seconds until it was over.
        seconds: how long all of it took.
        notes: figures of this fault alone.
        broken: promises that did not hold, in words.
    """

    fault: str
    times: int = 0
    messages: int = 0
    results: int = 0
    failures: Counter[int] = field(default_factory=Counter)
    skipped: int = 0
    lost: int = 0
    doubled: int = 0
    recovery: list[float] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def demand(self, holds: bool, promise: str) -> None:
        """Note a promise as broken unless it holds."""
        if not holds and promise not in self.broken:
            self.broken.append(promise)

    def figures(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return dict(vars(self))


_COLUMNS = (
    *("fault", "times", "messages", "results", "failures", "skipped", "lost", "doubled"),
    *("recovery s", "took s", "promises"),
)


def table(rows: Iterable[Row]) -> str:
    """Return the table, and below it each row's figures and broken promises."""
    cells = [_cells(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *cells, strict=True)]
    lines = [_line(_COLUMNS, widths), _line(["-" * width for width in widths], widths)]
    lines += [_line(row, widths) for row in cells]
    for row in rows:
        lines += [f"{row.fault}: {note}" for note in row.notes]
        lines += [f"{row.fault}: BROKEN: {promise}" for promise in row.broken]
    return "\n".join(lines)


def _cells(row: Row) -> Sequence[str]:
    failures = ", ".join(f"{count} x {code}" for code, count in sorted(row.failures.items())) or "0"
    recovery = f"{statistics.median(row.recovery):.1f}, at most {max(row.recovery):.1f}" if row.recovery else "-"
    numbers = (
        row.times,
        row.messages,
        row.results,
        failures,
        row.skipped,
        row.lost,
        row.doubled,
        recovery,
        round(row.seconds),
    )
    return (row.fault, *map(str, numbers), "BROKEN" if row.broken else "kept")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    return "  ".join([first, *others]).rstrip()
