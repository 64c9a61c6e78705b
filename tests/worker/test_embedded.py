"""The engine has a process of its own: what goes wrong in it costs the images that it had, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from python_worker.child import memory
from python_worker.errors import RecognitionError
from python_worker.services import Services
from python_worker.services.base import RecognitionOptions
from python_worker.services.embedded import EmbeddedService
from tests.contract.server import Service
from tests.e2e.processes import gone, until
from tests.hostile import large_png, slow_jpeg

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
PLATES = {"one-car.jpg": ["nhk552"], "two-cars.jpg": ["klm482", "ab123cd"], "no-car.jpg": []}


@pytest.fixture(scope="module")
def pictures() -> Mapping[str, bytes]:
    return {name: (SAMPLES / name).read_bytes() for name in PLATES}


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    services = Services(tmp_path)
    yield services
    await services.close()


def impatient(services: Services, seconds: float) -> EmbeddedService:
    """Return an engine that gives up earlier, which `services` close."""
    services.embedded = EmbeddedService(services.usage, seconds)
    return services.embedded


async def plates(service: EmbeddedService, image: bytes) -> list[str]:
    answer = await asyncio.wait_for(service.recognize(image, RecognitionOptions()), 120)
    return [result["plate"] for result in answer["results"]]


async def outcome(service: EmbeddedService, image: bytes) -> list[str] | int:
    """Return the plates, or a failure's status."""
    try:
        return await plates(service, image)
    except RecognitionError as error:
        assert error.message
        return error.status


async def test_more_threads_read_more_images_at_once(services: Services, pictures: Mapping[str, bytes]) -> None:
    services.embedded = EmbeddedService(services.usage, threads=4)
    assert await services.embedded.start() == 3
    found = await asyncio.gather(*(plates(services.embedded, image) for image in pictures.values()))
    assert found == list(PLATES.values())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_every_image_is_answered_while_the_engine_is_killed_again_and_again(
    services: Services, pictures: Mapping[str, bytes], number: signal.Signals
) -> None:
    engine = services.embedded
    names = list(pictures) * 10
    tasks = [asyncio.create_task(outcome(engine, pictures[name])) for name in names]
    for _ in range(7):
        await until(lambda: engine.pid is not None)
        pid = engine.pid
        assert pid
        os.kill(pid, number)
        await gone(pid)
        # One is answered between two kills, because after several kills in a row nothing is tried for a while.
        left = [task for task in tasks if not task.done()]
        await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
    outcomes = await asyncio.gather(*tasks)
    wrong = [(name, one) for name, one in zip(names, outcomes, strict=True) if one not in (500, PLATES[name])]
    assert not wrong
    # A kill hits the images that were in work, and each of them gets a second try.
    assert outcomes.count(500) <= 7
    assert await plates(engine, pictures["one-car.jpg"]) == ["nhk552"]
    answered = len(outcomes) - outcomes.count(500) + 1
    assert (await engine.statistics())["usage"]["calls"] == answered


async def test_an_image_that_would_take_a_decoder_too_long_is_refused_by_its_header(
    services: Services, pictures: Mapping[str, bytes]
) -> None:
    engine = services.embedded
    # Decoding it would take about 20 s on a usual machine.
    hostile = asyncio.create_task(outcome(engine, slow_jpeg(10_000)))
    others = await asyncio.gather(*(outcome(engine, image) for image in pictures.values()))
    assert await hostile == 400
    assert others == list(PLATES.values())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is watched as Linux shows it")
async def test_an_image_that_takes_too_much_memory_costs_no_other(
    services: Services, pictures: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bound", lambda: 450_000_000)
    engine = services.embedded
    hostile = asyncio.create_task(outcome(engine, large_png()))
    others = await asyncio.gather(*(outcome(engine, image) for image in pictures.values()))
    assert await hostile == 413
    assert others == list(PLATES.values())


async def test_a_stopped_engine_is_replaced(services: Services, pictures: Mapping[str, bytes]) -> None:
    engine = impatient(services, 3)
    await engine.start()
    pid = engine.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    assert await outcome(engine, pictures["one-car.jpg"]) == 504
    await gone(pid)
    assert await plates(engine, pictures["one-car.jpg"]) == ["nhk552"]


async def test_the_cloud_is_served_while_the_engine_breaks_down(
    services: Services, pictures: Mapping[str, bytes], sdk: Service
) -> None:
    cloud = services.recognition(sdk.url, "", timeout=20, tries=1, shrink=False)
    engine = impatient(services, 2)
    await engine.start()
    pid = engine.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    stuck = asyncio.create_task(outcome(engine, pictures["one-car.jpg"]))
    answers: list[dict[str, Any]] = []
    while not stuck.done():
        answers.append(await cloud.recognize(pictures["no-car.jpg"], RecognitionOptions()))
    assert await stuck == 504
    assert len(answers) > 10
    assert {answer["status"] for answer in answers} == {201}


async def test_the_kernel_ends_the_engine_rather_than_the_worker(services: Services) -> None:
    await services.embedded.start()
    file = Path(f"/proc/{services.embedded.pid}/oom_score_adj")
    if not file.exists():  # noqa: ASYNC240 - a file of the kernel's
        pytest.skip("the kernel tells no such thing")
    assert int(file.read_text("ascii")) == 900  # noqa: ASYNC240


async def test_a_count_that_cannot_be_kept_costs_no_reading(
    services: Services, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "usage.sqlite").mkdir()
    assert await plates(services.embedded, pictures["one-car.jpg"]) == ["nhk552"]
    assert (await services.embedded.statistics())["usage"]["calls"] == 1
