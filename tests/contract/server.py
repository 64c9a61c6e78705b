"""The Plate Recognizer cloud or on-premise SDK as an HTTP server, that can also refuse, stall, truncate and lie.

In a test: `async with Service() as cloud`. As a process, for benchmarks and JavaScript tests:

    python -m tests.contract.server [--kind sdk] [--port 0]

prints `{"port": 40123}` once it listens, answers `GET /~calls` with what it received, and ends when its standard
input closes.

A request meets a fault (see `faults`) when its path begins with `/~FAULT`, when its camera_id begins with `~FAULT`
(up to a blank, so that messages stay distinguishable), or when `Service.faults` holds one for the next call.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiohttp import hdrs, web
from multidict import CIMultiDictProxy

from . import faults
from .forms import Form, FormError, read_form

Kind: TypeAlias = Literal["cloud", "sdk"]

TOKEN = "0123456789abcdef0123456789abcdef01234567"
UPLOAD_LIMIT = 3_000_000
MONTHLY_CALLS = 2500

PLATE: dict[str, Any] = {
    "box": {"xmin": 148, "ymin": 478, "xmax": 288, "ymax": 579},
    "plate": "nhk552",
    "region": {"code": "gb", "score": 0.948},
    "score": 0.896,
    "candidates": [{"score": 0.896, "plate": "nhk552"}],
    "dscore": 0.74,
    "vehicle": {"score": 0.842, "type": "Sedan", "box": {"xmin": 67, "ymin": 113, "xmax": 908, "ymax": 653}},
}
_MMC = {
    "model_make": [{"make": "BMW", "model": "3 Series", "score": 0.8}],
    "color": [{"color": "black", "score": 0.9}],
    "orientation": [{"orientation": "Front", "score": 0.9}],
}


@dataclass(frozen=True)
class Call:
    """A request as it arrived; `wire_bytes` counts its request line, headers and body."""

    method: str
    path: str
    headers: CIMultiDictProxy[str]
    form: Form
    wire_bytes: int


@dataclass
class Service:
    """A running service.

    Attributes:
        kind: the cloud demands the token and limits an upload; the SDK does neither.
        keep: how many calls to keep, the latest.
        results: what an upload is answered with.
        faults: faults of the next calls, one each.
        delay: seconds that a recognition takes.
        used: calls of the account in this month.
        abandoned: how many clients left without their answer.
        calls: what arrived.
    """

    kind: Kind = "cloud"
    keep: int | None = None
    results: list[dict[str, Any]] = field(default_factory=lambda: [PLATE])
    faults: deque[str] = field(default_factory=deque)
    calls: deque[Call] = field(default_factory=deque)
    used: int = 128
    delay: float = 0.0
    port: int = 0

    def __post_init__(self) -> None:
        self.calls = deque(maxlen=self.keep)
        self.abandoned = 0
        self._received = 0
        self._wire_bytes = 0
        self._change = asyncio.Condition()
        self._open = asyncio.Event()
        self._open.set()

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Service:
        application = web.Application(client_max_size=2**30)
        for prefix in ("", "/~{fault}"):
            application.router.add_post(f"{prefix}/v1/plate-reader/", self._recognize)
            usage = "/v1/statistics/" if self.kind == "cloud" else "/info/"
            application.router.add_get(prefix + usage, self._statistics)
        application.router.add_get("/~calls", self._report)
        # A stalled answer is cancelled when its client leaves, so it does not delay the end of a test.
        self._runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._runner.cleanup()

    def reset(self) -> None:
        """Forget calls and faults, and answer as at the start."""
        self.calls.clear()
        self.faults.clear()
        self.results = [PLATE]
        self.used = 128
        self.abandoned = self._received = self._wire_bytes = 0
        self._open.set()

    async def arrived(self, count: int) -> None:
        """Wait until so many calls arrived since the start or `reset`."""
        await self._until(lambda: self._received >= count)

    async def left(self, count: int) -> None:
        """Wait until so many clients left without their answer since the start or `reset`."""
        await self._until(lambda: self.abandoned >= count)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Answer nothing before the block ends."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def _recognize(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            form = read_form(request.headers.get(hdrs.CONTENT_TYPE, ""), body)
        except FormError as error:
            return web.json_response({"detail": str(error)}, status=400)
        fault = await self._receive(request, form, len(body))
        if fault:
            return await self._fail(fault, request)
        if self.delay:
            await asyncio.sleep(self.delay)
        if not self._authorized(request):
            return faults.refusal(403)
        if form.upload is None and "upload_url" not in form.fields:
            return faults.refusal(400)
        if self.kind == "cloud" and len(form.upload or b"") > UPLOAD_LIMIT:
            return faults.refusal(413)
        return web.json_response(self._answer(form), status=201)

    async def _statistics(self, request: web.Request) -> web.StreamResponse:
        fault = await self._receive(request, Form(), 0)
        if fault:
            return await self._fail(fault, request)
        if self.kind == "sdk":
            usage = {"usage": {"calls": self.used}, "total_calls": MONTHLY_CALLS}
            return web.json_response({"version": "1.3.8", "license_key": "XXX", "webhooks": [], **usage})
        if not self._authorized(request):
            return faults.refusal(403)
        month = {"month": 1, "calls": self.used, "year": 2019, "resets_on": "2019-02-01T00:00:00Z"}
        return web.json_response({"usage": month, "total_calls": MONTHLY_CALLS})

    async def _report(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "calls": self._received,
                "wire_bytes": self._wire_bytes,
                "latest": [
                    {"path": call.path, "fields": call.form.fields, "upload_bytes": len(call.form.upload or b"")}
                    for call in self.calls
                ],
            }
        )

    async def _receive(self, request: web.Request, form: Form, body_bytes: int) -> str | None:
        """Record a call and return its fault."""
        line = f"{request.method} {request.path_qs} HTTP/1.1\r\n"
        head = sum(len(name) + len(value) + 4 for name, value in request.raw_headers)
        wire_bytes = len(line) + head + 2 + body_bytes
        self.calls.append(Call(request.method, request.path, request.headers, form, wire_bytes))
        self._received += 1
        self._wire_bytes += wire_bytes
        await self._notify()
        fault = request.match_info.get("fault") or _fault_of_camera(form)
        if fault is None and self.faults:
            fault = self.faults.popleft()
        await self._open.wait()
        return fault

    async def _fail(self, fault: str, request: web.Request) -> web.StreamResponse:
        try:
            return await faults.apply(fault, request)
        except asyncio.CancelledError:
            self.abandoned += 1
            await asyncio.shield(self._notify())
            raise

    async def _notify(self) -> None:
        async with self._change:
            self._change.notify_all()

    async def _until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        async with self._change:
            await asyncio.wait_for(self._change.wait_for(condition), seconds)

    def _authorized(self, request: web.Request) -> bool:
        return self.kind == "sdk" or request.headers.get(hdrs.AUTHORIZATION) == f"Token {TOKEN}"

    def _answer(self, form: Form) -> dict[str, Any]:
        self.used += 1
        mmc = form.fields.get("mmc") == ["true"]
        answer = {
            "processing_time": 78.569,
            "results": [{**result, **(_MMC if mmc else {})} for result in self.results],
            "filename": "1617_7M83K_car.jpg",
            "version": 1,
            "camera_id": form.fields.get("camera_id", [None])[0],
            "timestamp": form.fields.get("timestamp", ["2020-10-12T16:17:27.574008Z"])[0],
        }
        if self.kind == "sdk":
            answer["usage"] = {"calls": self.used, "max_calls": MONTHLY_CALLS}
        return answer


def _fault_of_camera(form: Form) -> str | None:
    camera = form.fields.get("camera_id", [""])[0]
    return camera[1:].split(" ")[0] if camera.startswith("~") else None


async def _serve(kind: Kind, port: int) -> None:
    async with Service(kind, keep=1, port=port) as service:
        print(json.dumps({"port": service.port}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=("cloud", "sdk"), default="cloud")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.kind, arguments.port))


if __name__ == "__main__":
    main()
