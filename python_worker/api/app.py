"""The server's routes."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from .. import __version__
from ..engine.regions import known_regions
from . import access_log, answers, codeproject, openapi
from .calls import Calls
from .config import read_fields
from .connections import Connections
from .errors import ApiError
from .origins import PREFLIGHT, Origins
from .receive import IMAGE_FIELDS, body_limit

_log = logging.getLogger(__name__)

_PAGE = Path(__file__).parent / "page"

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """What the handlers share.

    Attributes:
        calls: of the recognition.
        origins: the web pages that may call.
        connections: all of them.
    """

    calls: Calls
    origins: Origins
    connections: Connections

    async def recognize(self, request: web.Request) -> web.Response:
        """Answer `POST /v1/plate-reader/`."""
        with self.connections.busy(request.protocol):
            answer, upload = await self.calls.recognize(request, IMAGE_FIELDS, lambda sent: read_fields(sent.fields))
            calls = await self.calls.engine.usage.calls()
        return web.json_response(answers.recognition(answer, upload.filename, calls), status=201)

    async def alpr(self, request: web.Request) -> web.Response:
        """Answer CodeProject.AI's `POST /v1/image/alpr` and `/v1/vision/alpr`."""
        begun = time.perf_counter()
        try:
            with self.connections.busy(request.protocol):
                answer, _ = await self.calls.recognize(request, codeproject.IMAGE_FIELDS, codeproject.options)
        except ApiError as error:
            return codeproject.failure(error, access_log.request_id(request), begun)
        return codeproject.answer(answer, access_log.request_id(request), begun)

    async def statistics(self, request: web.Request) -> web.Response:
        """Answer `GET /v1/statistics/`."""
        self._check_token(request)
        return web.json_response(answers.statistics(await self.calls.engine.usage.statistics()))

    async def info(self, request: web.Request) -> web.Response:
        """Answer `GET /info/`."""
        self._check_token(request)
        return web.json_response(answers.info(await self.calls.engine.usage.statistics()))

    async def regions(self, request: web.Request) -> web.Response:
        """Answer `GET /v1/regions/`: what `regions` may name."""
        return web.json_response({"regions": _REGIONS})

    async def health(self, request: web.Request) -> web.Response:
        """Answer `GET /health`: whether the server itself works."""
        return web.json_response({"status": "ok", "version": __version__})

    async def ready(self, request: web.Request) -> web.Response:
        """Answer `GET /ready`: whether a call would be taken now."""
        if self.calls.engine.pid is None:
            raise ApiError(503, "The embedded engine is not loaded; the server's log says why.")
        self.calls.queue.check()
        return web.json_response({"status": "ready", "version": __version__})

    async def prometheus(self, request: web.Request) -> web.Response:
        """Answer `GET /metrics`."""
        metrics = self.calls.metrics
        metrics.queue.set(self.calls.queue.admitted)
        metrics.processes.set(0 if self.calls.engine.pid is None else 1)
        metrics.uploads.set(len(self.calls.uploads.arriving))
        metrics.upload_bytes.set(self.calls.uploads.size)
        metrics.connections.set(self.connections.open)
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _check_token(self, request: web.Request) -> None:
        self.calls.access.check_token(request.headers.get("Authorization"))

    @web.middleware
    async def readable(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Let the browsers of pages that were allowed to call read the answer."""
        self.connections.served(request.protocol)
        origin = self.origins.reader(request)
        asks = origin is not None and request.method == hdrs.METH_OPTIONS
        response = web.Response(status=204, headers=PREFLIGHT) if asks else await handler(request)
        if not request.content.is_eof():
            self.connections.drain(request.protocol, body_limit(self.calls.max_upload))
        if origin is not None:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = f"{hdrs.RETRY_AFTER}, {access_log.HEADER}"
        response.headers[hdrs.VARY] = hdrs.ORIGIN
        return response

    @web.middleware
    async def own(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Refuse the calls of other sites' pages."""
        self.origins.check(request)
        return await handler(request)


_DESCRIPTION = openapi.document()

_REGIONS = [{"code": code, "name": region["name"]} for code, region in sorted(known_regions().items())]


def make_app(server: Server) -> web.Application:
    """Return the application; it serves with and without a path's last slash."""
    app = web.Application(middlewares=[access_log.logged, server.readable, _json_errors, server.own])
    for method, path, handler in (
        ("POST", "/v1/plate-reader", server.recognize),
        ("POST", "/v1/image/alpr", server.alpr),
        ("POST", "/v1/vision/alpr", server.alpr),
        ("GET", "/v1/statistics", server.statistics),
        ("GET", "/v1/regions", server.regions),
        ("GET", "/info", server.info),
        ("GET", "/health", server.health),
        ("GET", "/ready", server.ready),
        ("GET", "/metrics", server.prometheus),
    ):
        app.router.add_route(method, path, handler)
        app.router.add_route(method, f"{path}/", handler)
    app.router.add_get("/openapi.json", _openapi)
    app.router.add_get("/", _page)
    app.router.add_static("/static/", _PAGE)
    app.on_response_prepare.append(_guard)
    return app


@web.middleware
async def _json_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Answer every failure as the API does: with JSON that says in one sentence what was wrong."""
    try:
        return await handler(request)
    except ApiError as error:
        return _refusal(error.status, error.detail, error.headers)
    except web.HTTPException as refused:
        detail = f"{request.method} {request.path}: {refused.reason}."
        allow = refused.headers.get(hdrs.ALLOW)
        return _refusal(refused.status, detail, {"Allow": allow} if allow else {})
    except Exception:
        _log.exception("Request %s failed", access_log.request_id(request))
        return _refusal(500, "The server failed; its log says why.", {})


def _refusal(status: int, reason: str, headers: Mapping[str, str]) -> web.Response:
    return web.json_response(answers.error(reason), status=status, headers=headers)


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    """Keep browsers from running an answer's content, or guessing another type for it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


async def _openapi(request: web.Request) -> web.Response:
    return web.json_response(_DESCRIPTION)


async def _page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGE / "index.html")
