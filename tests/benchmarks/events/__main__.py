"""`npm run benchmark:events -- DIR…`: how well many pictures of a car become one event."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from python_worker.engine import PlateReader
from python_worker.tracking import Settings

from ..plates.record import environment
from .in_node_red import cost
from .passes import KINDS, passes
from .readings import ReadPass, load, read_passes, save
from .score import Score, score
from .subjects import readable, sources

HALVES = ("development", "held")


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:events", description=__doc__)
    parser.add_argument("directories", type=Path, nargs="*", metavar="DIR", help="with labels.tsv, or such folders")
    parser.add_argument("--passes", type=int, default=48, metavar="N", help="of each half (%(default)s)")
    parser.add_argument("--half", choices=(*HALVES, "both"), default="both", help="(%(default)s)")
    parser.add_argument(
        "--readings", type=Path, metavar="FILE", help="use what this file says was read; make it if it is absent"
    )
    parser.add_argument("--all", action="store_true", help="use also photographs that are not read right as they are")
    parser.add_argument("--hold", type=float, default=Settings.hold, metavar="SECONDS", help="(%(default)s)")
    parser.add_argument("--wait", type=float, default=Settings.wait, metavar="SECONDS", help="(%(default)s)")
    parser.add_argument("--when", choices=("arrive", "leave"), default="arrive", help="(%(default)s)")
    parser.add_argument("--node-red", action="store_true", help="measure what a message costs in Node-RED, alone")
    parser.add_argument("--verbose", action="store_true", help="name the passes that failed")
    arguments = parser.parse_args()
    print(json.dumps(environment()))
    if arguments.node_red:
        print("\n".join(cost()))
        return
    halves = _readings(arguments)
    arrives = arguments.when == "arrive"
    settings = Settings(arrived=arrives, left=not arrives, hold=arguments.hold, wait=arguments.wait)
    for half in HALVES if arguments.half == "both" else [arguments.half]:
        if half in halves:
            print(f"\n{half} half\n{table(halves[half], settings, arguments.verbose)}")


def table(read: Sequence[ReadPass], settings: Settings, verbose: bool) -> str:
    """Return the figures of passes as lines of text."""
    titles = ("", "cars", "readings", "right", "one event", "right", "O=0 I=1", "readable", "each text", "right")
    widths = (22, 6, 10, 8, 11, 8, 9, 10, 11, 8)
    lines = ["".join(f"{title:>{width}}" for title, width in zip(titles, widths, strict=True))]
    every = Score()
    for kind in KINDS:
        found = Score()
        for one in read:
            if one.kind == kind:
                found.add(score(one, settings))
        every.add(found)
        lines.append(_row(kind, found, widths))
    lines.append(_row("all", every, widths))
    more, more_right = every.readable_once - every.alone, every.readable_right - every.alone_right
    lines.append(
        f"of the {every.readable} cars whose plate was read right in at least one picture: "
        f"{_share(every.readable_once, every.readable)} gave exactly one event, "
        f"{_share(every.readable_right, every.readable)} with the right plate "
        f"({_share(every.readable_lenient, every.readable)} but for O and 0, I and 1); "
        f"right of the {every.alone} told after one picture {_share(every.alone_right, every.alone)}, "
        f"of the {more} after more {_share(more_right, more)}"
    )
    cost = every.milliseconds
    if cost:
        lines.append(
            f"{every.events} events of {every.cars} cars; taking each new text as a car: {every.naive_events}; tracker "
            f"{statistics.mean(cost):.2f} ms a picture, at most {max(cost):.2f} ms"
        )
    return "\n".join([*lines, *(every.failures if verbose else ())])


def _row(name: str, found: Score, widths: Sequence[int]) -> str:
    parts = [
        (found.readings_right, found.readings),
        (found.once, found.cars),
        (found.right, found.cars),
        (found.lenient, found.cars),
        (found.readable, found.cars),
        (found.naive_once, found.cars),
        (found.naive_right, found.cars),
    ]
    cells = (name, str(found.cars), str(found.readings), *(_share(*each) for each in parts))
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _readings(arguments: argparse.Namespace) -> dict[str, list[ReadPass]]:
    if arguments.readings and arguments.readings.exists():
        return load(arguments.readings)
    reader = PlateReader()
    every = sources(arguments.directories)
    photographs = every if arguments.all else readable(every, reader)
    print(f"{len(photographs)} of {len(every)} photographs are used")
    chosen = HALVES if arguments.half == "both" else [arguments.half]
    found = {half: read_passes(passes(arguments.passes, photographs, half == "held"), reader) for half in chosen}
    if arguments.readings:
        save(arguments.readings, found)
    return found


if __name__ == "__main__":
    main()
