"""Nobody can take the server's memory, time or places from the others."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from PIL import Image

from .conftest import Running, serving
from .test_engine_faults import engine_of

_PATH = "/v1/plate-reader/"
_FORM = "multipart/form-data; boundary=x"
_URLENCODED = "application/x-www-form-urlencoded"


def _port(server: Running) -> int:
    return int(server.url.rpartition(":")[2])


def _file(image: bytes, **fields: str) -> FormData:
    form = FormData()
    form.add_field("upload", image, filename="car.jpg")
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def _post(client: ClientSession, server: Running, data: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    async with client.post(server.url + _PATH, data=data, **options) as response:
        return response.status, await response.json()


@asynccontextmanager
async def _upload(server: Running, kind: str = _FORM) -> AsyncIterator[tuple[asyncio.StreamReader, Any]]:
    """Begin an upload of unknown length; yield what reads its answer, and what sends a piece of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", _port(server))
    head = f"POST {_PATH} HTTP/1.1\r\nHost: server\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode())

    async def send(piece: bytes) -> None:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()

    try:
        yield reader, send
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


_HEADERS = b'--x\r\nContent-Disposition: form-data; name="a"\r\nX: ' + b"h" * 4000 + b"\r\n\r\n\r\n"
_ENDLESS = {
    "headers of parts": (_FORM, _HEADERS * 25),
    "small parts": (_FORM, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 2000),
    "what comes before the first part": (_FORM, b"p" * 100_000),
    "one header": (_FORM, b"--x\r\nContent-Disposition: " + b"h" * 100_000),
    "urlencoded fields": (_URLENCODED, b"a&" * 50_000),
    "one urlencoded field": (_URLENCODED, b"a" * 100_000),
    "a picture": ("image/jpeg", b"\xff\xd8\xff" + b"\0" * 100_000),
}


@pytest.fixture(scope="module")
def small() -> Any:
    """Yield a server that takes images of one megabyte."""
    with serving("--max-upload", "1") as server:
        yield server


@pytest.mark.parametrize(("kind", "piece"), _ENDLESS.values(), ids=_ENDLESS.keys())
async def test_no_part_of_a_body_is_endless(small: Running, kind: str, piece: bytes) -> None:
    sent = 0
    async with _upload(small, kind) as (reader, send):
        with contextlib.suppress(ConnectionError):
            while sent < 60_000_000:
                await send(piece)
                sent += len(piece)
        with contextlib.suppress(ConnectionError):
            answer = await asyncio.wait_for(reader.read(200), 20)
            assert answer[:13] in (b"HTTP/1.1 413 ", b"HTTP/1.1 400 ", b"")
    # The system itself takes some megabytes of what nobody reads.
    assert sent < 30_000_000


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        (_FORM, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 101 + b"--x--\r\n", "100 fields"),
        (_FORM, _HEADERS.replace(b"\r\n\r\n\r\n", b"") * 9, "too long a header"),
        (
            _FORM,
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n' + b"A: b\r\n" * 9 + b"\r\n",
            "too long a header",
        ),
        (
            _FORM,
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"b" * 70_000 + b"\r\n--x--",
            "65,536 bytes",
        ),
        (_URLENCODED, b"a&" * 101, "100 fields"),
        (_URLENCODED, b"a=" + b"b" * 70_000, "65,536 bytes"),
        ("application/json", b'{"a": "' + b"b" * 70_000 + b'"}', "65,536 bytes"),
        ("application/json", b'{"a": [' + b"[]," * 3000 + b"[]]}", "2,000 values"),
    ],
)
async def test_the_parts_of_a_body_are_counted(
    client: ClientSession, small: Running, kind: str, body: bytes, reason: str
) -> None:
    status, answer = await _post(client, small, body, headers={"Content-Type": kind})
    assert status == 413
    assert reason in answer["detail"]


@pytest.mark.parametrize(
    ("formats", "reason"),
    [
        ([f"9({'|'.join('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}){{2}}{number}" for number in range(7)], "4000 sequences"),
        (["[A-Z]{3}" * 10] * 60, "4,000 characters"),
    ],
)
async def test_all_text_formats_together_are_bounded(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes], formats: list[str], reason: str
) -> None:
    form = _file(pictures["no-car.jpg"], config=json.dumps({"text_formats": formats}))
    status, answer = await _post(client, server, form)
    assert status == 400
    assert reason in answer["detail"]


async def test_uploads_that_send_nothing_give_way_to_one_that_does(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving() as server:
        async with contextlib.AsyncExitStack() as idle:
            for _ in range(200):
                _, send = await idle.enter_async_context(_upload(server))
                await send(b"--x\r\n")

            async def answered() -> int:
                # An upload counts as slow only after a moment.
                while (status := (await _post(client, server, _file(pictures["no-car.jpg"])))[0]) == 503:
                    pass
                return status

            assert await asyncio.wait_for(answered(), 20) == 201


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found as Linux shows them")
async def test_a_call_whose_client_left_is_neither_read_nor_counted(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving("--queue", "12", "--threads", "1") as server:
        engine = engine_of(server)
        assert engine
        os.kill(engine, signal.SIGSTOP)
        try:
            calls = [asyncio.create_task(_post(client, server, _file(pictures["two-cars.jpg"]))) for _ in range(10)]
            await _until_metric(client, server, "queue", 10)
            for call in calls:
                call.cancel()
            await asyncio.wait(calls)
            await _until_metric(client, server, "queue", 0)
        finally:
            os.kill(engine, signal.SIGCONT)
        status, answer = await _post(client, server, _file(pictures["no-car.jpg"]))
        assert (status, answer["usage"]["calls"]) == (201, 1)
        metrics = await _metrics(client, server)
        assert metrics['calls_total{status="499"}'] == 10
        # What the engine had already is finished.
        assert metrics['seconds_count{stage="read"}'] <= 3
        assert metrics["queue_seconds_count"] == 11


async def test_a_usual_picture_does_not_wait_for_those_that_are_slow_to_decode(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    file = io.BytesIO()
    Image.new("RGB", (4800, 4800), "grey").save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rfind(b"\xff\xda")
    # Its last scan is repeated, which takes seconds.
    slow = data[:-2] + data[last:-2] * 20 + data[-2:]
    with serving("--threads", "2") as server:
        calls = [asyncio.create_task(_post(client, server, _file(slow))) for _ in range(2)]
        await _until_metric(client, server, "queue", 2)
        usual = asyncio.create_task(_post(client, server, _file(pictures["one-car.jpg"])))
        done, _ = await asyncio.wait([*calls, usual], return_when=asyncio.FIRST_COMPLETED)
        assert done == {usual}
        assert usual.result()[0] == 201
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)


async def test_silent_connections_keep_nobody_out(client: ClientSession) -> None:
    with serving(most_files=300) as server:
        silent = []
        try:
            for _ in range(340):
                connection = socket.create_connection(("127.0.0.1", _port(server)), timeout=10)
                silent.append(connection)
            for _ in range(3):
                async with client.get(server.url + "/health", headers={"Connection": "close"}) as response:
                    assert response.status == 200
            assert (await _metrics(client, server))["connections"] < 300
        finally:
            for connection in silent:
                connection.close()


@pytest.mark.parametrize("sent", [b"Token \xff", b"Token \xc3\xa9", b"\xff", b"Token"])
async def test_a_token_of_any_bytes_is_only_wrong(tmp_path: Path, sent: bytes) -> None:
    (tmp_path / "token").write_text("s3cret\u00e9", "utf-8")
    with serving("--token-file", str(tmp_path / "token"), log=tmp_path / "log") as server:
        for value, status in ((sent, b"403"), ("Token s3cret\u00e9".encode(), b"200")):
            reader, writer = await asyncio.open_connection("127.0.0.1", _port(server))
            writer.write(
                b"GET /info/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: " + value + b"\r\n\r\n"
            )
            answer = await reader.read()
            writer.close()
            assert answer.split()[1] == status
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_no_request_holds_the_others_up_while_forms_are_endless(client: ClientSession, small: Running) -> None:
    """Every health call is answered while many bodies of many parts arrive."""
    kind, piece = _ENDLESS["small parts"]

    async def endless() -> None:
        for _ in range(5):
            async with _upload(small, kind) as (_, send):
                with contextlib.suppress(ConnectionError):
                    for _ in range(100):
                        await send(piece)

    sending = [asyncio.create_task(endless()) for _ in range(4)]
    while not all(task.done() for task in sending):
        async with client.get(small.url + "/health") as response:
            assert response.status == 200
    await asyncio.gather(*sending)
    assert (await _metrics(client, small))["upload_bytes"] == 0


async def _metrics(client: ClientSession, server: Running) -> dict[str, float]:
    async with client.get(server.url + "/metrics") as response:
        lines = [line.rpartition(" ") for line in (await response.text()).splitlines() if not line.startswith("#")]
    return {name.removeprefix("plate_recognizer_"): float(value) for name, _, value in lines}


async def _until_metric(client: ClientSession, server: Running, name: str, value: float) -> None:
    async def reached() -> None:
        while (await _metrics(client, server))[name] != value:
            pass

    await asyncio.wait_for(reached(), 20)


async def test_the_engines_processes_are_counted_and_told_by_ready(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving() as server:
        async with client.get(server.url + "/ready") as response:
            assert (response.status, (await response.json())["status"]) == (200, "ready")
        assert (await _metrics(client, server))["engine_processes"] == 1
        pid = engine_of(server)
        assert pid
        os.kill(pid, signal.SIGILL)
        await _until_metric(client, server, "engine_processes", 0)
        async with client.get(server.url + "/ready/") as response:
            assert response.status == 503
            assert "engine" in (await response.json())["error"]
        async with client.get(server.url + "/health") as response:
            assert response.status == 200
