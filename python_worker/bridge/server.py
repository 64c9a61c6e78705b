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
from .frames import LIMIT, Frame, FrameError, decode, encode
from .session import Session

WRONG_PROTOCOL = 4001
WRONG_FRAME = 4002

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listen:
    """Where a server listens: a unix socket, or an address with a port (0 takes a free one)."""

    socket: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def listening(listen: Listen, secret: str, services: Services) -> AsyncIterator[Server]:
    """Serve the bridge until the block ends.

    Args:
        listen: where.
        secret: what clients must present as bearer token.
        services: shared by all connections.
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
        await _converse(connection, services)

    options: dict[str, Any] = {"process_request": admit, "compression": None, "max_size": LIMIT}
    if listen.socket is not None:
        # Both ends of a private socket run on one machine: a ping could only report that it is busy.
        server = await unix_serve(handler, listen.socket, ping_interval=None, **options)
    else:
        server = await serve(handler, listen.host, listen.port, ssl=listen.tls, **options)
    async with server:
        yield server


async def _converse(connection: ServerConnection, services: Services) -> None:
    """Serve one connection until it ends."""
    writer = _Writer(connection)
    session = Session(services, writer.write)
    greeted = False
    try:
        while True:
            fragments = await _message(connection)
            size = sum(map(len, fragments))
            for frame in decode(fragments):
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


async def _message(connection: ServerConnection) -> list[bytes]:
    """Return the fragments of the next message; unlike websockets' `recv` it does not copy them into one."""
    fragments = []
    async for fragment in connection.recv_streaming():
        if isinstance(fragment, str):
            raise FrameError("a text message; frames are binary")
        fragments.append(fragment)
    return fragments


class _UnwelcomeError(Exception):
    """The client speaks another version of the protocol."""


def _greet(frame: Frame, writer: _Writer) -> bool:
    """Answer the first frame."""
    if frame["ctx"] != "hello":
        raise FrameError(f"the first frame is {frame['ctx']}, not hello")
    protocol = frame["value"]["protocol"]
    if protocol != PROTOCOL:
        raise _UnwelcomeError(
            f"Node-RED's package speaks bridge protocol {protocol}, this worker speaks {PROTOCOL}: "
            f"install version {__version__} of both, or the newest"
        )
    versions = {"worker": __version__, "python": platform.python_version()}
    writer.write({"ctx": "hello", "value": {"protocol": PROTOCOL, "versions": versions, "limit": LIMIT}})
    return True


def _reason(error: Exception) -> str:
    """Return a close reason: a websocket's has room for 123 bytes."""
    return str(error).encode()[:123].decode("utf-8", "ignore")


class _Writer:
    """Sends frames in their order; those that are ready at the same moment travel in one websocket message."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._waiting: list[bytes] = []
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def write(self, frame: Frame) -> None:
        """Send a frame as soon as the connection takes it."""
        self._waiting.append(encode(frame))
        self._wake.set()

    def close(self) -> None:
        """Stop; what waits is dropped."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                frames, self._waiting = self._waiting, []
                await self._connection.send(b"".join(frames))
        except ConnectionClosed:
            pass
