"""What a message costs in a real Node-RED 4.1, beside a function node that ends it."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from scripts.node_red import Flow
from scripts.tools import LINES, ROOT, ensure_packages

from ..bridge import make_user_directory, node_red, worker_cpu

_RESULTS = """
const box = { xmin: 148, ymin: 478, xmax: 288, ymax: 579 };
const vehicle = { type: "Sedan", score: 0.842, box: { xmin: 67, ymin: 113, xmax: 908, ymax: 653 } };
const candidates = ["nhk552", "nhks52", "nhk5s2", "nhk5sz"].map((plate, place) => ({ plate, score: 0.9 / 9 ** place }));
const car = { plate: "nhk552", score: 0.9, dscore: 0.8, candidates, box, vehicle, region: { code: "gb", score: 0.9 } };
msg.image = msg.payload;
msg.payload = { results: [car, { ...car, plate: "klm482", candidates: [], box: { ...box, xmin: 648, xmax: 788 } }] };
return msg;
"""

_SIZES = {"no picture": None, "100 KB": 100_000, "1 MB": 1_000_000}
_ROUNDS = 5
_MESSAGES = 300
_PATIENCE = aiohttp.ClientTimeout(total=120)


def cost() -> list[str]:
    """Return lines: for each size of picture, the medians over rounds of milliseconds for a message with two cars."""
    ensure_packages(LINES["4.1"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_user_directory(folder / "red", ROOT)
        return asyncio.run(_cost(folder / "red"))


async def _cost(folder: Path) -> list[str]:
    lines = [f"{'':14}{'node':>12}{'p50 ms':>10}{'CPU of Node-RED':>18}{'of the worker':>16}"]
    async with node_red(folder) as red:
        for title, size in _SIZES.items():
            for node in ("function", "plate-events"):
                await red.deploy(_flow(node, size is not None), "nodes")  # which keeps the driver
                found = [await _round(red, size or 1000) for _ in range(_ROUNDS + 1)][1:]
                p50, cpu, worker = (statistics.median(one[place] for one in found) for place in range(3))
                lines.append(f"{title:14}{node:>12}{p50:10.2f}{cpu:18.2f}{worker:16.2f}")
    return lines


async def _round(red: Any, size: int) -> tuple[float, float, float]:
    spent = worker_cpu(red.pid)
    run = {"size": size, "count": _MESSAGES, "flight": 1, "head": ""}
    found = await red.request("POST", "/benchmark", json=run, timeout=_PATIENCE)
    worker = (worker_cpu(red.pid) - spent) / _MESSAGES
    return statistics.median(found["latencies"]), found["cpu"] / _MESSAGES, worker


def _flow(kind: str, with_picture: bool) -> Flow:
    tested: dict[str, Any] = {"id": "tested", "type": kind, "z": "tab", "wires": [[], []]}
    # The hold time makes each deploy begin without cars.
    tested |= {"func": "return null;", "outputs": 1} if kind == "function" else {"hold": 200 + with_picture}
    if not with_picture:
        tested["pictureField"] = "none"
    results: dict[str, Any] = {
        "id": "results",
        "type": "function",
        "z": "tab",
        "func": _RESULTS,
        "outputs": 1,
        "wires": [["tested"]],
    }
    nodes: Flow = [
        {"id": "driver", "type": "benchmark-driver", "z": "tab", "wires": [["results"]]},
        results,
        tested,
        {
            "id": "complete",
            "type": "complete",
            "z": "tab",
            "scope": ["tested"],
            "uncaught": False,
            "wires": [["driver"]],
        },
    ]
    # Node-RED takes a node without a position for a configuration.
    return [{"id": "tab", "type": "tab", "label": "benchmark"}, *({**node, "x": 0, "y": 0} for node in nodes)]
