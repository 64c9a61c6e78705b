"""The engine has a process of its own: what goes wrong in it costs the images that it had, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from python_worker.child import memory
from python_worker.errors import RecognitionError
from python_worker.services.base import RecognitionOptions
from python_worker.services.embedded import READ_SECONDS, EmbeddedService
from python_worker.services.snapshot import SnapshotProvider
from python_worker.services.usage import UsageCounter
from tests.contract.server import Service
from tests.e2e.processes import gone, until
from tests.hostile import large_png, slow_jpeg

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
PLATES = {"one-car.jpg": ["nhk552"], "two-cars.jpg": ["klm482", "ab123cd"], "no-car.jpg": []}


@pytest.fixture(scope="module")
def pictures() -> Mapping[str, bytes]:
    return {name: (SAMPLES / name).read_bytes() for name in PLATES}


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Callable[..., EmbeddedService]]:
    """Make engines that are closed at the end; arguments as `EmbeddedService`."""
    made: list[EmbeddedService] = []

    def engine(seconds: float = READ_SECONDS, threads: int | None = None) -> EmbeddedService:
        made.append(EmbeddedService(UsageCounter(tmp_path), seconds, threads))
        return made[-1]

    yield engine
    for engine_ in made:
        await engine_.close()


@pytest.fixture
def engine(make: Callable[..., EmbeddedService]) -> EmbeddedService:
    return make()


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


async def test_more_threads_read_more_images_at_once(
    make: Callable[..., EmbeddedService], pictures: Mapping[str, bytes]
) -> None:
    engine = make(threads=4)
    assert await engine.start() == 3
    found = await asyncio.gather(*(plates(engine, image) for image in pictures.values()))
    assert found == list(PLATES.values())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_every_image_is_answered_while_the_engine_is_killed_again_and_again(
    engine: EmbeddedService, pictures: Mapping[str, bytes], number: signal.Signals
) -> None:
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
    engine: EmbeddedService, pictures: Mapping[str, bytes]
) -> None:
    # Decoding it would take about 20 s on a usual machine.
    hostile = asyncio.create_task(outcome(engine, slow_jpeg(10_000)))
    others = await asyncio.gather(*(outcome(engine, image) for image in pictures.values()))
    assert await hostile == 400
    assert others == list(PLATES.values())


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is watched as Linux shows it")
async def test_an_image_that_takes_too_much_memory_costs_no_other(
    engine: EmbeddedService, pictures: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bound", lambda: 450_000_000)
    hostile = asyncio.create_task(outcome(engine, large_png()))
    others = await asyncio.gather(*(outcome(engine, image) for image in pictures.values()))
    assert await hostile == 413
    assert others == list(PLATES.values())


async def test_a_stopped_engine_is_replaced(
    make: Callable[..., EmbeddedService], pictures: Mapping[str, bytes]
) -> None:
    engine = make(3)
    await engine.start()
    pid = engine.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    assert await outcome(engine, pictures["one-car.jpg"]) == 504
    await gone(pid)
    assert await plates(engine, pictures["one-car.jpg"]) == ["nhk552"]


async def test_the_cloud_is_served_while_the_engine_breaks_down(
    make: Callable[..., EmbeddedService], pictures: Mapping[str, bytes], sdk: Service
) -> None:
    provider = SnapshotProvider(sdk.url)
    cloud = provider.recognition(sdk.url, "", timeout=20, tries=1, shrink=False)
    engine = make(2)
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
    await provider.close()


async def test_the_kernel_ends_the_engine_rather_than_the_worker(engine: EmbeddedService) -> None:
    await engine.start()
    file = Path(f"/proc/{engine.pid}/oom_score_adj")
    if not file.exists():  # noqa: ASYNC240 - a file of the kernel's
        pytest.skip("the kernel tells no such thing")
    assert int(file.read_text("ascii")) == 900  # noqa: ASYNC240


async def test_a_count_that_cannot_be_kept_costs_no_reading(
    engine: EmbeddedService, pictures: Mapping[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "usage.sqlite").mkdir()
    assert await plates(engine, pictures["one-car.jpg"]) == ["nhk552"]
    assert (await engine.statistics())["usage"]["calls"] == 1
