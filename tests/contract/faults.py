"""What can go wrong at a service, by name.

A fault's name may carry an argument behind `@`: `429@2` asks the client to wait two seconds. Those that begin with
`echo` repeat every credential of the request, each at another place of the answer.
"""

from __future__ import annotations

import asyncio
import base64
import html
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

from aiohttp import web

Fault: TypeAlias = "Callable[[web.Request, str], Awaitable[web.StreamResponse]]"

_DETAILS = {
    400: {"upload": ["The submitted data was not a file. Check the encoding type on the form."]},
    403: {"detail": "Invalid token.", "status_code": 403},
    413: {"detail": "Payload too large.", "status_code": 413},
    429: {"detail": "Request was throttled. Expected available in 1 second.", "status_code": 429},
}


ODD = json.dumps(
    {
        "results": [
            {"plate": None, "score": None, "box": None, "vehicle": None},
            {
                "plate": "a",
                "score": 1e300,
                "dscore": "high",
                "box": {"xmin": None, "ymin": 1e300, "xmax": "9", "ymax": []},
            },
            {"plate": {"props": None, "score": None, "box": 7}},
            {"plate": {"props": {"plate": [{"value": None, "score": None}, 5]}}},
            {"plate": {"props": {"plate": "abc"}}, "candidates": None},
            {},
        ],
        "processing_time": "fast",
    }
)
"""A valid answer of which nothing is as documented."""


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


def _credentials(request: web.Request) -> str:
    """Return the secrets in a request, in every form."""
    headers = [request.headers.get(name, "") for name in ("Authorization", "Proxy-Authorization")]
    logins = [base64.b64decode(text[6:]).decode("utf-8", "replace") for text in headers if text.startswith("Basic ")]
    parts = [part for login in logins for part in login.split(":")]
    return " ".join([*headers, *logins, *parts, request.query_string, *request.query.values()])


def _echo(make: Callable[[str], web.Response]) -> Fault:
    async def answer(request: web.Request, _argument: str) -> web.Response:
        return make(_credentials(request))

    return answer


def _echo_raw(text: str) -> Fault:
    async def answer(request: web.Request, _argument: str) -> web.Response:
        await _raw(request, text.replace("CREDENTIALS", _credentials(request)))
        return web.Response()

    return answer


def _escaped(text: str) -> str:
    """Return a text as JSON, every character escaped."""
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"'


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


async def _reset(request: web.Request, _argument: str) -> web.Response:
    """End the connection by a reset."""
    assert request.transport is not None
    request.transport.abort()
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
    request.transport.write(text.encode("latin-1"))
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
    "echo": _echo(lambda text: web.json_response({"detail": f"No account for {text}."}, status=403)),
    "echo-key": _echo(lambda text: web.json_response({"detail": {text: 1}, text: {text: [text]}}, status=400)),
    "echo-nested": _echo(lambda text: web.json_response({"upload": [{"a": {"b": [text, {text: text}]}}]}, status=400)),
    "echo-shape": _echo(lambda text: web.json_response({"plates": text, text: text})),
    "echo-license": _echo(lambda text: web.json_response({"error": f"License of {text} expired"})),
    "echo-result": _echo(
        lambda text: web.json_response({"results": [], "usage": {"calls": 1}, "camera_id": text, text: [text]})
    ),
    "echo-escaped": _echo(
        lambda text: web.Response(text=f'{{"results": 1, "a": {_escaped(text)}}}', content_type="application/json")
    ),
    "echo-url": _echo(lambda text: web.json_response({"detail": quote(text, safe="")}, status=402)),
    "echo-html": _echo(
        lambda text: web.Response(text=f"<p>{html.escape(text)}</p>", content_type="text/html", status=500)
    ),
    "echo-page": _echo(lambda text: web.Response(text=f"<html>{text * 40}")),
    "echo-utf-16": _echo(lambda text: web.Response(body=text.encode("utf-16"))),
    "echo-cut": _echo(lambda text: web.Response(text="x" * 65_500 + text)),
    "echo-redirect": _echo(
        lambda text: web.Response(
            status=302, headers={"Location": f"http://{quote(text)}@x/{quote(text)}?{quote(text)}"}
        )
    ),
    "echo-reason": _echo_raw("HTTP/1.1 403 No CREDENTIALS\r\nContent-Length: 0\r\n\r\n"),
    "echo-status-line": _echo_raw("HTTP/1.1 CREDENTIALS\r\n\r\n"),
    "echo-header": _echo_raw("HTTP/1.1 200 OK\r\nCREDENTIALS\r\n\r\n"),
    "echo-length": _echo_raw("HTTP/1.1 200 OK\r\nContent-Length: CREDENTIALS\r\n\r\n"),
    "echo-encoding": _echo_raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nCREDENTIALS"),
    "echo-chunk": _echo_raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nCREDENTIALS\r\n"),
    "echo-not-http": _echo_raw("220 CREDENTIALS ESMTP\r\n"),
    "license": _text('{"error": "License expired."}'),
    "license-detail": _text('{"detail": {"message": "The license has expired"}}'),
    "odd": _text(ODD),
    "surrogate": _text('{"results": [{"plate": "a\\ud800b", "\\udfff": 1}]}'),
    "integer": _text(
        '{"results": [{"plate": "a", "score": 1' + "0" * 30 + ', "box": {"xmin": -9' + "9" * 5000 + "}}]}"
    ),
    "overflow": _text('{"results": [{"plate": "a", "score": 1e999, "dscore": -1e999}]}'),
    "deep": _text('{"results": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "deep-enough": _text('{"results": [], "a": ' + "[" * 200 + "]" * 200 + "}"),
    "many": _text('{"results": [' + "{}," * 200_000 + "{}]}"),
    "wrong-in-every-part": _text('{"results": [' + "1," * 40_000 + "1]}"),
    "garbage": _echo_raw("\x16\x03\x01\0\xa5\0\xff\n\n\0"),
    "surrogate-reason": _echo_raw("HTTP/1.1 500 \xff\xfe\r\nContent-Length: 0\r\n\r\n"),
    "no-status": _echo_raw("HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n"),
    "endless-headers": _echo_raw("HTTP/1.1 200 OK\r\n" + "".join(f"X{n}: {'y' * 99}\r\n" for n in range(9999))),
    "reset": _reset,
    "redirect": _redirect,
    "stall": _stall,
    "hang-up": _hang_up,
    "truncate": _truncate,
    "short-length": _short_length,
    "not-http": _not_http,
    "drip": _drip,
    "huge": _huge,
}
