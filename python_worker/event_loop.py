"""The event loop of the worker and the server: uvloop where there is one, asyncio's own on Windows and PyPy."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_until_done(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end in a new event loop, and return its result."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)

    class Loop(uvloop.Loop):
        """Opens a connection to a known address without the detour through a thread.

        uvloop's `sock_connect` looks every address up, also one that is a number, and without a socket type, which it
        needs to see that there is nothing to look up.
        """

        async def getaddrinfo(
            self,
            host: str | bytes | None,
            port: str | bytes | int | None,
            *,
            family: int = 0,
            type: int = 0,
            proto: int = 0,
            flags: int = 0,
        ) -> list[Any]:
            kind = type or socket.SOCK_STREAM
            return await super().getaddrinfo(host, port, family=family, type=kind, proto=proto, flags=flags)

    return uvloop.run(main, loop_factory=Loop)
