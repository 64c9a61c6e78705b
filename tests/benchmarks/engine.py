"""`npm run benchmark:engine -- DIR…`: how well and how fast the engine reads labelled photographs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from python_worker.engine import PlateReader

from .plates.contact_sheet import write_contact_sheet
from .plates.detour import compare_processes
from .plates.load import load_seconds, memory
from .plates.measure import Outcome, as_json, figures, read_all, thresholds
from .plates.peer import Peer, rapidocr_peers, warm_up
from .plates.photographs import folders, photographs, regions
from .plates.plot import points, write_plot
from .plates.record import environment, write_record
from .plates.street import is_street, street_photographs
from .plates.street_measure import failures, read_street, street_figures, street_json, table
from .plates.threads import compare_threads
from .plates.throughput import throughput

_COMPARED = "eu"
"""The folder whose mean time those of pictures without plates are compared with."""

_WARM_UP = 3
"""Pictures that every contestant reads in advance."""


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmark:engine", description=__doc__)
    parser.add_argument(
        "directories", type=Path, nargs="+", metavar="DIR", help="with labels.tsv, or with such folders"
    )
    parser.add_argument("--only", metavar="NAMES", help="comma-separated names of the folders to read")
    parser.add_argument(
        "--regions",
        metavar="CODES",
        help="comma-separated; eu is all of Europe; default: each picture's, or the folder's name; '' for none",
    )
    parser.add_argument("--no-peer", action="store_true", help="do not run plain RapidOCR beside it")
    parser.add_argument("--output", type=Path, default=Path(".cache/benchmarks/engine"), metavar="FOLDER")
    parser.add_argument("--record", type=Path, metavar="FILE", help="of this run; default: its commit's, in the output")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot of score against hit rate (SVG)")
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--load", action="store_true", help="measure how long the engine takes to load, alone")
    alone.add_argument("--memory", type=int, metavar="N", help="read N pictures, and print the memory alone")
    alone.add_argument("--throughput", action="store_true", help="measure pictures of 1280 by 720 a second, alone")
    alone.add_argument("--threads", action="store_true", help="compare numbers of threads alone")
    alone.add_argument("--process", action="store_true", help="measure what the engine's own process costs, alone")
    arguments = parser.parse_args()
    chosen = [folder for directory in arguments.directories for folder in folders(directory)]
    if arguments.only:
        chosen = [folder for folder in chosen if folder.name in arguments.only.split(",")]
    if not chosen:
        parser.error(f"there is no folder of the name {arguments.only}")
    if arguments.load:
        _show(load_seconds())
    elif arguments.memory:
        _show(memory(_files(chosen), arguments.memory))
    elif arguments.throughput:
        _show(throughput(chosen))
    elif arguments.threads:
        for row in compare_threads([file.read_bytes() for file in _files(chosen)[::8]]):
            _show(row)
    elif arguments.process:
        _show(compare_processes([file.read_bytes() for file in _files(chosen)[::16]]))
    else:
        _read(chosen, arguments)


def _read(chosen: Sequence[Path], arguments: argparse.Namespace) -> None:
    """Read all photographs, print what was found, and write the record."""
    where = environment()
    _show(where)
    reader = PlateReader()
    peers = {} if arguments.no_peer else rapidocr_peers()
    first = [file.read_bytes() for file in _files(chosen)[:_WARM_UP]]
    for data in first:
        reader.read(data)
    warm_up(peers, first)
    found: dict[str, dict[str, Any]] = {}
    every: list[Outcome] = []
    for folder in chosen:
        if is_street(folder):
            found[folder.name] = _read_street(reader, folder, arguments.regions, peers)
        else:
            codes = regions(folder.name if arguments.regions is None else arguments.regions)
            outcomes = read_all(reader, photographs(folder), codes, peers)
            found[folder.name] = {
                "figures": figures(outcomes),
                "thresholds": thresholds(outcomes),
                "readings": [as_json(outcome) for outcome in outcomes],
            }
            _show({folder.name: found[folder.name]["figures"]})
            arguments.output.mkdir(parents=True, exist_ok=True)
            write_contact_sheet(arguments.output / f"{folder.name}-failures.png", folder, outcomes)
            every += outcomes
    compared = ratios({name: one["figures"] for name, one in found.items()})
    _show({"ratios": compared})
    if every:
        print(json.dumps({"calibration": points(every)}))
    if arguments.plot:
        write_plot(arguments.plot, points(every))
    path = arguments.record or arguments.output / f"{where['commit']}-{where['time'].replace(':', '')}.json"
    write_record(path, {"environment": where, "regions": arguments.regions, "folders": found, "ratios": compared})
    print(f"record: {path}")


def _read_street(
    reader: PlateReader, folder: Path, codes: str | None, peers: Mapping[str, Peer]
) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    outcomes = read_street(reader, street_photographs(folder), None if codes is None else regions(codes), peers)
    found = street_figures(outcomes)
    print("\n".join([folder.name, *failures(outcomes), "", table(found)]))
    _show({name: value for name, value in found.items() if name != "categories"})
    return {"figures": found, "readings": [street_json(outcome) for outcome in outcomes]}


def ratios(found: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return the engine's times as parts of the peers', and those of pictures without plates as parts of Europe's."""
    compared = {}
    for folder, figure in found.items():
        times = figure["milliseconds"]
        for peer in times.keys() - {"engine", "fast"}:
            for kind in ("mean", "p50", "p95"):
                compared[f"{folder} {kind} to {peer}"] = times["engine"][kind] / times[peer][kind]
    for folder, figure in found.items():
        if figure.get("without_plate") and _COMPARED in found:
            mean = found[_COMPARED]["milliseconds"]["engine"]["mean"]
            compared[f"{folder} without plate to {_COMPARED}"] = figure["without_plate"]["mean"] / mean
    return dict(sorted(compared.items()))


def _files(chosen: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for folder in chosen:
        found += [one.path for one in (street_photographs(folder) if is_street(folder) else photographs(folder))]
    return found


def _show(found: object) -> None:
    """Print figures, numbers to three digits."""
    print(json.dumps(json.loads(json.dumps(found), parse_float=lambda text: round(float(text), 3)), indent=1))


if __name__ == "__main__":
    main()
