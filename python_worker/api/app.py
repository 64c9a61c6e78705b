"""The server's routes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from .. import __version__
from ..engine.regions import known_regions
from ..errors import RecognitionError
from ..services.embedded import EmbeddedService
from . import answers
from .config import read_fields
from .errors import ApiError
from .fetch import ImageFetcher
from .forms import Upload, missing_image
from .limits import Access, Queue
from .metrics import Metrics
from .receive import IMAGE_FIELDS, read_upload

_log = logging.getLogger(__name__)

_HERE = Path(__file__).parent
_PAGE = _HERE / "page"


@dataclass
class Server:
    """What the handlers share.

    Attributes:
        engine: reads the plates.
        access: who may call.
        queue: the calls that wait.
        metrics: counts and times of the calls.
        max_upload: bytes that an image may have.
        fetcher: of `upload_url`; None where that is not allowed.
    """

    engine: EmbeddedService
    access: Access
    queue: Queue
    metrics: Metrics
    max_upload: int
    fetcher: ImageFetcher | None

    async def recognize(self, request: web.Request) -> web.Response:
        """Answer `POST /v1/plate-reader/`."""
        try:
            body = await self._recognize(request)
        except ApiError as error:
            self.metrics.count(error.status)
            raise
        self.metrics.count(201, sum(result["plate"] is not None for result in body["results"]))
        return web.json_response(body, status=201)

    async def _recognize(self, request: web.Request) -> answers.Answer:
        self.access.check_token(request.headers.get("Authorization"))
        self.access.check_rate()
        with self.queue.place():
            with self.metrics.stage("upload"):
                upload = await read_upload(request, self.max_upload)
                options = read_fields(upload.fields)
                image = upload.image if upload.image is not None else await self._fetched(upload)
            with self.metrics.stage("wait"):
                await self.queue.engine.acquire()
            try:
                with self.metrics.stage("read"):
                    answer = await self.engine.recognize(image, options)
            except RecognitionError as error:
                raise ApiError(error.status, error.message) from error
            finally:
                self.queue.engine.release()
            calls = await self.engine.usage.calls()
        return answers.recognition(answer, upload.filename, calls)

    async def _fetched(self, upload: Upload) -> bytes:
        urls = upload.fields.get("upload_url")
        if not urls:
            raise missing_image(upload, IMAGE_FIELDS)
        if self.fetcher is None:
            raise ApiError(
                400, "This server does not fetch images ('upload_url'). Send the image in the field 'upload'."
            )
        return await self.fetcher.fetch(urls[-1])

    async def statistics(self, request: web.Request) -> web.Response:
        """Answer `GET /v1/statistics/`."""
        self.access.check_token(request.headers.get("Authorization"))
        return web.json_response(answers.statistics(await self.engine.usage.statistics()))

    async def info(self, request: web.Request) -> web.Response:
        """Answer `GET /info/`."""
        self.access.check_token(request.headers.get("Authorization"))
        return web.json_response(answers.info(await self.engine.usage.statistics()))

    async def regions(self, request: web.Request) -> web.Response:
        """Answer `GET /v1/regions/`: what `regions` may name."""
        return web.json_response({"regions": _REGIONS})

    async def health(self, request: web.Request) -> web.Response:
        """Answer `GET /health`."""
        return web.json_response({"status": "ok", "version": __version__})

    async def prometheus(self, request: web.Request) -> web.Response:
        """Answer `GET /metrics`."""
        self.metrics.queue.set(self.queue.admitted)
        return web.Response(body=self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


_REGIONS = [{"code": code, "name": region["name"]} for code, region in sorted(known_regions().items())]


def make_app(server: Server) -> web.Application:
    """Return the application; it serves with and without a path's last slash."""
    app = web.Application(middlewares=[_json_errors], client_max_size=0)
    for method, path, handler in (
        ("POST", "/v1/plate-reader", server.recognize),
        ("GET", "/v1/statistics", server.statistics),
        ("GET", "/v1/regions", server.regions),
        ("GET", "/info", server.info),
        ("GET", "/health", server.health),
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
async def _json_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
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
        _log.exception("A request failed")
        return _refusal(500, "The server failed; its log says why.", {})


def _refusal(status: int, reason: str, headers: Mapping[str, str]) -> web.Response:
    """Return an error's answer. Some of the API's clients read `detail`, others `error`."""
    return web.json_response(answers.error(reason), status=status, headers=headers)


async def _guard(request: web.Request, response: web.StreamResponse) -> None:
    """Keep browsers from running an answer's content, or guessing another type for it."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


async def _openapi(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_HERE / "openapi.json", headers={"Content-Type": "application/json"})


async def _page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGE / "index.html")
