"""`npm run benchmark:bridge`: what the way through Python costs, compared to the original 1.0.3 or another checkout.

Both packages run in a real Node-RED 4.1 of their own, with the same driver node and the same local service. Rounds are
interleaved, so that a busy moment of the machine hits both; the results are medians over the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
from PIL import Image

from scripts.node_red import Flow, NodeRed
from scripts.tools import LINES, ROOT, NpmError, ensure_packages, install_package, original_package

from .bridge_service import LocalService, contract, instant

SIZES = {"30 KB": 30_000, "300 KB": 300_000, "3 MB": 3_000_000}
CASES = [(size, flight) for size in SIZES for flight in (1, 8)]
"""An image's size, and how many messages are in flight at once."""

PACKAGES = ("ours", "peer")
SERVICES = {"instant": instant, "contract": contract}
MOST = {"p50 ms": 0.85, "Node-RED CPU ms": 0.4, "wire bytes": 0.752}
"""Targets of the ratio to the original."""

_SMALLEST_ROUND = 20
_FRESH_ROUND = 30
_PATIENCE = aiohttp.ClientTimeout(total=60)

Figures: TypeAlias = "dict[str, float]"
Case: TypeAlias = "tuple[str, int]"
Found: TypeAlias = "dict[tuple[Case, str], list[Figures]]"
"""The rounds' figures of each case, by case and package."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, and return the exit status; a missed target is no failure."""
    parser = argparse.ArgumentParser(prog="npm run benchmark:bridge --", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="of each package and case (%(default)s)")
    parser.add_argument(
        "--messages",
        type=int,
        default=400,
        help="in a round; a tenth with images of 3 MB, and in any case at least 20 (%(default)s)",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="each round is the first in a Node-RED that has just started: 30 messages, after a single one",
    )
    parser.add_argument(
        "--service",
        choices=SERVICES,
        default="instant",
        help="instant answers without a look at the image, contract reads the form first (%(default)s)",
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="DIR",
        help="compare with the package of this checkout instead of the original: a change with the state before it",
    )
    parser.add_argument(
        "--cases", nargs="+", type=int, default=range(len(CASES)), help=f"numbers of the cases: {CASES}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    options = parser.parse_args(arguments)
    try:
        measured = _medians_of_all(options)
    except NpmError as error:
        print(error, file=sys.stderr)
        return 1
    report = [_compare(case, *both, with_targets=options.beside is None) for case, both in measured.items()]
    _print(report, "original" if options.beside is None else options.beside.name)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


def _medians_of_all(options: argparse.Namespace) -> dict[Case, tuple[Figures, Figures]]:
    """Return the medians of each case, ours and the peer's."""
    ensure_packages(LINES["4.1"])
    with tempfile.TemporaryDirectory() as name, SERVICES[options.service]() as service:
        folder = Path(name)
        make_user_directory(folder / "ours", ROOT)
        make_user_directory(folder / "peer", options.beside and options.beside.resolve())
        cases = [CASES[number] for number in options.cases]
        if options.fresh:
            found = asyncio.run(_measure_fresh(service, folder, cases, options.rounds))
        else:
            found = asyncio.run(_measure(service, folder, cases, options.rounds, options.messages))
    return {case: (_medians(found[case, "ours"]), _medians(found[case, "peer"])) for case in cases}


async def _measure(service: LocalService, folder: Path, cases: Sequence[Case], rounds: int, messages: int) -> Found:
    """Measure all cases in the same two Node-REDs, round after round."""
    found: Found = {}
    async with AsyncExitStack() as stack:
        reds = {name: await stack.enter_async_context(_node_red(folder / name, service)) for name in PACKAGES}
        # The first round lets the just-in-time compiler do its work, and does not count.
        for number in range(rounds + 1):
            for size, flight in cases:
                count = max(_SMALLEST_ROUND, messages // (10 if size == "3 MB" else 1))
                for name in _in_turn(number):
                    figures = await _round(reds[name], service, SIZES[size], count, flight)
                    if number:
                        found.setdefault(((size, flight), name), []).append(figures)
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
    return found


async def _measure_fresh(service: LocalService, folder: Path, cases: Sequence[Case], rounds: int) -> Found:
    """Measure each case, each time in a Node-RED that has just started."""
    found: Found = {}
    for number in range(rounds):
        for size, flight in cases:
            for name in _in_turn(number):
                async with _node_red(folder / name, service) as red:
                    # Messages wait until the worker is there.
                    await _round(red, service, SIZES[size], 1, 1)
                    figures = await _round(red, service, SIZES[size], _FRESH_ROUND, flight)
                found.setdefault(((size, flight), name), []).append(figures)
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return found


def _in_turn(number: int) -> Sequence[str]:
    return PACKAGES if number % 2 else PACKAGES[::-1]


@asynccontextmanager
async def _node_red(directory: Path, service: LocalService) -> AsyncIterator[NodeRed]:
    """Run a Node-RED with the flow in a user directory, which keeps it for the next start."""
    is_new = not (directory / "flows.json").exists()
    async with node_red(directory) as red:
        if is_new:
            await red.deploy(_flow(service.url))
        yield red


def node_red(directory: Path) -> NodeRed:
    """Return a Node-RED with a user directory and this Python, to be entered."""
    return NodeRed("4.1", directory, environment={"PLATE_RECOGNIZER_PYTHON": sys.executable})


def make_user_directory(directory: Path, checkout: Path | None) -> None:
    """Make a user directory with the package of a checkout, None for the original's, and the driver node."""
    directory.mkdir()
    if checkout:
        install_package(directory, checkout=checkout)
    else:
        (directory / "node_modules").symlink_to(original_package(), target_is_directory=True)
    shutil.copytree(ROOT / "tests" / "benchmarks" / "bridge_driver", directory / "nodes")


def _flow(url: str) -> Flow:
    recognizer = {
        "id": "recognizer",
        "type": "plate-recognizer",
        "z": "tab",
        "wires": [["driver"], ["driver"]],
        "inputField": "payload",
        "inputFieldType": "msg",
        "outputField": "payload",
        "outputFieldType": "msg",
        "url": url,
        "ignoreDuring": False,
        "makeAndModel": False,
        "statusText": "count",
        "cameraId": "",
        "separateMsg": False,
        "regionFilter": False,
        "regionList": "[]",
        "regionListType": "json",
        "credentials": {"apiToken": "0" * 40},
    }
    driver = {"id": "driver", "type": "benchmark-driver", "z": "tab", "wires": [["recognizer"]]}
    return [{"id": "tab", "type": "tab", "label": "benchmark"}, recognizer, driver]


async def _round(red: NodeRed, service: LocalService, size: int, count: int, flight: int) -> Figures:
    before, spent = service.received(), worker_cpu(red.pid)
    run = {"size": size, "count": count, "flight": flight, "head": _picture()}
    found: dict[str, Any] = await red.request("POST", "/benchmark", json=run, timeout=_PATIENCE)
    latencies = sorted(found["latencies"])
    return {
        "p50 ms": latencies[count // 2],
        "p95 ms": latencies[count * 95 // 100],
        "messages/s": count / found["milliseconds"] * 1000,
        "Node-RED CPU ms": found["cpu"] / count,
        "worker CPU ms": (worker_cpu(red.pid) - spent) / count,
        "loop delay p99 ms": found["delay"],
        "memory MB": _memory(red.pid),
        "wire bytes": (service.received() - before) / count,
    }


def _picture() -> str:
    """Return a small JPEG as base64; padding after its end gives it any size."""
    encoded = io.BytesIO()
    Image.new("RGB", (1280, 720), "grey").save(encoded, "JPEG")
    return base64.b64encode(encoded.getvalue()).decode()


def worker_cpu(pid: int) -> float:
    """Return the milliseconds that the children of a process have taken; 0 if it has none, like the original's."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") * 1000


def _memory(pid: int) -> float:
    """Return the resident memory of a process and its children in MB."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(pid) in (fields["Pid"].strip(), fields["PPid"].strip()):
            total += int(fields.get("VmRSS", "0").split()[0])
    return total * 1024 / 1e6


def _medians(rounds: list[Figures]) -> Figures:
    return {figure: statistics.median(each[figure] for each in rounds) for figure in rounds[0]}


def _target(figure: str, flight: int) -> tuple[str, float] | None:
    """Return the bound of the ratio to the original."""
    if figure == "messages/s":
        return ("at least", 1.3) if flight > 1 else None
    most = MOST.get(figure)
    return ("at most", most) if most else None


def _compare(case: Case, ours: Figures, peer: Figures, *, with_targets: bool) -> dict[str, Any]:
    size, flight = case
    figures: dict[str, dict[str, Any]] = {}
    for name in ours:
        ratio = ours[name] / peer[name] if peer[name] else math.nan
        figures[name] = {"ours": ours[name], "peer": peer[name], "ratio": ratio}
        target = _target(name, flight) if with_targets else None
        if target:
            kind, bound = target
            figures[name] |= {
                "target": f"{kind} {bound:g}",
                "met": ratio <= bound if kind == "at most" else ratio >= bound,
            }
    return {"size": size, "in flight": flight, "figures": figures}


def _print(report: list[dict[str, Any]], peer: str) -> None:
    for case in report:
        title = f"{case['size']}, {case['in flight']} in flight"
        print(f"\n{title:20}{'ours':>14}{peer:>14}{'ratio':>8}")
        for name, row in case["figures"].items():
            verdict = f"  target {row['target']}: {'met' if row['met'] else 'MISSED'}" if "target" in row else ""
            print(f"{name:20}{row['ours']:14,.2f}{row['peer']:14,.2f}{row['ratio']:8.3f}{verdict}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
