"""The server counts exactly, keeps its limits, ends well, and reads as the nodes do."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, FormData

from python_worker.schemas import STATISTICS, complaint
from python_worker.services.base import RecognitionOptions
from python_worker.services.embedded import EmbeddedService
from python_worker.services.usage import UsageCounter

from .conftest import Running, serving

_PATH = "/v1/plate-reader/"


def _form(image: bytes) -> FormData:
    form = FormData()
    form.add_field("upload", image, filename="car.jpg")
    return form


async def _status(client: ClientSession, server: Running, image: bytes, **options: Any) -> int:
    async with client.post(server.url + _PATH, data=_form(image), **options) as response:
        await response.read()
        return response.status


async def _json(client: ClientSession, url: str) -> dict[str, Any]:
    async with client.get(url) as response:
        assert response.status == 200
        body: dict[str, Any] = await response.json()
        return body


async def test_the_embedded_service_and_the_server_give_the_same_results(
    client: ClientSession, server: Running, pictures: Mapping[str, bytes]
) -> None:
    engine = EmbeddedService(UsageCounter(None))
    try:
        for name, image in pictures.items():
            embedded = await engine.recognize(image, RecognitionOptions())
            async with client.post(server.url + _PATH, data=_form(image)) as response:
                assert (await response.json())["results"] == embedded["results"], name
    finally:
        await engine.close()


async def test_no_answered_call_is_uncounted_after_a_kill(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    image = pictures["no-car.jpg"]
    with serving("--state", str(tmp_path)) as server:
        for _ in range(3):
            assert await _status(client, server, image) == 201
        assert await _status(client, server, b"no image") == 400
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with serving("--state", str(tmp_path)) as server:
        statistics = await _json(client, server.url + "/v1/statistics/")
        assert complaint(STATISTICS, statistics) is None
        assert statistics["usage"]["calls"] == 3
        assert statistics["usage"]["resets_on"].endswith("-01T00:00:00Z")
        info = await _json(client, server.url + "/info/")
        assert complaint(STATISTICS, info) is None
        assert info["usage"]["calls"] == 3
        assert info["total_calls"] - info["usage"]["calls"] > 0


async def test_a_token_is_needed_where_one_was_set(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    with serving("--token-file", str(tmp_path / "token")) as server:
        image = pictures["no-car.jpg"]
        for headers in ({}, {"Authorization": "Token wrong"}, {"Authorization": "s3cret"}):
            async with client.post(server.url + _PATH, data=_form(image), headers=headers) as response:
                refusal = {"detail": "Invalid token.", "error": "Invalid token."}
                assert (response.status, await response.json()) == (403, refusal)
        assert await _status(client, server, image, headers={"Authorization": "Token s3cret"}) == 201
        async with client.get(server.url + "/v1/statistics/") as response:
            assert response.status == 403
        # Monitoring needs no token.
        assert (await _json(client, server.url + "/health"))["status"] == "ok"


async def test_too_large_an_upload_is_refused(client: ClientSession, pictures: Mapping[str, bytes]) -> None:
    with serving("--max-upload", "1") as server:

        async def unannounced() -> Any:
            yield b'--x\r\nContent-Disposition: form-data; name="upload"; filename="a"\r\n\r\n'
            for _ in range(40):
                yield b"\0" * 100_000

        assert await _status(client, server, pictures["no-car.jpg"]) == 201
        assert await _status(client, server, b"\0" * 1_000_001) == 413
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        async with client.post(server.url + _PATH, data=unannounced(), headers=headers) as response:
            assert response.status == 413


async def test_calls_beyond_the_rate_are_told_to_wait(client: ClientSession, pictures: Mapping[str, bytes]) -> None:
    with serving("--calls-per-second", "2") as server:

        async def call() -> tuple[int, str | None]:
            async with client.post(server.url + _PATH, data=_form(b"no image")) as response:
                return response.status, response.headers.get("Retry-After")

        answers = await asyncio.gather(*(call() for _ in range(6)))
    assert answers.count((429, "1")) >= 2
    assert answers.count((400, None)) >= 2


async def test_calls_beyond_the_queue_are_refused_and_the_others_answered(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving("--queue", "1", "--threads", "2") as server:
        image = pictures["two-cars.jpg"]
        answers = await asyncio.gather(*(_status(client, server, image) for _ in range(12)))
        assert set(answers) == {201, 503}
        async with client.get(server.url + "/metrics") as response:
            metrics = await response.text()
    assert f'plate_recognizer_calls_total{{status="503"}} {float(answers.count(503))}' in metrics
    assert f'plate_recognizer_calls_total{{status="201"}} {float(answers.count(201))}' in metrics
    assert f'plate_recognizer_seconds_count{{stage="read"}} {float(answers.count(201))}' in metrics
    assert f"plate_recognizer_plates_total {2.0 * answers.count(201)}" in metrics


async def test_told_to_stop_it_answers_what_it_accepted(client: ClientSession, pictures: Mapping[str, bytes]) -> None:
    with serving() as server:
        image = pictures["two-cars.jpg"]
        begun = [asyncio.create_task(_status(client, server, image)) for _ in range(6)]
        while await _admitted(client, server) < 6:  # noqa: ASYNC110 - it is another process that changes it
            await asyncio.sleep(0)
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.gather(*begun) == [201] * 6
        assert await asyncio.to_thread(server.process.wait, 30) == 0


async def _admitted(client: ClientSession, server: Running) -> int:
    async with client.get(server.url + "/metrics") as response:
        line = next(one for one in (await response.text()).splitlines() if one.startswith("plate_recognizer_queue "))
    return int(float(line.split()[1]))


async def test_the_regions_that_it_knows_are_listed(client: ClientSession, server: Running) -> None:
    regions = (await _json(client, server.url + "/v1/regions/"))["regions"]
    assert {"code": "gb", "name": "United Kingdom"} in regions


async def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    command = [sys.executable, "-I", "-m", "python_worker", "serve", "--token-file", str(tmp_path / "token")]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "holds no token" in done.stderr
    assert "Traceback" not in done.stderr
