"""The local services of the bridge's benchmark.

`instant` answers an upload as soon as its last byte is there, and looks at no more of a request than its head. It
represents a service on another machine, so it uses this machine's processors, which the two packages need to different
extents, as little as possible: Linux discards the image's bytes instead of copying them (MSG_TRUNC, see tcp(7)). Like
every HTTP server, it obeys `Connection: close`. The original 1.0.3 asks for that, and so pays for a new connection with
each image.

`contract` is the tests' server: it reads the form as a real service must, and takes a good part of the measured time.
"""

from __future__ import annotations

import json
import multiprocessing
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast
from urllib.request import urlopen

from tests.contract.server import PLATE

_ANSWER = json.dumps(
    {
        "processing_time": 78.569,
        "results": [PLATE],
        "filename": "1617_7M83K_car.jpg",
        "version": 1,
        "camera_id": None,
        "timestamp": "2020-10-12T16:17:27.574008Z",
    }
)

_LONGEST_HEAD = 4096
_SINK = bytearray(2**20)
"""Where the bytes of an image would go, on systems that do not discard them."""


@dataclass(frozen=True)
class LocalService:
    """A running service, in a process of its own.

    Attributes:
        url: where uploads go.
        received: returns how many bytes have arrived so far: request lines, headers and bodies.
    """

    url: str
    received: Callable[[], int]


@contextmanager
def instant() -> Iterator[LocalService]:
    """Serve until the block ends."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()

    def received() -> int:
        pipe.send(None)
        count: int = pipe.recv()
        return count

    try:
        yield LocalService(_url(pipe.recv()), received)
    finally:
        process.terminate()
        process.join()


@contextmanager
def contract() -> Iterator[LocalService]:
    """Serve until the block ends."""
    command = [sys.executable, "-I", "-m", "tests.contract.server", "--kind", "sdk"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        port = json.loads(process.stdout.readline())["port"]

        def received() -> int:
            with urlopen(f"http://127.0.0.1:{port}/~calls") as response:
                count: int = json.load(response)["wire_bytes"]
                return count

        try:
            yield LocalService(_url(port), received)
        finally:
            process.stdin.close()


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1/plate-reader/"


class _Connection:
    """One connection; requests come one after the other."""

    received = 0
    """Bytes, over all connections."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._head = b""
        self._missing = 0
        self._closes = False

    def read(self) -> bool:
        """Take what has arrived, answer what is complete, and return whether more may come."""
        try:
            while True:
                if self._missing:
                    size = self._link.recv_into(_SINK, min(self._missing, len(_SINK)), socket.MSG_TRUNC)
                    self._missing -= size
                else:
                    data = self._link.recv(_LONGEST_HEAD)
                    size = len(data)
                    self._read_head(data)
                _Connection.received += size
                if not size or (not self._missing and not self._head and not self._answer()):
                    return False
        except BlockingIOError:
            return True
        except ConnectionError:
            return False

    def _read_head(self, data: bytes) -> None:
        self._head += data
        head, end, body = self._head.partition(b"\r\n\r\n")
        if end:
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            self._closes = fields.get(b"connection") == b"close"
            self._missing = int(fields[b"content-length"]) - len(body)
            self._head = b""

    def _answer(self) -> bool:
        connection = "close" if self._closes else "keep-alive"
        head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(_ANSWER)}\r\n"
        self._link.sendall(f"{head}Connection: {connection}\r\n\r\n{_ANSWER}".encode())
        return not self._closes


def _serve(pipe: Connection) -> None:
    """Serve connections, and answer each message of the pipe with the bytes received so far."""
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
    selector.register(pipe, selectors.EVENT_READ)
    pipe.send(listener.getsockname()[1])
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                link, _address = listener.accept()
                link.setblocking(False)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(link, selectors.EVENT_READ, _Connection(link))
            elif key.fileobj is pipe:
                pipe.recv()
                pipe.send(_Connection.received)
            elif not key.data.read():
                selector.unregister(key.fileobj)
                cast(socket.socket, key.fileobj).close()
