"""A websocket to Node-RED: signs of life, and frames on their way out in bounded memory."""

from __future__ import annotations

import asyncio
import logging

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

MOST_UNSENT = 64 * 2**20
MOST_WAITING = 100_000
"""Bytes and frames that may wait for a client that does not read; beyond them the connection is closed."""

SILENT_INTERVALS = 3
"""After so many intervals without a byte, a client counts as gone."""

_log = logging.getLogger(__name__)


class Connection(ServerConnection):
    """A connection that knows when it last heard something. Any byte counts, not only an answer to a ping.

    websockets' own keepalive waits for the pong, which comes behind the image that is being uploaded.
    """

    heard = 0
    """How often bytes came."""

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self.heard += 1
        super().data_received(data)
        # Answers to pings leave without flow control.
        if self.transport.get_write_buffer_size() > MOST_UNSENT:
            self.give_up("it does not read what it is sent")

    def give_up(self, reason: str) -> None:
        """End the connection without a word; the client would not hear it."""
        if not self.transport.is_closing():
            _log.warning("closing a connection to Node-RED: %s", reason)
            self.transport.abort()

    async def watch(self, interval: float) -> None:
        """Give up a client that sends nothing, not even the answer to a ping.

        Args:
            interval: seconds; the client is pinged after each, and given up after three without a byte.
        """
        silent = 0
        # Counted in intervals, not by the clock: a worker that was busy itself has not listened either.
        while silent < SILENT_INTERVALS:
            heard = self.heard
            await asyncio.sleep(interval)
            silent = 0 if self.heard != heard else silent + 1
            if self.protocol.state is State.OPEN:
                # During a long upload, this is the client's only sign that we are there. Not `ping`, which waits until
                # the client takes it.
                self.protocol.send_ping(b"")
                self.send_data()
        self.give_up(f"no sign of life for {interval * SILENT_INTERVALS:g} seconds")


class Writer:
    """Sends frames in their order; those that are ready at the same moment travel in one websocket message."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[bytes] = []
        self._unsent = 0
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def write(self, frame: bytes) -> None:
        """Send a frame as soon as the connection takes it; give the connection up if too many frames wait."""
        self._unsent += len(frame)
        if self._unsent > MOST_UNSENT or len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._connection.give_up("it does not read what it is sent")
            return
        self._waiting.append(frame)
        self._wake.set()

    def close(self) -> None:
        """Stop; what waits is dropped."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                message = b"".join(self._waiting)
                self._waiting.clear()
                await self._connection.send(message)
                self._unsent -= len(message)
        except ConnectionClosed:
            pass
