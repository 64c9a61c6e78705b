"""What a remote client may do to its connection: be slow, be silent, send too much, and read nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from python_worker.bridge import connection as connections
from python_worker.bridge.frames import MOST_FRAMES
from python_worker.bridge.server import Listen, listening
from python_worker.services import Services

INTERVAL = 0.05
OPTIONS: dict[str, Any] = {
    "additional_headers": {"Authorization": "Bearer secret"},
    "compression": None,
    "ping_interval": None,
    "close_timeout": 1,
}
OPEN = {"type": "plate-recognizer", "id": "n1", "config": {}, "credentials": {}}
IMAGE = b"no image"


def an_input(msgid: int, image: bytes = IMAGE) -> bytes:
    value = {"inputs": {}, "wired": [True, True], "needs": [image]}
    data: bytes = msgpack.packb({"ctx": "input", "node": 1, "msgid": msgid, "value": value})
    return data


@asynccontextmanager
async def server(interval: float, path: Path | None = None) -> AsyncIterator[int | str]:
    services = Services()
    try:
        listen = Listen(str(path / "s") if path else None)
        async with listening(listen, "secret", services, life_interval=interval) as serving:
            yield listen.socket or next(iter(serving.sockets)).getsockname()[1]
    finally:
        await services.close()


@asynccontextmanager
async def client(where: int | str) -> AsyncIterator[ClientConnection]:
    call = unix_connect(where, "ws://worker", **OPTIONS) if isinstance(where, str) else None
    async with call or connect(f"ws://127.0.0.1:{where}", **OPTIONS) as connection:
        await connection.send(msgpack.packb({"ctx": "hello", "value": {"protocol": 2}}))
        await connection.recv()
        await connection.send(msgpack.packb({"ctx": "open", "node": 1, "value": OPEN}))
        await connection.recv()
        yield connection


async def frame(connection: ClientConnection, msgid: int) -> dict[str, Any]:
    """Return the frame that ends a message."""
    while True:
        data = await asyncio.wait_for(connection.recv(), 20)
        assert isinstance(data, bytes)
        unpacker = msgpack.Unpacker()
        unpacker.feed(data)
        for each in unpacker:
            if each.get("msgid") == msgid:
                assert isinstance(each, dict)
                return each


async def test_an_upload_may_take_any_time_while_bytes_come_and_the_client_hears_of_the_worker() -> None:
    async with server(INTERVAL) as port, client(port) as connection:
        pings = 0
        received = connection.process_event

        def count(event: Any) -> None:
            nonlocal pings
            pings += event.opcode is Opcode.PING
            received(event)

        connection.process_event = count  # type: ignore[method-assign]
        # An answer to a ping comes behind the image, not in the middle of it.
        connection.send_data = lambda: None  # type: ignore[method-assign]
        data = Frame(Opcode.BINARY, an_input(7, bytes(100_000))).serialize(mask=True)
        begun = asyncio.get_running_loop().time()
        rest = memoryview(data)
        # Three times as long as a silence may last.
        while asyncio.get_running_loop().time() - begun < INTERVAL * connections.SILENT_INTERVALS * 3:
            connection.transport.write(bytes(rest[:500]))
            rest = rest[500:]
            await asyncio.sleep(INTERVAL / 5)
        connection.transport.write(bytes(rest))
        assert (await frame(connection, 7))["ctx"] == "send"
        # The client has no other sign that the worker is still there.
        assert pings


async def test_a_client_that_is_idle_but_answers_pings_stays() -> None:
    async with server(INTERVAL) as port, client(port) as connection:
        pings = 0
        acknowledged = asyncio.Event()
        received = connection.process_event

        def count(event: Any) -> None:
            nonlocal pings
            pings += event.opcode is Opcode.PING
            if pings > connections.SILENT_INTERVALS * 2:
                acknowledged.set()
            received(event)

        connection.process_event = count  # type: ignore[method-assign]
        await asyncio.wait_for(acknowledged.wait(), 20)
        await connection.send(an_input(1))
        assert (await frame(connection, 1))["ctx"] == "send"


async def test_a_client_that_has_gone_without_a_word_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async with server(INTERVAL) as port, client(port) as connection:
        # Its answers to pings get lost, as on a line that was cut.
        connection.send_data = lambda: None  # type: ignore[method-assign]
        await asyncio.wait_for(connection.wait_closed(), 20)
        assert "no sign of life" in caplog.text


async def test_a_client_that_reads_nothing_is_given_up_and_the_others_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Through a unix socket: the system keeps megabytes for a TCP connection.
    monkeypatch.setattr(connections, "MOST_UNSENT", 2**18)
    async with server(20, tmp_path) as port, client(port) as other, client(port) as connection:
        connection.transport.pause_reading()
        with pytest.raises(ConnectionClosed):
            for msgid in range(10**6):
                await asyncio.wait_for(connection.send(an_input(msgid)), 20)
        assert "does not read" in caplog.text
        await other.send(an_input(1))
        assert (await frame(other, 1))["ctx"] == "send"


async def test_a_client_that_only_pings_and_reads_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Through a unix socket: the system keeps megabytes for a TCP connection.
    monkeypatch.setattr(connections, "MOST_UNSENT", 2**18)
    async with server(20, tmp_path) as port, client(port) as connection:
        connection.transport.pause_reading()
        ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True) * 100
        with pytest.raises(ConnectionClosed):
            while True:
                connection.transport.write(ping)
                await asyncio.wait_for(connection.send(an_input(1)), 20)
        assert "does not read" in caplog.text


@pytest.mark.parametrize("frames", [b"", an_input(1)])
async def test_many_frames_in_one_message_end_the_connection(frames: bytes) -> None:
    close = msgpack.packb({"ctx": "close", "node": 5, "value": {"removed": True}})
    async with server(20) as port, client(port) as connection:
        await connection.send(frames + close * MOST_FRAMES * 2)
        with pytest.raises(ConnectionClosed) as caught:
            while True:
                await asyncio.wait_for(connection.recv(), 20)
        assert caught.value.rcvd
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4002, "more than 1000 frames in one message")


async def test_a_message_in_fragments_without_end_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_worker.bridge.server.MOST_FRAGMENTS", 100)

    async def fragments() -> AsyncIterator[bytes]:
        while True:
            yield b""
            await asyncio.sleep(0)

    async with server(20) as port, client(port) as connection:
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(connection.send(fragments()), 20)
        assert caught.value.rcvd
        assert caught.value.rcvd.code == 4002


@pytest.mark.parametrize("key", [b"\x90", b"\x80", b"\x91\x01"])
async def test_a_list_or_map_as_a_key_ends_the_connection_with_the_reason(key: bytes) -> None:
    async with server(20) as port, client(port) as connection:
        await connection.send(b"\x81" + key + b"\x01")
        with pytest.raises(ConnectionClosed) as caught:
            await asyncio.wait_for(connection.recv(), 20)
        assert caught.value.rcvd
        assert caught.value.rcvd.code == 4002
        assert "not MessagePack" in caught.value.rcvd.reason
