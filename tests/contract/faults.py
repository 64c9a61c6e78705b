"""What can go wrong at a service, by name.

A fault's name may carry an argument behind `@`: `429@2` asks the client to wait two seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

from aiohttp import web

Fault: TypeAlias = "Callable[[web.Request, str], Awaitable[web.StreamResponse]]"

_DETAILS = {
    400: {"upload": ["The submitted data was not a file. Check the encoding type on the form."]},
    403: {"detail": "Invalid token.", "status_code": 403},
    413: {"detail": "Payload too large.", "status_code": 413},
    429: {"detail": "Request was throttled. Expected available in 1 second.", "status_code": 429},
}


def refusal(status: int, headers: dict[str, str] | None = None) -> web.Response:
    """Return the service's own refusal with a status."""
    body = _DETAILS.get(status, {"detail": HTTPStatus(status).phrase})
    return web.json_response(body, status=status, headers=headers)


async def apply(name: str, request: web.Request) -> web.StreamResponse:
    """Answer a request with the fault of that name."""
    kind, _, argument = name.partition("@")
    if kind.isdigit():
        return refusal(int(kind), {"Retry-After": argument} if argument else None)
    return await FAULTS[kind](request, argument)


def _text(text: str, content_type: str = "application/json", status: int = 200) -> Fault:
    async def answer(_request: web.Request, _argument: str) -> web.Response:
        return web.Response(text=text, content_type=content_type, status=status)

    return answer


async def _echo(request: web.Request, _argument: str) -> web.Response:
    """Refuse and repeat the client's credentials."""
    return web.json_response({"detail": f"No account for {request.headers.get('Authorization')}."}, status=403)


async def _redirect(request: web.Request, argument: str) -> web.Response:
    location = argument or str(request.url.origin().with_path("/v1/plate-reader/"))
    return web.Response(status=307, headers={"Location": location})


async def _stall(_request: web.Request, _argument: str) -> web.Response:
    """Never answer; the client's leaving cancels this."""
    await asyncio.Event().wait()
    raise AssertionError


async def _hang_up(request: web.Request, _argument: str) -> web.Response:
    _close(request)
    return web.Response()


async def _truncate(request: web.Request, _argument: str) -> web.StreamResponse:
    """Close the connection in the middle of the body."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"results": [')
    _close(request)
    return response


async def _short_length(request: web.Request, _argument: str) -> web.Response:
    """Promise fewer bytes than the JSON has."""
    body = json.dumps({"results": []})
    await _raw(request, f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{body}")
    return web.Response()


async def _not_http(request: web.Request, _argument: str) -> web.Response:
    await _raw(request, "220 mail.example.org ESMTP\r\n")
    return web.Response()


async def _drip(request: web.Request, _argument: str) -> web.StreamResponse:
    """Answer one byte at a time, faster than any timeout between bytes, and never end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def _huge(request: web.Request, _argument: str) -> web.StreamResponse:
    """Answer more than any client should keep in memory."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(32):
        await response.write(b" " * 2**20)
    return response


async def _raw(request: web.Request, text: str) -> None:
    assert request.transport is not None
    request.transport.write(text.encode())
    request.transport.close()


def _close(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.close()


FAULTS: dict[str, Fault] = {
    "html": _text("<!doctype html><title>Welcome</title>", "text/html"),
    "empty": _text(""),
    "list": _text("[]"),
    "shape": _text('{"results": {"plate": "nhk552"}}'),
    "nan": _text('{"results": [{"plate": "nhk552", "score": NaN}]}'),
    "echo": _echo,
    "redirect": _redirect,
    "stall": _stall,
    "hang-up": _hang_up,
    "truncate": _truncate,
    "short-length": _short_length,
    "not-http": _not_http,
    "drip": _drip,
    "huge": _huge,
}
