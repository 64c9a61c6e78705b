"""A TCP proxy that breaks the lines that lead through it."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field

_CHUNK = 16 * 1024
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset."""


@dataclass(eq=False)
class _Line:
    """A connection from a client through the proxy."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    flows: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self, *, reset: bool) -> None:
        for writer in (self.near, self.far):
            if writer is None:
                continue
            if reset:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                writer.transport.abort()
            else:
                writer.close()


class Proxy:
    """Leads each connection on to a target; use with `async with`.

    Attributes:
        target: host and port for connections to come.
        rate: bytes a second from the client to the target, None for as fast as it goes.
        port: on 127.0.0.1.
    """

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.rate: float | None = None
        self.port = 0
        self._lines: set[_Line] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._server.close()
        self.cut(reset=True)
        await asyncio.gather(*self._serving)

    def cut(self, *, reset: bool) -> None:
        """End the present connections: by a reset, or in good order."""
        for line in self._lines:
            line.flows.set()
            line.close(reset=reset)

    def freeze(self) -> None:
        """Let nothing more through the present connections, and tell nobody: as when a cable is pulled."""
        for line in self._lines:
            line.flows.clear()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(writer)
        line.flows.set()
        self._lines.add(line)
        try:
            far_reader, line.far = await asyncio.open_connection(*self.target)
            pumps = [
                asyncio.create_task(self._pump(line, reader, line.far, limited=True)),
                asyncio.create_task(self._pump(line, far_reader, writer, limited=False)),
            ]
            try:
                # The end of a frozen line does not come through, either: its pumps go on waiting.
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass
        finally:
            line.close(reset=False)
            self._lines.discard(line)

    async def _pump(
        self, line: _Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, limited: bool
    ) -> None:
        with suppress(OSError):
            while True:
                await line.flows.wait()
                data = await reader.read(_CHUNK)
                await line.flows.wait()
                if not data:
                    return
                writer.write(data)
                await writer.drain()
                if limited and self.rate:
                    await asyncio.sleep(len(data) / self.rate)
