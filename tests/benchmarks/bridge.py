"""`npm run benchmark:bridge`: what the detour through Python costs, beside the original 1.0.3.

Both packages run in a real Node-RED of their own with the same driver node and the same local service, which answers
at once. Rounds are interleaved, so that a busy moment of the machine hits both; medians over the rounds count.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import aiohttp
import uvloop
from PIL import Image

from scripts.node_red import NodeRed
from scripts.tools import LINES, ROOT, ensure_packages, install_package

ORIGINAL = "node-red-contrib-plate-recognizer@1.0.3"
SIZES = {"30 KB": 30_000, "300 KB": 300_000, "3 MB": 3_000_000}
TARGETS = {
    "p50 ms": ("most", 0.85),
    "per second": ("least", 2.0),
    "CPU ms": ("most", 0.3),
    "wire bytes": ("most", 0.752),
}
"""Ratios ours/original; messages a second count with 8 in flight, the wire with images of 300 KB."""
_ANSWER = json.dumps(
    {"results": [{"plate": "nhk552", "score": 0.9, "candidates": [{"plate": "nhk552", "score": 0.9}]}]}
)
_RESPONSE = (
    f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(_ANSWER)}\r\n\r\n{_ANSWER}"
).encode()


class _Service(asyncio.Protocol):
    """Answers each upload as soon as its last byte is there, and counts the bytes of all."""

    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._head = b""
        self._missing = 0
        self._chunked = False

    def data_received(self, data: bytes) -> None:
        _Service.received += len(data)
        if not self._missing and not self._chunked:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._head = b""
            lines = head.lower().split(b"\r\n")
            lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
            self._chunked = not lengths
            self._missing = lengths[0] if lengths else 0
            data = body
        self._missing -= len(data)
        # form-data's stream has no length: its body ends with the last, empty chunk.
        if data.endswith(b"\r\n0\r\n\r\n") if self._chunked else self._missing <= 0:
            self._missing, self._chunked = 0, False
            self._transport.write(_RESPONSE)


def _serve(pipe: Connection) -> None:
    """Run the service in a process of its own; every line through the pipe asks for the bytes since the last."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Service, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while await asyncio.to_thread(pipe.recv):
            pipe.send(_Service.received)
            _Service.received = 0

    uvloop.run(main())


def _flow(port: int) -> list[dict[str, Any]]:
    recognizer = {
        "id": "recognizer",
        "type": "plate-recognizer",
        "z": "tab",
        "inputField": "payload",
        "inputFieldType": "msg",
        "outputField": "payload",
        "outputFieldType": "msg",
        "url": f"http://127.0.0.1:{port}/v1/plate-reader/",
        "ignoreDuring": False,
        "makeAndModel": False,
        "statusText": "count",
        "cameraId": "",
        "separateMsg": False,
        "regionFilter": False,
        "regionList": "[]",
        "regionListType": "json",
        "credentials": {"apiToken": "0" * 40},
        "wires": [["driver"], ["driver"]],
    }
    return [
        {"id": "tab", "type": "tab", "label": "benchmark"},
        recognizer,
        {"id": "driver", "type": "bench-driver", "z": "tab", "wires": [["recognizer"]]},
    ]


def _user_directory(folder: Path, name: str) -> Path:
    """Return a user directory with one of the packages and the driver."""
    directory = folder / name
    directory.mkdir()
    if name == "ours":
        install_package(directory)
    else:
        (directory / "package.json").write_text('{"private": true}')
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "install", "--silent", ORIGINAL], cwd=directory, check=True, stdout=sys.stderr)
    shutil.copytree(ROOT / "tests/benchmarks/bridge_driver", directory / "nodes")
    return directory


def _memory(pid: int) -> float:
    """Return MB of resident memory of a process and its children."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:
            continue
        if str(pid) in (fields["Pid"].strip(), fields["PPid"].strip()):
            total += int(fields.get("VmRSS", "0").split()[0])
    return total / 1024


def _head() -> str:
    encoded = io.BytesIO()
    Image.new("RGB", (1280, 720), "grey").save(encoded, "JPEG")
    return base64.b64encode(encoded.getvalue()).decode()


async def _round(session: aiohttp.ClientSession, red: NodeRed, pipe: Connection, **run: Any) -> dict[str, float]:
    pipe.send(True)
    pipe.recv()
    async with session.post(f"{red.url}/bench", json={**run, "head": _head()}) as response:
        found = await response.json()
    if "error" in found:
        raise RuntimeError(f"a recognition failed: {found['error']}")
    pipe.send(True)
    latencies, count = sorted(found["latencies"]), run["count"]
    return {
        "p50 ms": latencies[count // 2],
        "p95 ms": latencies[int(count * 0.95)],
        "per second": count / found["milliseconds"] * 1000,
        "CPU ms": found["cpu"] / count,
        "loop p99 ms": found["delay"],
        "memory MB": _memory(found["pid"]),
        "wire bytes": pipe.recv() / count,
    }


async def _measure(arguments: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    ensure_packages(LINES["4.1"])
    pipe, theirs = multiprocessing.Pipe()
    service = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    service.start()
    port = pipe.recv()
    rounds: dict[str, dict[str, list[dict[str, float]]]] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        reds = {}
        for name in ("ours", "original"):
            environment = {"PLATE_RECOGNIZER_PYTHON": sys.executable}
            red = NodeRed("4.1", _user_directory(folder, name), environment=environment)
            reds[name] = await stack.enter_async_context(red)
            await red.deploy(_flow(port))
            await _round(session, red, pipe, size=30_000, count=50, flight=4)
        for number in range(arguments.rounds):
            for label, size in SIZES.items():
                for flight in (1, 8):
                    count = arguments.messages // (10 if size > 1_000_000 else 1)
                    for name in ("ours", "original") if number % 2 else ("original", "ours"):
                        found = await _round(session, reds[name], pipe, size=size, count=count, flight=flight)
                        rounds.setdefault(f"{label}, {flight} in flight", {}).setdefault(name, []).append(found)
    pipe.send(False)
    return {case: {name: _medians(each) for name, each in both.items()} for case, both in rounds.items()}


def _medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {figure: statistics.median(each[figure] for each in rounds) for figure in rounds[0]}


def _report(cases: dict[str, dict[str, dict[str, float]]]) -> None:
    for case, both in cases.items():
        print(f"\n{case}\n{'':14}{'ours':>12}{'original':>12}{'ratio':>8}")
        for figure, ours in both["ours"].items():
            theirs = both["original"][figure]
            ratio = ours / theirs
            counts = (figure != "per second" or case.endswith("8 in flight")) and (
                figure != "wire bytes" or case.startswith("300")
            )
            verdict = ""
            if figure in TARGETS and counts:
                kind, bound = TARGETS[figure]
                met = ratio <= bound if kind == "most" else ratio >= bound
                verdict = f"  target at {kind} {bound:g}: {'met' if met else 'missed'}"
            print(f"{figure:14}{ours:12.2f}{theirs:12.2f}{ratio:8.3f}{verdict}")


def main() -> int:
    """Measure, print the table, and return 0."""
    parser = argparse.ArgumentParser(prog="npm run benchmark:bridge --", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=300, help="a round; a tenth with images of 3 MB")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args()
    cases = asyncio.run(_measure(arguments))
    _report(cases)
    if arguments.json:
        arguments.json.write_text(json.dumps(cases, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
