"""All connections of the server: bounded, and the silent ones end first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

_FIRST_REQUEST_SECONDS = 10.0
"""How long a connection may take to its first request."""

BACKLOG = 64
"""Connections that the system holds for the server until it takes them, and that are taken at once."""

_OTHER_FILES = 4 * BACKLOG
"""Descriptors that are not for connections: those just taken or ending, the engine, files."""

_MOST = 2_000


def most_connections() -> int:
    """Return how many connections the limit of open files leaves room for."""
    try:
        import resource
    except ImportError:
        return _MOST
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else max(16, min(_MOST, soft - _OTHER_FILES))


class Connections:
    """Ends the connection that was silent longest where there is no room for the next one.

    Otherwise a few hundred clients that connect and say nothing take all files that the process may open, and nobody
    else gets in.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        # The one that rests longest is first.
        self._resting: dict[asyncio.BaseProtocol, Connection] = {}
        self._busy: dict[asyncio.BaseProtocol, Connection] = {}

    def factory(self, inner: Callable[[], asyncio.BaseProtocol]) -> Callable[[], asyncio.Protocol]:
        """Return what makes the protocols of new connections, around those of the HTTP server."""
        return lambda: Connection(cast("asyncio.Protocol", inner()), self)

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._resting) + len(self._busy)

    @contextmanager
    def busy(self, protocol: asyncio.BaseProtocol) -> Iterator[None]:
        """Keep a connection while its call is worked on.

        Args:
            protocol: the HTTP server's.
        """
        connection = self._resting.pop(protocol, None)
        if connection is None:
            # It ended, or the server is a test's own.
            yield
            return
        self._busy[protocol] = connection
        try:
            yield
        finally:
            if self._busy.pop(protocol, None) is not None:
                self._resting[protocol] = connection

    def served(self, protocol: asyncio.BaseProtocol) -> None:
        """Note that a connection has had a request."""
        connection = self._resting.get(protocol)
        if connection is not None:
            connection.served()

    def drain(self, protocol: asyncio.BaseProtocol, most: int) -> None:
        """End a connection if the rest of a body that was refused has more bytes than that.

        Many clients read the answer only after they have sent everything, so some of it must be taken.
        """
        connection = self._resting.get(protocol)
        if connection is not None:
            connection.drain(most)

    def add(self, protocol: asyncio.BaseProtocol, connection: Connection) -> None:
        """Let a connection in."""
        if self.open >= self._most:
            longest = next(iter(self._resting), None)
            (connection if longest is None else self._resting.pop(longest)).abort()
        self._resting[protocol] = connection

    def remove(self, protocol: asyncio.BaseProtocol) -> None:
        """Forget a connection that ended."""
        self._resting.pop(protocol, None)
        self._busy.pop(protocol, None)


class Connection(asyncio.Protocol):
    """Passes on what happens to a connection, and knows when it begins and ends."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        # Called for each piece that arrives.
        self.data_received = inner.data_received  # type: ignore[method-assign]
        self.eof_received = inner.eof_received  # type: ignore[method-assign]
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in."""
        self._transport = cast("asyncio.Transport", transport)
        self._deadline = asyncio.get_running_loop().call_later(_FIRST_REQUEST_SECONDS, self.abort)
        self._inner.connection_made(transport)
        self._connections.add(self._inner, self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.served()
        self._connections.remove(self._inner)
        self._inner.connection_lost(exc)

    def served(self) -> None:
        """Note that it has had a request: from now on, it may rest as long as there is room."""
        self.data_received = self._inner.data_received  # type: ignore[method-assign]
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def drain(self, most: int) -> None:
        """Take so many bytes more of the request, and end with the next ones."""
        left = most

        def data_received(data: bytes) -> None:
            nonlocal left
            left -= len(data)
            if left < 0:
                self.abort()
            else:
                self._inner.data_received(data)

        self.data_received = data_received  # type: ignore[method-assign]

    def abort(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()
