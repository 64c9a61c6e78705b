"""`npm run benchmark:engine -- DIR`: how well and how fast the engine reads labelled photographs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from python_worker.engine import PlateReader

from .plates.measure import Outcome, as_json, figures, read_all, thresholds
from .plates.peer import rapidocr
from .plates.photographs import folders, photographs, regions


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:engine", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder with labels.tsv, or with such folders")
    parser.add_argument(
        "--regions",
        metavar="CODES",
        help="comma-separated; eu is all of Europe; default: the folder's name; '' for none",
    )
    parser.add_argument("--no-peer", action="store_true", help="do not run plain RapidOCR beside it")
    parser.add_argument("--output", type=Path, default=Path(".cache/benchmarks/engine"), metavar="FOLDER")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    reader = PlateReader()
    peer = None if arguments.no_peer else rapidocr()
    for folder in folders(arguments.directory):
        codes = regions(folder.name if arguments.regions is None else arguments.regions)
        outcomes = read_all(reader, photographs(folder), codes, fast=True, peer=peer)
        found = figures(outcomes)
        print(json.dumps({folder.name: found}, indent=1))
        _write(arguments.output / f"{folder.name}.json", outcomes, found)


def _write(path: Path, outcomes: list[Outcome], found: dict[str, Any]) -> None:
    readings = [as_json(outcome) for outcome in outcomes]
    content = {"figures": found, "thresholds": thresholds(outcomes), "readings": readings}
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
