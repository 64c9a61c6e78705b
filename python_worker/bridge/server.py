"""The websocket server that Node-RED connects to."""

from __future__ import annotations

import asyncio
import hmac
import logging
import platform
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from .. import __version__
from ..services import Services
from . import PROTOCOL
from .connection import Connection, Writer
from .frames import LIMIT, Frame, FrameError, decode, encode
from .session import Session

WRONG_PROTOCOL = 4001
WRONG_FRAME = 4002

MOST_FRAGMENTS = 100_000
"""Fragments of one websocket message."""

LIFE_INTERVAL = 20.0
"""Seconds from one ping to the next. A client is given up after three times as many without a byte."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listen:
    """Where a server listens: a unix socket, or an address with a port (0 takes a free one)."""

    socket: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def listening(
    listen: Listen, secret: str, services: Services, *, life_interval: float = LIFE_INTERVAL
) -> AsyncIterator[Server]:
    """Serve the bridge until the block ends.

    Args:
        listen: where.
        secret: what clients must present as bearer token.
        services: shared by all connections.
        life_interval: see `LIFE_INTERVAL`.
    """
    expected = f"Bearer {secret}".encode()

    def admit(connection: ServerConnection, request: Request) -> Response | None:
        if "Origin" in request.headers:
            return connection.respond(HTTPStatus.FORBIDDEN, "Browsers are not served here.\n")
        presented = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(presented, expected):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "Wrong or missing token.\n")
        return None

    async def handler(connection: ServerConnection) -> None:
        assert isinstance(connection, Connection)  # noqa: S101 - for the type checker
        # A private client's life is our standard input.
        watch = asyncio.create_task(connection.watch(life_interval)) if listen.socket is None else None
        try:
            await _converse(connection, services)
        finally:
            if watch is not None:
                watch.cancel()

    options: dict[str, Any] = {
        "process_request": admit,
        "compression": None,
        "max_size": LIMIT,
        "ping_interval": None,
        "create_connection": Connection,
    }
    if listen.socket is not None:
        server = await unix_serve(handler, listen.socket, **options)
    else:
        server = await serve(handler, listen.host, listen.port, ssl=listen.tls, **options)
    async with server:
        yield server


async def _converse(connection: Connection, services: Services) -> None:
    """Serve one connection until it ends."""
    writer = Writer(connection)
    session = Session(services, writer.write)
    greeted = False
    try:
        while True:
            fragments = await _message(connection)
            first = True
            for frame, size in decode(fragments):
                if not first:
                    # However full a message is, others have their turn.
                    await asyncio.sleep(0)
                first = False
                if greeted:
                    session.receive(frame, size)
                else:
                    greeted = _greet(frame, writer)
    except ConnectionClosed:
        pass
    except _UnwelcomeError as error:
        _log.warning("closing a connection: %s", error)
        await connection.close(WRONG_PROTOCOL, _reason(error))
    except FrameError as error:
        _log.warning("closing a connection, the client violates the protocol: %s", error)
        await connection.close(WRONG_FRAME, _reason(error))
    finally:
        session.close()
        writer.close()


async def _message(connection: Connection) -> list[bytes]:
    """Return the fragments of the next message; unlike websockets' `recv` it does not copy them into one."""
    fragments: list[bytes] = []
    async for fragment in connection.recv_streaming():
        if isinstance(fragment, str):
            raise FrameError("a text message; frames are binary")
        if len(fragments) >= MOST_FRAGMENTS:
            raise FrameError(f"more than {MOST_FRAGMENTS} fragments in one message")
        fragments.append(fragment)
    return fragments


class _UnwelcomeError(Exception):
    """The client speaks another version of the protocol."""


def _greet(frame: Frame, writer: Writer) -> bool:
    """Answer the first frame."""
    if frame["ctx"] != "hello":
        raise FrameError(f"the first frame is {frame['ctx']}, not hello")
    protocol = frame["value"]["protocol"]
    if protocol != PROTOCOL:
        theirs = str(frame["value"].get("versions", {}).get("package", "that of the package"))[:20]
        advice = (
            f"update Node-RED's package to {__version__}" if protocol < PROTOCOL else f"update the worker to {theirs}"
        )
        raise _UnwelcomeError(
            f"the package in Node-RED speaks bridge protocol {protocol}, the worker {PROTOCOL}: {advice}"
        )
    versions = {"worker": __version__, "python": platform.python_version()}
    writer.write(encode({"ctx": "hello", "value": {"protocol": PROTOCOL, "versions": versions, "limit": LIMIT}}))
    return True


def _reason(error: Exception) -> str:
    """Return an error's text as a close reason, cut to the 123 bytes that a websocket has room for."""
    return str(error).encode()[:123].decode("utf-8", "ignore")
