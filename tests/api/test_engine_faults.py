"""The server answers and goes on while the engine's process breaks down, and leaves none behind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from tests.e2e.processes import gone, until

from .conftest import Running, serving

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found as Linux shows them")


def engine_of(server: Running) -> int | None:
    """Return the process id of a server's engine, None where there is none."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text("ascii").split()
    assert len(children) <= 1
    return int(children[0]) if children else None


async def _post(client: ClientSession, server: Running, image: bytes) -> tuple[int, dict[str, Any]]:
    form = FormData()
    form.add_field("upload", image, filename="car.jpg")
    async with client.post(f"{server.url}/v1/plate-reader/", data=form) as response:
        return response.status, await response.json()


async def test_calls_are_answered_and_counted_exactly_while_the_engine_is_killed(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    with serving("--state", str(tmp_path)) as server:
        calls = [asyncio.create_task(_post(client, server, pictures["one-car.jpg"])) for _ in range(20)]
        for _ in range(3):
            await until(lambda: engine_of(server) is not None)
            pid = engine_of(server)
            assert pid
            os.kill(pid, signal.SIGKILL)
            await gone(pid)
            left = [call for call in calls if not call.done()]
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            async with client.get(f"{server.url}/health") as response:
                assert response.status == 200
        answers = await asyncio.gather(*calls)
        read = [body for status, body in answers if status == 201]
        failed = [body for status, body in answers if status == 500]
        assert len(read) + len(failed) == 20
        assert len(failed) <= 3
        assert all("SIGKILL" in body["detail"] for body in failed)
        assert {body["results"][0]["plate"] for body in read} == {"nhk552"}
        async with client.get(f"{server.url}/v1/statistics/") as response:
            assert (await response.json())["usage"]["calls"] == len(read)


async def test_an_engine_that_cannot_run_on_this_processor_is_told_to_every_call(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving() as server:
        pid = engine_of(server)
        assert pid
        os.kill(pid, signal.SIGILL)
        await gone(pid)
        for _ in range(3):
            status, body = await _post(client, server, pictures["no-car.jpg"])
            assert status == 503
            assert "this processor lacks instructions" in body["detail"]
        assert engine_of(server) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_server_that_ends_leaves_no_engine(number: signal.Signals) -> None:
    with serving() as server:
        pid = engine_of(server)
        assert pid
        server.process.send_signal(number)
        await asyncio.to_thread(server.process.wait, 30)
        await gone(pid)


async def test_what_ends_the_server_and_its_engine_together_costs_no_accepted_call(
    client: ClientSession, pictures: Mapping[str, bytes]
) -> None:
    with serving() as server:
        calls = [asyncio.create_task(_post(client, server, pictures["two-cars.jpg"])) for _ in range(6)]
        while await _admitted(client, server) < 6:  # noqa: ASYNC110 - it is another process that changes it
            await asyncio.sleep(0)
        pid = engine_of(server)
        assert pid
        # Like a service manager that ends all processes of a service.
        os.kill(pid, signal.SIGTERM)
        server.process.send_signal(signal.SIGTERM)
        assert [status for status, _ in await asyncio.gather(*calls)] == [201] * 6
        assert await asyncio.to_thread(server.process.wait, 30) == 0
        await gone(pid)


async def test_a_state_folder_that_cannot_be_used_stops_no_server(
    client: ClientSession, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with serving("--state", str(tmp_path / "file")) as server:
        for calls in (1, 2):
            status, body = await _post(client, server, pictures["no-car.jpg"])
            assert (status, body["usage"]["calls"]) == (201, calls)


async def _admitted(client: ClientSession, server: Running) -> int:
    async with client.get(server.url + "/metrics") as response:
        line = next(one for one in (await response.text()).splitlines() if one.startswith("plate_recognizer_queue "))
    return int(float(line.split()[1]))
