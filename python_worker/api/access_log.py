"""One line of the log for each request, without what is secret: no headers, no query, no fields."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

_log = logging.getLogger(__name__)

HEADER = "X-Request-Id"

_ID = web.RequestKey("request_id", str)
_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WATCHED = frozenset({"/health", "/ready", "/metrics"})
"""Asked every few seconds by whatever watches the server, so only a debug log has them."""

_LONGEST_PATH = 100


def request_id(request: web.Request) -> str:
    """Return what names a request in the log: what a proxy in front of the server has called it, or a new name."""
    return request[_ID]


@web.middleware
async def logged(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Name a request, and write its line when it is answered or its client has left."""
    given = request.headers.get(HEADER, "")
    request[_ID] = given if _VALID_ID.fullmatch(given) else secrets.token_hex(8)
    begun = time.perf_counter()
    try:
        response = await handler(request)
    except asyncio.CancelledError:
        _write(request, "left", begun)
        raise
    response.headers[HEADER] = request[_ID]
    _write(request, str(response.status), begun)
    return response


def _write(request: web.Request, outcome: str, begun: float) -> None:
    level = logging.DEBUG if request.path.rstrip("/") in _WATCHED else logging.INFO
    if not _log.isEnabledFor(level):
        return
    milliseconds = round(1000 * (time.perf_counter() - begun))
    # A path is the client's text: as it was sent, it has no line breaks, and no signs that a terminal obeys.
    path = request.rel_url.raw_path[:_LONGEST_PATH]
    _log.log(level, "%s %s %s %s %s %d ms", request[_ID], request.remote, request.method, path, outcome, milliseconds)
