"""`npm run benchmark:server`: what HTTP adds to the engine, and the server's memory over many requests.

For 1, 2, 4 and 8 clients at once, in turn: the engine alone, in as many threads as it says are best, and the server
as a process of its own, over kept-alive connections. Pictures of 1280 x 720 pixels.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import aiohttp
from PIL import Image

from python_worker.engine import PlateReader
from python_worker.samples import draw_samples
from tests.api.conftest import Running, serving

from .plates.photographs import folders, photographs
from .plates.street import is_street

_CLIENTS = (1, 2, 4, 8)
_SIZE = (1280, 720)

_Call: TypeAlias = "Callable[[bytes], Awaitable[None]]"


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(prog="benchmark:server", description=__doc__)
    parser.add_argument(
        "directory", type=Path, nargs="?", metavar="DIR", help="labelled photographs; default: the drawn samples"
    )
    parser.add_argument("--calls", type=int, default=64, help="in a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of each case (%(default)s)")
    arguments = parser.parse_args()
    pictures = _pictures(arguments.directory)
    with serving("--queue", "64") as server:
        found = asyncio.run(_compare(server, pictures, arguments.calls, arguments.rounds))
    with serving("--queue", "64") as server:
        memory = asyncio.run(_memory(server, pictures))
    print(json.dumps({"clients": found, "memory_mb": memory}, indent=1))


def _pictures(directory: Path | None) -> list[bytes]:
    if directory is None:
        return list(draw_samples().values())
    pictures = []
    for folder in (one for one in folders(directory) if not is_street(one)):
        for photograph in photographs(folder)[::8]:
            file = io.BytesIO()
            Image.open(photograph.path).convert("RGB").resize(_SIZE).save(file, "JPEG", quality=90)
            pictures.append(file.getvalue())
    return pictures


async def _compare(
    server: Running, pictures: Sequence[bytes], calls: int, rounds: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Return by number of clients and contestant the medians over the rounds."""
    reader = PlateReader()
    loop = asyncio.get_running_loop()
    found: dict[tuple[int, str], list[dict[str, float]]] = {}
    with ThreadPoolExecutor(reader.concurrency) as threads:
        async with aiohttp.ClientSession() as client:

            async def engine(picture: bytes) -> None:
                await loop.run_in_executor(threads, reader.read, picture)

            async def http(picture: bytes) -> None:
                await _post(client, server, picture)

            for call in (engine, http):
                await _round(call, pictures, 4, 2)
            for _ in range(rounds):
                for clients in _CLIENTS:
                    for name, call in (("engine", engine), ("server", http)):
                        figures = await _round(call, pictures, calls, clients)
                        found.setdefault((clients, name), []).append(figures)
    medians = {
        key: {name: round(statistics.median(one[name] for one in all_), 2) for name in all_[0]}
        for key, all_ in found.items()
    }
    return {
        str(clients): {
            "engine": medians[clients, "engine"],
            "server": medians[clients, "server"],
            "ratio": {
                name: round(medians[clients, "server"][name] / value, 3)
                for name, value in medians[clients, "engine"].items()
            },
        }
        for clients in _CLIENTS
    }


async def _round(call: _Call, pictures: Sequence[bytes], calls: int, clients: int) -> dict[str, float]:
    times: list[float] = []
    left = iter(range(calls))

    async def one_client() -> None:
        for number in left:
            begun = time.perf_counter()
            await call(pictures[number % len(pictures)])
            times.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    await asyncio.gather(*(one_client() for _ in range(clients)))
    spent = time.perf_counter() - begun
    times.sort()
    return {"per_second": calls / spent, "p50_ms": times[len(times) // 2], "p95_ms": times[int(0.95 * len(times))]}


async def _post(client: aiohttp.ClientSession, server: Running, picture: bytes) -> None:
    form = aiohttp.FormData()
    form.add_field("upload", picture, filename="car.jpg", content_type="image/jpeg")
    async with client.post(f"{server.url}/v1/plate-reader/", data=form) as response:
        assert response.status == 201, await response.text()
        await response.read()


async def _memory(server: Running, pictures: Sequence[bytes]) -> dict[str, float]:
    """Return the resident memory (Linux) of the server and of its engine's process after so many requests."""
    engine = _child(server.process.pid)
    found = {}
    async with aiohttp.ClientSession() as client:
        for number in range(1, 1001):
            await _post(client, server, pictures[number % len(pictures)])
            if number in (100, 1000):
                found[f"server_after_{number}"] = _resident(server.process.pid)
                found[f"engine_after_{number}"] = _resident(engine)
    return found


def _child(process: int) -> int:
    return int(Path(f"/proc/{process}/task/{process}/children").read_text("ascii"))


def _resident(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text("ascii")
    line = next(one for one in status.splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    main()
