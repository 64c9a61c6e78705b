"""`npm run benchmark:engine -- DIR`: how well and how fast the engine reads labelled photographs."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from python_worker.engine import PlateReader

from .plates.contact_sheet import write_contact_sheet
from .plates.detour import compare_processes
from .plates.measure import Outcome, as_json, figures, read_all, thresholds
from .plates.peer import rapidocr
from .plates.photographs import folders, photographs, regions
from .plates.plot import points, write_plot
from .plates.threads import compare_threads


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
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot of score against hit rate (SVG)")
    parser.add_argument("--memory", type=int, metavar="N", help="read N pictures, and print the memory alone")
    parser.add_argument("--threads", action="store_true", help="compare numbers of threads alone")
    parser.add_argument("--process", action="store_true", help="measure what the engine's own process costs, alone")
    arguments = parser.parse_args()
    if arguments.threads:
        files = [photograph.path for folder in folders(arguments.directory) for photograph in photographs(folder)]
        for row in compare_threads([file.read_bytes() for file in files[::8]]):
            print(json.dumps(row))
        return
    if arguments.process:
        files = [photograph.path for folder in folders(arguments.directory) for photograph in photographs(folder)]
        print(json.dumps(compare_processes([file.read_bytes() for file in files[::16]]), indent=1))
        return
    if arguments.memory:
        print(json.dumps(_memory(arguments.directory, arguments.memory), indent=1))
        return
    arguments.output.mkdir(parents=True, exist_ok=True)
    reader = PlateReader()
    peer = None if arguments.no_peer else rapidocr()
    every = []
    for folder in folders(arguments.directory):
        codes = regions(folder.name if arguments.regions is None else arguments.regions)
        outcomes = read_all(reader, photographs(folder), codes, fast=True, peer=peer)
        found = figures(outcomes)
        print(json.dumps({folder.name: found}, indent=1))
        _write(arguments.output / f"{folder.name}.json", outcomes, found)
        write_contact_sheet(arguments.output / f"{folder.name}-failures.png", folder, outcomes)
        every += outcomes
    print(json.dumps({"calibration": points(every)}))
    if arguments.plot:
        write_plot(arguments.plot, points(every))


def _memory(directory: Path, pictures: int) -> dict[str, float]:
    """Return the seconds to load, and the memory (MB) of this process meanwhile; nothing else has run in it."""
    files = [photograph.path for folder in folders(directory) for photograph in photographs(folder)]
    program = "import time; t = time.time(); from python_worker.engine import PlateReader; PlateReader()"
    command = [sys.executable, "-c", f"{program}; print(time.time() - t)"]
    found = {"load_seconds": min(float(subprocess.check_output(command)) for _ in range(5))}
    reader = PlateReader()
    found["loaded"] = _resident()
    for number in range(1, pictures + 1):
        reader.read(files[number % len(files)].read_bytes())
        if number in (100, pictures // 2, pictures):
            found[f"after_{number}"] = _resident()
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _resident() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _write(path: Path, outcomes: list[Outcome], found: dict[str, Any]) -> None:
    readings = [as_json(outcome) for outcome in outcomes]
    content = {"figures": found, "thresholds": thresholds(outcomes), "readings": readings}
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
