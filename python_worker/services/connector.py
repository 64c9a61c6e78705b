"""Connections to services."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import aiohttp

_reused: ContextVar[bool] = ContextVar("reused", default=False)


class Connector(aiohttp.TCPConnector):
    """Notes whether a connection is reused.

    aiohttp's tracing could do this, too; without tracing, a message of 30 KB takes 0.91 of its time
    (docs/benchmarks.md).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._used: WeakSet[object] = WeakSet()

    async def connect(self, *arguments: Any, **options: Any) -> aiohttp.connector.Connection:
        """Return a connection, as aiohttp asks for it."""
        _reused.set(False)
        connection = await super().connect(*arguments, **options)
        _reused.set(connection.protocol in self._used)
        self._used.add(connection.protocol)
        return connection


def was_reused() -> bool:
    """Return whether the running task's last request went over a connection that had served one before."""
    return _reused.get()
